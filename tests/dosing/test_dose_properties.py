"""What holds for every dose, every set of vials and every interval."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from priorauth.dosing import (
    grams_for,
    hcpcs_units,
    infusion_dates,
    monthly_equivalent,
    round_to_vials,
    vial_mix,
    vials_over_days,
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


@given(st.decimals(min_value="0.1", max_value=3, places=3), st.decimals(min_value=2, max_value=250, places=2))
def test_grams_are_exact(g_per_kg: Decimal, weight: Decimal) -> None:
    assert grams_for(g_per_kg, weight).as_tuple().exponent == -5
    assert int(grams_for(g_per_kg, weight) * 100_000) == int(g_per_kg * 1000) * int(weight * 100)


@given(doses, sizes_on_the_market)
def test_a_vial_mix_holds_the_dose_and_no_vial_in_it_is_needless(
    grams: Decimal, sizes: tuple[Decimal, ...]
) -> None:
    mix = vial_mix(grams, sizes)
    assert total(mix) >= grams
    assert all(total(mix) - size < grams for size, _ in mix)


@given(
    st.decimals(min_value="0.5", max_value=20, places=1),
    st.lists(
        st.sampled_from([Decimal(2), Decimal("2.5"), Decimal(5), Decimal(8)]),
        min_size=1,
        max_size=3,
        unique=True,
    ),
)
def test_no_other_vials_waste_less_or_are_fewer(grams: Decimal, sizes: list[Decimal]) -> None:
    most = [int(grams / size) + 1 for size in sizes]
    every = [
        (sum((size * number for size, number in zip(sizes, numbers, strict=True)), Decimal(0)), sum(numbers))
        for numbers in product(*(range(highest + 1) for highest in most))
    ]
    mix = vial_mix(grams, tuple(sizes))
    assert (total(mix), sum(number for _, number in mix)) == min(pair for pair in every if pair[0] >= grams)


@given(doses, st.integers(min_value=1, max_value=5), sizes_on_the_market)
def test_vials_of_a_split_dose_hold_it(grams: Decimal, over_days: int, sizes: tuple[Decimal, ...]) -> None:
    opened = total(vials_over_days(grams, over_days, sizes))
    assert grams <= opened < grams + over_days * min(sizes)


@given(doses, sizes_on_the_market, st.integers(min_value=0, max_value=10))
def test_rounding_stays_within_its_tolerance(
    grams: Decimal, sizes: tuple[Decimal, ...], percent: int
) -> None:
    rounded = round_to_vials(grams, sizes, Decimal(percent))
    assert abs(rounded - grams) <= grams * percent / 100
    assert rounded == grams or total(vial_mix(rounded, sizes)) == rounded


@given(doses, sizes_on_the_market, st.decimals(min_value="0.5", max_value=250, places=2))
def test_rounding_never_goes_above_what_is_authorized(
    grams: Decimal, sizes: tuple[Decimal, ...], authorized: Decimal
) -> None:
    rounded = round_to_vials(grams, sizes, Decimal(10), at_most_grams=authorized)
    assert rounded <= max(authorized, grams)
    assert rounded <= authorized or rounded == grams


@given(st.decimals(min_value="0.1", max_value=3, places=2), st.integers(min_value=7, max_value=90))
def test_the_longer_month_holds_the_larger_dose(g_per_kg: Decimal, every_days: int) -> None:
    month = monthly_equivalent(g_per_kg, every_days)
    assert month.per_28_days < month.per_30_4_days
    assert round(month.per_28_days * every_days / 28, 6) == g_per_kg


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
