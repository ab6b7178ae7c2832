"""An independent check of a finished letter or packet: it reads the PDF, or the parts of the packet, and nothing else.

It asks whether the embedded record is the one that was sealed, whether each page still says what it said, and for
every sentence whether it stands on the pages, prints the values its witnesses have, names exhibit pages that exist
and cites publications that are listed with their identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from io import BytesIO
from itertools import pairwise

import pikepdf
from pydantic import ValidationError

from priorauth.letters.sealing import WITNESSES, page_texts, squeezed
from priorauth.letters.witnesses import NUMBER, forms_of
from schemas.letter import Claim, LetterRecord, SealedLetter, Witness


_STAMP = re.compile(
    r"Case [^\s,]+(?:, part (?P<number>\d+) of (?P<parts>\d+))?\s+"
    r"(?P<part>Cover|Index|Letter|Exhibit [A-Z]+)(?:, page (?P<page>\d+) of (?P<of>\d+))?\s+"
    r"Packet page \d+ of \d+"
)
_CUT_FROM = 150
_QUOTE = re.compile("“([^”]+)”")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_FURNITURE = re.compile(
    r"(?:DRAFT,notforsubmission\.)?Confidential:containsprotectedhealthinformation|Page\d+of\d+"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not hold: where, and what was found."""

    where: str
    found: str

    def __str__(self) -> str:
        return f"{self.where}: {self.found}"


@dataclass(frozen=True, slots=True)
class LetterCheck:
    """What the check found. ``claims`` counts the sentences, ``resolved`` those without a problem.

    In a packet the number a witness has is also looked up on the exhibit page it names: ``seen`` of ``looked_up``
    stand there. Pages without text, such as scans, cannot be looked up. One not seen is no problem of itself: a
    value may be converted or computed.
    """

    case_id: str | None
    kind: str | None
    draft: bool | None
    claims: int
    resolved: int
    in_packet: bool
    problems: tuple[Problem, ...]
    looked_up: int = 0
    seen: int = 0
    parts: tuple[int, ...] = ()
    """The parts of a packet that were given, where it comes in several."""
    of_parts: int = 1

    @property
    def sound(self) -> bool:
        """Whether everything holds."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of the letter, and where the file is a packet, those of the exhibits in it by label and page."""

    letter: tuple[str, ...]
    exhibits: Mapping[str, Mapping[int, str]] | None
    lengths: Mapping[str, int]
    parts: frozenset[tuple[int, int]] = frozenset()

    def bodies(self, record: LetterRecord) -> tuple[str, ...]:
        """The text of each page of the letter, without what stands at its head and foot."""
        head = squeezed(record.running_head)
        return tuple(_FURNITURE.sub("", squeezed(page).replace(head, "")) for page in self.letter)


def check_letter(*files: bytes) -> LetterCheck:
    """Check a letter, or the letter in a packet, from the bytes of its PDF; of a packet in parts, from all that are given.

    Of parts that are not given, exhibits are known by what the letter's own record says of them, and no more.
    """
    found = [_embedded(pdf) for pdf in files]
    letters = [one for one in found if isinstance(one, SealedLetter)]
    if len(letters) != 1:
        return LetterCheck(None, None, None, 0, 0, False, (_no_single_letter(found),))
    (embedded,) = letters
    record, pages = embedded.record, _pages(files, len(embedded.pages))
    problems = [*_set(pages, files), *_seal(embedded, pages)]
    bodies = pages.bodies(record)
    broken = {claim.number: list(_claim(claim, record, pages, bodies)) for claim in record.claims}
    sights = [sight for claim in record.claims for sight in _sights(claim, pages)]
    problems += [problem for each in broken.values() for problem in each]
    return LetterCheck(
        case_id=record.case_id,
        kind=record.kind.value,
        draft=record.draft,
        claims=len(record.claims),
        resolved=sum(not each for each in broken.values()),
        in_packet=pages.exhibits is not None,
        problems=tuple(problems),
        looked_up=len(sights),
        seen=sum(sights),
        parts=tuple(sorted(number for number, of in pages.parts if of > 1)),
        of_parts=max((of for _, of in pages.parts), default=1),
    )


