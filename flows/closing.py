"""Closing a case that needs nothing more: its tasks end with it, and no sweep looks at its course again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flows.casework import Casework
from flows.forms import CloseReason
from priorauth.course_days import booked_from
from priorauth.lifecycle import Actor, CaseStatus, Reason
from priorauth.store.records import Put
from schemas.base import CaseId


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
            work.store.close_exception(task.key, on=on, because=f"case closed: {reason.value}")
    return Closed(
        case_id=case_id,
        put=Put.UPDATED,
        reason=reason,
        tasks=len(tasks),
        unwatched=tuple(infusion.on for infusion in unwatched),
    )
