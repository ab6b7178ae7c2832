"""Which characters the bundled fonts can draw.

A PDF shows an empty box for a character that no font has, while its hidden text still reads right, so
neither a reader of the file nor a test of its text would notice. Hence the check before rendering.
"""

import unicodedata
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont

from priorauth.rendering.errors import UnprintableText
from priorauth.rendering.record_text import LINE_AND_FORMAT_CHARACTERS


@lru_cache(maxsize=4)
def covered_characters(fonts: Path) -> frozenset[int]:
    """Return the code points that at least one upright font of the folder has a glyph for.

    Italic and bold cuts have the same characters as the regular one, and Pango slants or thickens the
    fallback fonts by itself.
    """
    covered: set[int] = set()
    for path in sorted(fonts.glob("*.[ot]tf")):
        if "Regular" in path.name or "Fallback" in path.name:
            with TTFont(path, lazy=True) as font:
                covered.update(font.getBestCmap())
    return frozenset(covered | {ord(character) for character in LINE_AND_FORMAT_CHARACTERS})


def check_coverage(text: str, fonts: Path, *, where: str = "this document") -> None:
    """Raise UnprintableText naming the characters of the text that no bundled font has."""
    missing = sorted(set(map(ord, set(text))) - covered_characters(fonts))
    if missing:
        raise UnprintableText(
            f"{where} has {_named(missing)}, which no font of templates/fonts can draw. "
            "Write it in Latin letters, or add an open font with that script to templates/fonts "
            "and templates/styles/fonts.css."
        )


def _named(code_points: list[int], *, most: int = 3) -> str:
    names = [
        f"U+{point:04X} ({unicodedata.name(chr(point), 'unnamed').lower()})" for point in code_points[:most]
    ]
    more = len(code_points) - most
    return ", ".join(names) + (f" and {more} more characters" if more > 0 else "")
