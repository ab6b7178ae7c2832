"""The doses of a whole request."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from priorauth.dosing import dose_lines, dose_starts, uncovered_dose
from schemas.assessment import DoseLine
from schemas.base import ConditionId, Phase, Route
from schemas.product import HcpcsAssignment, LabelledIndication, Product
from schemas.provenance import Confidence, Provenance
from schemas.treatment import DoseOrder, DosePhase, TreatmentRequest


MADE_UP = Provenance(
    confidence=Confidence.ESTABLISHED, source="made up for this test", retrieved_on=date(2026, 11, 23)
)
LOADING = DoseOrder(phase=DosePhase.LOADING, grams_per_kg=Decimal(2), over_days=4)
MAINTENANCE = DoseOrder(phase=DosePhase.MAINTENANCE, grams_per_kg=Decimal(1), every_days=21)
TODAY = date(2026, 11, 23)


def product(
    *, unit_mg: int | None = 500, vials: tuple[str, ...] = ("1", "2.5", "5", "10", "20", "30")
) -> Product:
    return Product(
        id="gammagard_liquid",
        brand="Gammagard Liquid",
        manufacturer="Takeda",
        routes=(Route.INTRAVENOUS,),
        concentrations_percent=(Decimal(10),),
        vials_grams=tuple(Decimal(size) for size in vials),
        hcpcs=(HcpcsAssignment(code="J1569", unit_mg=unit_mg),),
        labelled={condition: LabelledIndication(labelled=True) for condition in ConditionId},
        provenance=MADE_UP,
    )


def request(
    *orders: DoseOrder, starts: date | None = date(2026, 12, 1), ends: date | None = date(2027, 2, 28)
) -> TreatmentRequest:
    return TreatmentRequest(
        phase=Phase.INITIATION, product="gammagard_liquid", orders=orders, starts=starts, ends=ends
    )


def test_loading_then_maintenance_for_three_months() -> None:
    lines = dose_lines(request(LOADING, MAINTENANCE), Decimal(72), product=product(), as_of=TODAY)
    assert lines == (
        DoseLine(
            phase="loading",
            grams_per_kg=Decimal(2),
            grams=Decimal(144),
            vials=((Decimal(30), 4), (Decimal(5), 4), (Decimal(1), 4)),
            units=288,
            over_days=4,
            dates=(date(2026, 12, 1),),
        ),
        DoseLine(
            phase="maintenance",
            grams_per_kg=Decimal(1),
            grams=Decimal(72),
            vials=((Decimal(30), 2), (Decimal(10), 1), (Decimal(1), 2)),
            units=144,
            over_days=1,
            every_days=21,
            dates=(date(2026, 12, 22), date(2027, 1, 12), date(2027, 2, 2), date(2027, 2, 23)),
        ),
    )


def test_maintenance_alone_begins_on_the_first_day_of_the_request() -> None:
    (line,) = dose_lines(request(MAINTENANCE), Decimal(72), product=product(), as_of=TODAY)
    assert line.dates[:2] == (date(2026, 12, 1), date(2026, 12, 22))


def test_the_policys_tolerance_rounds_the_dose_to_whole_vials() -> None:
    (line,) = dose_lines(
        request(MAINTENANCE),
        Decimal(74),
        product=product(vials=("5", "10", "20", "40")),
        as_of=TODAY,
        rounding_percent=Decimal(5),
    )
    assert (line.grams, line.units) == (Decimal(75), 150)


def test_grams_as_ordered_stand_in_for_an_unknown_weight() -> None:
    ordered = MAINTENANCE.model_copy(update={"grams": Decimal(70)})
    (line,) = dose_lines(request(ordered), None, product=product(), as_of=TODAY)
    assert (line.grams, line.units) == (Decimal(70), 140)


def test_grams_as_ordered_are_billed_where_they_agree_with_the_weight() -> None:
    ordered = MAINTENANCE.model_copy(update={"grams": Decimal(80)})
    (line,) = dose_lines(
        request(ordered),
        Decimal("80.2"),
        product=product(vials=("5", "10", "20", "40")),
        as_of=TODAY,
    )
    assert (line.grams, line.units, line.vials) == (Decimal(80), 160, ((Decimal(40), 2),))


def test_grams_as_ordered_are_not_rounded_to_vials_a_second_time() -> None:
    ordered = MAINTENANCE.model_copy(update={"grams": Decimal(72)})
    (line,) = dose_lines(
        request(ordered),
        Decimal(72),
        product=product(vials=("5", "10", "20", "40")),
        as_of=TODAY,
        rounding_percent=Decimal(5),
    )
    assert (line.grams, line.units) == (Decimal(72), 144)


@pytest.mark.parametrize(("agreeing", "grams"), [("5", "80"), ("0.25", "80"), ("0.24", "80.2")])
def test_a_policys_own_tolerance_says_which_grams_agree(agreeing: str, grams: str) -> None:
    ordered = MAINTENANCE.model_copy(update={"grams": Decimal(80)})
    (line,) = dose_lines(
        request(ordered),
        Decimal("80.2"),
        product=product(),
        as_of=TODAY,
        agreeing_percent=Decimal(agreeing),
    )
    assert line.grams == Decimal(grams)


def test_a_first_dose_given_later_than_the_period_begins_moves_every_dose() -> None:
    (line,) = dose_lines(
        request(MAINTENANCE), Decimal(72), product=product(), as_of=TODAY, first=date(2026, 12, 15)
    )
    assert line.dates == (date(2026, 12, 15), date(2027, 1, 5), date(2027, 1, 26), date(2027, 2, 16))


@pytest.mark.parametrize(
    ("doses", "ends", "following"),
    [
        (2, date(2027, 1, 12), date(2027, 1, 12)),
        (2, date(2027, 1, 11), None),
        (None, date(2027, 2, 28), None),
    ],
    ids=["a third would fit", "no third would fit", "as many as fit"],
)
def test_a_dose_that_fits_into_the_period_and_is_not_ordered_is_named(
    doses: int | None, ends: date, following: date | None
) -> None:
    ordered = MAINTENANCE.model_copy(update={"doses": doses})
    (line,) = dose_lines(request(ordered, ends=ends), Decimal(72), product=product(), as_of=TODAY)
    assert uncovered_dose(line, ends) == following


def test_the_days_of_one_dose_count_once() -> None:
    days = [date(2026, 6, 8), date(2026, 6, 9), date(2026, 6, 29), date(2026, 6, 30)]
    assert dose_starts(days) == (date(2026, 6, 8), date(2026, 6, 29))
    assert dose_starts([date(2026, 6, 1), date(2026, 6, 8)]) == (date(2026, 6, 1), date(2026, 6, 8))


def test_grams_are_recomputed_where_they_do_not_agree_with_the_weight() -> None:
    ordered = MAINTENANCE.model_copy(update={"grams": Decimal(90)})
    (line,) = dose_lines(request(ordered), Decimal(74), product=product(), as_of=TODAY)
    assert (line.grams, line.units) == (Decimal(74), 148)


@pytest.mark.parametrize(
    ("weight", "known_product"),
    [(None, product()), (Decimal(72), None), (Decimal(72), product(unit_mg=None))],
    ids=["weight unknown", "product unknown", "unit size unknown"],
)
def test_what_cannot_be_computed_is_left_out(weight: Decimal | None, known_product: Product | None) -> None:
    assert dose_lines(request(MAINTENANCE), weight, product=known_product, as_of=TODAY) == ()


@pytest.mark.parametrize(("starts", "ends"), [(None, date(2027, 2, 28)), (date(2026, 12, 1), None)])
def test_a_request_that_does_not_settle_its_period_has_doses_without_dates(
    starts: date | None, ends: date | None
) -> None:
    (line,) = dose_lines(
        request(MAINTENANCE, starts=starts, ends=ends), Decimal(72), product=product(), as_of=TODAY
    )
    assert (line.grams, line.dates) == (Decimal(72), ())
