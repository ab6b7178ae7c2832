"""Taking referrals in: files to cases with their documents, one clear line for everything that could not be taken in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from priorauth.documents import MAXIMUM_BYTES, DocumentRefused, check_document
from priorauth.formats.case_file import case_from_plain
from priorauth.formats.fhir_bundle import case_from_bundle
from priorauth.formats.plain_values import read_plain
from priorauth.formats.unreadable import Fault, FaultCode, Unreadable, in_one_line, unreadable
from priorauth.inbox import check_inside, files_below, path_inside, read_bytes
from priorauth.knowledge import Knowledge
from priorauth.lifecycle import SOFTWARE, Actor
from priorauth.store.errors import CaseIdTaken, RecordContradicts
from priorauth.yaml_problems import Problem
from schemas.case import Case, Document, IntakeNote


if TYPE_CHECKING:  # Who only reads a referral has no need to load the database behind the store.
    from priorauth.store import Store
    from priorauth.store.records import Put


_DOCUMENT_ENDINGS = frozenset({".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".png"})
_READING_MATTER = frozenset({".md", ".txt"})


@dataclass(frozen=True)
class Referred:
    """A case as read, with the bytes of its documents by their hash, and the documents that were refused.

    ``path`` is where its file lies, links followed; empty where it came without one.
    """

    name: str
    case: Case
    path: str | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    claimed: frozenset[Path] = frozenset()


@dataclass(frozen=True)
class IntakeResult:
    """What a folder held: the cases that were read, and a fault for every file or document that was not."""

    cases: tuple[Referred, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Kept:
    """What became of referrals: those stored, with what storing did, and all that was not taken in, with its ids."""

    cases: tuple[tuple[Referred, Put], ...]
    faults: tuple[Fault, ...]
    fault_ids: tuple[str, ...]


def read_referral(source: Path | bytes, knowledge: Knowledge, *, name: str | None = None) -> Referred:
    """Read a case file or FHIR Bundle with its documents; Unreadable says why it cannot be a case.

    A document that cannot be used does not keep its case out: it is noted on the case and listed under ``faults``.
    A document alone is no referral; the line says whether it would at least be a document.
    """
    if isinstance(source, bytes):
        return _referred(source, knowledge, name=name or "referral", folder=None)
    name = name or source.name
    content = read_bytes(source, name)
    if source.suffix.lower() in _DOCUMENT_ENDINGS:
        raise _unnamed(name, content)
    referred = _referred(content, knowledge, name=name, folder=source.parent)
    path = os.path.realpath(source)
    return replace(referred, path=path, faults=tuple(replace(fault, path=path) for fault in referred.faults))


def unread(path: Path, name: str, error: Unreadable) -> Fault:
    """Make the fault of a file that cannot be read."""
    return Fault(name, error.code, error.line, os.path.realpath(path))


def read_folder(folder: Path, knowledge: Knowledge) -> IntakeResult:
    """Read every referral below a folder. What cannot be read is named, and the rest is read all the same."""
    cases: dict[str, Referred] = {}
    faults: list[Fault] = []
    not_read: list[Path] = []
    files = list(files_below(folder))
    for path in files:
        if path.suffix.lower() in _DOCUMENT_ENDINGS | _READING_MATTER:
            continue
        name = str(path.relative_to(folder))
        try:
            check_inside(path, folder, name)
            referred = read_referral(path, knowledge, name=name)
        except Unreadable as error:
            faults.append(unread(path, name, error))
            not_read.append(path)
            continue
        faults += referred.faults
        first = cases.setdefault(referred.case.case_id, referred)
        if first is not referred and first.case != referred.case:
            faults.append(replace(_repeated(name, first), path=referred.path))
    claimed = {path for referred in cases.values() for path in referred.claimed}
    loose = [
        path
        for path in files
        if path.suffix.lower() in _DOCUMENT_ENDINGS and Path(os.path.realpath(path)) not in claimed
    ]
    awaited = _awaited(loose, not_read)
    of_loose = {path: _of_a_loose_document(path, folder) for path in loose}
    faults += [
        fault
        for path, fault in of_loose.items()
        if path not in awaited or fault.code is not FaultCode.UNCLAIMED
    ]
    return IntakeResult(tuple(cases.values()), tuple(faults))


def _repeated(name: str, first: Referred) -> Fault:
    return _fault(
        FaultCode.REPEATED,
        name,
        found=f"the referral that {first.name} holds already, with other content",
        expected="one file for each referral",
        mend="Remove one of the two files; the first was read.",
    )


def _awaited(loose: Sequence[Path], not_read: Sequence[Path]) -> set[Path]:
    """Find the documents that a file which could not be read names: they wait for it, and its fault stands for them."""
    awaited: set[Path] = set()
    for path in not_read if loose else ():
        with suppress(Unreadable):
            text = read_bytes(path, path.name)
            awaited |= {one for one in loose if path.parent in one.parents and os.fsencode(one.name) in text}
    return awaited


def _of_a_loose_document(path: Path, folder: Path) -> Fault:
    name = str(path.relative_to(folder))
    try:
        check_inside(path, folder, name)
        error = _unnamed(name, read_bytes(path, name))
    except Unreadable as not_read:
        error = not_read
    return unread(path, name, error)


def _unnamed(name: str, content: bytes) -> Unreadable:
    try:
        check_document(content)
    except DocumentRefused as refused:
        return unreadable(
            FaultCode.DOCUMENT_REFUSED,
            name,
            found=f"{refused.found}, which no case file names",
            expected=refused.expected,
            mend=refused.mend,
        )
    return unreadable(
        FaultCode.UNCLAIMED,
        name,
        found="a document that no case file names",
        expected="every document under documents: of its case",
        mend="Add it to its case file.",
    )


def keep_referrals(
    store: Store,
    referrals: Iterable[Referred],
    faults: Iterable[Fault],
    *,
    at: datetime,
    by: Actor = SOFTWARE,
) -> Kept:
    """Store every referral that fits what is stored; one that does not is a fault, and the others are stored all the same."""
    found = list(faults)
    # First of all, so that they are kept whatever happens to the referrals.
    ids = [*store.put_faults(found, at=at)]
    cases = []
    for referred in referrals:
        try:
            cases.append((referred, keep_referral(store, referred, at=at, by=by)))
        except (CaseIdTaken, RecordContradicts) as error:
            fault = _refused(referred, error)
            found.append(fault)
            ids += store.put_faults([fault], at=at)
    return Kept(tuple(cases), tuple(found), tuple(ids))


def _refused(referred: Referred, error: CaseIdTaken | RecordContradicts) -> Fault:
    if isinstance(error, CaseIdTaken):
        return Fault(referred.name, FaultCode.REPEATED, f"{referred.name}: {error}", referred.path)
    line = f"{referred.name}: {error}. Correct the referral; until then the case stays as it was."
    return Fault(referred.name, FaultCode.RECORD_CONTRADICTS, line, referred.path)


def keep_referral(store: Store, referred: Referred, *, at: datetime, by: Actor = SOFTWARE) -> Put:
    """Store a case with its documents, and forget the faults that its file and these documents had before.

    CaseIdTaken and RecordContradicts say why it cannot be stored.
    """
    by_hash = {document.sha256: document for document in referred.case.documents}
    for digest, content in referred.files.items():
        document = by_hash[digest]
        store.put_document(content, media_type=document.media_type, pages=document.pages, at=at)
    with store.transaction():
        paths = {referred.path or referred.name, *map(str, referred.claimed)}
        store.clear_faults(paths, name=referred.name, at=at)
        store.put_faults(referred.faults, at=at)
        return store.put_case(referred.case, at=at, by=by)


def _referred(content: bytes, knowledge: Knowledge, *, name: str, folder: Path | None) -> Referred:
    file = read_plain(content, name)
    if "resourceType" in file.value:
        case, attached = case_from_bundle(file, knowledge)
        return _with_documents(Referred(name, case, faults=_without_bytes(name, case)), attached, None)
    return _with_documents(Referred(name, case_from_plain(file, knowledge.vocabulary)), {}, folder)


def _without_bytes(name: str, case: Case) -> tuple[Fault, ...]:
    """Make a fault of every document that a bundle announces and does not hold."""
    return tuple(
        _fault(
            FaultCode.DOCUMENT_REFUSED,
            name,
            found=note.found,
            expected=note.expected or "the document itself",
            mend="Send the bundle with the document in it.",
            key=note.where,
        )
        for note in case.intake_notes
        if note.where.startswith(("DocumentReference/", "DiagnosticReport/"))
    )


def _with_documents(referred: Referred, attached: Mapping[str, bytes], folder: Path | None) -> Referred:
    """Find, check and hash the bytes of every document of a case."""
    documents: list[Document] = []
    for number, document in enumerate(referred.case.documents):
        where = f"documents[{number}] {document.document}"
        try:
            content, path = _content_of(document, attached, folder)
            if content is None:
                documents.append(document)
                continue
            referred = replace(referred, claimed=referred.claimed | {path} if path else referred.claimed)
            found = _checked(document, content)
        except DocumentRefused as refused:
            documents.append(document)
            place = f"{where} ({document.file})" if document.file else where
            problem = Problem(referred.name, 0, place, refused.found, refused.expected, refused.mend)
            note = IntakeNote(
                where=where, found=refused.found, expected=f"{refused.expected}. {refused.mend}"
            )
            referred = replace(
                referred,
                case=referred.case.model_copy(
                    update={"intake_notes": _once(referred.case.intake_notes, note)}
                ),
                faults=(
                    *referred.faults,
                    Fault(referred.name, FaultCode.DOCUMENT_REFUSED, in_one_line(problem)),
                ),
            )
            continue
        documents.append(found)
        referred = replace(referred, files={**referred.files, str(found.sha256): content})
    return replace(referred, case=referred.case.model_copy(update={"documents": tuple(documents)}))


def _once(notes: tuple[IntakeNote, ...], note: IntakeNote) -> tuple[IntakeNote, ...]:
    return notes if note in notes else (*notes, note)


def _content_of(
    document: Document, attached: Mapping[str, bytes], folder: Path | None
) -> tuple[bytes | None, Path | None]:
    if document.document in attached:
        return attached[document.document], None
    if document.file is None:
        if document.sha256 is None:
            raise DocumentRefused(
                found="no file",
                expected="the path of the document under file:",
                mend="Add the file, or get the document.",
            )
        return None, None
    if folder is None:
        raise DocumentRefused(
            found=f"the file '{document.file}' of a referral that came without a folder",
            expected="the document itself",
            mend="Take the referral in as a file beside its documents.",
        )
    path = path_inside(folder, document.file)
    try:
        return read_bytes(path, document.file, MAXIMUM_BYTES), path
    except Unreadable as error:
        problem = error.problems[0]
        raise DocumentRefused(
            found=f"{problem.found} at '{document.file}'", expected=problem.expected, mend=problem.mend
        ) from None


def _checked(document: Document, content: bytes) -> Document:
    found = check_document(content)
    digest = sha256(content).hexdigest()
    if document.sha256 not in (None, digest):
        raise DocumentRefused(
            found="other content than the sha256 in the case file says",
            expected="the document that was named",
            mend="Restore the document, or remove sha256: from the case file.",
        )
    return document.model_copy(
        update={"sha256": digest, "pages": found.pages, "media_type": found.media_type, "file": None}
    )


def _fault(code: FaultCode, name: str, *, found: str, expected: str, mend: str, key: str = "") -> Fault:
    return Fault(name, code, unreadable(code, name, found=found, expected=expected, mend=mend, key=key).line)
