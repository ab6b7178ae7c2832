"""What holds for every dose, every set of vials and every interval."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from priorauth.dosing import (
    hcpcs_units,
    infusion_dates,
)
from schemas.treatment import DoseOrder, DosePhase


doses = st.decimals(min_value="0.5", max_value=250, places=2)
sizes_on_the_market = st.lists(
    st.sampled_from(
        [Decimal(size) for size in ("0.5", "1", "2", "2.5", "4", "5", "10", "20", "25", "30", "40")]
    ),
    min_size=1,
    max_size=6,
    unique=True,
).map(tuple)
days = st.dates(min_value=date(2024, 1, 1), max_value=date(2036, 12, 31))


def total(mix: tuple[tuple[Decimal, int], ...]) -> Decimal:
    return sum((size * number for size, number in mix), Decimal(0))


@given(doses, st.sampled_from([500, 100]))
def test_units_hold_the_dose_with_less_than_one_unit_to_spare(grams: Decimal, unit_mg: int) -> None:
    unit = Decimal(unit_mg) / 1000
    spare = hcpcs_units(grams, unit_mg) * unit - grams
    assert 0 <= spare < unit


@given(
    days, st.integers(min_value=0, max_value=800), st.integers(min_value=1, max_value=90), st.integers(1, 5)
)
def test_doses_follow_each_other_at_the_interval_until_no_more_fit(
    starts: date, length: int, every_days: int, over_days: int
) -> None:
    ends = starts + timedelta(days=length)
    order = DoseOrder(
        phase=DosePhase.MAINTENANCE, grams=Decimal(70), every_days=every_days, over_days=over_days
    )
    dates = infusion_dates(order, starts, ends)
    assert list(dates) == [starts + timedelta(days=every_days * number) for number in range(len(dates))]
    following = starts + timedelta(days=every_days * len(dates) + over_days - 1)
    assert following > ends
    assert all(first + timedelta(days=over_days - 1) <= ends for first in dates)
