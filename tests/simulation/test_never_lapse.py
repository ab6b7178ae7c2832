"""Simulated practices over years: no infusion meets a lapsed authorization unannounced."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from random import Random

import pytest

from priorauth.deadlines import is_business_day
from twin.bench_lapses import broken_promises
from twin.simulation.days import ZONE, sweep_days, working_days
from twin.simulation.happenings import Disturbance
from twin.simulation.judging import Verdict
from twin.simulation.odds import USUAL, Odds
from twin.simulation.results import Tally
from twin.simulation.running import Size, habits, simulate, simulated


SMALL = Size(patients=20, years=3, seeds=2)


@cache
def small_sweep() -> Tally:
    return simulate(0, SMALL)


@pytest.mark.slow
def test_no_infusion_lapses_in_silence() -> None:
    tally = small_sweep()
    assert tally.silent_examples == []
    assert list(broken_promises(tally)) == []
    assert tally.given > 1500
    assert tally.lapses > 0, "without lapses there is nothing to announce"


@pytest.mark.slow
def test_every_lapse_has_a_verdict() -> None:
    tally = small_sweep()
    assert tally.verdicts.total() == tally.lapses
    assert tally.surprises.total() == tally.verdicts[Verdict.AT_ONCE.value]
    assert tally.silent == tally.verdicts[Verdict.LATE.value] + tally.verdicts[Verdict.NO_TASK.value]


@pytest.mark.slow
def test_the_small_run_meets_every_disturbance() -> None:
    met = small_sweep().disturbances
    assert [one.value for one in Disturbance if not met[one.value]] == []


@pytest.mark.slow
def test_times_promised_at_90_percent_are_met_as_often_as_chance_allows() -> None:
    tally = small_sweep()
    standard_error = (0.9 * 0.1 * tally.promised) ** 0.5
    assert tally.promised > 30
    assert abs(tally.promises_met - 0.9 * tally.promised) < 3 * standard_error


@pytest.mark.slow
def test_no_work_is_late_that_the_staff_had_time_for() -> None:
    tally = small_sweep()
    assert tally.over_capacity == 0
    assert tally.needlessly_late == 0
    assert tally.stretches > 10 * tally.full_stretches > 0


@pytest.mark.slow
@pytest.mark.parametrize("habit", [1, 2, 3, 4])
def test_the_same_years_find_the_gaps_of_other_habits(habit: int) -> None:
    tally = simulate(habit, SMALL)
    assert tally.silent > 10, habits()[habit].name


@pytest.mark.slow
def test_a_seed_gives_the_same_years_again() -> None:
    size = Size(patients=5, years=2, seeds=1)
    assert simulate(0, size) == simulate(0, size)


@pytest.mark.slow
def test_a_run_broken_off_goes_on_where_it_was(tmp_path: Path) -> None:
    size = Size(patients=60, years=1, seeds=1)
    begun = simulated(1, size, folder=tmp_path)
    first = next(begun)
    begun.close()
    (name,) = [path.name for path in tmp_path.rglob("*.json")]

    assert list(simulated(1, size, folder=tmp_path)) == [first, *list(simulated(1, size))[1:]]
    assert len(list(tmp_path.rglob("*.json"))) == 2, name


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
