"""From dosing weight to grams, vials, billing units and infusion dates, in decimals throughout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import ceil, gcd
from typing import assert_never

from schemas.assessment import DoseLine
from schemas.case import Sex
from schemas.policy import DosingWeightRule
from schemas.product import Product
from schemas.treatment import DoseOrder, TreatmentRequest


CM_PER_INCH = Decimal("2.54")
DAYS_PER_MONTH = Decimal("30.4")  # 365 days over 12 months, for doses that a label states by the month
# Rounding to whole vials commonly moves a dose by up to 5 %; a policy may state its own tolerance.
USUAL_ROUNDING_PERCENT = Decimal(5)
# The Prime/Magellan template, recalled and not verified: the weight is adjusted from a body mass index of 30, or where
# actual weight is more than 20 % over ideal. Common pharmacy practice takes 0.4 of the excess.
OBESE_BODY_MASS_INDEX = Decimal(30)
OVER_IDEAL = Decimal("1.2")
ADJUSTMENT_FACTOR = Decimal("0.4")
# Days less than a week apart belong to one dose; subcutaneous doses may be given weekly.
ONE_DOSE_DAYS = 6

VialMix = tuple[tuple[Decimal, int], ...]
"""Vial sizes in grams with their number, largest first."""


def grams_for(g_per_kg: Decimal, weight_kg: Decimal) -> Decimal:
    return g_per_kg * weight_kg


def agrees(ordered_grams: Decimal, computed_grams: Decimal, tolerance_percent: Decimal) -> bool:
    """Whether an amount ordered is the amount computed, up to rounding to vials."""
    return abs(ordered_grams - computed_grams) * 100 <= tolerance_percent * computed_grams


@lru_cache(maxsize=4096)
def hcpcs_units(grams: Decimal, unit_mg: int) -> int:
    """Count billing units of a dose. A part of a unit is billed as one.

    Source: Medicare Claims Processing Manual, Pub. 100-04, chapter 17, section 10: a dose that is no multiple
    of the code's descriptor is rounded up to the next unit.
    """
    whole, part = divmod(grams * 1000, unit_mg)
    return int(whole) + (1 if part else 0)


def ideal_body_weight(sex: Sex, height_cm: Decimal) -> Decimal | None:
    """Devine's formula in kg, to 0.1 kg. It is defined for men and women of at least 60 inches, else None."""
    inches_over_five_feet = height_cm / CM_PER_INCH - 60
    if inches_over_five_feet < 0:
        return None
    match sex:
        case Sex.MALE:
            base = Decimal(50)
        case Sex.FEMALE:
            base = Decimal("45.5")
        case Sex.OTHER | Sex.UNKNOWN:
            return None
        case _:
            assert_never(sex)
    return to_a_tenth(base + Decimal("2.3") * inches_over_five_feet)


def adjusted_body_weight(
    actual_kg: Decimal, ideal_kg: Decimal, *, factor: Decimal = ADJUSTMENT_FACTOR
) -> Decimal:
    """Return ideal weight plus a share of the excess, to 0.1 kg. Some institutions use a factor of 0.5."""
    return to_a_tenth(ideal_kg + factor * (actual_kg - ideal_kg))


def body_mass_index(weight_kg: Decimal, height_cm: Decimal) -> Decimal:
    """Return kg/m², unrounded: 29.96 is not yet 30."""
    return weight_kg / (height_cm / 100) ** 2


@dataclass(frozen=True, slots=True)
class DosingWeight:
    """The weight a dose is computed from, and in words how it came about."""

    kilograms: Decimal
    basis: str


def dosing_weight(
    rule: DosingWeightRule, actual_kg: Decimal, *, height_cm: Decimal | None = None, sex: Sex = Sex.UNKNOWN
) -> DosingWeight | None:
    """Apply a policy's rule. None: the rule needs a height or a sex that is not documented."""
    actual = DosingWeight(actual_kg, "actual body weight")
    match rule:
        case DosingWeightRule.ACTUAL:
            return actual
        case DosingWeightRule.ADJUSTED_WHEN_OBESE:
            if height_cm is None:
                return None
            index = body_mass_index(actual_kg, height_cm)
            if index < OBESE_BODY_MASS_INDEX and not _may_be_over_ideal(actual_kg, height_cm, sex):
                return actual
            ideal = ideal_body_weight(sex, height_cm)
            if ideal is None:
                return None
            over = to_a_tenth((actual_kg - ideal) * 100 / ideal)
            basis = f"adjusted body weight (ideal {ideal} kg, {over} % over it, body mass index {to_a_tenth(index)})"
            return DosingWeight(adjusted_body_weight(actual_kg, ideal), basis)
        case _:
            assert_never(rule)