def _no_single_letter(found: Sequence[SealedLetter | Problem]) -> Problem:
    problems = [one for one in found if isinstance(one, Problem)]
    if len(problems) < len(found):
        return Problem("files", "found more than one letter; name one letter, or the parts of one packet")
    return problems[0]


def _embedded(pdf: bytes) -> SealedLetter | Problem:
    try:
        with pikepdf.open(BytesIO(pdf)) as document:
            if WITNESSES not in document.attachments:
                return Problem(
                    "file",
                    f"found no embedded {WITNESSES}; this is no letter of this product, or a later part of a packet, whose letter is in part 1",
                )
            content = document.attachments[WITNESSES].get_file().read_bytes()
    except pikepdf.PdfError as error:
        return Problem("file", f"found no readable PDF ({error})")
    try:
        return SealedLetter.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        return Problem(f"{WITNESSES}, {place}", f"{first['msg']}; the embedded file was changed")


def _pages(files: Sequence[bytes], length: int) -> Pages:
    texts = [text for pdf in files for text in page_texts(pdf)]
    stamps = [_last_stamp(text) for text in texts]
    if not any(stamps):
        return Pages(tuple(texts), None, {})
    letter = []
    exhibits: dict[str, dict[int, str]] = {}
    lengths: dict[str, int] = {}
    for text, stamp in zip(texts, stamps, strict=True):
        if stamp is None:
            continue
        if stamp["part"] == "Letter":
            letter.append(text[: stamp.start()] + text[stamp.end() :])
        elif stamp["part"].startswith("Exhibit "):
            label = stamp["part"].removeprefix("Exhibit ")
            exhibits.setdefault(label, {})[int(stamp["page"])] = text[: stamp.start()]
            lengths[label] = int(stamp["of"])
    parts = frozenset((int(stamp["number"] or 1), int(stamp["parts"] or 1)) for stamp in stamps if stamp)
    return Pages(tuple(letter) or tuple(texts[:length]), exhibits, lengths, parts)


def _set(pages: Pages, files: Sequence[bytes]) -> Iterator[Problem]:
    """Whether several files are parts of one packet, and every exhibit page is there where all parts are."""
    counts = {of for _, of in pages.parts}
    if len(files) > 1 and (len(pages.parts) != len(files) or len(counts) != 1):
        yield Problem("files", "found files that are not the parts of one packet; name each part once")
        return
    if pages.exhibits is None or len(pages.parts) < max(counts, default=1):
        return
    for label, there in pages.exhibits.items():
        missing = sorted(set(range(1, pages.lengths[label] + 1)) - set(there))
        if missing:
            yield Problem(
                f"Exhibit {label}", f"page {missing[0]} of {pages.lengths[label]} is not in the packet"
            )


def _last_stamp(text: str) -> re.Match[str] | None:
    # An exhibit may itself be a page of an earlier packet; the stamp put on last is ours.
    found = list(_STAMP.finditer(text))
    return found[-1] if found else None


def _seal(embedded: SealedLetter, pages: Pages) -> Iterator[Problem]:
    if not embedded.intact:
        yield Problem(
            WITNESSES, "the embedded file is not the one that was sealed; it was changed afterwards"
        )
    if len(pages.letter) != len(embedded.pages):
        yield Problem("pages", f"found {len(pages.letter)}, expected {len(embedded.pages)}")
    for number, (was, found) in enumerate(zip(embedded.pages, pages.letter, strict=False), start=1):
        if squeezed(was) != squeezed(found):
            yield Problem(f"page {number}", _difference(was.split(), found.split()))


def _difference(was: Sequence[str], found: Sequence[str]) -> str:
    for tag, start, end, other_start, other_end in SequenceMatcher(
        None, was, found, autojunk=False
    ).get_opcodes():
        if tag != "equal":
            before, after = " ".join(was[start:end][:12]), " ".join(found[other_start:other_end][:12])
            return f"'{before}' was written, '{after}' is found after '{' '.join(was[max(0, start - 4) : start])}'"
    return "the letters of the page differ"


