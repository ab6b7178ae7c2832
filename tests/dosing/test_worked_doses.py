"""The arithmetic of a dose against worked examples of the field."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from priorauth.dosing import (
    adjusted_body_weight,
    body_mass_index,
    dosing_weight,
    grams_for,
    hcpcs_units,
    ideal_body_weight,
    infusion_dates,
    round_to_vials,
    vial_mix,
    vials_over_days,
)
from schemas.case import Sex
from schemas.policy import DosingWeightRule
from schemas.treatment import DoseOrder, DosePhase


PRIVIGEN_VIALS = (Decimal(5), Decimal(10), Decimal(20), Decimal(40))
GAMMAGARD_VIALS = (Decimal(1), Decimal("2.5"), Decimal(5), Decimal(10), Decimal(20), Decimal(30))


@pytest.mark.parametrize(
    ("g_per_kg", "weight_kg", "grams", "units"),
    [
        ("2", "72", "144", 288),
        ("1", "72", "72", 144),
        ("2", "78", "156", 312),
        ("1", "78", "78", 156),
        ("2", "80", "160", 320),
        ("1", "74", "74", 148),
        ("1", "59", "59", 118),
        ("0.4", "80", "32", 64),
    ],
)
def test_a_dose_in_500_mg_units(g_per_kg: str, weight_kg: str, grams: str, units: int) -> None:
    dose = grams_for(Decimal(g_per_kg), Decimal(weight_kg))
    assert (dose, hcpcs_units(dose, 500)) == (Decimal(grams), units)


def test_twelve_doses_of_59_g_are_1416_units_and_not_1440() -> None:
    assert 12 * hcpcs_units(Decimal(59), 500) == 1416


def test_subcutaneous_products_are_billed_in_100_mg_units() -> None:
    assert hcpcs_units(Decimal("14.4"), 100) == 144


@pytest.mark.parametrize(("grams", "units"), [("37.25", 75), ("37.001", 75), ("37", 74), ("0.1", 1)])
def test_a_part_of_a_unit_is_billed_as_one(grams: str, units: int) -> None:
    assert hcpcs_units(Decimal(grams), 500) == units


def test_74_g_round_to_75_g_of_whole_vials_within_five_percent() -> None:
    rounded = round_to_vials(Decimal(74), PRIVIGEN_VIALS, Decimal(5))
    assert (rounded, hcpcs_units(rounded, 500)) == (Decimal(75), 150)


def test_74_g_stay_74_g_without_a_tolerance() -> None:
    assert round_to_vials(Decimal(74), PRIVIGEN_VIALS, Decimal(0)) == Decimal(74)


def test_a_dose_is_not_rounded_above_what_is_authorized() -> None:
    assert round_to_vials(Decimal(74), PRIVIGEN_VIALS, Decimal(6), at_most_grams=Decimal(74)) == Decimal(70)


def test_the_vial_mix_wastes_least_and_then_opens_fewest() -> None:
    assert vial_mix(Decimal(59), PRIVIGEN_VIALS) == ((Decimal(40), 1), (Decimal(20), 1))
    assert vial_mix(Decimal(75), PRIVIGEN_VIALS) == (
        (Decimal(40), 1),
        (Decimal(20), 1),
        (Decimal(10), 1),
        (Decimal(5), 1),
    )
    assert vial_mix(Decimal(36), GAMMAGARD_VIALS) == ((Decimal(30), 1), (Decimal(5), 1), (Decimal(1), 1))


def test_vials_of_a_split_dose_are_those_opened_on_each_day() -> None:
    assert vials_over_days(Decimal(144), 4, GAMMAGARD_VIALS) == (
        (Decimal(30), 4),
        (Decimal(5), 4),
        (Decimal(1), 4),
    )
    # 40 g on the first day and 35 g on the second: 37.5 g cannot be drawn from these vials.
    assert vials_over_days(Decimal(75), 2, PRIVIGEN_VIALS) == (
        (Decimal(40), 1),
        (Decimal(20), 1),
        (Decimal(10), 1),
        (Decimal(5), 1),
    )


MAINTENANCE = DoseOrder(phase=DosePhase.MAINTENANCE, grams_per_kg=Decimal(1), every_days=21)


@pytest.mark.parametrize(
    ("first", "last", "cycles"),
    [
        (date(2026, 11, 23), date(2027, 5, 23), 9),  # 26 weeks, Monday to Sunday, first dose on the first day
        (date(2026, 12, 14), date(2027, 5, 23), 8),  # the same 26 weeks, three taken by a loading dose
        (date(2026, 11, 23), date(2027, 11, 21), 18),  # 52 weeks
        (date(2026, 12, 14), date(2027, 11, 21), 17),
    ],
)
def test_cycles_every_three_weeks_in_an_authorization(first: date, last: date, cycles: int) -> None:
    assert len(infusion_dates(MAINTENANCE, first, last)) == cycles


def test_a_dose_that_would_run_past_the_last_day_is_not_counted() -> None:
    split = MAINTENANCE.model_copy(update={"over_days": 2})
    assert infusion_dates(split, date(2026, 12, 1), date(2026, 12, 22)) == (date(2026, 12, 1),)
    assert infusion_dates(split, date(2026, 12, 1), date(2026, 12, 23)) == (
        date(2026, 12, 1),
        date(2026, 12, 22),
    )


def test_three_weeks_across_a_leap_day() -> None:
    assert infusion_dates(MAINTENANCE, date(2028, 2, 15), date(2028, 3, 31)) == (
        date(2028, 2, 15),  # a Tuesday
        date(2028, 3, 7),  # a Tuesday again, with 29 February between them
        date(2028, 3, 28),
    )


def test_a_single_dose_has_a_single_date() -> None:
    loading = DoseOrder(phase=DosePhase.LOADING, grams_per_kg=Decimal(2), over_days=4)
    assert infusion_dates(loading, date(2026, 12, 1), None) == (date(2026, 12, 1),)


def test_the_last_dose_before_the_end_of_the_calendar_needs_no_day_behind_it() -> None:
    last = date(9999, 12, 20)
    assert infusion_dates(MAINTENANCE, last, date.max) == (last,)


def test_an_order_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a number of doses or a last date"):
        infusion_dates(MAINTENANCE, date(2026, 12, 1), None)


def test_ideal_body_weight_by_devine() -> None:
    assert ideal_body_weight(Sex.MALE, Decimal("177.8")) == Decimal("73.0")  # 70 inches
    assert ideal_body_weight(Sex.FEMALE, Decimal("162.56")) == Decimal("54.7")  # 64 inches


@pytest.mark.parametrize(
    ("sex", "height_cm"), [(Sex.UNKNOWN, "177.8"), (Sex.OTHER, "177.8"), (Sex.MALE, "150")]
)
def test_ideal_body_weight_is_unknown_where_the_formula_is_not_defined(sex: Sex, height_cm: str) -> None:
    assert ideal_body_weight(sex, Decimal(height_cm)) is None


def test_adjusted_body_weight_adds_two_fifths_of_the_excess() -> None:
    assert adjusted_body_weight(Decimal(120), Decimal(73)) == Decimal("91.8")


def test_a_policy_that_doses_on_actual_weight_needs_no_height() -> None:
    weight = dosing_weight(DosingWeightRule.ACTUAL, Decimal(120))
    assert weight is not None
    assert weight.kilograms == Decimal(120)


def test_an_obese_patient_is_dosed_on_adjusted_weight_where_the_policy_says_so() -> None:
    rule = DosingWeightRule.ADJUSTED_WHEN_OBESE
    weight = dosing_weight(rule, Decimal(120), height_cm=Decimal("177.8"), sex=Sex.MALE)
    assert weight is not None
    assert (weight.kilograms, weight.basis) == (
        Decimal("91.8"),
        "adjusted body weight (ideal 73.0 kg, 64.4 % over it, body mass index 38.0)",
    )


def test_more_than_a_fifth_over_ideal_weight_is_dosed_on_adjusted_weight_below_a_body_mass_index_of_30() -> (
    None
):
    rule = DosingWeightRule.ADJUSTED_WHEN_OBESE
    at, over = (
        dosing_weight(rule, Decimal(kilograms), height_cm=Decimal("177.8"), sex=Sex.MALE)
        for kilograms in ("87.6", "87.7")  # ideal 73 kg, a fifth more is 87.6 kg
    )
    assert at is not None
    assert over is not None
    assert (at.kilograms, over.kilograms) == (Decimal("87.6"), Decimal("78.9"))


def test_below_60_inches_where_no_ideal_weight_is_defined_a_body_mass_index_of_30_alone_decides() -> None:
    rule = DosingWeightRule.ADJUSTED_WHEN_OBESE
    assert body_mass_index(Decimal("67.5"), Decimal(150)) == Decimal(30)
    below = dosing_weight(rule, Decimal("67.4"), height_cm=Decimal(150), sex=Sex.FEMALE)
    assert below is not None
    assert below.kilograms == Decimal("67.4")
    assert dosing_weight(rule, Decimal("67.5"), height_cm=Decimal(150), sex=Sex.FEMALE) is None


def test_the_sex_is_not_needed_where_the_weight_is_within_either_ideal() -> None:
    rule = DosingWeightRule.ADJUSTED_WHEN_OBESE
    light = dosing_weight(rule, Decimal(70), height_cm=Decimal("177.8"), sex=Sex.UNKNOWN)
    assert light is not None
    assert light.kilograms == Decimal(70)
    assert dosing_weight(rule, Decimal(90), height_cm=Decimal("177.8"), sex=Sex.UNKNOWN) is None


@pytest.mark.parametrize(("height_cm", "sex"), [(None, Sex.MALE), (Decimal("177.8"), Sex.UNKNOWN)])
def test_the_dosing_weight_is_unknown_while_height_or_sex_is(height_cm: Decimal | None, sex: Sex) -> None:
    assert (
        dosing_weight(DosingWeightRule.ADJUSTED_WHEN_OBESE, Decimal(120), height_cm=height_cm, sex=sex)
        is None
    )
