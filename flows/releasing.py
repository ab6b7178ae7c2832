"""What follows from a person's reading of a letter: the final letter and packet, or the way back, and then the sending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from flows.casework import Casework, settle
from flows.preparing import (
    LetterOf,
    Made,
    keep_files,
    letter_name,
    make_request,
    named_packets,
    write_request,
)
from flows.versions import (
    VersionPassed,
    draft_letter,
    is_of_present_request,
    is_released,
    released_packets,
    version_of,
)
from priorauth.letters.kinds import KINDS
from priorauth.letters.refusals import FinalRefused, Gap, LetterRefused
from priorauth.letters.sealing import sealed_record
from priorauth.lifecycle import AT_PAYER, Actor, CaseStatus, MoveRefused
from priorauth.payer_tasks import PayerTask, appeal_kind
from priorauth.store.records import OutgoingDocument, Put, SubmissionState
from priorauth.verification import verify
from priorauth.wording import slug_words
from schemas.assessment import Assessment
from schemas.base import CaseId
from schemas.case import Case
from schemas.letter import LetterKind, Review
from schemas.letter_matter import Matter


_READ_IN = (CaseStatus.IN_REVIEW, CaseStatus.PENDED)
"""Where a letter can be released or sent back. What answers a request for information is made while the case is pended."""


_APPEALED = (CaseStatus.DENIED, CaseStatus.PARTIALLY_APPROVED)
_APPEALS = (LetterKind.FIRST_LEVEL_APPEAL, LetterKind.EXTERNAL_REVIEW)
_ANSWERED = (PayerTask.INFORMATION, PayerTask.APPEAL)


_SENDABLE = AT_PAYER | {CaseStatus.IN_REVIEW}


@dataclass(frozen=True)
class Released:
    """The final that was made of a version somebody released."""

    put: Put
    letter: Path
    packets: tuple[Path, ...]


def release(
    work: Casework,
    case_id: CaseId,
    version: str,
    *,
    reviewed_on: date,
    by: Actor,
    at: datetime,
    reviewer: str | None = None,
) -> Released:
    """Make the final letter and packet of a version that a person has read and released, the prescriber where no one is named.

    Raises VersionPassed where the record, the policy or the templates have changed since, so that the final would not
    say what was read, and FinalRefused with every gap.
    """
    read = draft_letter(work.store, case_id, version)
    kind = sealed_record(work.store.read_document(read.sha256)).kind
    _check_in_review(work, case_id, kind)
    case = work.store.get_case(case_id)
    assessment = _assessment_of(work, case, read.assessment_id)
    review = Review(reviewer=reviewer or _prescriber(case), reviewed_on=reviewed_on)
    made = make_request(
        case,
        assessment,
        knowledge=work.knowledge,
        read_document=work.store.read_document,
        review=review,
        of=LetterOf(kind, _matter_of(read, kind)),
    )
    _check_same(made, work.store.read_document(read.sha256))
    _check_whole(made)
    folder = work.settings.output / case_id
    known = {each.sha256 for each in work.store.list_outgoing(case_id)}
    digest = sha256(made.pdf).hexdigest()
    with work.store.transaction():
        if digest not in known:
            keep_files(work, made, assessment_id=read.assessment_id, at=at)
        if not is_released(work.store, case_id, digest):
            work.store.note_release(case_id, reviewed=version, final=digest, by=by, at=at)
    write_request(folder, made)
    return Released(
        Put.UNCHANGED if digest in known else Put.CREATED,
        folder / letter_name(made),
        tuple(folder / name for name in named_packets(made.packets, final=True)),
    )


def send_back(
    work: Casework, case_id: CaseId, version: str, *, reasons: Sequence[str], by: Actor, at: datetime
) -> None:
    """Record that a version is not to go out as it is, and give the case back to be worked on."""
    read = draft_letter(work.store, case_id, version)
    _check_in_review(work, case_id, sealed_record(work.store.read_document(read.sha256)).kind)
    work.store.send_back(case_id, reviewed=version_of(read), reasons=tuple(reasons), by=by, at=at)


def record_sending(
    work: Casework,
    case_id: CaseId,
    version: str,
    *,
    channel: str,
    reference: str | None,
    by: Actor,
    at: datetime,
) -> Put:
    """Record that a final packet was sent, all its parts, and move its case; what is recorded already stays as it is.

    Raises NotReleased where no person released the packet, MoveRefused where the case has nothing to send, and
    VersionPassed where the packet is of an earlier request.
    """
    packets = released_packets(work.store, case_id, version)
    with work.store.transaction():
        sent = {
            one.packet_sha256
            for one in work.store.list_submissions(case_id)
            if one.channel == channel and one.state is SubmissionState.CONFIRMED
        }
        # What answers a request for information may be what was sent before it, by the same way.
        pended = work.store.case_summary(case_id).status is CaseStatus.PENDED
        if not pended and all(packet.sha256 in sent for packet in packets):
            return Put.UNCHANGED
        _check_can_be_sent(work, case_id, packets[0])
        claims = [
            work.store.claim_submission(case_id, channel=channel, packet_sha256=packet.sha256, by=by, at=at)
            for packet in packets
        ]
        for claim in claims:
            work.store.confirm_submission(claim.submission_id, by=by, at=at, acknowledgement=reference)
        settle(work, case_id, *_ANSWERED, on=at.date(), because=f"sent by {channel}")
    return Put.CREATED


def _check_can_be_sent(work: Casework, case_id: CaseId, packet: OutgoingDocument) -> None:
    status = work.store.case_summary(case_id).status
    if status in _APPEALED:
        if sealed_record(work.store.read_document(packet.sha256)).kind not in _APPEALS:
            raise MoveRefused(
                f"a case that is {slug_words(status.value)} is sent again with an appeal only: priorauth packet {case_id} "
                f"--kind {appeal_kind(work.store.count_appeals(case_id)).value} --matter FILE, then review and sent"
            )
    elif status not in _SENDABLE:
        raise MoveRefused(
            f"a case that is {slug_words(status.value)} has nothing to send; prepare its request and have it released first"
        )
    if not is_of_present_request(work.store, packet):
        raise VersionPassed(
            f"the packet {version_of(packet)} is of an earlier request; record the sending of the present one"
        )


def _check_in_review(work: Casework, case_id: CaseId, kind: LetterKind) -> None:
    status = work.store.case_summary(case_id).status
    if status not in _READ_IN and not (status in _APPEALED and kind in _APPEALS):
        raise MoveRefused(f"a case that is {status.value} has no letter in review; prepare the request first")


def _matter_of(read: OutgoingDocument, kind: LetterKind) -> Matter | None:
    """Return what a letter was written about; a version that says nothing of it was kept before that was stored."""
    rules = KINDS[kind]
    if read.matter is None and rules.needs_matter:
        raise VersionPassed("what the letter is about was not kept with it; prepare it again and read it")
    # A letter is not written with a matter that its kind does not take.
    return rules.matter.model_validate_json(read.matter) if rules.matter and read.matter else None


def _assessment_of(work: Casework, case: Case, assessment_id: int | None) -> Assessment:
    if assessment_id is None:
        raise VersionPassed("found a letter without an assessment; prepare the request again")
    assessment = work.store.get_assessment(assessment_id)
    if verify(case, as_of=assessment.assessed_on, knowledge=work.knowledge) != assessment:
        raise VersionPassed(
            "the record or the policy has changed since; prepare the request again and read it"
        )
    return assessment


def _check_same(made: Made, read: bytes) -> None:
    before = [claim.text for claim in sealed_record(read).claims]
    if [claim.text for claim in made.letter.record.claims] != before:
        raise VersionPassed(
            "the final would say something else than was read; prepare the request again and read it"
        )


def _check_whole(made: Made) -> None:
    packet = made.packets[0]
    gaps = [Gap(f"exhibit {refused.label}", refused.reason) for refused in packet.refused]
    gaps += [
        Gap(f"exhibit {page.label}, page {page.page}", "is cited and is not in the packet")
        for page in packet.dangling
    ]
    if gaps:
        raise FinalRefused(tuple(gaps))


def _prescriber(case: Case) -> str:
    if case.prescriber is None:
        raise LetterRefused("The case names no prescriber: a letter needs somebody who releases it")
    return case.prescriber.name
