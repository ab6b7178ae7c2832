"""Requests are spread over their windows: a schedule is found wherever one exists, and no day is overloaded."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from priorauth.deadlines import business_days, is_business_day
from priorauth.workload import Window, spread


MONDAY = date(2026, 11, 30)
lengths = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 10)), max_size=25)


def windows_of(spans: list[tuple[int, int]]) -> list[Window]:
    return [
        Window(MONDAY + timedelta(days=start + length), MONDAY + timedelta(days=start), f"PA-{place:08d}")
        for place, (start, length) in enumerate(spans)
    ]


def a_schedule_exists(windows: list[Window], capacity: int) -> bool:
    """Hall's condition: between any two days there is room for all windows that lie between them."""
    return all(
        sum(first <= window.starts and window.ends <= last for window in windows)
        <= capacity * len(business_days(first, last))
        for first, last in product({window.starts for window in windows}, {window.ends for window in windows})
        if first <= last
    )


@given(lengths, st.integers(1, 5))
def test_a_schedule_is_found_exactly_where_one_exists(spans: list[tuple[int, int]], capacity: int) -> None:
    windows = windows_of(spans)
    assert spread(windows, capacity=capacity).fits is a_schedule_exists(windows, capacity)


@given(lengths, st.integers(1, 5))
def test_no_day_is_overloaded_and_nothing_is_left_out(spans: list[tuple[int, int]], capacity: int) -> None:
    windows = windows_of(spans)
    load = spread(windows, capacity=capacity)
    assert sorted(load.days) == [window.request for window in windows]
    a_day = Counter(load.days.values())
    assert max(a_day.values(), default=0) == load.busiest <= capacity
    assert all(is_business_day(day) for day in a_day)
    for window in windows:
        on = load.days[window.request]
        assert window.starts <= on
        assert (on > window.ends) is (window.request in load.late)


@given(lengths)
def test_the_load_is_as_even_as_the_windows_allow(spans: list[tuple[int, int]]) -> None:
    windows = windows_of(spans)
    load = spread(windows, capacity=25)
    if load.fits and load.busiest > 1:
        assert not a_schedule_exists(windows, load.busiest - 1)


def test_a_hundred_renewals_of_one_monday_come_to_ten_a_day() -> None:
    windows = [Window(MONDAY + timedelta(days=11), MONDAY, f"PA-{number:08d}") for number in range(100)]
    assert set(Counter(spread(windows, capacity=25).days.values()).values()) == {10}


def test_a_capacity_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="found a capacity of 0 requests a day"):
        spread([], capacity=0)
