"""The renewal sweep: plan every course that is due, keep its tasks, and write the heartbeat.

It looks at the state of the store and nothing else, so that a sweep that was missed or broke off is made good by
the next one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from flows.casework import Casework
from flows.clock import now
from flows.preparing import write_whole
from priorauth.lifecycle import CaseStatus
from priorauth.policies import governing_policy
from priorauth.renewal_tasks import sweep_decisions
from priorauth.renewals import calendar_rows, plan_renewal
from priorauth.store.records import CourseState, CourseStatus, RenewalException, SubmissionState, SweepRun
from schemas.base import CaseId
from schemas.renewal import ActionKind, CalendarRow, RenewalPlan, SweepAction


SWEEP = "renewals"
_AT_PAYER = (CaseStatus.SUBMITTED, CaseStatus.PENDED)


@dataclass(frozen=True)
class Swept:
    """What a sweep did: courses looked at, tasks opened, escalated, brought up to date and closed, and what failed."""

    as_of: date
    looked_at: int
    opened: int
    escalated: int
    updated: int
    closed: int
    failed: tuple[CaseId, ...]
    failures: tuple[str, ...]


@dataclass
class _Tally:
    actions: Counter[ActionKind] = field(default_factory=Counter)
    failed: list[tuple[CaseId, str]] = field(default_factory=list)


def sweep(work: Casework, *, as_of: date, every_course: bool = False) -> Swept:
    """Look at every course that is due on a day. One that fails stops no other, and is named in the result."""
    started = now(work.settings)
    states = work.store.list_courses() if every_course else work.store.due_courses(as_of)
    tally = _Tally()
    for state in states:
        try:
            tally.actions.update(_look_after(work, state, as_of=as_of, at=started))
        except Exception as error:
            # The one broad guard of the sweep: a course that cannot be planned must not hide the others. It keeps
            # its due date, so that the next sweep tries it again, and it is counted and named as failed.
            tally.failed.append((state.case_id, type(error).__name__))
    _raise_faults(work, tally, as_of=as_of)
    run = SweepRun(
        name=SWEEP,
        as_of=as_of,
        started_at=started,
        finished_at=now(work.settings),
        succeeded=not tally.failed,
        looked_at=len(states),
        opened=tally.actions[ActionKind.OPEN],
        closed=tally.actions[ActionKind.CLOSE],
        failed=len(tally.failed),
    )
    work.store.record_sweep(run)
    _write_heartbeat(work, run)
    return Swept(
        as_of=as_of,
        looked_at=len(states),
        opened=tally.actions[ActionKind.OPEN],
        escalated=tally.actions[ActionKind.ESCALATE],
        updated=tally.actions[ActionKind.UPDATE],
        closed=tally.actions[ActionKind.CLOSE],
        failed=tuple(case_id for case_id, _ in tally.failed),
        failures=tuple(kind for _, kind in tally.failed),
    )


def renewal_calendar(work: Casework, *, as_of: date) -> tuple[CalendarRow, ...]:
    """Return the calendar of all courses that have not ended, the most pressing first."""
    plans = (_plan(work, state.case_id, as_of=as_of) for state in work.store.list_courses())
    return calendar_rows(plan for plan in plans if plan is not None)


def _look_after(work: Casework, state: CourseState, *, as_of: date, at: datetime) -> Iterator[ActionKind]:
    plan = _plan(work, state.case_id, as_of=as_of)
    if plan is None:
        return
    standing = work.store.list_exceptions(case_id=state.case_id)
    with work.store.transaction():
        for action in sweep_decisions(plan, standing):
            _apply(work, action, as_of=as_of)
            yield action.action
        work.store.put_courses([_state(plan)], at=at)


def _plan(work: Casework, case_id: CaseId, *, as_of: date) -> RenewalPlan | None:
    case = work.store.get_case(case_id)
    policy = governing_policy(case, as_of, work.knowledge).policy
    sent = [claim.claimed_at.date() for claim in work.store.list_submissions(case_id) if claim.state is SubmissionState.CONFIRMED]
    submitted = max(sent, default=None) if work.store.case_summary(case_id).status in _AT_PAYER else None
    return plan_renewal(case, work.knowledge, as_of=as_of, policy=policy, submitted_on=submitted)


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
        status=CourseStatus(plan.status.value),
        covered_until=plan.covered_until,
        uncovered_on=first.infusion if first else None,
        renew_by=first.renew_by if first else None,
        next_action_on=plan.next_action_on,
    )


def _raise_faults(work: Casework, tally: _Tally, *, as_of: date) -> None:
    """Open a task for every course that could not be planned, so that its silence is seen."""
    for case_id, kind in tally.failed:
        work.store.open_exception(
            RenewalException(
                key=f"{case_id}/sweep",
                case_id=case_id,
                kind="sweep_failed",
                owner="supervisor",
                raised_on=as_of,
                due=as_of,
                level=3,
                detail=f"the renewal sweep could not plan this course ({kind}); run priorauth renewals --case {case_id}",
            )
        )


def _write_heartbeat(work: Casework, run: SweepRun) -> None:
    """Leave a sign outside the database and outside Prefect that a monitor can look at the age of."""
    beat = {"sweep": run.name, "as_of": run.as_of.isoformat(), "finished_at": run.finished_at.isoformat(), "succeeded": run.succeeded, "failed": run.failed}
    write_whole(heartbeat_path(work), json.dumps(beat).encode())


def heartbeat_path(work: Casework) -> Path:
    """Where the heartbeat of the sweep is."""
    return work.settings.home / "sweep-heartbeat.json"
