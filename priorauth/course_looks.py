"""One look of the sweep at one course: from its stored file to the tasks to open and close and the next day to look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from priorauth.formats.case_file import case_from_json
from priorauth.knowledge import Knowledge
from priorauth.lifecycle import CaseStatus
from priorauth.payer_history import UsualTime
from priorauth.renewal_tasks import sweep_decisions
from priorauth.renewals import plan_renewal
from priorauth.store.records import CourseFile, CourseLook, CourseState, RenewalException
from schemas.base import CaseId
from schemas.case import Case
from schemas.renewal import ActionKind, CourseStatus, RenewalPlan, SweepAction, TaskKind


UsualOf = Callable[[Case], UsualTime | None]


@dataclass(frozen=True)
class Looked:
    """What one look decided. ``ended`` says that the case has no course any more."""

    look: CourseLook
    actions: tuple[ActionKind, ...] = ()
    ended: bool = False


def look_at(
    file: CourseFile, knowledge: Knowledge, *, as_of: date, usual_of: UsualOf | None = None
) -> Looked:
    """Plan one course and decide about its tasks; nothing is written. The course of a closed case has ended."""
    if file.status is CaseStatus.CLOSED:
        closed_with = tuple((task.key, "case closed") for task in file.tasks)
        state = CourseState(file.case_id, CourseStatus.ENDED)
        return Looked(CourseLook(file, state, closed=closed_with), ended=True)
    case = case_from_json(file.content.encode())
    plan = plan_renewal(
        case,
        knowledge,
        as_of=as_of,
        submitted_on=file.submitted_on,
        usual=usual_of(case) if usual_of else None,
        with_evidence=False,
    )
    if plan is None:
        closed = [(task.key, "the case has no course any more") for task in file.tasks if _is_ours(task)]
        ended = CourseState(file.case_id, CourseStatus.ENDED)
        return Looked(
            CourseLook(file, ended, (), tuple(closed)), (ActionKind.CLOSE,) * len(closed), ended=True
        )
    actions = sweep_decisions(plan, file.tasks)
    closed = [(action.key, action.detail) for action in actions if action.action is ActionKind.CLOSE]
    failed = failure_key(file.case_id)
    if any(task.key == failed for task in file.tasks):
        closed.append((failed, "the course could be planned"))
    opened = tuple(_task(action, as_of) for action in actions if action.action is not ActionKind.CLOSE)
    return Looked(
        CourseLook(file, state_of(plan), opened, tuple(closed)), tuple(action.action for action in actions)
    )


def _is_ours(task: RenewalException) -> bool:
    return task.kind in set(TaskKind) or task.key == failure_key(task.case_id)


def failure_key(case_id: CaseId) -> str:
    """Name the task of a course that could not be planned."""
    return f"{case_id}/sweep"


def state_of(plan: RenewalPlan) -> CourseState:
    """Keep of a plan what courses are found by."""
    first = plan.first
    return CourseState(
        case_id=plan.case_id,
        status=plan.status,
        covered_until=plan.covered_until,
        uncovered_on=first.infusion if first else None,
        renew_by=first.renew_by if first else None,
        next_action_on=plan.next_action_on,
    )


def _task(action: SweepAction, as_of: date) -> RenewalException:
    return RenewalException(
        key=action.key,
        case_id=action.case_id,
        kind=action.kind.value,
        owner=action.owner.value,
        raised_on=as_of,
        due=action.due,
        level=int(action.level),
        detail=action.detail,
    )
