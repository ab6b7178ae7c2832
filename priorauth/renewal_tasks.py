"""What a sweep does about the tasks of a course, from the plan and the tasks that stand; and the promise it keeps.

The decisions depend on the state alone. A sweep that was missed, or broke off, is made good by the next one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Protocol

from priorauth.course_days import RECORDED_LATE
from priorauth.deadlines import business_day_on_or_before
from priorauth.renewals import VERIFY_AT_LAST, VERIFY_BEFORE
from priorauth.wording import plain
from schemas.base import CaseId
from schemas.renewal import (
    ActionKind,
    CourseStatus,
    Level,
    Owner,
    RenewalPlan,
    SweepAction,
    TaskKind,
)


class StandingTask(Protocol):
    """A task that is open, as the store keeps it."""

    @property
    def key(self) -> str: ...
    @property
    def case_id(self) -> CaseId: ...
    @property
    def kind(self) -> str: ...
    @property
    def level(self) -> int: ...
    @property
    def due(self) -> date: ...
    @property
    def detail(self) -> str: ...


def owner_at(level: Level) -> Owner:
    """Return the role a task has climbed to."""
    if level >= Level.PEER_TO_PEER:
        return Owner.MEDICAL_DIRECTOR
    return Owner.SUPERVISOR if level is Level.ESCALATE else Owner.COORDINATOR


def sweep_decisions(plan: RenewalPlan, standing: Iterable[StandingTask]) -> tuple[SweepAction, ...]:
    """Decide what to open, bring up to date, escalate and close for one course. Applied once, nothing is left to do."""
    own = {task.key: task for task in standing if task.case_id == plan.case_id and task.kind in set(TaskKind)}
    wanted = {action.key: action for action in _wanted(plan)}
    decided = [_against(action, own.get(key), plan.as_of) for key, action in wanted.items()]
    closed = [_close(plan, task) for key, task in sorted(own.items()) if key not in wanted]
    return (*(action for action in decided if action is not None), *closed)


def silent_lapses(plan: RenewalPlan, standing: Iterable[StandingTask]) -> tuple[date, ...]:
    """List the infusions the promise is broken for: without cover, close enough to act, and no task stands for them.

    Empty for every course after every sweep.
    """
    keys = {task.key for task in standing}
    return tuple(
        need.infusion for need in plan.needs if need.level > Level.NONE and _key(plan, need.kind) not in keys
    )


def _against(action: SweepAction, task: StandingTask | None, as_of: date) -> SweepAction | None:
    if task is None:
        return action
    if action.level > task.level:
        return action.model_copy(update={"action": ActionKind.ESCALATE})
    if action.due == as_of and task.due < as_of:
        # What has been due for a while is not put off to today.
        action = action.model_copy(update={"due": task.due})
    if (action.due, action.detail) != (task.due, task.detail):
        # A task that has climbed stays where it is: the role that was called knows of it.
        level = Level(task.level)
        return action.model_copy(
            update={"action": ActionKind.UPDATE, "level": level, "owner": owner_at(level)}
        )
    return None


def _close(plan: RenewalPlan, task: StandingTask) -> SweepAction:
    detail = "the course has ended" if plan.status is CourseStatus.ENDED else "no longer needed"
    if plan.status is not CourseStatus.ENDED and plan.covered_until and plan.covered_until >= plan.as_of:
        detail = f"no longer needed: covered until {plan.covered_until}"
    return SweepAction(
        action=ActionKind.CLOSE,
        key=task.key,
        case_id=plan.case_id,
        kind=TaskKind(task.kind),
        owner=owner_at(Level(task.level)),
        level=Level(task.level),
        due=task.due,
        detail=detail,
    )


def _wanted(plan: RenewalPlan) -> Iterable[SweepAction]:
    for need in plan.needs:
        if need.level > Level.NONE:
            due = need.decision_due or need.renew_by
            yield _open(plan, need.kind, level=need.level, due=due, detail=f"{need.infusion}: {need.words}")
    if plan.unscheduled:
        due = plan.authorization_ends or plan.covered_until or plan.as_of
        detail = "no infusion lies ahead: schedule the next one, or record that the course has ended"
        yield _open(plan, TaskKind.SCHEDULE, level=Level.REMIND, due=due, detail=detail)
    if plan.unrecorded:
        days = ", ".join(str(day) for day in plan.unrecorded)
        late = plan.as_of - plan.unrecorded[0] > RECORDED_LATE
        yield _open(
            plan,
            TaskKind.RECORD_INFUSION,
            level=Level.ESCALATE if late else Level.REMIND,
            due=plan.unrecorded[0] + timedelta(days=7),
            detail=f"planned for {days}: record what was given and on which day, or that it was missed",
        )
    if plan.verify_coverage and plan.verify_coverage - plan.as_of <= VERIFY_BEFORE:
        infusion = plan.verify_coverage
        late = infusion - plan.as_of <= VERIFY_AT_LAST
        yield _open(
            plan,
            TaskKind.VERIFY_COVERAGE,
            level=Level.ESCALATE if late else Level.REMIND,
            due=business_day_on_or_before(infusion - timedelta(days=1)),
            detail=f"{infusion}: coverage has not been verified in the plan year of this infusion",
        )
    if plan.slips and plan.status is not CourseStatus.ENDED:
        words = "; ".join(
            f"{slip.where}: {slip.units} units, expected {slip.expected}" for slip in plan.slips
        )
        due = (
            plan.first.infusion if plan.first else plan.authorization_ends or plan.covered_until or plan.as_of
        )
        yield _open(plan, TaskKind.UNIT_SLIP, level=Level.REMIND, due=due, detail=words)
    if plan.drift and plan.status is not CourseStatus.ENDED:
        drift = plan.drift
        detail = (
            f"{drift.infusion}: {plain(drift.grams)} g planned; {plain(drift.grams_per_kg)} g/kg at "
            f"{plain(drift.kilograms)} kg of {drift.weighed_on} comes to {plain(drift.expected)} g: have the dose "
            "ordered anew, and ask for the change where the authorization does not cover it"
        )
        due = business_day_on_or_before(drift.infusion - timedelta(days=1))
        yield _open(plan, TaskKind.DOSE_DRIFT, level=Level.REMIND, due=due, detail=detail)


def _open(plan: RenewalPlan, kind: TaskKind, *, level: Level, due: date, detail: str) -> SweepAction:
    return SweepAction(
        action=ActionKind.OPEN,
        key=_key(plan, kind),
        case_id=plan.case_id,
        kind=kind,
        owner=owner_at(level),
        level=level,
        due=due,
        detail=detail,
    )


def _key(plan: RenewalPlan, kind: TaskKind) -> str:
    """Name a task by case and kind alone, so that moving an infusion never makes a second one of it."""
    return f"{plan.case_id}/{kind.value}"
