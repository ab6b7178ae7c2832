"""Preparing a request: assessment, letter and packet, written to the output folder and kept in the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path

from flows.casework import Casework, Verified, keep_assessment
from flows.unchanged import MadeFrom, fingerprint_of, leave_note, note_of_unchanged
from priorauth.knowledge import Knowledge
from priorauth.letters.compose import ComposedLetter, compose_letter
from priorauth.letters.kinds import kind_of
from priorauth.letters.packet import ReadDocument, letter_in_packet, limits_for
from priorauth.letters.witnesses import ExhibitPage
from priorauth.lifecycle import SOFTWARE, CaseStatus, Reason
from priorauth.packets.model import Packet, SizeLimits
from priorauth.verification import verify
from priorauth.writing import write_whole
from schemas.assessment import Assessment, Recommendation
from schemas.base import CaseId
from schemas.case import Case
from schemas.letter import LetterKind, Review
from schemas.letter_matter import Matter


@dataclass(frozen=True)
class LetterOf:
    """Which letter is meant: its kind and what it is about; without a kind the letter of medical necessity."""

    kind: LetterKind | None = None
    matter: Matter | None = None


THE_REQUEST = LetterOf()


@dataclass(frozen=True)
class Made:
    """A letter with its PDF and its packet, as made from a case; nothing of it is stored yet."""

    assessment: Assessment
    letter: ComposedLetter
    pdf: bytes
    packets: tuple[Packet, ...]
    limits: SizeLimits
    matter: Matter | None


@dataclass(frozen=True)
class Prepared:
    """A request ready to be looked at. ``refused`` and ``dangling`` count what the packet could not hold."""

    case_id: CaseId
    recommendation: Recommendation
    to_get: int
    letter: Path
    packets: tuple[Path, ...]
    pages: int
    refused: int
    dangling: int


def make_request(
    case: Case,
    assessment: Assessment,
    *,
    knowledge: Knowledge,
    read_document: ReadDocument,
    limits: SizeLimits | None = None,
    review: Review | None = None,
    of: LetterOf = THE_REQUEST,
) -> Made:
    """Write letter and packet of a case, a draft without a review; LetterRefused names what the case lacks.

    Without limits of the caller's own the payer's hold, as far as they are known.
    """

    def write(parts: Mapping[ExhibitPage, int]) -> ComposedLetter:
        return compose_letter(
            case, assessment, knowledge=knowledge, kind=of.kind, matter=of.matter, review=review, parts=parts
        )

    within = limits or limits_for(case, knowledge)
    made = letter_in_packet(write, case, read_document, within)
    return Made(assessment, made.letter, made.pdf, made.packets, within, of.matter)


def prepare_request(work: Casework, case_id: CaseId, *, as_of: date, at: datetime) -> Prepared:
    """Verify a case and write its draft letter and packet; what would come out the same is not made again."""
    case = work.store.get_case(case_id)
    assessment = verify(case, as_of=as_of, knowledge=work.knowledge)
    verified = keep_assessment(work, assessment, at=at)
    fingerprint = fingerprint_of(assessment, limits_for(case, work.knowledge))
    note = note_of_unchanged(work.settings.output / case_id, fingerprint)
    if note is not None and _has_kept(work, case_id, note):
        with work.store.transaction():
            _lay_before_signer(work, case_id, at=at)
        return _prepared(work, verified, note)
    made = make_request(case, assessment, knowledge=work.knowledge, read_document=work.store.read_document)
    return keep_request(work, verified, made, at=at)


def keep_request(work: Casework, verified: Verified, made: Made, *, at: datetime) -> Prepared:
    """Write letter and packet to the output folder, keep them in the store, and lay the request before the signer."""
    folder = work.settings.output / verified.case_id
    letter = letter_name(made)
    note = MadeFrom(
        fingerprint=fingerprint_of(made.assessment, made.limits),
        letter=letter,
        letter_sha256=sha256(made.pdf).hexdigest(),
        packets={
            name: sha256(packet.content).hexdigest() for name, packet in named_packets(made.packets).items()
        },
        pages=sum(packet.page_count for packet in made.packets),
        refused=len(made.packets[0].refused),
        dangling=len(made.packets[0].dangling),
    )
    write_request(folder, made)
    for stale in set(folder.glob("packet*.pdf")) - {folder / name for name in note.packets}:
        # A packet that was split is another set of files, and an old one must not be sent by mistake.
        if "-final" not in stale.name:
            stale.unlink()
    with work.store.transaction():
        keep_files(work, made, assessment_id=verified.assessment_id, at=at)
        _lay_before_signer(work, verified.case_id, at=at)
    if made.letter.record.kind is kind_of(work.store.get_case(verified.case_id)):
        # The note is of the request alone; another letter is always made anew.
        leave_note(folder, note)
    return _prepared(work, verified, note)


def write_request(folder: Path, made: Made) -> None:
    """Write letter and packet into a folder."""
    write_whole(folder / letter_name(made), made.pdf)
    for name, packet in named_packets(made.packets, final=not made.letter.record.draft).items():
        write_whole(folder / name, packet.content)


def letter_name(made: Made) -> str:
    """Name the file of a letter by its kind, and a final one as such."""
    record = made.letter.record
    return f"letter-{record.kind.value}{'' if record.draft else '-final'}.pdf"


def named_packets(
    packets: tuple[Packet, ...], stem: str = "packet", *, final: bool = False
) -> dict[str, Packet]:
    """Name the file of each part of a packet."""
    stem = f"{stem}-final" if final else stem
    if len(packets) == 1:
        return {f"{stem}.pdf": packets[0]}
    return {f"{stem}-part-{packet.part}-of-{packet.of}.pdf": packet for packet in packets}


def keep_files(work: Casework, made: Made, *, assessment_id: int | None, at: datetime) -> None:
    """Keep letter and packet in the store, by their hashes."""
    keep = partial(
        work.store.put_outgoing,
        made.assessment.case_id,
        at=at,
        draft=made.letter.record.draft,
        assessment_id=assessment_id,
    )
    keep(made.pdf, kind="letter", matter=made.matter.model_dump_json() if made.matter else None)
    for packet in made.packets:
        keep(packet.content, kind="packet", pages=packet.page_count)


def _has_kept(work: Casework, case_id: CaseId, note: MadeFrom) -> bool:
    kept = {made.sha256 for made in work.store.list_outgoing(case_id)}
    return {note.letter_sha256, *note.packets.values()} <= kept


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
        tuple(folder / name for name in note.packets),
        pages=note.pages,
        refused=note.refused,
        dangling=note.dangling,
    )
