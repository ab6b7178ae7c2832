"""Simulated practices over years: no infusion meets a lapsed authorization unannounced."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest

from priorauth.deadlines import is_business_day
from twin.simulation.days import ZONE, sweep_days, working_days
from twin.simulation.odds import USUAL, Odds
from twin.simulation.running import Size, habits, simulate


SMALL = Size(patients=20, years=3, seeds=2)


@pytest.mark.slow
def test_no_infusion_lapses_in_silence() -> None:
    tally = simulate(0, SMALL)
    assert tally.silent_examples == []
    assert tally.given > 1500
    assert tally.over_capacity == 0


@pytest.mark.slow
@pytest.mark.parametrize("habit", [1, 2, 3, 4])
def test_the_same_years_find_the_gaps_of_other_habits(habit: int) -> None:
    tally = simulate(habit, SMALL)
    assert tally.silent > 0, habits()[habit].name


@pytest.mark.slow
def test_a_seed_gives_the_same_years_again() -> None:
    size = Size(patients=5, years=2, seeds=1)
    assert simulate(0, size) == simulate(0, size)


def test_the_scheduler_skips_and_doubles_local_days_when_clocks_change() -> None:
    calm = Odds(scheduler_fails=0)
    days = sweep_days(date(2027, 1, 1), date(2028, 12, 31), calm, Random(1))  # noqa: S311 - a test, not a secret
    assert ZONE.key == "America/New_York"
    # The run of the 13th comes at 23:00; 24 hours later it is midnight and the 15th.
    assert date(2027, 3, 14) not in days
    assert date(2028, 2, 29) in days


def test_nobody_works_on_holidays() -> None:
    days = working_days(date(2027, 1, 1), date(2027, 12, 31), USUAL, Random(1))  # noqa: S311 - a test, not a secret
    assert all(is_business_day(day) for day in days)
    assert len(days) < 250
