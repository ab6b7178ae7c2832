"""Units that are not what the grams come to are found wherever they are entered."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from priorauth.unit_slips import unit_slips
from schemas.case import Case
from schemas.renewal import UnitSlip
from schemas.treatment import DoseOrder, DosePhase
from tests.renewals.courses import PRODUCTS, a_case, every, given, grant


JANUARY = date(2026, 1, 5)


def ordered(grams: str, units: int) -> Case:
    case = a_case()
    assert case.request is not None
    order = DoseOrder(phase=DosePhase.MAINTENANCE, grams=Decimal(grams), units=units, every_days=30)
    return case.model_copy(update={"request": case.request.model_copy(update={"orders": (order,)})})


def test_an_order_of_59_g_is_118_units_and_not_120() -> None:
    (slip,) = unit_slips(ordered("59", 120), PRODUCTS)
    assert slip == UnitSlip(where="maintenance order", grams=Decimal(59), units=120, expected=118)
    assert unit_slips(ordered("59", 118), PRODUCTS) == ()


def test_an_authorization_of_120_units_a_visit_does_not_fit_doses_of_59_g() -> None:
    infusions = every(30, JANUARY, 12, "59")
    wrong = grant(JANUARY, date(2026, 12, 31), 1440, visits=12, units_per_visit=120)
    slips = unit_slips(a_case(infusions, [wrong]), PRODUCTS)
    assert [(slip.where, slip.units, slip.expected) for slip in slips] == [
        ("authorization that ends on 2026-12-31, units for a visit", 120, 118),
        ("authorization that ends on 2026-12-31, units for 12 visits", 1440, 1416),
    ]
    right = grant(JANUARY, date(2026, 12, 31), 1416, visits=12, units_per_visit=118)
    assert unit_slips(a_case(infusions, [right]), PRODUCTS) == ()


def test_units_charged_may_include_what_was_discarded() -> None:
    charged = [
        given(JANUARY, "74", units=148),
        given(JANUARY, "74", units=150, wasted_grams=Decimal(1)),
        given(JANUARY, "74", units=154, wasted_grams=Decimal(1)),
    ]
    slips = unit_slips(a_case(were_given=charged), PRODUCTS)
    assert [(slip.units, slip.expected) for slip in slips] == [(154, 148)]


def test_nothing_is_called_a_slip_while_the_unit_size_is_unknown() -> None:
    assert unit_slips(a_case(were_given=[given(JANUARY, name="unsized", units=7)]), PRODUCTS) == ()
