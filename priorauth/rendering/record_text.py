"""Text of the record, made safe to print.

A name or a note comes from other people's systems. Printed as it stands it can reverse the text
around it (bidirectional overrides), hide characters (controls), or stop the renderer (the time for
one unbroken word grows with the square of its length).
"""

import re
import unicodedata

from priorauth.rendering.errors import RenderingRefused


LONGEST_TEXT = 20_000
"""Characters. The longest honest field is a visit note's assessment, well under half of this."""

LONGEST_WORD = 120
"""Characters. Links to publications, the longest honest words, stay whole; styles break them at a line's end."""

_PIECE = 40

_BREAK = "\N{ZERO WIDTH SPACE}"
_LONG_WORD = re.compile(rf"[^\s{_BREAK}]{{{LONGEST_WORD + 1},}}")

_OTHER_LINE_ENDS = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")

# Arabic and Indic scripts spell with these two; every other format character only hides or reorders.
_SPELLING_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
_KEPT_FORMAT_CHARACTERS = _SPELLING_JOINERS + "\N{SOFT HYPHEN}" + _BREAK

LINE_AND_FORMAT_CHARACTERS = "\n\t" + _KEPT_FORMAT_CHARACTERS
"""What `clean` leaves in a text although it has no ink."""


def clean(text: str, *, longest: int = LONGEST_TEXT) -> str:
    """Return the text in NFC without control and bidirectional characters, long words breakable.

    Line breaks and tabs stay. Raises RenderingRefused for a text over `longest` characters: cutting
    a record short would be worse than saying that it is too long.
    """
    if len(text) > longest:
        raise RenderingRefused(
            f"a text of the record has {len(text):,} characters; at most {longest:,} are printed. "
            "Quote the part that matters and send the document as an exhibit."
        )
    composed = unicodedata.normalize("NFC", _OTHER_LINE_ENDS.sub("\n", text))
    visible = "".join(character for character in composed if _is_printed(character))
    return _LONG_WORD.sub(_with_breaks, visible)


def _is_printed(character: str) -> bool:
    match unicodedata.category(character):
        case "Cc":
            return character in "\n\t"
        case "Cf":
            return character in _KEPT_FORMAT_CHARACTERS
        case _:
            return True


def _with_breaks(word: re.Match[str]) -> str:
    letters = word.group()
    pieces = (letters[start : start + _PIECE] for start in range(0, len(letters), _PIECE))
    return _BREAK.join(pieces)
