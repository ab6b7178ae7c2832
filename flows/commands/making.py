"""Letters and packets as the commands make them: written to a place of the caller's, or prepared in the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.casework import keep_assessment
from flows.clock import now
from flows.commands.mistakes import Refused
from flows.commands.subjects import Subject, open_subject
from flows.preparing import THE_REQUEST, LetterOf, keep_request, make_request, named_packets
from flows.sweeping import plans_of
from priorauth.letters.compose import compose_letter, letter_pdf
from priorauth.letters.kinds import KINDS, kind_of
from priorauth.packets.fax import fax_version
from priorauth.packets.model import DanglingReference, IndexEntry, Packet, RefusedExhibit, SizeLimits
from priorauth.renewals import plan_renewal
from priorauth.wording import listed
from priorauth.writing import write_whole
from priorauth.yaml_records import load_record
from schemas.assessment import Assessment, Recommendation
from schemas.base import CaseId
from schemas.letter import LetterKind, LetterRecord, Review
from schemas.letter_matter import (
    Call,
    Denial,
    DoseChange,
    ExceptionGrounds,
    Inquiry,
    Matter,
    RouteChange,
)
from schemas.renewal import RenewalPlan


EXAMPLES: Mapping[type[Matter], str] = {
    Denial: "examples/matters/denial.yaml",
    Inquiry: "examples/matters/inquiry.yaml",
    ExceptionGrounds: "examples/matters/exception.yaml",
    DoseChange: "examples/matters/dose_change.yaml",
    RouteChange: "examples/matters/route_change.yaml",
    Call: "examples/matters/call.yaml",
}
"""A file of each matter with every field explained."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """What was written where, and what could not be put in. A path is empty where that part was not written."""

    case_id: CaseId
    recommendation: Recommendation
    kind: LetterKind
    draft: bool
    letter: Path | None = None
    packet: Path | None = None
    parts: tuple[Path, ...] = ()
    """All files of a packet that comes in parts; `packet` is the first."""
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
    if kind and wanted.matter is None:
        _check_needs_no_matter(kind)
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
        renewal=_renewal_plan(subject, assessment.assessed_on) if kind is LetterKind.CASE_SUMMARY else None,
    )
    write_whole(place, letter_pdf(letter))
    return _written(assessment, letter.record, letter=place)


def written_packet(
    named: str,
    place: Path,
    as_of: date | None,
    *,
    fax: bool,
    limits: SizeLimits | None,
    wanted: LetterWanted = LetterWanted(),
) -> Written:
    """Write the packet of a case to a place, its parts beside each other; nothing is stored."""
    of = letter_of(wanted)
    subject = open_subject(named)
    assessment = subject.assess(as_of)
    made = make_request(
        subject.case,
        assessment,
        knowledge=subject.knowledge,
        read_document=subject.read_document,
        limits=limits,
        of=of,
    )
    written = []
    for name, packet in named_packets(made.packets, place.stem).items():
        path = place if packet.of == 1 else place.with_name(name)
        write_whole(path, fax_version(packet.content) if fax else packet.content)
        written.append(path)
    return _written(assessment, made.letter.record, packets=written, made=made.packets)


def prepare(
    named: str,
    as_of: date | None,
    *,
    limits: SizeLimits | None = None,
    wanted: LetterWanted = LetterWanted(),
) -> Written:
    """Prepare the request of a stored case, as the flow does, or another letter with its packet."""
    of = letter_of(wanted)
    subject = open_subject(named)
    work = subject.work
    if work is None:
        raise Refused(f"{named} is a file, so there is no place for what is made of it; name one: -o PATH")
    assessment, at = subject.assess(as_of), now(work.settings)
    verified = keep_assessment(work, assessment, at=at)
    made = make_request(
        subject.case,
        assessment,
        knowledge=subject.knowledge,
        read_document=subject.read_document,
        limits=limits,
        of=of,
    )
    prepared = keep_request(work, verified, made, at=at)
    return _written(
        assessment, made.letter.record, letter=prepared.letter, packets=prepared.packets, made=made.packets
    )


def letter_of(wanted: LetterWanted) -> LetterOf:
    """Read which letter is meant; a matter belongs to a kind."""
    if wanted.kind is None:
        if wanted.matter is not None:
            raise Refused("--matter needs --kind: the kind of letter it is the matter of")
        return THE_REQUEST
    kind = _kind_named(wanted.kind)
    if wanted.matter is None:
        _check_needs_no_matter(kind)
    return LetterOf(kind, _matter(wanted.matter, kind) if wanted.matter else None)


def _renewal_plan(subject: Subject, day: date) -> RenewalPlan | None:
    if subject.work is None:
        return plan_renewal(subject.case, subject.knowledge, as_of=day)
    # As the calendar plans it, with what the store knows of the payer and of what has been sent.
    return next(iter(plans_of(subject.work, [subject.case.case_id], as_of=day)), None)


def _kind_named(name: str) -> LetterKind:
    try:
        return LetterKind(name)
    except ValueError:
        known = listed([kind.value for kind in LetterKind], "or")
        raise Refused(f"found the kind of letter '{name}', expected {known}") from None


def _check_needs_no_matter(kind: LetterKind) -> None:
    model = KINDS[kind].matter
    if model is not None and KINDS[kind].needs_matter:
        raise Refused(
            f"a letter of the kind {kind.value} needs its matter: --matter FILE; {EXAMPLES[model]} shows one and explains it"
        )


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
    packets: Sequence[Path] = (),
    made: Sequence[Packet] = (),
) -> Written:
    return Written(
        case_id=record.case_id,
        recommendation=assessment.recommendation,
        kind=record.kind,
        draft=record.draft,
        letter=letter,
        packet=packets[0] if packets else None,
        parts=tuple(packets) if len(packets) > 1 else (),
        left_out=record.left_out,
        pages=sum(packet.page_count for packet in made) if made else None,
        index=made[0].index if made else (),
        refused=made[0].refused if made else (),
        dangling=made[0].dangling if made else (),
    )
