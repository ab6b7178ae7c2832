"""A folder of referrals: one clear line for everything that cannot be read, and the rest is read."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256, shake_256
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from priorauth.documents import DocumentRefused, check_document
from priorauth.formats.unreadable import FaultCode, Unreadable
from priorauth.intake import (
    IntakeResult,
    Kept,
    keep_referral,
    keep_referrals,
    read_folder,
    read_referral,
)
from priorauth.knowledge import Knowledge
from priorauth.store import Store, open_store
from priorauth.store.errors import StoreBusy
from priorauth.store.records import Put
from schemas.chart import Diagnosis, Source
from tests.store.people import ANN, NOON


NOISE = shake_256(b"noise").digest(10_000_000)


def case_file(identifier: str, *documents: str) -> str:
    lines = [f"referral: {{system: clinic, identifier: '{identifier}'}}", "patient: {family_name: Abara}"]
    if documents:
        lines.append("documents:")
        lines += [
            f"  - {{document: 'd{number}', title: Note, file: '{file}'}}"
            for number, file in enumerate(documents)
        ]
    return "\n".join(lines) + "\n"


def codes(result: IntakeResult) -> dict[str, FaultCode]:
    return {fault.name: fault.code for fault in result.faults}


def test_one_broken_file_of_each_sort_gives_one_line_and_the_rest_is_read(
    inbox: Path, knowledge: Knowledge, two_pages: bytes
) -> None:
    (inbox / "good.yaml").write_text(case_file("1", "note.pdf"))
    (inbox / "note.pdf").write_bytes(two_pages)
    (inbox / "also_good.json").write_text(
        '{"referral": {"system": "clinic", "identifier": "2"}, "patient": {}}'
    )
    (inbox / "truncated.json").write_text('{"referral": {"system": "clinic", "ident')
    (inbox / "wrong_types.yaml").write_text(
        case_file("3").replace("{family_name: Abara}", "{born: soon, sex: 7}")
    )
    (inbox / "noise.yaml").write_bytes(NOISE)
    (inbox / "text_noise.yaml").write_text("lorem ipsum: [dolor " * 500_000)
    (inbox / "json_noise.json").write_text('{"a": ' * 1_700_000)
    (inbox / "empty.json").touch()
    (inbox / "no_patient.json").write_text(
        '{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Observation"}}]}'
    )
    (inbox / "binary.bin").write_bytes(b"\x00\x01\x02")
    with (inbox / "huge.json").open("wb") as huge:
        huge.truncate(60_000_000)
    (inbox / "README.md").write_text("How this inbox works")
    (inbox / ".hidden").write_text("not looked at")

    result = read_folder(inbox, knowledge)

    assert sorted(referred.name for referred in result.cases) == ["also_good.json", "good.yaml"]
    assert codes(result) == {
        "truncated.json": FaultCode.TRUNCATED,
        "wrong_types.yaml": FaultCode.WRONG_VALUES,
        "noise.yaml": FaultCode.NOT_TEXT,
        "text_noise.yaml": FaultCode.TOO_LARGE,
        "json_noise.json": FaultCode.WRONG_VALUES,
        "empty.json": FaultCode.EMPTY,
        "no_patient.json": FaultCode.NO_PATIENT,
        "binary.bin": FaultCode.NOT_TEXT,
        "huge.json": FaultCode.TOO_LARGE,
    }
    for fault in result.faults:
        assert fault.line.startswith(fault.name)
        assert "; expected " in fault.line
        assert "\n" not in fault.line


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        NOISE,
        b"{" + NOISE,
        b'{"a":' * 2_000_000,
        b"[" * 10_000_000,
        b'{"a": [' + b"1," * 5_000_000,
        b"- a\n" * 2_500_000,
        b"a: {" * 2_500_000,
        b"a" * 10_000_000,
    ],
    ids=["bytes", "brace and bytes", "nested objects", "nested lists", "numbers", "yaml list", "yaml braces", "letters"],
)  # fmt: skip
def test_ten_megabytes_of_noise_are_refused_within_a_second(content: bytes, knowledge: Knowledge) -> None:
    started = time.process_time()

    with pytest.raises(Unreadable):
        read_referral(content, knowledge, name="noise")

    assert time.process_time() - started < 1


def test_a_document_is_hashed_counted_and_handed_over_with_its_case(
    inbox: Path, knowledge: Knowledge, two_pages: bytes
) -> None:
    (inbox / "case.yaml").write_text(case_file("1", "papers/note.pdf"))
    (inbox / "papers").mkdir()
    (inbox / "papers" / "note.pdf").write_bytes(two_pages)

    referred = read_referral(inbox / "case.yaml", knowledge)

    digest = sha256(two_pages).hexdigest()
    found = referred.case.documents[0]
    assert (found.sha256, found.pages, found.media_type, found.file) == (digest, 2, "application/pdf", None)
    assert referred.files == {digest: two_pages}
    assert referred.faults == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no pdf at all", "neither a PDF nor a picture"),
        (b"%PDF-1.7\nbut then nothing of the kind", "a PDF that does not open"),
        (b"", "an empty file"),
        (b"\x89PNG\r\n\x1a\n but no picture", "picture"),
    ],
)
def test_a_document_that_is_not_one_is_refused_and_its_case_is_read(
    inbox: Path, knowledge: Knowledge, content: bytes, said: str
) -> None:
    (inbox / "case.yaml").write_text(case_file("1", "note.pdf"))
    (inbox / "note.pdf").write_bytes(content)

    result = read_folder(inbox, knowledge)

    assert [(fault.name, fault.code) for fault in result.faults] == [
        ("case.yaml", FaultCode.DOCUMENT_REFUSED)
    ]
    assert "documents[0] d0 (note.pdf): found" in result.faults[0].line
    assert said in result.faults[0].line
    case = result.cases[0].case
    assert case.documents[0].sha256 is None
    assert [note.where for note in case.intake_notes] == ["documents[0] d0"]


def test_a_locked_pdf_is_refused_by_what_keeps_it_closed(two_pages: bytes) -> None:
    locked = BytesIO()
    with pikepdf.open(BytesIO(two_pages)) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))

    with pytest.raises(DocumentRefused, match="locked with a password"):
        check_document(locked.getvalue())


@pytest.mark.parametrize(
    "path",
    [
        "../secret.pdf",
        "/etc/hostname",
        "papers/../../secret.pdf",
        "out.pdf",
        "circle.pdf",
        "papers",
        "pipe.pdf",
        "lost.pdf",
    ],
)
def test_no_path_leads_out_of_the_folder_or_hangs(
    inbox: Path, knowledge: Knowledge, two_pages: bytes, path: str
) -> None:
    (inbox.parent / "secret.pdf").write_bytes(two_pages)
    (inbox / "papers").mkdir()
    (inbox / "out.pdf").symlink_to(inbox.parent / "secret.pdf")
    (inbox / "circle.pdf").symlink_to(inbox / "circle.pdf")
    os.mkfifo(inbox / "pipe.pdf")
    (inbox / "case.yaml").write_text(case_file("1", path))

    referred = read_referral(inbox / "case.yaml", knowledge)

    assert [fault.code for fault in referred.faults] == [FaultCode.DOCUMENT_REFUSED]
    assert referred.files == {}


def test_links_that_go_in_circles_or_out_are_named_and_not_followed(
    inbox: Path, knowledge: Knowledge
) -> None:
    (inbox.parent / "other.yaml").write_text(case_file("9"))
    (inbox / "folder_circle").symlink_to(inbox)
    (inbox / "file_circle.yaml").symlink_to(inbox / "file_circle.yaml")
    (inbox / "nowhere.yaml").symlink_to(inbox / "gone.yaml")
    (inbox / "outside.yaml").symlink_to(inbox.parent / "other.yaml")
    os.mkfifo(inbox / "pipe.yaml")
    (inbox / "good.yaml").write_text(case_file("1"))

    result = read_folder(inbox, knowledge)

    assert [referred.name for referred in result.cases] == ["good.yaml"]
    assert set(codes(result)) == {
        "folder_circle",
        "file_circle.yaml",
        "nowhere.yaml",
        "outside.yaml",
        "pipe.yaml",
    }


def test_the_same_referral_in_two_files_is_read_once_and_said(inbox: Path, knowledge: Knowledge) -> None:
    (inbox / "a.yaml").write_text(case_file("1"))
    (inbox / "b.yaml").write_text(case_file("1").replace("Abara", "Adams"))
    (inbox / "c.yaml").write_text(case_file("1"))

    result = read_folder(inbox, knowledge)

    assert [referred.name for referred in result.cases] == ["a.yaml"]
    assert codes(result) == {"b.yaml": FaultCode.REPEATED}


def test_a_document_that_no_case_names_is_not_lost_in_silence(
    inbox: Path, knowledge: Knowledge, two_pages: bytes
) -> None:
    (inbox / "fax.pdf").write_bytes(two_pages)

    assert codes(read_folder(inbox, knowledge)) == {"fax.pdf": FaultCode.UNCLAIMED}


FALSE_PDFS = [
    (NOISE[:20_000], "a file that is neither a PDF nor a picture"),
    (b"%PDF-1.7\n" + NOISE[:20_000], "a PDF that does not open"),
]


@pytest.mark.parametrize(("content", "said"), FALSE_PDFS, ids=["noise", "noise behind a header"])
def test_a_false_pdf_that_no_case_names_is_called_what_it_is(
    inbox: Path, knowledge: Knowledge, content: bytes, said: str
) -> None:
    (inbox / "false.pdf").write_bytes(content)
    (inbox / "good.yaml").write_text(case_file("1"))

    result = read_folder(inbox, knowledge)

    assert codes(result) == {"false.pdf": FaultCode.DOCUMENT_REFUSED}
    assert f"false.pdf: found {said}, which no case file names; expected " in result.faults[0].line
    assert [referred.name for referred in result.cases] == ["good.yaml"]


@pytest.mark.parametrize(("content", "said"), FALSE_PDFS, ids=["noise", "noise behind a header"])
def test_a_false_pdf_on_its_own_is_called_what_it_is(
    inbox: Path, knowledge: Knowledge, content: bytes, said: str
) -> None:
    (inbox / "false.pdf").write_bytes(content)

    with pytest.raises(Unreadable, match=f"false.pdf: found {said}, which no case file names; expected "):
        read_referral(inbox / "false.pdf", knowledge)


def test_a_file_that_cannot_be_read_does_not_hide_documents_it_does_not_name(
    inbox: Path, knowledge: Knowledge, two_pages: bytes
) -> None:
    (inbox / "truncated.json").write_text('{"referral": {"system": "clinic", "ident')
    (inbox / "noise.json").write_bytes(NOISE)
    (inbox / "false.pdf").write_bytes(NOISE[:20_000])
    (inbox / "faxes").mkdir()
    (inbox / "faxes" / "fax.pdf").write_bytes(two_pages)

    assert codes(read_folder(inbox, knowledge)) == {
        "truncated.json": FaultCode.TRUNCATED,
        "noise.json": FaultCode.NOT_TEXT,
        "false.pdf": FaultCode.DOCUMENT_REFUSED,
        "faxes/fax.pdf": FaultCode.UNCLAIMED,
    }


def test_a_false_pdf_of_a_file_that_cannot_be_read_has_a_line_of_its_own(
    inbox: Path, knowledge: Knowledge
) -> None:
    (inbox / "case.yaml").write_text(case_file("1", "false.pdf").replace("patient", "patent"))
    (inbox / "false.pdf").write_bytes(NOISE[:20_000])

    assert codes(read_folder(inbox, knowledge)) == {
        "case.yaml": FaultCode.WRONG_VALUES,
        "false.pdf": FaultCode.DOCUMENT_REFUSED,
    }


def test_documents_of_a_file_that_cannot_be_read_wait_for_it_without_a_line_of_their_own(
    inbox: Path, knowledge: Knowledge, two_pages: bytes
) -> None:
    (inbox / "case" / "papers").mkdir(parents=True)
    (inbox / "case" / "case.yaml").write_text(case_file("1", "papers/note.pdf").replace("patient", "patent"))
    (inbox / "case" / "papers" / "note.pdf").write_bytes(two_pages)

    assert codes(read_folder(inbox, knowledge)) == {"case/case.yaml": FaultCode.WRONG_VALUES}


def test_a_document_other_than_the_one_hashed_in_the_case_file_is_refused(
    inbox: Path, knowledge: Knowledge, two_pages: bytes
) -> None:
    text = case_file("1", "note.pdf").replace("title: Note", f"title: Note, sha256: '{'0' * 64}'")
    (inbox / "case.yaml").write_text(text)
    (inbox / "note.pdf").write_bytes(two_pages)

    referred = read_referral(inbox / "case.yaml", knowledge)

    assert "other content than the sha256" in referred.faults[0].line


def test_taking_a_referral_in_twice_keeps_one_case_and_clears_its_faults(
    inbox: Path, knowledge: Knowledge, two_pages: bytes, tmp_path: Path
) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'cases.db'}", tmp_path / "documents")
    (inbox / "case.yaml").write_text(case_file("1", "note.pdf"))
    (inbox / "note.pdf").write_bytes(b"not yet")
    first = read_folder(inbox, knowledge)

    assert keep_referral(store, first.cases[0], at=NOON) is Put.CREATED
    assert [fault.code for fault in store.list_faults()] == ["document_refused"]

    (inbox / "note.pdf").write_bytes(two_pages)
    again = read_folder(inbox, knowledge)
    assert [keep_referral(store, again.cases[0], at=NOON) for _ in range(2)] == [Put.UPDATED, Put.UNCHANGED]
    assert store.list_faults() == ()
    case = store.get_case(first.cases[0].case.case_id)
    assert store.read_document(str(case.documents[0].sha256)) == two_pages
    store.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'cases.db'}", tmp_path / "documents")
    yield opened
    opened.close()


def take_in(store: Store, folder: Path, knowledge: Knowledge) -> Kept:
    read = read_folder(folder, knowledge)
    return keep_referrals(store, read.cases, read.faults, at=NOON)


def test_the_fault_of_a_file_is_not_cleared_by_a_file_of_that_name_elsewhere(
    inbox: Path, knowledge: Knowledge, store: Store
) -> None:
    for name, text in (("one", "nonsense: ["), ("two", case_file("2"))):
        (inbox / name).mkdir()
        (inbox / name / "case.yaml").write_text(text)
    take_in(store, inbox / "one", knowledge)
    take_in(store, inbox / "two", knowledge)

    (standing,) = store.list_faults()
    assert (standing.name, standing.path) == ("case.yaml", str((inbox / "one" / "case.yaml").resolve()))

    (inbox / "one" / "case.yaml").write_text(case_file("1"))
    take_in(store, inbox, knowledge)
    assert store.list_faults() == ()


def test_a_document_that_its_case_names_after_all_has_no_fault_any_more(
    inbox: Path, knowledge: Knowledge, store: Store, two_pages: bytes
) -> None:
    (inbox / "case.yaml").write_text(case_file("1"))
    (inbox / "note.pdf").write_bytes(two_pages)
    assert [fault.code for fault in take_in(store, inbox, knowledge).faults] == [FaultCode.UNCLAIMED]

    (inbox / "case.yaml").write_text(case_file("1", "note.pdf"))
    assert take_in(store, inbox, knowledge).faults == ()
    assert store.list_faults() == ()


def test_a_referral_that_does_not_fit_is_named_and_stops_no_other(
    inbox: Path, knowledge: Knowledge, store: Store, two_pages: bytes
) -> None:
    (inbox / "note.pdf").write_bytes(two_pages)
    (inbox / "1.yaml").write_text(case_file("1", "note.pdf"))
    ((first, _),) = take_in(store, inbox, knowledge).cases
    seen = Diagnosis(code="G61.81", dated=NOON.date(), source=Source(document="d0", page=1))
    store.record(first.case.case_id, seen, by=ANN, at=NOON)
    before = store.get_case(first.case.case_id)

    (inbox / "note.pdf").unlink()
    (inbox / "0.yaml").write_text("nonsense: [")
    (inbox / "1.yaml").write_text(case_file("1"))
    (inbox / "2.yaml").write_text(case_file("2"))
    kept = take_in(store, inbox, knowledge)

    assert [(referred.name, put) for referred, put in kept.cases] == [("2.yaml", Put.CREATED)]
    assert {fault.name: fault.code for fault in kept.faults} == {
        "0.yaml": FaultCode.WRONG_VALUES,
        "1.yaml": FaultCode.RECORD_CONTRADICTS,
    }
    assert "cites the document 'd0'" in kept.faults[-1].line
    assert kept.faults[-1].line.endswith("until then the case stays as it was.")
    assert {fault.fault_id for fault in store.list_faults()} == set(kept.fault_ids)
    assert store.get_case(first.case.case_id) == before


def test_faults_are_kept_even_where_the_store_breaks_off(
    inbox: Path, knowledge: Knowledge, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inbox / "0.yaml").write_text("nonsense: [")
    (inbox / "1.yaml").write_text(case_file("1"))

    def busy(*_: object, **__: object) -> None:
        raise StoreBusy("locked")

    monkeypatch.setattr(store, "put_case", busy)
    with pytest.raises(StoreBusy):
        take_in(store, inbox, knowledge)

    assert [fault.name for fault in store.list_faults()] == ["0.yaml"]


def test_a_referral_whose_case_id_another_one_has_is_named(
    inbox: Path, knowledge: Knowledge, store: Store
) -> None:
    (inbox / "1.yaml").write_text(case_file("1"))
    ((referred, _),) = take_in(store, inbox, knowledge).cases
    other = referred.case.referral.model_copy(update={"identifier": "other"})
    taken = replace(referred, case=referred.case.model_copy(update={"referral": other}))

    kept = keep_referrals(store, [taken], [], at=NOON)

    assert kept.cases == ()
    assert [(fault.name, fault.code) for fault in kept.faults] == [("1.yaml", FaultCode.REPEATED)]
