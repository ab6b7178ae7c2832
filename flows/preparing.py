"""Preparing a request: assessment, letter and packet, written to the output folder and kept in the store."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from flows.casework import Casework, assess
from priorauth.letters.compose import compose_letter, letter_pdf
from priorauth.letters.packet import packet_of
from priorauth.lifecycle import SOFTWARE, CaseStatus, Reason, can_move
from schemas.assessment import Assessment
from schemas.base import CaseId


@dataclass(frozen=True)
class Prepared:
    """A request ready to be looked at. ``refused`` and ``dangling`` count what the packet could not hold."""

    case_id: CaseId
    assessment: Assessment
    letter: Path
    packet: Path
    pages: int
    refused: int
    dangling: int


def prepare(work: Casework, case_id: CaseId, *, as_of: date, at: datetime) -> Prepared:
    """Verify a case and write its draft letter and packet. The same case and day give the same bytes.

    Raises LetterRefused where the case has nothing a letter could ask for.
    """
    assessment = assess(work, case_id, as_of=as_of, at=at)
    case = work.store.get_case(case_id)
    letter = compose_letter(case, assessment, knowledge=work.knowledge)
    pdf = letter_pdf(letter)
    packet = packet_of(letter, pdf, case, work.store.read_document)
    folder = work.settings.output / case_id
    written = (write_whole(folder / f"letter-{letter.record.kind.value}.pdf", pdf), write_whole(folder / "packet.pdf", packet.content))
    with work.store.transaction():
        work.store.put_outgoing(case_id, pdf, kind="letter", at=at, draft=letter.record.draft)
        work.store.put_outgoing(case_id, packet.content, kind="packet", at=at, pages=packet.page_count, draft=letter.record.draft)
        status = work.store.case_summary(case_id).status
        if status is CaseStatus.READY and can_move(status, CaseStatus.IN_REVIEW, SOFTWARE.role):
            work.store.move(case_id, CaseStatus.IN_REVIEW, by=SOFTWARE, at=at, reason=Reason.PACKET_PREPARED)
    return Prepared(case_id, assessment, *written, pages=packet.page_count, refused=len(packet.refused), dangling=len(packet.dangling))


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file so that it is there whole or not at all; a file with the same content is left alone."""
    if path.exists() and path.read_bytes() == content:
        return path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path
