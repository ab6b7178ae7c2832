"""Reviews and sendings as the commands record them, on a stored case."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from flows.casework import Casework, verify_case
from flows.clock import now, today
from flows.closing import Closed, Reopened, close, reopen
from flows.commands.mistakes import Refused
from flows.commands.subjects import open_subject
from flows.forms import Channel, CloseReason, SendBackReason
from flows.releasing import record_sending, release, send_back
from flows.sweeping import look_after_changes
from flows.versions import final_packets, letter_in_review, version_of
from priorauth.lifecycle import Actor, CaseStatus, Role
from priorauth.store.records import OutgoingDocument, Put
from priorauth.wording import listed
from schemas.base import CaseId


_INITIALS = re.compile(r"^[A-Za-z]{2,5}$")


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """What was recorded of a review. Without a final the case was sent back."""

    case_id: CaseId
    version: str
    status: CaseStatus
    put: Put = Put.CREATED
    letter: Path | None = None
    packets: tuple[Path, ...] = ()
    final: str | None = None
    """The version of the final packet, as `sent` takes it."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What was recorded of a sending."""

    case_id: CaseId
    version: str
    channel: str
    put: Put
    status: CaseStatus


def reviewed(
    named: str,
    version: str | None,
    *,
    by: str,
    reviewer: str | None,
    on: date | None,
    reasons: tuple[str, ...],
) -> Reviewed:
    """Release the letter in review, or send it back where there are reasons."""
    work, case_id = stored(named)
    codes = [_one_of(SendBackReason, reason, "reason") for reason in reasons]
    if version is None:
        letter = letter_in_review(work.store, case_id)
        if letter is None:
            raise Refused(f"no letter of {case_id} has been made; make it first: priorauth packet {case_id}")
        version = version_of(letter)
    day = today(work.settings)
    if on is not None and on > day:
        raise Refused(f"--on: found {on}, after today, {day}; a review is recorded once it was made")
    actor, at = _actor(by), now(work.settings)
    if codes:
        send_back(work, case_id, version, reasons=codes, by=actor, at=at)
        return Reviewed(case_id=case_id, version=version, status=work.store.case_summary(case_id).status)
    released = release(work, case_id, version, reviewed_on=on or day, by=actor, at=at, reviewer=reviewer)
    finals = final_packets(work.store, case_id)
    return Reviewed(
        case_id=case_id,
        version=version,
        final=version_of(finals[0]) if finals else None,
        status=work.store.case_summary(case_id).status,
        put=released.put,
        letter=released.letter,
        packets=released.packets,
    )


def recorded_sending(
    named: str, version: str | None, *, by: str, channel: str, reference: str | None
) -> Sent:
    """Record the sending of the final packet."""
    work, case_id = stored(named)
    if version is None:
        finals = final_packets(work.store, case_id)
        if not finals:
            raise Refused(
                f"no final packet of the present request of {case_id} has been made; record the review first: priorauth review"
            )
        _check_answer_is_released(work, case_id, finals[0])
        version = version_of(finals[0])
    put = record_sending(
        work,
        case_id,
        version,
        channel=_one_of(Channel, channel, "channel"),
        reference=reference,
        by=_actor(by),
        at=now(work.settings),
    )
    look_after_changes(work, [case_id], as_of=today(work.settings))
    status = work.store.case_summary(case_id).status
    return Sent(case_id=case_id, version=version, channel=channel, put=put, status=status)


def closed(named: str, reason: str, *, by: str) -> Closed:
    """Close a case."""
    work, case_id = stored(named)
    day = today(work.settings)
    code = CloseReason(_one_of(CloseReason, reason, "reason"))
    done = close(work, case_id, code, by=_actor(by), on=day, at=now(work.settings))
    look_after_changes(work, [case_id], as_of=day)
    return done


def reopened(named: str, *, by: str) -> Reopened:
    """Open a closed case again; one that was never sent is verified anew."""
    work, case_id = stored(named)
    day, at = today(work.settings), now(work.settings)
    done = reopen(work, case_id, by=_actor(by), at=at)
    if done.put is Put.UPDATED and done.status is CaseStatus.DRAFT:
        verify_case(work, case_id, as_of=day, at=at)
    look_after_changes(work, [case_id], as_of=day)
    return replace(done, status=work.store.case_summary(case_id).status)


def _check_answer_is_released(work: Casework, case_id: CaseId, final: OutgoingDocument) -> None:
    """Refuse to take the packet that was sent before for the answer that was prepared since."""
    letter = letter_in_review(work.store, case_id)
    pended = work.store.case_summary(case_id).status is CaseStatus.PENDED
    if pended and letter is not None and letter.outgoing_id > final.outgoing_id:
        raise Refused(
            f"the newest letter of {case_id} has not been released: record the review first (priorauth review), or name "
            f"the packet that was sent: --version {version_of(final)}"
        )


def stored(named: str) -> tuple[Casework, CaseId]:
    """Return a case of the store, and the store with it."""
    subject = open_subject(named)
    if subject.work is None:
        raise Refused(
            f"{named} is a file; what happens to a request is recorded on a stored case: priorauth intake"
        )
    return subject.work, subject.case.case_id


def _actor(initials: str) -> Actor:
    if not _INITIALS.match(initials):
        raise Refused(f"found the initials '{initials}', expected two to five letters")
    return Actor(Role.COORDINATOR, initials)


def _one_of(codes: type[StrEnum], found: str, what: str) -> str:
    if found not in list(codes):
        raise Refused(f"found the {what} '{found}', expected {listed([code.value for code in codes], 'or')}")
    return found
