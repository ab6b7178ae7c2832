"""The day of an infusion: the patient comes or not, the payer pays or not, the record is made now or later."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from priorauth.course_days import code_on, units_of
from priorauth.deadlines import business_day_on_or_after
from schemas.chart import GivenInfusion
from schemas.renewal import TaskKind
from schemas.treatment import PlannedInfusion
from twin.simulation.happenings import Happening
from twin.simulation.patients import RECORDED, SimulatedPatient
from twin.simulation.requests import Granted


if TYPE_CHECKING:
    from twin.simulation.practice import Practice

IN_TIME = timedelta(days=14)
"""A task raised this long before an infusion is in time; for what came as a surprise, one raised by the next sweep."""

STANDS_FOR_COVER = {
    TaskKind.RENEWAL.value,
    TaskKind.AUTHORIZATION.value,
    TaskKind.CORRECTION.value,
    TaskKind.PLAN_CHANGE.value,
}
Days = list[tuple[date, int, Granted]]


def give_infusion(practice: Practice, patient: SimulatedPatient, day: date) -> None:
    """Give what is planned for a day if a payer will pay, and judge whether its absence was seen coming."""
    planned = next((one for one in patient.planned if one.on == day and not one.held), None)
    if planned is None or patient.ended:
        return
    visit = Random(f"{practice.seed}/{patient.number}/{day}")  # noqa: S311 - a simulation, not a secret
    if patient.waiting_since is None:
        if visit.random() < practice.odds.missed_visit:
            _missed(practice, patient, planned, visit)
            return
        practice.tally.infusions += 1
    paid = _paid(practice, patient, planned)
    if not paid:
        _without_cover(practice, patient, planned)
        return
    if patient.waiting_since is not None:
        practice.tally.gap_days += (day - patient.waiting_since).days
        patient.waiting_since = None
    practice.tally.given += 1
    patient.not_entered[day] = (planned, _entries(practice, patient, planned, paid, visit))
    late = visit.random() < practice.odds.recorded_late
    on = paid[-1][0] + timedelta(days=visit.randrange(2, 12) if late else 0)
    if on <= day:
        record_infusion(practice, patient, day, day)
    else:
        practice.expect(patient, on, Happening.RECORDED, day)


def _paid(practice: Practice, patient: SimulatedPatient, planned: PlannedInfusion) -> Days:
    """Find what pays for every day of the dose; empty where something does not."""
    code = code_on(practice.products, planned.product, planned.on)
    units = units_of(planned.grams, code)
    if code is None or units is None:
        return []
    days: Days = []
    each, rest = divmod(units, planned.over_days)
    for number in range(planned.over_days):
        share = each + (1 if number < rest else 0)
        on = planned.on + timedelta(days=number)
        site = planned.site_of_care or patient.site
        paying = patient.account.paying(on, plan=patient.plan, hcpcs=code.code, units=share, site=site)
        if paying is None:
            for _, charged, granted in days:
                _charge(granted, -charged, visits=-1)
            return []
        _charge(paying, share, visits=1)
        days.append((on, share, paying))
    return days


def _charge(granted: Granted, units: int, *, visits: int) -> None:
    if granted.units_left is not None:
        granted.units_left -= units
    if granted.visits_left is not None:
        granted.visits_left -= visits


def _entries(
    practice: Practice, patient: SimulatedPatient, planned: PlannedInfusion, paid: Days, visit: Random
) -> tuple[GivenInfusion, ...]:
    grams = planned.grams / len(paid)
    entries = []
    for on, units, granted in paid:
        mistyped = visit.random() < practice.odds.units_mistyped
        billed = units + visit.randrange(2, 9) if mistyped else units
        if granted.units_left is not None and billed - units > granted.units_left:
            billed, mistyped = units, False
        if mistyped:
            _charge(granted, billed - units, visits=0)
            patient.mistyped[on] = (granted, billed - units)
        entries.append(
            GivenInfusion(
                on=on,
                product=planned.product,
                grams=grams,
                units=billed,
                authorization=granted.grant.number,
                dated=on,
                source=RECORDED,
            )
        )
    return tuple(entries)


def record_infusion(practice: Practice, patient: SimulatedPatient, given_on: date, day: date) -> None:
    """Enter what was given, weigh, dose again where the weight has moved, and plan on."""
    if patient.ended or given_on not in patient.not_entered:
        return
    planned, entries = patient.not_entered.pop(given_on)
    patient.record_given(entries)
    patient.record_course(planned=tuple(one for one in patient.planned if one.on != planned.on))
    visit = Random(f"{practice.seed}/{patient.number}/{day}/weight")  # noqa: S311
    drift = Decimal(round(visit.gauss(0, float(practice.odds.weight_drift_kg)), 1))
    patient.kilograms = min(max(patient.kilograms + drift, Decimal(40)), Decimal(140))
    grams = planned.grams
    if abs(patient.dose() - grams) * 10 > grams:
        grams = patient.dose()
        patient.record_course(
            planned=tuple(one.model_copy(update={"grams": grams}) for one in patient.planned)
        )
        patient.record_weight(day)
        practice.surprise(patient, day)
    elif visit.random() < 0.2:
        patient.record_weight(day)
        practice.surprise(patient, day)
    if any(entry.on in patient.mistyped for entry in entries):
        practice.surprise(patient, day)
    patient.fill_calendar(grams, after=planned.on)
    practice.changed(patient, day)
    practice.await_visit(patient)


def _missed(practice: Practice, patient: SimulatedPatient, planned: PlannedInfusion, visit: Random) -> None:
    """The patient does not come. The desk gives another day at once, or forgets to, and the task reminds it."""
    if visit.random() < 0.5 or not practice.habit.asks_for_verification:
        later = planned.on + timedelta(days=visit.randrange(2, 8))
        reschedule(practice, patient, planned, later, day=planned.on)


def _without_cover(practice: Practice, patient: SimulatedPatient, planned: PlannedInfusion) -> None:
    """No payer pays: it is put off, and if no task stood for it, everybody learns of it now."""
    if patient.waiting_since is None:
        patient.waiting_since = planned.on
        practice.tally.lapses += 1
        _judge(practice, patient, planned)
    if patient.wish is None and patient.request is None:
        practice.habit.noticed(patient, planned.on, TaskKind.AUTHORIZATION)
        practice.plan_jobs(patient, planned.on)
    reschedule(practice, patient, planned, planned.on + timedelta(days=3), day=planned.on)


def _judge(practice: Practice, patient: SimulatedPatient, planned: PlannedInfusion) -> None:
    on = planned.on
    # A dose over several days is put off as a whole, even where its last day alone has no cover.
    last = on + timedelta(days=planned.over_days - 1)
    coverage = patient.case.coverage
    kinds = set(STANDS_FOR_COVER)
    if coverage is not None and coverage.payer != patient.plan:
        kinds.add(TaskKind.VERIFY_COVERAGE.value)
    standing = [
        task.raised_on
        for task in patient.tasks.values()
        if task.kind in kinds and patient.stakes.get(task.kind, on) <= last
    ]
    raised = min(standing, default=None)
    known_since = max(on - IN_TIME, practice.first_sweep_after(patient.surprised_on))
    if raised is not None and raised <= known_since:
        return
    practice.tally.silent += 1
    practice.tally.late += raised is not None
    practice.tally.silent_examples.append(
        (practice.seed, patient.number, on, "late" if raised else "no task")
    )


def reschedule(
    practice: Practice, patient: SimulatedPatient, planned: PlannedInfusion, on: date, *, day: date
) -> None:
    """Move an infusion to the next working day on or after ``on`` that is free."""
    taken = {one.on for one in patient.planned if one is not planned}
    free = business_day_on_or_after(on)
    while free in taken:
        free = business_day_on_or_after(free + timedelta(days=1))
    moved = planned.model_copy(update={"on": free, "held": None})
    patient.record_course(
        planned=tuple(
            sorted((moved if one is planned else one for one in patient.planned), key=lambda one: one.on)
        )
    )
    practice.surprise(patient, day)
    practice.await_visit(patient)
