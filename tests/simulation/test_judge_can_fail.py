"""A sweep that leaves one thing out lets infusions lapse in silence, and the judge of the simulation sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from priorauth.payer_history import UsualTime
from schemas.case import Case
from twin.simulation.habits import Sweep
from twin.simulation.odds import USUAL, Odds
from twin.simulation.patients import SimulatedPatient
from twin.simulation.practice import Practice
from twin.simulation.results import Tally
from twin.simulation.running import simulated_knowledge


@dataclass(slots=True)
class BlindSweep(Sweep):
    """Sees the record as ``seen`` leaves it."""

    seen: Callable[[Case, date], Case] = lambda case, _: case

    def look(self, patient: SimulatedPatient, day: date, usual: UsualTime | None) -> None:
        record = patient.case
        patient.case = self.seen(record, day)
        super(BlindSweep, self).look(patient, day, usual)
        patient.case = record


def with_course(case: Case, **changes: Any) -> Case:
    return case.model_copy(update={"course": case.course.model_copy(update=changes)})


def with_grants(case: Case, **changes: Any) -> Case:
    return with_course(
        case,
        authorizations=tuple(grant.model_copy(update=changes) for grant in case.course.authorizations),
    )


def without_units(case: Case, _: date) -> Case:
    return with_grants(case, units=None, visits=None, units_per_visit=None)


def without_sites(case: Case, _: date) -> Case:
    return with_grants(case, sites=())


def without_ends(case: Case, _: date) -> Case:
    return with_course(
        case,
        authorizations=tuple(
            grant.model_copy(update={"ends": grant.ends + timedelta(days=400)})
            for grant in case.course.authorizations
        ),
    )


def as_if_verified(case: Case, day: date) -> Case:
    assert case.coverage is not None
    coverage = case.coverage.model_copy(update={"verified_on": day + timedelta(days=365)})
    return case.model_copy(update={"coverage": coverage})


def with_any_code(case: Case, _: date) -> Case:
    """Leave no planned product but the one that is authorized."""
    codes = {"privigen": "J1459", "gamunex_c": "J1561", "octagam_10": "J1568", "gammagard_liquid": "J1569"}
    products = {code: product for product, code in codes.items()}
    newest = max(case.course.authorizations, key=lambda grant: grant.ends)
    product = products[newest.hcpcs]
    return with_course(
        case, planned=tuple(one.model_copy(update={"product": product}) for one in case.course.planned)
    )


def run(sweep: Sweep, odds: Odds) -> Tally:
    return Practice(7, sweep, knowledge=simulated_knowledge(), patients=8, years=2, odds=odds).run()


@cache
def sees_all(odds: Odds) -> Tally:
    return run(Sweep(simulated_knowledge()), odds)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seen", "odds"),
    [
        (without_units, USUAL),
        (without_ends, USUAL),
        (without_sites, replace(USUAL, site_changes=1)),
        (with_any_code, replace(USUAL, product_short=1)),
        (as_if_verified, replace(USUAL, plan_changes_in_january=1, plan_change_announced=0)),
    ],
)
def test_a_sweep_that_leaves_something_out_lets_infusions_lapse_in_silence(
    seen: Callable[[Case, date], Case], odds: Odds
) -> None:
    blind = run(BlindSweep(simulated_knowledge(), seen=seen), odds)
    assert blind.silent > 0
    assert sees_all(odds).silent_examples == []


@pytest.mark.slow
def test_where_the_scheduler_is_mostly_down_only_looking_at_changes_keeps_the_promise() -> None:
    """A change recorded after the last sweep before an outage, with the infusion in the outage, is seen by no sweep."""
    odds = replace(USUAL, scheduler_fails=40, plan_changes_in_january=1, plan_change_announced=1)
    waits = run(Sweep(simulated_knowledge(), looks_at_changes=False), odds)
    assert waits.silent > 0
    assert sees_all(odds).silent_examples == []