def _may_be_over_ideal(actual_kg: Decimal, height_cm: Decimal, sex: Sex) -> bool:
    """Whether actual weight is, or for lack of the sex may be, more than a fifth over ideal; never below 60 inches."""
    known = sex if sex in (Sex.MALE, Sex.FEMALE) else Sex.FEMALE  # the lower of the two ideals
    ideal = ideal_body_weight(known, height_cm)
    return ideal is not None and actual_kg > OVER_IDEAL * ideal


@lru_cache(maxsize=1024)
def vial_mix(grams: Decimal, sizes: tuple[Decimal, ...]) -> VialMix:
    """Choose the vials for a dose: the fewest grams that hold it, then the fewest vials."""
    if not sizes:
        raise ValueError("found no vial sizes, expected those the product comes in (vials_grams)")
    step = _step_mg(sizes)
    # Vials of the smallest size alone come to less than one such vial above the dose, so the search ends there.
    last_vial = _last_vials(sizes, step, int((grams + min(sizes)) * 1000) // step + 1)
    least = ceil(grams * 1000 / step)
    total = next(at for at, vial in enumerate(last_vial) if at >= least and vial is not None)
    opened: Counter[Decimal] = Counter()
    while vial := last_vial[total]:
        opened[Decimal(vial * step) / 1000] += 1
        total -= vial
    return tuple(sorted(opened.items(), reverse=True))


def vials_over_days(grams: Decimal, over_days: int, sizes: tuple[Decimal, ...]) -> VialMix:
    """Choose vials for a dose split over days; single-dose vials are not kept from one day to the next."""
    opened: Counter[Decimal] = Counter()
    left = grams
    for days_left in range(over_days, 0, -1):
        if left > 0:
            day = vial_mix(left / days_left, sizes)
            opened.update(dict(day))
            left -= sum(size * number for size, number in day)
    return tuple(sorted(opened.items(), reverse=True))


def round_to_vials(
    grams: Decimal,
    sizes: tuple[Decimal, ...],
    tolerance_percent: Decimal,
    *,
    at_most_grams: Decimal | None = None,
) -> Decimal:
    """Round to the nearest amount that whole vials hold, the lower of two at the same distance.

    The dose stays as it is where no such amount is within the tolerance. ``at_most_grams`` is what the
    authorization still covers: rounding never goes above it.
    """
    if not sizes:
        return grams
    slack = grams * tolerance_percent / 100
    highest = grams + slack if at_most_grams is None else min(grams + slack, at_most_grams)
    step = _step_mg(sizes)
    last_vial = _last_vials(sizes, step, int(highest * 1000) // step + 1)
    held = [Decimal(steps * step) / 1000 for steps, vial in enumerate(last_vial) if vial is not None]
    near = [total for total in held if grams - slack <= total <= highest]
    return min(near, key=lambda total: (abs(total - grams), total), default=grams)


def _step_mg(sizes: tuple[Decimal, ...]) -> int:
    return gcd(*(int(size * 1000) for size in sizes))


def _last_vials(sizes: tuple[Decimal, ...], step_mg: int, totals: int) -> tuple[int | None, ...]:
    """For every total in steps: the vial to add last so that fewest are opened; None where no vials make it."""
    # A longer table begins with the shorter one: rounded up, one table serves nearly every dose of a product.
    return _table_of_last_vials(sizes, step_mg, 1 << (totals - 1).bit_length())[:totals]


@lru_cache(maxsize=256)
def _table_of_last_vials(sizes: tuple[Decimal, ...], step_mg: int, totals: int) -> tuple[int | None, ...]:
    in_steps = sorted(int(size * 1000) // step_mg for size in sizes)
    number: list[int | None] = [0, *([None] * (totals - 1))]
    last: list[int | None] = [None] * totals
    for total in range(1, totals):
        for vial in in_steps:
            before = number[total - vial] if vial <= total else None
            best = number[total]
            if before is not None and (best is None or before + 1 <= best):
                number[total], last[total] = before + 1, vial
    return tuple(last)


def infusion_days(on: date, over_days: int) -> tuple[date, ...]:
    """List the consecutive days one dose is given on."""
    return tuple(on + timedelta(days=day) for day in range(over_days))


def infusion_dates(order: DoseOrder, starts: date, ends: date | None) -> tuple[date, ...]:
    """List the first day of every dose that is complete by ``ends`` (inclusive).

    A repeating order that states no number of doses needs ``ends``: without either the series has no end.
    """
    if order.every_days is None:
        number: int | None = 1
    elif order.doses is None and ends is None:
        raise ValueError("found an order that repeats without end, expected a number of doses or a last date")
    else:
        number = order.doses
    latest = date.max if ends is None else ends - timedelta(days=(order.over_days or 1) - 1)
    interval = timedelta(days=order.every_days or 1)
    most = (latest - starts) // interval + 1
    return tuple(starts + interval * place for place in range(most if number is None else min(number, most)))


def dose_lines(
    request: TreatmentRequest,
    weight_kg: Decimal | None,
    *,
    product: Product | None,
    as_of: date,
    first: date | None = None,
    rounding_percent: Decimal | None = None,
    agreeing_percent: Decimal = USUAL_ROUNDING_PERCENT,
) -> tuple[DoseLine, ...]:
    """Compute every order of a request: grams, vials, units and dates.

    The grams ordered are what will be infused, so they stand where they agree with g/kg and the weight up to
    ``agreeing_percent``; else the grams are computed, and rounded to vials up to ``rounding_percent``. An order is
    left out where its grams cannot be told (weight unknown and no grams stated) or its units cannot (product or
    unit size unknown). ``as_of`` stands in for the date of service of an undated request; ``first`` is the day of
    the first dose where that is not the first day asked for.
    """
    code = product.hcpcs_on(request.starts or request.requested_on or as_of) if product else None
    if product is None or code is None or code.unit_mg is None:
        return ()
    lines: list[DoseLine] = []
    for order, dates in zip(request.orders, request_dates(request, first=first), strict=True):
        grams = _grams_of(order, weight_kg, agreeing_percent)
        if grams is None:
            continue
        if rounding_percent and grams != order.grams:
            grams = round_to_vials(grams, product.vials_grams, rounding_percent)
        days = order.over_days or 1
        lines.append(
            DoseLine(
                phase=order.phase.value,
                grams_per_kg=order.grams_per_kg,
                grams=grams,
                ordered_grams=order.grams if order.grams != grams else None,
                vials=vials_over_days(grams, days, product.vials_grams) if product.vials_grams else (),
                units=hcpcs_units(grams, code.unit_mg),
                over_days=days,
                every_days=order.every_days,
                dates=dates,
            )
        )
    return tuple(lines)


def request_dates(request: TreatmentRequest, *, first: date | None = None) -> tuple[tuple[date, ...], ...]:
    """List the infusion dates of every order in turn; empty where the request does not settle them.

    The first dose is on the first day asked for, or on ``first``. Each order follows the one before it: after a single loading dose, maintenance begins one of its own
    intervals later.
    """
    starts = request.starts and (first or request.starts)
    series: list[tuple[date, ...]] = []
    for number, order in enumerate(request.orders):
        endless = order.every_days is not None and order.doses is None and request.ends is None
        dates = () if starts is None or endless else infusion_dates(order, starts, request.ends)
        series.append(dates)
        following = request.orders[number + 1].every_days if number + 1 < len(request.orders) else None
        interval = following or order.every_days or order.over_days or 1
        starts = dates[-1] + timedelta(days=interval) if dates else None
    return tuple(series)


def dose_starts(days: Iterable[date]) -> tuple[date, ...]:
    """List the first day of every dose given; days less than a week apart belong to one dose."""
    ordered = sorted(set(days))
    return tuple(
        day
        for number, day in enumerate(ordered)
        if number == 0 or (day - ordered[number - 1]).days > ONE_DOSE_DAYS
    )


def uncovered_dose(line: DoseLine, ends: date | None) -> date | None:
    """Return the day of the dose after the last one ordered, where it still lies in the period asked for."""
    if line.every_days is None or not line.dates or ends is None:
        return None
    fits = ends - line.dates[-1] >= timedelta(days=line.every_days + line.over_days - 1)
    return line.dates[-1] + timedelta(days=line.every_days) if fits else None


def _grams_of(order: DoseOrder, weight_kg: Decimal | None, agreeing_percent: Decimal) -> Decimal | None:
    if order.grams_per_kg is None or weight_kg is None:
        return order.grams
    computed = grams_for(order.grams_per_kg, weight_kg)
    ordered = order.grams
    return ordered if ordered is not None and agrees(ordered, computed, agreeing_percent) else computed


def to_a_tenth(value: Decimal) -> Decimal:
    """Round half up to 0.1."""
    return value.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
