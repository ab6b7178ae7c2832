"""The days of a practice: when its scheduler runs and when its staff works."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

from priorauth.deadlines import ONE_DAY, business_days
from twin.simulation.odds import Odds


ZONE = ZoneInfo("America/New_York")
SWEEP_AT_UTC = 4
"""04:00 in London is before midnight in New York in winter and midnight in summer, the worst hour for clock changes."""


def days_of(starts: date, ends: date) -> tuple[date, ...]:
    return tuple(starts + timedelta(days=number) for number in range((ends - starts).days + 1))


@lru_cache(maxsize=4)
def scheduled_days(starts: date, ends: date) -> tuple[date, ...]:
    """Return the local date of every run that comes 24 hours of absolute time after the last."""
    first = datetime(starts.year, starts.month, starts.day, SWEEP_AT_UTC, tzinfo=ZoneInfo("UTC"))
    return tuple((first + timedelta(days=n)).astimezone(ZONE).date() for n in range((ends - starts).days + 2))


@lru_cache(maxsize=4)
def days_of_business(starts: date, ends: date) -> tuple[date, ...]:
    return business_days(starts, ends)


def sweep_days(starts: date, ends: date, odds: Odds, rng: Random) -> frozenset[date]:
    """Return the local dates on which the scheduler runs: as scheduled, except in outages."""
    runs = set(scheduled_days(starts, ends))
    for _ in range(round(odds.scheduler_fails * len(runs) / 365)):
        down = starts + timedelta(days=rng.randrange(len(runs)))
        runs -= {down + timedelta(days=n) for n in range(rng.randrange(1, 10))}
    return frozenset(runs)


def working_days(starts: date, ends: date, odds: Odds, rng: Random) -> frozenset[date]:
    """Return the business days on which somebody is there."""
    days: Sequence[date] = days_of_business(starts, ends)
    present = set(days)
    for _ in range(round(odds.staff_away * len(days) / 250)):
        away = rng.randrange(len(days))
        present -= set(days[away : away + rng.randrange(1, 4)])
    return frozenset(present)


def next_in(days: frozenset[date], after: date, *, until: date) -> date:
    """Return the first of some days later than a day."""
    day = after + ONE_DAY
    while day not in days and day <= until:
        day += ONE_DAY
    return day
