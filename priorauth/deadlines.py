"""Calendar arithmetic: business days, United States federal holidays, months, and the periods that rules state.

Everything works on dates. A day is a calendar day at the practice, so clock changes do not come into it.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import assert_never

from holidays import country_holidays

from schemas.regulation import Period, TimeUnit


SATURDAY = 5
_REMEMBERED = 20_000
"""Answers kept of each kind: sweeps ask for the same days again and again."""
ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def federal_holidays(year: int) -> frozenset[date]:
    """Return the federal holidays that fall in a year, and the weekdays they are observed on instead.

    1 January of the next year belongs here too when it is observed on 31 December.
    """
    return frozenset(day for day in country_holidays("US", years=(year, year + 1)) if day.year == year)


def is_business_day(day: date) -> bool:
    return day.weekday() < SATURDAY and day not in federal_holidays(day.year)


@lru_cache(maxsize=_REMEMBERED)
def business_day_on_or_before(day: date) -> date:
    while not is_business_day(day):
        day -= ONE_DAY
    return day


@lru_cache(maxsize=_REMEMBERED)
def business_day_on_or_after(day: date) -> date:
    while not is_business_day(day):
        day += ONE_DAY
    return day


@lru_cache(maxsize=_REMEMBERED)
def add_business_days(day: date, number: int) -> date:
    """Move on by whole business days, back where ``number`` is negative. The day itself is not counted.

    Zero leaves the day where it is, even on a weekend.
    """
    step = ONE_DAY if number > 0 else -ONE_DAY
    for _ in range(abs(number)):
        day += step
        while not is_business_day(day):
            day += step
    return day


@lru_cache(maxsize=_REMEMBERED)
def business_days(first: date, last: date) -> tuple[date, ...]:
    """List the business days from first to last, both included."""
    span = (last - first).days + 1
    return tuple(
        day for day in (first + timedelta(days=offset) for offset in range(span)) if is_business_day(day)
    )


def add_months(day: date, number: int) -> date:
    """Move by calendar months; the 31st becomes the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def period_after(day: date, period: Period) -> date:
    """Return the last day of a period that begins on a day. Hours count as full days once they have begun."""
    return _moved(day, period, 1)


def period_before(day: date, period: Period) -> date:
    """Return the latest day a period can begin so that it is over by the day."""
    if period.unit is TimeUnit.BUSINESS_DAYS:
        day = business_day_on_or_before(day)
    return _moved(day, period, -1)


def _moved(day: date, period: Period, direction: int) -> date:
    match period.unit:
        case TimeUnit.HOURS:
            return day + direction * timedelta(days=-(-period.amount // 24))
        case TimeUnit.CALENDAR_DAYS:
            return day + direction * timedelta(days=period.amount)
        case TimeUnit.BUSINESS_DAYS:
            return add_business_days(day, direction * period.amount)
        case TimeUnit.MONTHS:
            return add_months(day, direction * period.amount)
        case _:
            assert_never(period.unit)
