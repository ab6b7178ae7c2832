"""The day of an infusion: the patient comes or not, the payer pays or not, the record is made now or later."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from priorauth.course_days import code_on, units_of
from priorauth.deadlines import ONE_DAY, SATURDAY, business_day_on_or_after
from priorauth.dosing import infusion_days
from schemas.chart import GivenInfusion
from schemas.renewal import TaskKind
from schemas.treatment import PlannedInfusion
from twin.simulation.happenings import Disturbance, Happening
from twin.simulation.judging import Cause, judge, shares
from twin.simulation.patients import RECORDED, SimulatedPatient
from twin.simulation.requests import Days


if TYPE_CHECKING:
    from twin.simulation.practice import Practice


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
    patient.not_entered[day] = (planned, paid)
    late = visit.random() < practice.odds.recorded_late
    if late:
        practice.happened(Disturbance.RECORDED_LATE)
    on = paid[-1][0] + timedelta(days=visit.randrange(2, 12) if late else 0)
    if on <= day:
        record_infusion(practice, patient, day, day)
    else:
        practice.expect(patient, on, Happening.RECORDED, day)


def _paid(practice: Practice, patient: SimulatedPatient, planned: PlannedInfusion) -> Days:
    """Charge every day of the dose to what pays for it; empty, and nothing charged, where something does not."""
    code = code_on(practice.products, planned.product, planned.on)
    units = units_of(planned.grams, code)
    if code is None or units is None:
        return []
    site = planned.site_of_care or patient.site
    days: Days = []
    for on, share in shares(planned, units):
        paying = patient.account.paying(on, plan=patient.plan, hcpcs=code.code, units=share, site=site)
        if paying is None:
            for _, charged, granted in days:
                granted.charge(-charged, visits=-1)
            return []
        paying.charge(share, visits=1)
        days.append((on, share, paying))
    return days


def _entries(
    practice: Practice, patient: SimulatedPatient, planned: PlannedInfusion, paid: Days, visit: Random
) -> tuple[GivenInfusion, ...]:
    """Enter what was given, now and then with mistyped units, which the claim made from the entry repeats."""
    grams = planned.grams / len(paid)
    entries = []
    for on, units, granted in paid:
        mistyped = visit.random() < practice.odds.units_mistyped
        billed = units + visit.randrange(2, 9) if mistyped else units
        if granted.units_left is not None and billed - units > granted.units_left:
            billed, mistyped = units, False
        if mistyped:
            granted.charge(billed - units, visits=0)
            practice.happened(Disturbance.WRONG_UNITS)
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
    planned, paid = patient.not_entered.pop(given_on)
    typed = Random(f"{practice.seed}/{patient.number}/{given_on}/entry")  # noqa: S311
    patient.record_given(_entries(practice, patient, planned, paid, typed))
    patient.record_course(planned=tuple(one for one in patient.planned if one.on != planned.on))
    visit = Random(f"{practice.seed}/{patient.number}/{day}/weight")  # noqa: S311
    drift = Decimal(round(visit.gauss(0, float(practice.odds.weight_drift_kg)), 1))
    patient.kilograms = min(max(patient.kilograms + drift, Decimal(40)), Decimal(140))
    grams, cause = planned.grams, Cause.RECORDED
    if abs(patient.dose() - grams) * 10 > grams:
        grams, cause = patient.dose(), Cause.DOSE
        practice.happened(Disturbance.WEIGHT_DRIFTED)
        patient.record_course(
            planned=tuple(one.model_copy(update={"grams": grams}) for one in patient.planned)
        )
        patient.record_weight(day)
    elif visit.random() < 0.2:
        patient.record_weight(day)
    patient.fill_calendar(grams, after=planned.on)
    practice.changed(patient, day, cause)
    practice.await_visit(patient)


def _missed(practice: Practice, patient: SimulatedPatient, planned: PlannedInfusion, visit: Random) -> None:
    """The patient does not come. The desk gives another day at once, or forgets to, and the task reminds it."""
    practice.happened(Disturbance.MISSED_VISIT)
    if visit.random() < 0.5 or not practice.habit.asks_for_verification:
        later = planned.on + timedelta(days=visit.randrange(2, 8))
        reschedule(practice, patient, planned, later, day=planned.on)
    else:
        # Until somebody gives another day there is no such infusion ahead.
        patient.foresight.note_record(practice, patient, planned.on + ONE_DAY, Cause.MOVED)


def _without_cover(practice: Practice, patient: SimulatedPatient, planned: PlannedInfusion) -> None:
    """No payer pays: it is put off, and if no task stood for it, everybody learns of it now."""
    if patient.waiting_since is None:
        patient.waiting_since = planned.on
        practice.tally.lapses += 1
        judge(practice, patient, planned)
    if patient.wish is None and patient.request is None:
        practice.notice(patient, planned.on, TaskKind.AUTHORIZATION)
    reschedule(practice, patient, planned, planned.on + timedelta(days=3), day=planned.on)


def reschedule(
    practice: Practice, patient: SimulatedPatient, planned: PlannedInfusion, on: date, *, day: date
) -> None:
    """Move an infusion to the next working day on or after ``on`` from which on all its days are free."""
    taken = {
        taken_on
        for one in patient.planned
        if one is not planned
        for taken_on in infusion_days(one.on, one.over_days)
    }
    free = business_day_on_or_after(on)
    if free != on and on.weekday() < SATURDAY:
        practice.happened(Disturbance.HOLIDAY)
    while taken.intersection(infusion_days(free, planned.over_days)):
        free = business_day_on_or_after(free + timedelta(days=1))
    moved = planned.model_copy(update={"on": free, "held": None})
    patient.record_course(
        planned=tuple(
            sorted((moved if one is planned else one for one in patient.planned), key=lambda one: one.on)
        )
    )
    practice.changed(patient, day, Cause.MOVED)
    practice.await_visit(patient)
