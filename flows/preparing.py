"""Preparing a request: assessment, letter and packet, written to the output folder and kept in the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from flows.casework import Casework, Verified, keep_assessment
from flows.files import write_whole
from flows.unchanged import MadeFrom, fingerprint_of, leave_note, note_of_unchanged
from priorauth.knowledge import Knowledge
from priorauth.letters.compose import ComposedLetter, compose_letter, letter_pdf
from priorauth.letters.packet import ReadDocument, packet_of
from priorauth.lifecycle import SOFTWARE, CaseStatus, Reason
from priorauth.packets.model import Packet
from priorauth.verification import verify
from schemas.assessment import Assessment, Recommendation
from schemas.base import CaseId
from schemas.case import Case


@dataclass(frozen=True)
class Made:
    """A letter with its PDF and its packet, as made from a case; nothing of it is stored yet."""

    assessment: Assessment
    letter: ComposedLetter
    pdf: bytes
    packet: Packet


@dataclass(frozen=True)
class Prepared:
    """A request ready to be looked at. ``refused`` and ``dangling`` count what the packet could not hold."""

    case_id: CaseId
    recommendation: Recommendation
    to_get: int
    letter: Path
    packet: Path
    pages: int
    refused: int
    dangling: int


def make_request(
    case: Case, assessment: Assessment, *, knowledge: Knowledge, read_document: ReadDocument
) -> Made:
    """Write the draft letter and the packet of a case; LetterRefused names what the case lacks."""
    letter = compose_letter(case, assessment, knowledge=knowledge)
    pdf = letter_pdf(letter)
    return Made(assessment, letter, pdf, packet_of(letter, pdf, case, read_document))


def prepare_request(work: Casework, case_id: CaseId, *, as_of: date, at: datetime) -> Prepared:
    """Verify a case and write its draft letter and packet; what would come out the same is not made again."""
    case = work.store.get_case(case_id)
    assessment = verify(case, as_of=as_of, knowledge=work.knowledge)
    verified = keep_assessment(work, assessment, at=at)
    note = note_of_unchanged(work.settings.output / case_id, fingerprint_of(assessment))
    if note is not None and _has_kept(work, case_id, note):
        with work.store.transaction():
            _lay_before_signer(work, case_id, at=at)
        return _prepared(work, verified, note)
    made = make_request(case, assessment, knowledge=work.knowledge, read_document=work.store.read_document)
    return keep_request(work, verified, made, at=at)


def keep_request(work: Casework, verified: Verified, made: Made, *, at: datetime) -> Prepared:
    """Write letter and packet to the output folder, keep them in the store, and lay the request before the signer."""
    folder = work.settings.output / verified.case_id
    note = MadeFrom(
        fingerprint=fingerprint_of(made.assessment),
        letter=f"letter-{made.letter.record.kind.value}.pdf",
        letter_sha256=sha256(made.pdf).hexdigest(),
        packet="packet.pdf",
        packet_sha256=sha256(made.packet.content).hexdigest(),
        pages=made.packet.page_count,
        refused=len(made.packet.refused),
        dangling=len(made.packet.dangling),
    )
    write_whole(folder / note.letter, made.pdf)
    write_whole(folder / note.packet, made.packet.content)
    _keep(work, verified, made, at=at)
    leave_note(folder, note)
    return _prepared(work, verified, note)


def _keep(work: Casework, verified: Verified, made: Made, *, at: datetime) -> None:
    case_id, draft = verified.case_id, made.letter.record.draft
    pages = {"letter": None, "packet": made.packet.page_count}
    contents = {"letter": made.pdf, "packet": made.packet.content}
    with work.store.transaction():
        for kind, content in contents.items():
            work.store.put_outgoing(
                case_id,
                content,
                kind=kind,
                at=at,
                pages=pages[kind],
                draft=draft,
                assessment_id=verified.assessment_id,
            )
        _lay_before_signer(work, case_id, at=at)


def _has_kept(work: Casework, case_id: CaseId, note: MadeFrom) -> bool:
    kept = {made.sha256 for made in work.store.list_outgoing(case_id)}
    return {note.letter_sha256, note.packet_sha256} <= kept


def _lay_before_signer(work: Casework, case_id: CaseId, *, at: datetime) -> None:
    if work.store.case_summary(case_id).status is CaseStatus.READY:
        work.store.move(case_id, CaseStatus.IN_REVIEW, by=SOFTWARE, at=at, reason=Reason.PACKET_PREPARED)


def _prepared(work: Casework, verified: Verified, note: MadeFrom) -> Prepared:
    folder = work.settings.output / verified.case_id
    return Prepared(
        verified.case_id,
        verified.recommendation,
        verified.to_get,
        folder / note.letter,
        folder / note.packet,
        pages=note.pages,
        refused=note.refused,
        dangling=note.dangling,
    )
