"""What life does to a course, drawn before the simulation begins so that every habit meets the same years."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from random import Random

from twin.simulation.odds import Odds


class Happening(StrEnum):
    """Something that happens to a patient, a plan or a product."""

    PLAN_CHANGES = "plan_changes"
    PLAN_CHANGE_TOLD = "plan_change_told"
    NEW_YEAR = "new_year"
    PRODUCT_SHORT = "product_short"
    SITE_CHANGES = "site_changes"
    INTERVAL_CHANGES = "interval_changes"
    HELD = "held"
    RELEASED = "released"
    DISCONTINUED = "discontinued"
    DIED = "died"
    RECORDED = "recorded"
    ANSWERED = "answered"


class Disturbance(StrEnum):
    """What goes wrong, counted so that a run shows that it met each."""

    LOST_FAX = "fax lost"
    PENDED = "request pended"
    DENIED = "denied"
    OVERTURNED = "denial overturned"
    REFUSED = "refused for good"
    SLOW_PAYER = "decision after the payer's timeframe"
    PARTIAL_TIME = "granted for less time"
    PARTIAL_UNITS = "granted fewer units or visits"
    MISCOUNTED = "granted units miscounted"
    OTHER_SITE = "granted at one site only"
    WRONG_UNITS = "units mistyped"
    PLAN_CHANGED = "plan changed unannounced"
    PLAN_CHANGE_TOLD = "plan changed and told"
    PRODUCT_SHORT = "product short"
    SITE_CHANGED = "site changed"
    INTERVAL_CHANGED = "interval changed"
    HELD = "held"
    DISCONTINUED = "discontinued"
    DIED = "died"
    WEIGHT_DRIFTED = "dose changed with the weight"
    MISSED_VISIT = "visit missed"
    RECORDED_LATE = "infusion recorded late"
    HOLIDAY = "visit moved off a holiday"
    STAFF_AWAY = "business day without staff"
    SCHEDULER_DOWN = "day without scheduler"
    CLOCK_CHANGE = "local day skipped by the clock change"
    LEAP_DAY = "leap day"


def life(seed: str, starts: date, ends: date, odds: Odds) -> list[tuple[date, Happening]]:
    """Draw the years of one patient."""
    rng = Random(f"{seed}/life")  # noqa: S311 - a simulation, not a secret
    happenings: list[tuple[date, Happening]] = []
    for year in range(starts.year, ends.year + 1):
        new_year = date(year, 1, 1)
        happenings.append((new_year, Happening.NEW_YEAR))
        if rng.random() < odds.plan_changes_in_january:
            told = rng.random() < odds.plan_change_announced
            happenings.append((new_year, Happening.PLAN_CHANGE_TOLD if told else Happening.PLAN_CHANGES))
        for chance, happening in (
            (odds.product_short, Happening.PRODUCT_SHORT),
            (odds.site_changes, Happening.SITE_CHANGES),
            (odds.interval_changes, Happening.INTERVAL_CHANGES),
            (odds.held, Happening.HELD),
            (odds.discontinued + odds.switched_to_subcutaneous, Happening.DISCONTINUED),
            (odds.died, Happening.DIED),
        ):
            if rng.random() < chance:
                happenings.append((new_year + timedelta(days=rng.randrange(365)), happening))
    return [(day, happening) for day, happening in happenings if starts < day <= ends]
