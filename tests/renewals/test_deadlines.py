"""Calendar arithmetic on days whose weekday is named, so that a reader can check them against a calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from priorauth.deadlines import (
    add_business_days,
    add_months,
    business_day_on_or_after,
    business_day_on_or_before,
    business_days,
    federal_holidays,
    is_business_day,
    period_after,
    period_before,
)
from schemas.regulation import Period, TimeUnit


days = st.dates(min_value=date(2024, 1, 1), max_value=date(2040, 12, 31))
periods = st.builds(Period, amount=st.integers(1, 120), unit=st.sampled_from(TimeUnit))
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def day(words: str) -> date:
    """Read a date with its weekday, "Thu 2026-11-26", and refuse a wrong one."""
    weekday, iso = words.split()
    parsed = date.fromisoformat(iso)
    assert WEEKDAYS[parsed.weekday()] == weekday, f"{iso} is a {WEEKDAYS[parsed.weekday()]}"
    return parsed


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Thu 2026-11-26", "Thanksgiving"),
        ("Fri 2026-12-25", "Christmas"),
        ("Fri 2027-01-01", "New Year"),
        ("Mon 2027-01-18", "Martin Luther King"),
        ("Fri 2026-07-03", "Independence Day, observed on the Friday before a Saturday"),
        ("Fri 2027-06-18", "Juneteenth, observed on the Friday before a Saturday"),
        ("Mon 2027-07-05", "Independence Day, observed on the Monday after a Sunday"),
        ("Fri 2027-12-31", "New Year 2028, observed in the year before"),
        ("Sat 2026-11-28", "a Saturday"),
        ("Sun 2026-11-29", "a Sunday"),
    ],
)
def test_no_business_is_done_on(words: str, name: str) -> None:
    assert not is_business_day(day(words)), name


@pytest.mark.parametrize("words", ["Fri 2026-11-27", "Thu 2026-12-24", "Tue 2028-02-29", "Mon 2027-12-27"])
def test_business_is_done_on(words: str) -> None:
    assert is_business_day(day(words))


@pytest.mark.parametrize(
    ("start", "number", "end"),
    [
        ("Mon 2026-11-23", 1, "Tue 2026-11-24"),
        ("Wed 2026-11-25", 1, "Fri 2026-11-27"),  # over Thanksgiving
        ("Fri 2026-11-27", 1, "Mon 2026-11-30"),
        ("Sat 2026-11-28", 1, "Mon 2026-11-30"),
        ("Mon 2026-11-30", -1, "Fri 2026-11-27"),
        ("Sun 2026-11-29", -1, "Fri 2026-11-27"),
        ("Tue 2026-12-22", 5, "Wed 2026-12-30"),  # over Christmas and a weekend
        ("Mon 2027-01-04", -1, "Thu 2026-12-31"),  # over New Year
        ("Mon 2028-01-03", -1, "Thu 2027-12-30"),  # New Year is observed on Friday, 31 December
        ("Mon 2028-02-28", 1, "Tue 2028-02-29"),
        ("Mon 2026-11-23", 10, "Tue 2026-12-08"),
    ],
)
def test_business_days_forward_and_back(start: str, number: int, end: str) -> None:
    assert add_business_days(day(start), number) == day(end)


def test_no_business_days_leave_a_weekend_where_it_is() -> None:
    assert add_business_days(day("Sat 2026-11-28"), 0) == day("Sat 2026-11-28")


@pytest.mark.parametrize(
    ("start", "number", "end"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2027, 1, 31), -2, date(2026, 11, 30)),
        (date(2026, 11, 23), 6, date(2027, 5, 23)),
    ],
)
def test_months_end_where_the_month_ends(start: date, number: int, end: date) -> None:
    assert add_months(start, number) == end


@pytest.mark.parametrize(
    ("amount", "unit", "end"),
    [
        (72, TimeUnit.HOURS, "Thu 2026-11-26"),
        (24, TimeUnit.HOURS, "Tue 2026-11-24"),
        (25, TimeUnit.HOURS, "Wed 2026-11-25"),  # an hour begun is a day begun
        (15, TimeUnit.CALENDAR_DAYS, "Tue 2026-12-08"),
        (5, TimeUnit.BUSINESS_DAYS, "Tue 2026-12-01"),  # Thanksgiving and a weekend between
        (4, TimeUnit.MONTHS, "Tue 2027-03-23"),
    ],
)
def test_periods_from_monday_23_november_2026(amount: int, unit: TimeUnit, end: str) -> None:
    assert period_after(day("Mon 2026-11-23"), Period(amount=amount, unit=unit)) == day(end)


def test_the_days_on_which_the_clocks_change_are_days_like_any_other() -> None:
    two_days = Period(amount=48, unit=TimeUnit.HOURS)
    assert period_after(day("Sat 2027-03-13"), two_days) == day("Mon 2027-03-15")
    assert period_after(day("Sat 2026-10-31"), two_days) == day("Mon 2026-11-02")


@given(days, periods)
def test_what_begins_a_period_before_is_over_in_time(end: date, period: Period) -> None:
    assert period_after(period_before(end, period), period) <= end


@given(days, periods)
def test_nothing_is_given_away_when_counting_back(end: date, period: Period) -> None:
    later = business_day_on_or_after(period_before(end, period) + timedelta(days=5))
    assert period_after(later, period) > end


@given(days, st.integers(1, 60))
def test_business_days_there_and_back_agree(start: date, number: int) -> None:
    there = add_business_days(start, number)
    assert len(business_days(start + timedelta(days=1), there)) == number
    assert add_business_days(there, -number) == business_day_on_or_before(start)


@given(days)
def test_a_business_day_is_never_more_than_four_days_off(start: date) -> None:
    assert start - timedelta(days=4) <= business_day_on_or_before(start) <= start
    assert start <= business_day_on_or_after(start) <= start + timedelta(days=4)


@given(st.integers(2024, 2060))
def test_every_year_has_its_eleven_holidays(year: int) -> None:
    fixed = [date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    assert set(fixed) < federal_holidays(year)
    assert len(federal_holidays(year)) >= 11
