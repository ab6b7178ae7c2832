"""What the simulated patients are given, and what they have ahead of them."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal

from schemas.treatment import PlannedInfusion
from twin.simulation.habits import Sweep
from twin.simulation.infusing import reschedule
from twin.simulation.judging import Cause
from twin.simulation.odds import Odds
from twin.simulation.patients import SimulatedPatient
from twin.simulation.practice import Practice
from twin.simulation.running import simulated_knowledge


MONDAY = date(2026, 11, 30)
TUESDAY = MONDAY + timedelta(days=1)
CALM = Odds(
    **{one.name: 0 for one in fields(Odds) if one.name != "weight_drift_kg"}, weight_drift_kg=Decimal(0)
)


def with_visits(*starts: date, over_days: int) -> tuple[Practice, SimulatedPatient]:
    """A practice of one patient, who is expected on these days."""
    knowledge = simulated_knowledge()
    practice = Practice(1, Sweep(knowledge), knowledge=knowledge, patients=1, years=1, odds=CALM)
    (patient,) = practice.patients
    usual = patient.planned[0]
    patient.record_course(
        planned=tuple(
            PlannedInfusion(on=on, product=usual.product, grams=usual.grams, over_days=over_days)
            for on in starts
        )
    )
    practice.await_visit(patient)
    return practice, patient


def test_doses_that_overlap_are_each_given_once() -> None:
    practice, patient = with_visits(MONDAY, TUESDAY, over_days=2)

    practice.live(MONDAY)
    # As when another infusion is moved before that of Monday is on record.
    practice.await_visit(patient)
    for number in range(1, 5):
        practice.live(MONDAY + timedelta(days=number))

    assert [entry.on for entry in patient.case.chart.infusions] == [
        MONDAY,
        TUESDAY,
        TUESDAY,
        TUESDAY + timedelta(days=1),
    ]
    assert practice.tally.given == 2


def test_a_dose_is_moved_to_days_that_no_other_dose_takes() -> None:
    practice, patient = with_visits(MONDAY, MONDAY + timedelta(days=9), over_days=2)
    other, moved = patient.planned

    reschedule(practice, patient, moved, TUESDAY, day=MONDAY)

    assert [one.on for one in patient.planned] == [other.on, TUESDAY + timedelta(days=1)]


def test_a_dose_is_not_moved_to_a_day_on_which_another_would_begin_before_it_ends() -> None:
    practice, patient = with_visits(TUESDAY, TUESDAY + timedelta(days=9), over_days=2)
    other, moved = patient.planned

    reschedule(practice, patient, moved, MONDAY, day=MONDAY)

    assert [one.on for one in patient.planned] == [other.on, TUESDAY + timedelta(days=2)]


def test_an_infusion_that_was_missed_today_no_longer_lies_ahead() -> None:
    practice, patient = with_visits(MONDAY, over_days=1)
    patient.account.granted.clear()

    patient.foresight.note_record(practice, patient, MONDAY, Cause.PLAN)
    before = patient.foresight.wanting.steps[-1][1]
    patient.visited_on = MONDAY
    patient.foresight.note_record(practice, patient, MONDAY, Cause.PLAN)

    assert before == MONDAY
    assert patient.foresight.wanting.steps[-1][1] == MONDAY + timedelta(days=patient.interval)
