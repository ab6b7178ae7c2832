"""How a practice notices that an authorization must be renewed: the sweep, and what is usual elsewhere.

The usual ways look at the newest authorization on record alone. Practices that work like this still know what they
change themselves: a new product, site or plan makes them ask at once, and every one of them checks coverage in January.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from priorauth.knowledge import Knowledge
from priorauth.payer_history import UsualTime
from priorauth.renewal_tasks import sweep_decisions
from priorauth.renewals import plan_renewal
from schemas.renewal import ActionKind, Level, RenewalPlan, SweepAction, TaskKind
from schemas.treatment import Authorization
from twin.simulation.odds import BY_NAME
from twin.simulation.patients import SimulatedPatient, Task, Wish


ASKED = (TaskKind.RENEWAL, TaskKind.AUTHORIZATION, TaskKind.CORRECTION, TaskKind.PLAN_CHANGE)
"""Kinds of task that end in a request to the payer."""


class Habit(Protocol):
    """A way of noticing."""

    name: str
    asks_for_verification: bool
    """Whether coverage is checked for the next infusion; otherwise in the first weeks of January."""

    looks_at_changes: bool
    """Whether a course is looked at as soon as its record changes; otherwise by the next run of the scheduler."""

    spreads: bool
    """Whether requests are spread over their windows by what the staff can do; otherwise each is sent when noticed."""

    def look(self, patient: SimulatedPatient, day: date, usual: UsualTime | None) -> None:
        """Look at one course whose day has come, leaving tasks, the wish to ask and the next day to look."""

    def noticed(self, patient: SimulatedPatient, day: date, kind: TaskKind) -> None:
        """Take in a change that the practice made or was told of."""


@dataclass(slots=True)
class Sweep:
    """The product: the ledger of the course, the plan, and the decisions of the sweep."""

    knowledge: Knowledge
    name: str = "sweep of the ledger"
    asks_for_verification: bool = True
    looks_at_changes: bool = True
    spreads: bool = True

    def look(self, patient: SimulatedPatient, day: date, usual: UsualTime | None) -> None:
        plan = plan_renewal(
            patient.case,
            self.knowledge,
            as_of=day,
            submitted_on=patient.request.sent_on if patient.request else None,
            usual=usual,
            with_evidence=False,
        )
        if plan is None:
            patient.look_on = None
            return
        for action in sweep_decisions(plan, patient.tasks.values()):
            apply_action(patient, action, day)
        patient.look_on = plan.next_action_on
        read_plan(patient, plan, day)

    def noticed(self, patient: SimulatedPatient, day: date, kind: TaskKind) -> None:
        """The look at the changed record finds it."""


def read_plan(patient: SimulatedPatient, plan: RenewalPlan, day: date) -> None:
    """Take from the plan what the staff goes by."""
    patient.renewal = plan
    patient.verify_on = plan.verify_coverage
    patient.stakes = {need.kind.value: need.infusion for need in plan.needs}
    if plan.verify_coverage:
        patient.stakes[TaskKind.VERIFY_COVERAGE.value] = plan.verify_coverage
    patient.unrecorded = plan.unrecorded
    patient.unit_slips = len(plan.slips)
    wish = wish_of(plan, known_on=day)
    before = patient.wish
    if wish is not None and before is not None and wish.latest == before.latest:
        wish.opens = max(before.opens, wish.window_starts)
    patient.wish = wish


def apply_action(patient: SimulatedPatient, action: SweepAction, day: date) -> None:
    """Keep the task list as the store does."""
    if action.action is ActionKind.CLOSE:
        del patient.tasks[action.key]
        return
    standing = patient.tasks.get(action.key)
    raised = standing.raised_on if standing else day
    patient.tasks[action.key] = Task(
        action.key, action.kind, int(action.level), action.due, raised, action.case_id, action.detail
    )


def wish_of(plan: RenewalPlan, *, known_on: date) -> Wish | None:
    """Read off the plan what to ask for next; needs whose window is open by then are asked for together."""
    if not plan.needs:
        return None
    first = min(plan.needs, key=lambda need: need.submit_on)
    together = [need for need in plan.needs if need.window_starts <= first.submit_on]
    # Together means on a day on which the payer takes each of them.
    starts = max(need.window_starts for need in together or [first])
    return Wish(
        submit_on=first.submit_on,
        opens=max(starts, known_on),
        window_starts=starts,
        infusion=min(need.infusion for need in together or [first]),
        kinds=tuple(need.kind for need in together or [first]),
        latest=min(need.renew_by for need in together or [first]),
        expedited=any(need.urgency.value == "expedited" for need in together),
    )


AlertDays = Callable[[Authorization, SimulatedPatient], tuple[date, ...]]


@dataclass(slots=True)
class Reminder:
    """A reminder about the newest authorization. ``fleeting`` ones come on their day or never."""

    name: str
    days: AlertDays
    fleeting: bool = False
    asks_for_verification: bool = False
    looks_at_changes: bool = False
    spreads: bool = False

    def look(self, patient: SimulatedPatient, day: date, usual: UsualTime | None) -> None:  # noqa: ARG002
        newest = newest_grant(patient)
        alerts = self.days(newest, patient) if newest else ()
        patient.look_on = min((alert for alert in alerts if alert > day), default=None)
        due = day in alerts if self.fleeting else any(alert <= day for alert in alerts)
        if due and patient.request is None and newest is not None:
            self._open(patient, day, TaskKind.RENEWAL, latest=newest.ends)

    def noticed(self, patient: SimulatedPatient, day: date, kind: TaskKind) -> None:
        self._open(patient, day, kind, latest=day)

    def _open(self, patient: SimulatedPatient, day: date, kind: TaskKind, *, latest: date) -> None:
        key = f"{patient.case.case_id}/{kind.value}"
        patient.tasks.setdefault(key, Task(key, kind, Level.SUBMIT, latest, day, patient.case.case_id))
        payer = BY_NAME[patient.plan]
        submit_on = day
        if kind is TaskKind.RENEWAL and payer.earliest_days is not None:
            submit_on = max(day, latest - timedelta(days=payer.earliest_days))
        planned = patient.next_planned()
        patient.wish = Wish(
            submit_on=submit_on,
            opens=submit_on,
            window_starts=submit_on,
            infusion=planned.on if planned else latest,
            kinds=(kind,),
            latest=latest,
        )


def newest_grant(patient: SimulatedPatient) -> Authorization | None:
    """The newest authorization of the plan on record."""
    coverage = patient.case.coverage
    grants = [
        grant
        for grant in patient.case.course.authorizations
        if coverage is None or grant.payer == coverage.payer
    ]
    return max(grants, key=lambda grant: grant.ends, default=None)


def _days_before(*numbers: int) -> AlertDays:
    return lambda grant, _: tuple(grant.ends - timedelta(days=number) for number in numbers)


def _two_thirds(grant: Authorization, _: SimulatedPatient) -> tuple[date, ...]:
    return (grant.starts + (grant.ends - grant.starts) * 2 // 3,)


def _visits_given(grant: Authorization, patient: SimulatedPatient) -> tuple[date, ...]:
    """Two visits before the visits of the authorization are used up, counting those given; and its end."""
    visits = grant.visits
    planned = patient.next_planned()
    if visits is None and grant.units and planned is not None:
        visits = ((grant.ends - grant.starts).days + 1) // patient.interval + 1
    given = [entry.on for entry in patient.case.chart.infusions if grant.starts <= entry.on <= grant.ends]
    if visits is not None and len(given) >= visits - 2:
        return (given[-1] if given else grant.starts,)
    return (grant.ends,)


def peers() -> tuple[Reminder, ...]:
    """The habits described in the user guides of home infusion and practice software, and of certificate renewal."""
    return (
        Reminder("14 days before its end", _days_before(14)),
        Reminder("reminders at 60, 30 and 7 days", _days_before(60, 30, 7), fleeting=True),
        Reminder("two thirds of its lifetime", _two_thirds),
        Reminder("counting visits given", _visits_given),
    )
