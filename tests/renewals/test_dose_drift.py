"""A planned dose is held against the order at the newest weight."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from priorauth.dose_drift import dose_drift
from schemas.case import Case
from schemas.renewal import DoseDrift
from schemas.treatment import DoseOrder, DosePhase, PlannedInfusion
from tests.renewals.courses import a_case, planned


TODAY = date(2026, 11, 23)
WEIGHED = date(2026, 11, 20)
DECEMBER = date(2026, 12, 1)


def found(*infusions: PlannedInfusion, kilograms: str, case: Case | None = None) -> DoseDrift | None:
    weights = [(date(2026, 5, 1), Decimal(90)), (WEIGHED, Decimal(kilograms))]
    return dose_drift(case or a_case(infusions), weights, as_of=TODAY)


@pytest.mark.parametrize(
    ("grams", "kilograms", "drifted"),
    [
        ("90", "81.8", True),
        ("90", "81.9", False),
        ("90", "100", False),
        ("90", "100.1", True),
    ],
)
def test_a_dose_may_be_a_tenth_from_what_the_order_comes_to(
    grams: str, kilograms: str, *, drifted: bool
) -> None:
    assert (found(planned(DECEMBER, grams), kilograms=kilograms) is not None) is drifted


def test_what_is_found_names_the_infusion_the_weight_and_the_dose_expected() -> None:
    assert found(planned(DECEMBER, "90"), planned(date(2026, 12, 22), "74"), kilograms="74") == DoseDrift(
        infusion=DECEMBER,
        grams=Decimal(90),
        grams_per_kg=Decimal(1),
        kilograms=Decimal(74),
        weighed_on=WEIGHED,
        expected=Decimal(74),
    )


def test_the_next_infusion_that_stands_is_compared() -> None:
    held = planned(DECEMBER, "90", held="infection")
    past = planned(date(2026, 11, 1), "90")
    assert found(past, held, planned(date(2026, 12, 22), "74"), kilograms="74") is None
    assert found(held, kilograms="74") is None


def with_orders(*orders: DoseOrder, grams: str) -> Case:
    case = a_case([planned(DECEMBER, grams)])
    assert case.request is not None
    return case.model_copy(update={"request": case.request.model_copy(update={"orders": orders})})


def test_a_loading_dose_fits_its_own_order() -> None:
    loading = DoseOrder(phase=DosePhase.LOADING, grams_per_kg=Decimal(2))
    maintenance = DoseOrder(phase=DosePhase.MAINTENANCE, grams_per_kg=Decimal(1), every_days=21)
    for grams in ("148", "74"):
        assert found(kilograms="74", case=with_orders(loading, maintenance, grams=grams)) is None
    assert found(kilograms="74", case=with_orders(loading, maintenance, grams="100")) is not None


def test_a_dose_ordered_in_grams_alone_does_not_follow_the_weight() -> None:
    order = DoseOrder(phase=DosePhase.MAINTENANCE, grams=Decimal(90), every_days=21)
    assert found(kilograms="74", case=with_orders(order, grams="90")) is None


def test_a_weight_of_a_later_day_is_not_known_yet() -> None:
    weights = [(date(2026, 11, 24), Decimal(74))]
    assert dose_drift(a_case([planned(DECEMBER, "90")]), weights, as_of=TODAY) is None