def stands(text: str, bodies: Sequence[str]) -> bool:
    """Say whether one page has a text, or one its beginning and the next the rest."""
    if any(text in body for body in bodies):
        return True
    # A sentence may begin on one page and end on the next; drawings and list numbers come between the two in the file.
    splits = ((text[:place], text[place:]) for place in range(1, len(text)))
    return any(
        head in body and tail in following for head, tail in splits for body, following in pairwise(bodies)
    )


def _claim(claim: Claim, record: LetterRecord, pages: Pages, bodies: Sequence[str]) -> Iterator[Problem]:
    where = f"sentence {claim.number}"
    if not stands(squeezed(claim.text), bodies):
        yield Problem(where, f"'{claim.text}' does not stand on the pages")
    facts = [witness.fact for witness in claim.witnesses if witness.fact]
    known = {form for fact in facts for form in forms_of(fact)}
    for value in claim.values:
        if value not in claim.text:
            yield Problem(where, f"the value '{value}' is not in '{claim.text}'")
        if value not in known:
            yield Problem(where, f"no witness has the value '{value}'")
    said = [squeezed(words) for fact in facts for words in (fact.value, fact.note) if words]
    for quote in _QUOTE.findall(claim.text):
        if said and not any(_is_quoted(squeezed(quote), words) for words in said):
            yield Problem(where, f"no witness says '{quote}'")
    for witness in claim.witnesses:
        yield from _witness(witness, where, record, pages, bodies)


def _is_quoted(quote: str, words: str) -> bool:
    # A value is cited by its beginning where it is long.
    plain_quote, plain_words = _plain(quote), _plain(words)
    return plain_quote in plain_words or (len(words) >= _CUT_FROM and plain_quote.startswith(plain_words))


def _plain(words: str) -> str:
    return "".join(letter for letter in words if letter.isalnum())


def _witness(
    witness: Witness, where: str, record: LetterRecord, pages: Pages, bodies: Sequence[str]
) -> Iterator[Problem]:
    if witness.publication is not None:
        yield from _publication(witness.publication, where, record, bodies)
        return
    fact = witness.fact
    if fact is None or witness.exhibit is None:
        return
    if fact.dated is None:
        yield Problem(where, f"the witness '{fact.label}' has no date")
    page = fact.source.page or 1
    entry = next((entry for entry in record.exhibits if entry.label == witness.exhibit), None)
    if entry is None or entry.document.document != fact.source.document:
        yield Problem(where, f"Exhibit {witness.exhibit} is not the document {fact.source.document}")
        return
    has = _length(pages, witness.exhibit, entry.document.pages)
    if has is not None and page > has:
        yield Problem(where, f"Exhibit {witness.exhibit} has {has} pages, the sentence rests on page {page}")


def _length(pages: Pages, label: str, recorded: int | None) -> int | None:
    if pages.exhibits is None:
        return recorded
    # Of an exhibit in a part that was not given only the letter's own record tells.
    all_given = len(pages.parts) == max((of for _, of in pages.parts), default=1)
    return pages.lengths.get(label, 0 if all_given else recorded)


def _sights(claim: Claim, pages: Pages) -> Iterator[bool]:
    for witness in claim.witnesses:
        if pages.exhibits is None or witness.fact is None or witness.exhibit is None:
            continue
        sheet = pages.exhibits.get(witness.exhibit, {}).get(witness.fact.source.page or 1, "")
        if sheet.strip():
            # The first number is the one that was measured; what follows it may be a limit or a percentage computed.
            measured = NUMBER.search(_ISO_DATE.sub("", witness.fact.value))
            if measured:
                yield Decimal(measured[0]) in {Decimal(figure) for figure in NUMBER.findall(sheet)}


def _publication(
    publication: str, where: str, record: LetterRecord, bodies: Sequence[str]
) -> Iterator[Problem]:
    cited = next((citation for citation in record.references if citation.publication == publication), None)
    if cited is None:
        yield Problem(where, f"cites {publication}, which is not among the references")
    elif not any(stands(squeezed(identifier), bodies) for identifier in cited.identifiers):
        yield Problem(where, f"reference {cited.number} prints none of {', '.join(cited.identifiers)}")
