"""Letters and packets as the commands make them: written to a place of the caller's, or prepared in the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.casework import keep_assessment
from flows.clock import now
from flows.commands.mistakes import Refused
from flows.commands.subjects import open_subject
from flows.files import write_whole
from flows.preparing import keep_request, make_request
from priorauth.letters.compose import compose_letter, letter_pdf
from priorauth.letters.kinds import KINDS, kind_of
from priorauth.packets.fax import fax_version
from priorauth.packets.model import DanglingReference, IndexEntry, Packet, RefusedExhibit
from priorauth.wording import listed
from priorauth.yaml_records import load_record
from schemas.assessment import Assessment, Recommendation
from schemas.base import CaseId
from schemas.letter import LetterKind, LetterRecord, Review
from schemas.letter_matter import Matter


@dataclass(frozen=True, kw_only=True)
class Written:
    """What was written where, and what could not be put in. A path is empty where that part was not written."""

    case_id: CaseId
    recommendation: Recommendation
    kind: LetterKind
    draft: bool
    letter: Path | None = None
    packet: Path | None = None
    pages: int | None = None
    left_out: tuple[str, ...] = ()
    index: tuple[IndexEntry, ...] = ()
    refused: tuple[RefusedExhibit, ...] = ()
    dangling: tuple[DanglingReference, ...] = ()


@dataclass(frozen=True)
class LetterWanted:
    """Which letter is to be written: its kind, the file with its matter, and who has reviewed it."""

    kind: str | None = None
    matter: Path | None = None
    reviewed_by: str | None = None


def written_letter(named: str, place: Path, as_of: date | None, *, wanted: LetterWanted) -> Written:
    """Write a letter of a case to a place; nothing is stored."""
    kind = _kind_named(wanted.kind) if wanted.kind else None
    subject = open_subject(named)
    assessment = subject.assess(as_of)
    review = None
    if wanted.reviewed_by:
        review = Review(reviewer=wanted.reviewed_by, reviewed_on=assessment.assessed_on)
    letter = compose_letter(
        subject.case,
        assessment,
        knowledge=subject.knowledge,
        kind=kind,
        matter=_matter(wanted.matter, kind or kind_of(subject.case)) if wanted.matter else None,
        review=review,
    )
    write_whole(place, letter_pdf(letter))
    return _written(assessment, letter.record, letter=place)


def written_packet(named: str, place: Path, as_of: date | None, *, fax: bool) -> Written:
    """Write the packet of a case to a place; nothing is stored."""
    subject = open_subject(named)
    assessment = subject.assess(as_of)
    made = make_request(
        subject.case, assessment, knowledge=subject.knowledge, read_document=subject.read_document
    )
    write_whole(place, fax_version(made.packet.content) if fax else made.packet.content)
    return _written(assessment, made.letter.record, packet=place, parts=made.packet)


def prepare(named: str, as_of: date | None) -> Written:
    """Prepare the request of a stored case, as the flow does."""
    subject = open_subject(named)
    work = subject.work
    if work is None:
        raise Refused(f"{named} is a file, so there is no place for what is made of it; name one: -o PATH")
    assessment, at = subject.assess(as_of), now(work.settings)
    verified = keep_assessment(work, assessment, at=at)
    made = make_request(
        subject.case, assessment, knowledge=subject.knowledge, read_document=subject.read_document
    )
    prepared = keep_request(work, verified, made, at=at)
    return _written(
        assessment, made.letter.record, letter=prepared.letter, packet=prepared.packet, parts=made.packet
    )


def _kind_named(name: str) -> LetterKind:
    try:
        return LetterKind(name)
    except ValueError:
        known = listed([kind.value for kind in LetterKind], "or")
        raise Refused(f"found the kind of letter '{name}', expected {known}") from None


def _matter(file: Path, kind: LetterKind) -> Matter:
    model = KINDS[kind].matter
    if model is None:
        raise Refused(f"a letter of the kind {kind.value} has no matter of its own: leave --matter out")
    return load_record(file, model)


def _written(
    assessment: Assessment,
    record: LetterRecord,
    *,
    letter: Path | None = None,
    packet: Path | None = None,
    parts: Packet | None = None,
) -> Written:
    return Written(
        case_id=record.case_id,
        recommendation=assessment.recommendation,
        kind=record.kind,
        draft=record.draft,
        letter=letter,
        packet=packet,
        left_out=record.left_out,
        pages=parts.page_count if parts else None,
        index=parts.index if parts else (),
        refused=parts.refused if parts else (),
        dangling=parts.dangling if parts else (),
    )
