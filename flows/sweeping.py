"""The renewal sweep: plan every course that is due, keep its tasks, and write the heartbeat.

It looks at the state of the store and nothing else, so that a sweep that was missed or broke off is made good by
the next one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from flows.casework import Casework
from flows.clock import now
from flows.files import write_whole
from priorauth.lifecycle import CaseStatus
from priorauth.renewal_calendar import calendar_rows
from priorauth.renewal_tasks import sweep_decisions
from priorauth.renewals import plan_renewal
from priorauth.store.errors import NoSuchRecord, StoreBusy
from priorauth.store.records import CourseState, RenewalException, SubmissionState, SweepRun
from schemas.base import CaseId
from schemas.renewal import ActionKind, CalendarRow, CourseStatus, Level, Owner, RenewalPlan, SweepAction


R = TypeVar("R")

SWEEP = "renewals"
_AT_PAYER = (CaseStatus.SUBMITTED, CaseStatus.PENDED)


@dataclass(frozen=True)
class Swept:
    """What a sweep did: courses looked at, tasks opened, escalated, brought up to date and closed, and what failed.

    ``skipped`` counts cases that have no course any more; ``unreadable`` names those whose record does not load.
    """

    as_of: date
    looked_at: int
    skipped: int
    opened: int
    escalated: int
    updated: int
    closed: int
    failed: tuple[CaseId, ...]
    unreadable: tuple[CaseId, ...]

    @property
    def succeeded(self) -> bool:
        return not (self.failed or self.unreadable)


@dataclass(frozen=True)
class RenewalCalendar:
    """The plans and rows of all courses that have not ended, and the courses that could not be planned."""

    plans: tuple[RenewalPlan, ...]
    rows: tuple[CalendarRow, ...]
    failed: tuple[CaseId, ...]


@dataclass
class _Tally:
    actions: Counter[ActionKind] = field(default_factory=Counter)
    skipped: int = 0
    failed: dict[CaseId, str] = field(default_factory=dict)
    unreadable: dict[CaseId, str] = field(default_factory=dict)

    def isolating(self, case_id: CaseId, step: Callable[[], R]) -> R | None:
        """Do a step for one course; what fails is counted and named, and stops no other course."""
        try:
            return step()
        except StoreBusy:
            raise  # It would fail for every course; the whole sweep is tried again.
        except (ValidationError, NoSuchRecord) as error:
            self.unreadable[case_id] = type(error).__name__
        except Exception as error:  # noqa: BLE001 - the one broad guard: a course must never hide the others
            self.failed[case_id] = type(error).__name__
        return None


def sweep(work: Casework, *, as_of: date, every_course: bool = False) -> Swept:
    """Look at every course that is due on a day. One that fails keeps its due date, and so is tried again."""
    started = now(work.settings)
    states = work.store.list_courses() if every_course else work.store.due_courses(as_of)
    tally = _Tally()
    for state in states:
        look_after = partial(_look_after, work, state, as_of=as_of, at=started)
        actions = tally.isolating(state.case_id, look_after)
        if actions is not None:
            tally.actions.update(actions.kinds)
            tally.skipped += actions.skipped
    _open_tasks_for_failures(work, tally, as_of=as_of)
    swept = Swept(
        as_of=as_of,
        looked_at=len(states),
        skipped=tally.skipped,
        opened=tally.actions[ActionKind.OPEN],
        escalated=tally.actions[ActionKind.ESCALATE],
        updated=tally.actions[ActionKind.UPDATE],
        closed=tally.actions[ActionKind.CLOSE],
        failed=tuple(tally.failed),
        unreadable=tuple(tally.unreadable),
    )
    _leave_a_sign(work, swept, started=started)
    return swept


def renewal_calendar(
    work: Casework, *, as_of: date, case_ids: Iterable[CaseId] | None = None
) -> RenewalCalendar:
    """Plan all courses that have not ended, or those named, the most pressing first."""
    tally = _Tally()
    wanted = case_ids if case_ids is not None else [state.case_id for state in work.store.list_courses()]
    planned = [tally.isolating(case_id, partial(_plan, work, case_id, as_of=as_of)) for case_id in wanted]
    plans = tuple(plan for plan in planned if plan is not None)
    return RenewalCalendar(plans, calendar_rows(plans), (*tally.failed, *tally.unreadable))


@dataclass(frozen=True)
class _Done:
    kinds: tuple[ActionKind, ...] = ()
    skipped: bool = False


def _look_after(work: Casework, state: CourseState, *, as_of: date, at: datetime) -> _Done:
    plan = _plan(work, state.case_id, as_of=as_of)
    if plan is None:
        ended = CourseState(state.case_id, CourseStatus.ENDED)
        work.store.put_courses([ended], at=at)
        return _Done(skipped=True)
    standing = work.store.list_exceptions(case_id=state.case_id)
    actions = sweep_decisions(plan, standing)
    with work.store.transaction():
        for action in actions:
            _apply(work, action, as_of=as_of)
        if any(task.key == _failure_key(state.case_id) for task in standing):
            work.store.close_exception(
                _failure_key(state.case_id), on=as_of, because="the course could be planned"
            )
        work.store.put_courses([_state(plan)], at=at)
    return _Done(tuple(action.action for action in actions))


def _plan(work: Casework, case_id: CaseId, *, as_of: date) -> RenewalPlan | None:
    case = work.store.get_case(case_id)
    sent = [
        claim.claimed_at.date()
        for claim in work.store.list_submissions(case_id)
        if claim.state is SubmissionState.CONFIRMED
    ]
    at_payer = work.store.case_summary(case_id).status in _AT_PAYER
    submitted = max(sent, default=None) if at_payer else None
    return plan_renewal(case, work.knowledge, as_of=as_of, submitted_on=submitted)


def _apply(work: Casework, action: SweepAction, *, as_of: date) -> None:
    if action.action is ActionKind.CLOSE:
        work.store.close_exception(action.key, on=as_of, because=action.detail)
        return
    work.store.open_exception(
        RenewalException(
            key=action.key,
            case_id=action.case_id,
            kind=action.kind.value,
            owner=action.owner.value,
            raised_on=as_of,
            due=action.due,
            level=int(action.level),
            detail=action.detail,
        )
    )


def _state(plan: RenewalPlan) -> CourseState:
    first = plan.first
    return CourseState(
        case_id=plan.case_id,
        status=plan.status,
        covered_until=plan.covered_until,
        uncovered_on=first.infusion if first else None,
        renew_by=first.renew_by if first else None,
        next_action_on=plan.next_action_on,
    )


def _open_tasks_for_failures(work: Casework, tally: _Tally, *, as_of: date) -> None:
    """Open a task for every course that could not be planned, so that its silence is seen."""
    for case_id, kind in {**tally.failed, **tally.unreadable}.items():
        work.store.open_exception(
            RenewalException(
                key=_failure_key(case_id),
                case_id=case_id,
                kind="sweep_failed",
                owner=Owner.SUPERVISOR.value,
                raised_on=as_of,
                due=as_of,
                level=int(Level.ESCALATE),
                detail=f"this course could not be planned ({kind}); run: priorauth renewals {case_id}",
            )
        )


def _failure_key(case_id: CaseId) -> str:
    return f"{case_id}/sweep"


def _leave_a_sign(work: Casework, swept: Swept, *, started: datetime) -> None:
    """Record the sweep, and leave a heartbeat outside database and Prefect whose age a monitor can look at."""
    failed = len(swept.failed) + len(swept.unreadable)
    run = SweepRun(
        name=SWEEP,
        as_of=swept.as_of,
        started_at=started,
        finished_at=now(work.settings),
        succeeded=swept.succeeded,
        looked_at=swept.looked_at,
        opened=swept.opened,
        closed=swept.closed,
        failed=failed,
    )
    work.store.record_sweep(run)
    beat = {
        "sweep": run.name,
        "as_of": run.as_of.isoformat(),
        "finished_at": run.finished_at.isoformat(),
        "succeeded": run.succeeded,
        "failed": run.failed,
    }
    write_whole(heartbeat_path(work), json.dumps(beat).encode())


def heartbeat_path(work: Casework) -> Path:
    """Where the heartbeat of the sweep is."""
    return work.settings.home / "sweep-heartbeat.json"
