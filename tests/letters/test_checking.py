"""The check of a finished letter reads the PDF alone, resolves every sentence and finds an edit made by hand."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from hashlib import sha256
from io import BytesIO

import pikepdf
import pytest
from pikepdf import AttachedFileSpec

from priorauth.letters.checking import check_letter
from priorauth.letters.compose import compose_letter, letter_pdf
from priorauth.letters.packet import LetterInPacket, letter_in_packet
from priorauth.letters.refusals import LetterRefused
from priorauth.letters.sealing import WITNESSES
from priorauth.packets.model import SizeLimits
from schemas.letter import LetterKind, SealedLetter
from tests.letters.occasions import written
from tests.letters.samples import letter
from tests.samples import NAMES, ROOT, assessment, cases, knowledge


@cache
def _brief() -> bytes:
    return letter_pdf(written(LetterKind.PEER_TO_PEER_BRIEF))


def _reembedded(pdf: bytes, content: bytes) -> bytes:
    with pikepdf.open(BytesIO(pdf)) as document:
        document.attachments[WITNESSES] = AttachedFileSpec(document, content, filename=WITNESSES)
        target = BytesIO()
        document.save(target)
    return target.getvalue()


def _embedded(pdf: bytes) -> dict:
    with pikepdf.open(BytesIO(pdf)) as document:
        return json.loads(document.attachments[WITNESSES].get_file().read_bytes())


def _resealed(pdf: bytes, change) -> bytes:
    content = _embedded(pdf)
    change(content["record"])
    honest = SealedLetter.model_validate_json(json.dumps(content))
    forged = SealedLetter.of(honest.record, honest.pages)
    return _reembedded(pdf, forged.model_dump_json().encode())


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(LetterKind))
def test_every_sentence_of_every_kind_is_resolved(kind):
    check = check_letter(letter_pdf(written(kind)))

    assert not check.problems
    assert check.resolved == check.claims


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_sentence_of_every_sample_is_resolved(name):
    check = check_letter(letter_pdf(letter(name)))

    assert not check.problems
    assert check.resolved == check.claims > 0


@pytest.mark.slow
def test_a_letter_in_a_packet_is_checked_against_the_exhibits_that_are_really_there():
    name = "02_cidp_continuation"
    folder = ROOT / "examples" / "referrals" / name
    contents = {document.sha256: (folder / document.file).read_bytes() for document in _read_again(name)}
    made = letter_in_packet(lambda _: letter(name), cases()[name], contents.__getitem__)
    check = check_letter(made.packets[0].content)

    assert check.in_packet
    assert not check.problems
    assert check.seen > check.looked_up * 9 // 10 > 0


def _read_again(name: str):
    folder = ROOT / "examples" / "referrals" / name
    by_hash = {sha256(path.read_bytes()).hexdigest(): path for path in (folder / "documents").iterdir()}
    return [
        document.model_copy(update={"file": str(by_hash[document.sha256].relative_to(folder))})
        for document in cases()[name].documents
        if document.sha256 is not None
    ]


def test_a_one_page_brief_is_resolved():
    check = check_letter(_brief())

    assert check.kind == "peer_to_peer_brief"
    assert not check.problems
    assert check.resolved == check.claims > 5


def test_a_page_that_no_longer_says_what_it_said_is_found():
    other = letter_pdf(written(LetterKind.FAX_COVER))
    check = check_letter(_reembedded(other, json.dumps(_embedded(_brief())).encode()))

    assert check.resolved < check.claims
    assert any(problem.where == "page 1" for problem in check.problems)


def test_a_value_edited_in_the_pdf_is_found_and_shown():
    changed = written(LetterKind.PEER_TO_PEER_BRIEF)
    assert "9.4 ms" in changed.html

    edited = letter_pdf(replace(changed, html=changed.html.replace("9.4 ms", "9.7 ms")))
    check = check_letter(_reembedded(edited, json.dumps(_embedded(_brief())).encode()))

    assert any("9.4" in problem.found and "9.7" in problem.found for problem in check.problems)


def test_a_value_edited_in_the_embedded_file_is_found():
    content = json.dumps(_embedded(_brief())).replace("9.4 ms", "9.7 ms")
    check = check_letter(_reembedded(_brief(), content.encode()))

    assert any(problem.where == WITNESSES for problem in check.problems)


def test_a_value_edited_in_the_embedded_file_is_found_even_with_a_new_seal():
    def other_value(record):
        fact = next(
            witness["fact"]
            for claim in record["claims"]
            if claim["values"]
            for witness in claim["witnesses"]
            if witness["fact"] and "9.4" in witness["fact"]["value"]
        )
        fact["value"] = fact["value"].replace("9.4", "9.7")

    check = check_letter(_resealed(_brief(), other_value))

    assert any("no witness has the value" in problem.found for problem in check.problems)


def test_an_exhibit_page_that_does_not_exist_is_found():
    def far_page(record):
        claim = next(claim for claim in record["claims"] if claim["witnesses"][0]["exhibit"])
        claim["witnesses"][0]["fact"]["source"]["page"] = 99

    check = check_letter(_resealed(_brief(), far_page))

    assert any("rests on page 99" in problem.found for problem in check.problems)


def test_a_citation_without_its_identifier_is_found():
    def other_identifier(record):
        record["references"][0]["identifiers"] = ["doi:10.0000/none"]

    check = check_letter(_resealed(_brief(), other_identifier))

    assert any("doi:10.0000/none" in problem.found for problem in check.problems)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 broken", b"no pdf"])
def test_a_file_that_is_no_letter_is_said_to_be_none(content):
    check = check_letter(content)

    assert check.problems
    assert check.claims == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "most"),
    [
        (LetterKind.PEER_TO_PEER_BRIEF, 1),
        (LetterKind.FAX_COVER, 1),
        (LetterKind.PATIENT_LETTER, 1),
        (LetterKind.CASE_SUMMARY, 1),
        (LetterKind.INITIATION, 4),
        (LetterKind.FIRST_LEVEL_APPEAL, 4),
    ],
)
def test_a_kind_is_no_longer_than_its_reader_has_time_for(kind, most):
    pages = _embedded(letter_pdf(written(kind)))["pages"]
    # A draft ends with a page for the practice, which its reader never gets.
    assert sum("remove this page before sending" not in page for page in pages) <= most


@cache
def _parts(limit: int) -> LetterInPacket:
    name = "02_cidp_continuation"
    folder = ROOT / "examples" / "referrals" / name
    contents = {document.sha256: (folder / document.file).read_bytes() for document in _read_again(name)}

    def write(parts):
        return compose_letter(cases()[name], assessment(name), knowledge=knowledge(), parts=parts)

    return letter_in_packet(write, cases()[name], contents.__getitem__, SizeLimits(pages=limit))


@pytest.mark.slow
def test_the_parts_of_a_packet_are_checked_together():
    made = _parts(10)
    files = [packet.content for packet in made.packets]
    check = check_letter(*files)

    assert len(files) > 1
    assert not check.problems
    assert check.parts == tuple(range(1, len(files) + 1))
    assert check.seen > check.looked_up * 9 // 10 > 0
    assert check_letter(*reversed(files)) == check


@pytest.mark.slow
def test_a_letter_says_in_which_part_an_exhibit_lies():
    made = _parts(10)
    elsewhere = {entry.label: entry.part for entry in made.packets[0].index if entry.part > 1}
    references = set(
        re.findall(r"(Part \d, )?Ex\. (\w+)", made.letter.html.replace("\N{NO-BREAK SPACE}", " "))
    )

    assert elsewhere
    assert {label: int(part[5]) for part, label in references if part} == {
        label: part for label, part in elsewhere.items() if label in {label for _, label in references}
    }
    assert not made.packets[0].dangling


@pytest.mark.slow
def test_the_first_part_alone_is_checked_as_far_as_it_goes():
    made = _parts(10)
    check = check_letter(made.packets[0].content)

    assert not check.problems
    assert (check.parts, check.of_parts) == ((1,), len(made.packets))
    assert check.looked_up < check_letter(*(packet.content for packet in made.packets)).looked_up


@pytest.mark.slow
@pytest.mark.parametrize(
    ("take", "words"),
    [
        (lambda parts: [parts[1]], "whose letter is in part 1"),
        (lambda parts: [parts[0], parts[0]], "more than one letter"),
        (lambda parts: [*parts, parts[1]], "not the parts of one packet"),
    ],
    ids=["no letter", "a letter twice", "a part twice"],
)
def test_files_that_are_no_set_of_parts_are_refused(take, words):
    check = check_letter(*take([packet.content for packet in _parts(10).packets]))

    assert any(words in problem.found for problem in check.problems)


@pytest.mark.slow
def test_a_limit_that_cannot_be_kept_is_refused_by_name():
    with pytest.raises(LetterRefused, match="cover, index and letter alone have"):
        _parts(5)
