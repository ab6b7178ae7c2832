"""Preparing a request: assessment, letter and packet, written to the output folder and kept in the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from flows.casework import Casework, Verified, keep_assessment
from flows.files import write_whole
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
    return Made(letter, pdf, packet_of(letter, pdf, case, read_document))


def prepare_request(work: Casework, case_id: CaseId, *, as_of: date, at: datetime) -> Prepared:
    """Verify a case and write its draft letter and packet. The same case and day give the same files."""
    case = work.store.get_case(case_id)
    assessment = verify(case, as_of=as_of, knowledge=work.knowledge)
    verified = keep_assessment(work, assessment, at=at)
    made = make_request(case, assessment, knowledge=work.knowledge, read_document=work.store.read_document)
    return keep_request(work, verified, made, at=at)


def keep_request(work: Casework, verified: Verified, made: Made, *, at: datetime) -> Prepared:
    """Write letter and packet to the output folder, keep them in the store, and lay the request before the signer."""
    case_id = verified.case_id
    letter, packet = output_paths(work, case_id, made)
    write_whole(letter, made.pdf)
    write_whole(packet, made.packet.content)
    _keep(work, case_id, made, assessment_id=verified.assessment_id, at=at)
    return Prepared(
        case_id,
        verified.recommendation,
        verified.to_get,
        letter,
        packet,
        pages=made.packet.page_count,
        refused=len(made.packet.refused),
        dangling=len(made.packet.dangling),
    )


def output_paths(work: Casework, case_id: CaseId, made: Made) -> tuple[Path, Path]:
    """Where the letter and the packet of a case are written."""
    folder = work.settings.output / case_id
    return folder / f"letter-{made.letter.record.kind.value}.pdf", folder / "packet.pdf"


def _keep(work: Casework, case_id: CaseId, made: Made, *, assessment_id: int, at: datetime) -> None:
    draft = made.letter.record.draft
    with work.store.transaction():
        work.store.put_outgoing(
            case_id, made.pdf, kind="letter", at=at, draft=draft, assessment_id=assessment_id
        )
        work.store.put_outgoing(
            case_id,
            made.packet.content,
            kind="packet",
            at=at,
            pages=made.packet.page_count,
            draft=draft,
            assessment_id=assessment_id,
        )
        if work.store.case_summary(case_id).status is CaseStatus.READY:
            work.store.move(case_id, CaseStatus.IN_REVIEW, by=SOFTWARE, at=at, reason=Reason.PACKET_PREPARED)
