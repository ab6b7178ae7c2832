"""Closing a case that needs nothing more: its tasks end with it, and no sweep looks at its course again until it is reopened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from flows.casework import Casework
from flows.forms import CloseReason
from priorauth.course_days import booked_from
from priorauth.lifecycle import UNSENT, Actor, CaseStatus, Reason
from priorauth.payer_tasks import PayerTask
from priorauth.store.records import Put
from schemas.base import CaseId


_CASE_CLOSED = "case closed: "


@dataclass(frozen=True, kw_only=True)
class Closed:
    """What closing a case ended. ``unwatched`` are infusions still planned that nothing warns of any more."""

    case_id: CaseId
    put: Put
    reason: CloseReason
    tasks: int = 0
    unwatched: tuple[date, ...] = ()


def close(
    work: Casework, case_id: CaseId, reason: CloseReason, *, by: Actor, on: date, at: datetime
) -> Closed:
    """Close a case with its open tasks; closing twice is closing once."""
    if work.store.case_summary(case_id).status is CaseStatus.CLOSED:
        return Closed(case_id=case_id, put=Put.UNCHANGED, reason=reason)
    unwatched = booked_from(work.store.get_case(case_id), on)
    with work.store.transaction():
        work.store.move(case_id, CaseStatus.CLOSED, by=by, at=at, reason=Reason(reason.value))
        tasks = work.store.list_exceptions(case_id=case_id)
        for task in tasks:
            work.store.close_exception(task.key, on=on, because=f"{_CASE_CLOSED}{reason.value}")
    return Closed(
        case_id=case_id,
        put=Put.UPDATED,
        reason=reason,
        tasks=len(tasks),
        unwatched=tuple(infusion.on for infusion in unwatched),
    )


@dataclass(frozen=True, kw_only=True)
class Reopened:
    """Where a case that was closed by mistake stands again, and the tasks that came back with it."""

    case_id: CaseId
    put: Put
    status: CaseStatus
    tasks: int = 0


def reopen(work: Casework, case_id: CaseId, *, by: Actor, at: datetime) -> Reopened:
    """Give a closed case the status it had, a draft where it was not sent, with the tasks that the payer's answers left.

    What watches over its course comes back with the next look at it. A case that is not closed stays as it is.
    """
    status = work.store.case_summary(case_id).status
    if status is not CaseStatus.CLOSED:
        return Reopened(case_id=case_id, put=Put.UNCHANGED, status=status)
    closing = next(
        event for event in reversed(work.store.audit_trail(case_id)) if event.after == CaseStatus.CLOSED
    )
    before = CaseStatus(closing.before or CaseStatus.DRAFT)
    status = CaseStatus.DRAFT if before in UNSENT else before
    with work.store.transaction():
        work.store.move(case_id, status, by=by, at=at, reason=Reason.OPENED_AGAIN)
        ended = [
            replace(task, closed_on=None, closed_because=None)
            for task in work.store.list_exceptions(case_id=case_id, closed=True)
            if task.kind in list(PayerTask) and (task.closed_because or "").startswith(_CASE_CLOSED)
        ]
        work.store.open_exceptions(ended)
    return Reopened(case_id=case_id, put=Put.UPDATED, status=status, tasks=len(ended))
