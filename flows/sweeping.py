"""The renewal sweep: plan every course that is due, keep its tasks, and write the heartbeat.

It looks at the state of the store and nothing else, so that a sweep that was missed or broke off is made good by
the next one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache, partial
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from flows.casework import Casework, open_casework
from flows.clock import now
from flows.settings import Settings
from priorauth.course_looks import Looked, UsualOf, failure_key, look_at
from priorauth.formats.case_file import case_from_json
from priorauth.payer_history import LOOK_BACK, UsualTime, usual_time
from priorauth.renewal_calendar import calendar_rows
from priorauth.renewals import plan_renewal
from priorauth.store.errors import NoSuchRecord, StoreBusy
from priorauth.store.records import DUE_AT_ONCE, CourseFile, RenewalException, SweepRun
from priorauth.submission_days import in_turn
from priorauth.workload import Crowd
from priorauth.writing import write_whole
from schemas.base import CaseId
from schemas.renewal import ActionKind, CalendarRow, Level, Owner, RenewalPlan


R = TypeVar("R")

SWEEP = "renewals"
BATCH = 200
"""Courses looked at and kept together; what a sweep that is killed loses is no more than this."""

WORTH_A_POOL = 2000
"""Due courses from which on it pays to start more processes, each of which reads the knowledge first."""

MOST_IN_TURN = 5000
"""Courses, the next renewal first, among which the days to submit on are shared out; later ones change none of them."""


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
    """The plans and rows of all courses that have not ended, and the courses that could not be planned.

    ``crowds`` are days with more to send than the staff can, where the practice has said how much that is.
    """

    plans: tuple[RenewalPlan, ...]
    rows: tuple[CalendarRow, ...]
    failed: tuple[CaseId, ...]
    crowds: tuple[Crowd, ...] = ()


@dataclass
class _Tally:
    actions: Counter[ActionKind] = field(default_factory=Counter)
    skipped: int = 0
    failed: dict[CaseId, str] = field(default_factory=dict)
    unreadable: dict[CaseId, str] = field(default_factory=dict)

    def add(self, part: _Tally) -> None:
        """Take in what was counted elsewhere."""
        self.actions.update(part.actions)
        self.skipped += part.skipped
        self.failed |= part.failed
        self.unreadable |= part.unreadable

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
    case_ids = [state.case_id for state in states]
    tally = _look_after(work, case_ids, as_of=as_of, at=started, every_course=every_course)
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


def look_after_changes(work: Casework, case_ids: Iterable[CaseId], *, as_of: date) -> None:
    """Look at once at the courses of some cases whose record may have changed, those that are due.

    A change may leave the infusion of tomorrow morning without cover, and no sweep may come before it. Whatever
    records a change calls this; what is left undone here is due at the next sweep.
    """
    tally = _look_after(work, list(case_ids), as_of=as_of, at=now(work.settings), every_course=False)
    _open_tasks_for_failures(work, tally, as_of=as_of)


def _look_after(
    work: Casework, case_ids: list[CaseId], *, as_of: date, at: datetime, every_course: bool
) -> _Tally:
    batches = [case_ids[start : start + BATCH] for start in range(0, len(case_ids), BATCH)]
    tally = _Tally()
    if len(case_ids) < WORTH_A_POOL:
        usual_of = _usual_times(work, as_of)
        for batch in batches:
            part = look_after_batch(
                work, batch, as_of=as_of, at=at, every_course=every_course, usual_of=usual_of
            )
            tally.add(part)
        return tally
    one = partial(_in_own_process, work.settings, as_of=as_of, at=at, every_course=every_course)
    # Started afresh: a fork would copy the threads and connections of a flow run.
    with ProcessPoolExecutor(cpu_count(), mp_context=get_context("spawn")) as pool:
        for part in pool.map(one, batches):
            tally.add(part)
    return tally


def _in_own_process(
    settings: Settings, case_ids: list[CaseId], *, as_of: date, at: datetime, every_course: bool
) -> _Tally:
    work = open_casework(settings)
    usual_of = _usual_times_here(settings, as_of)
    return look_after_batch(work, case_ids, as_of=as_of, at=at, every_course=every_course, usual_of=usual_of)


@lru_cache(maxsize=1)
def _usual_times_here(settings: Settings, as_of: date) -> UsualOf:
    return _usual_times(open_casework(settings), as_of)


def _usual_times(work: Casework, as_of: date) -> UsualOf:
    """Look up what the practice has seen of a payer, once for each payer."""
    since = datetime.combine(as_of - LOOK_BACK, time.min, tzinfo=UTC)

    @cache
    def of_payer(payer: str) -> UsualTime | None:
        return usual_time(work.store.sent_requests(payer, since=since), as_of=as_of)

    return lambda case: of_payer(case.coverage.payer) if case.coverage and case.coverage.payer else None


def look_after_batch(
    work: Casework,
    case_ids: list[CaseId],
    *,
    as_of: date,
    at: datetime,
    every_course: bool = False,
    usual_of: UsualOf | None = None,
) -> _Tally:
    """Look at some courses and keep what was found together; what another sweep has done meanwhile stays as it is."""
    tally = _Tally()
    looked: dict[CaseId, Looked] = {}
    for file in work.store.course_files(case_ids):
        if every_course or (file.next_action_on is not None and file.next_action_on <= as_of):
            look = partial(look_at, file, work.knowledge, as_of=as_of, usual_of=usual_of)
            found = tally.isolating(file.case_id, look)
            if found is not None:
                looked[file.case_id] = found if as_of <= at.date() else _still_due(found)
    for case_id in work.store.put_looks([one.look for one in looked.values()], on=as_of, at=at):
        tally.actions.update(looked[case_id].actions)
        tally.skipped += looked[case_id].ended
    return tally


def _still_due(ahead: Looked) -> Looked:
    """A look from a day to come says nothing of the days until then: the course stays due to the next sweep."""
    state = replace(ahead.look.state, next_action_on=DUE_AT_ONCE)
    return replace(ahead, look=replace(ahead.look, state=state))


def renewal_calendar(
    work: Casework, *, as_of: date, case_ids: Iterable[CaseId] | None = None
) -> RenewalCalendar:
    """Plan all courses that have not ended, or those named, the most pressing first."""
    every = [state.case_id for state in work.store.list_courses()]
    wanted = every if case_ids is None else list(case_ids)
    capacity = work.settings.submissions_per_day
    # Whose turn it is depends on what else falls due, wherever only some courses are shown.
    planned = wanted if capacity is None else list(dict.fromkeys([*wanted, *every[:MOST_IN_TURN]]))
    tally = _Tally()
    plans = _plans(work, planned, tally, as_of=as_of)
    crowds: tuple[Crowd, ...] = ()
    if capacity is not None:
        plans, load = in_turn(plans, as_of=as_of, capacity=capacity)
        crowds = load.crowds
    shown = set(wanted)
    plans = tuple(plan for plan in plans if plan.case_id in shown)
    failed = tuple(case_id for case_id in (*tally.failed, *tally.unreadable) if case_id in shown)
    return RenewalCalendar(plans, calendar_rows(plans), failed, crowds)


def plans_of(work: Casework, case_ids: Sequence[CaseId], *, as_of: date) -> tuple[RenewalPlan, ...]:
    """Plan the courses named, each by itself; one that cannot be planned is left out, as the sweep has its task."""
    return _plans(work, case_ids, _Tally(), as_of=as_of)


def _plans(
    work: Casework, case_ids: Sequence[CaseId], tally: _Tally, *, as_of: date
) -> tuple[RenewalPlan, ...]:
    usual_of = _usual_times(work, as_of)
    found = [
        tally.isolating(file.case_id, partial(_plan, work, file, as_of=as_of, usual_of=usual_of))
        for file in work.store.course_files(case_ids)
    ]
    return tuple(plan for plan in found if plan is not None)


def _plan(work: Casework, file: CourseFile, *, as_of: date, usual_of: UsualOf) -> RenewalPlan | None:
    case = case_from_json(file.content.encode())
    return plan_renewal(
        case, work.knowledge, as_of=as_of, submitted_on=file.submitted_on, usual=usual_of(case)
    )


def _open_tasks_for_failures(work: Casework, tally: _Tally, *, as_of: date) -> None:
    """Open a task for every course that could not be planned, so that its silence is seen."""
    for case_id, kind in {**tally.failed, **tally.unreadable}.items():
        work.store.open_exception(
            RenewalException(
                key=failure_key(case_id),
                case_id=case_id,
                kind="sweep_failed",
                owner=Owner.SUPERVISOR.value,
                raised_on=as_of,
                due=as_of,
                level=int(Level.ESCALATE),
                detail=f"this course could not be planned ({kind}); run: priorauth renewals --case {case_id}",
            )
        )


def _leave_a_sign(work: Casework, swept: Swept, *, started: datetime) -> None:
    """Record the sweep, and leave a heartbeat outside database and Prefect whose age a monitor can look at.

    The file is of the last sweep that succeeded and looked from its own day: any other proves nothing about today.
    """
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
    if run.succeeded and run.as_of == started.date():
        beat = {
            "sweep": run.name,
            "as_of": run.as_of.isoformat(),
            "finished_at": run.finished_at.isoformat(),
        }
        write_whole(heartbeat_path(work), json.dumps(beat).encode())


def heartbeat_path(work: Casework) -> Path:
    """Where the heartbeat of the sweep is."""
    return work.settings.home / "sweep-heartbeat.json"
