"""Random courses with everything that goes wrong in them: held, shifted, split, miscounted, overlapping, recoded."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import TypeVar

from schemas.base import SiteOfCare
from schemas.case import Case, Coverage, Patient
from schemas.chart import GivenInfusion
from schemas.treatment import Authorization, PlannedInfusion
from tests.renewals import courses


START = date(2026, 8, 3)
PRODUCTS = ("privigen",) * 8 + ("gamunex_c", "gammaked", "hizentra", "recoded", "unsized", "uncoded")
CODES = {
    "privigen": "J1459",
    "gamunex_c": "J1561",
    "gammaked": "J1561",
    "hizentra": "J1559",
    "recoded": "J1576",
}
GRAMS = ("35", "40", "59", "70.25", "72.5", "90", "144")
Value = TypeVar("Value")
SITES = (SiteOfCare.OFFICE, SiteOfCare.HOME)


def random_course(seed: int) -> tuple[Case, tuple[tuple[date, Decimal], ...]]:
    """Return a case and the dosing weights on record."""
    rng = Random(seed)  # noqa: S311 - a test, not a secret
    usual = rng.choice(PRODUCTS)
    infusions = _planned(rng, usual)
    case = courses.a_case(
        infusions,
        _grants(rng, usual),
        were_given=_given(rng, infusions, usual),
        coverage=_coverage(rng),
        discontinued_on=_sometimes(rng, 0.1, START + timedelta(days=rng.randrange(30, 300))),
        patient=Patient(died=_sometimes(rng, 0.05, START + timedelta(days=rng.randrange(30, 300)))),
    )
    weights = tuple(
        (START + timedelta(days=rng.randrange(-30, 250)), Decimal(rng.choice((70, 74, 80, 88, 90))))
        for _ in range(rng.choice((0, 0, 1, 2)))
    )
    return case, weights


def _sometimes(rng: Random, how_often: float, value: Value) -> Value | None:
    return value if rng.random() < how_often else None


def _planned(rng: Random, usual: str) -> tuple[PlannedInfusion, ...]:
    interval = rng.choice((7, 14, 21, 28))
    grams = rng.choice(GRAMS)
    days = rng.choice((1, 1, 1, 2, 4, 5))
    series = [
        courses.planned(
            START + timedelta(days=interval * number + rng.choice((0, 0, 0, 1, -1))),
            rng.choice((grams, grams, grams, rng.choice(GRAMS))),
            name=rng.choice((usual, usual, usual, usual, rng.choice(PRODUCTS))),
            over_days=days,
            site_of_care=rng.choice((None, None, *SITES)),
            **_not_given(rng),
        )
        for number in range(rng.randrange(0, 11))
    ]
    rng.shuffle(series)
    return tuple(series)


def _not_given(rng: Random) -> dict[str, str]:
    return rng.choice(({}, {}, {}, {}, {}, {}, {}, {}, {"held": "infection"}, {"missed": "snow"}))


def _given(rng: Random, infusions: tuple[PlannedInfusion, ...], usual: str) -> tuple[GivenInfusion, ...]:
    until = START + timedelta(days=rng.randrange(0, 200))
    entries: list[GivenInfusion] = []
    for infusion in infusions:
        for day in range(infusion.over_days):
            on = infusion.on + timedelta(days=day + rng.choice((0, 0, 0, 0, 1, 3, 9, -1, -2, -4)))
            if on > until or rng.random() < 0.15:
                continue
            entries.extend(_entry(rng, on, infusion.product, usual) for _ in range(rng.choice((1, 1, 1, 2))))
    return tuple(entries)


def _entry(rng: Random, on: date, product: str, usual: str) -> GivenInfusion:
    return courses.given(
        on,
        rng.choice(("20", "35", "36.25", "70")),
        name=rng.choice((product, product, usual, rng.choice(PRODUCTS))),
        units=_sometimes(rng, 0.6, rng.choice((40, 70, 72, 140))),
        wasted_grams=Decimal(rng.choice(("0", "0", "2.5"))),
        authorization=_sometimes(rng, 0.3, f"A{rng.randrange(4)}"),
    )


def _grants(rng: Random, usual: str) -> tuple[Authorization, ...]:
    grants = []
    starts = START + timedelta(days=rng.randrange(-60, 30))
    for number in range(rng.choice((0, 1, 1, 2, 2, 3, 4))):
        ends = starts + timedelta(days=rng.randrange(20, 200))
        in_units = rng.random() < 0.75
        grants.append(
            courses.grant(
                starts,
                ends,
                rng.randrange(50, 1500) if in_units else None,
                number=f"A{number}",
                hcpcs=CODES.get(rng.choice((usual, usual, usual, rng.choice(PRODUCTS))), "J1599"),
                payer=rng.choice(("aetna", "aetna", "aetna", "aetna", "cigna")),
                product=_sometimes(rng, 0.2, usual),
                visits=_sometimes(rng, 0.2 if in_units else 0.9, rng.randrange(1, 15)),
                units_per_visit=_sometimes(rng, 0.2, rng.choice((70, 118, 140, 288))),
                sites=rng.choice(((), (), (), (SITES[0],), SITES)),
                dosing_weight_kg=_sometimes(rng, 0.4, Decimal(rng.choice((72, 80, 90)))),
            )
        )
        starts = rng.choice((ends + timedelta(days=1), starts + timedelta(days=10), ends + timedelta(days=8)))
    rng.shuffle(grants)
    return tuple(grants)


def _coverage(rng: Random) -> Coverage | None:
    if rng.random() < 0.05:
        return None
    return Coverage(
        payer=rng.choice(("aetna",) * 9 + (None,)),
        active=rng.choice((True, True, True, None, None, None, None, False)),
        starts=_sometimes(rng, 0.2, START - timedelta(days=rng.randrange(-60, 60))),
        ends=_sometimes(rng, 0.2, START + timedelta(days=rng.randrange(60, 300))),
    )
