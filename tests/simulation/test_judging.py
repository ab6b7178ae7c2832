"""Since when a lapse was known and announced, and what is in time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from twin.simulation.judging import Cause, Earliest, Verdict, verdict_on
from twin.simulation.staff import Item, Job, stretches


MAY = date(2027, 5, 3)  # a Monday
JUNE = date(2027, 6, 1)
NEVER = date.max


def noted(*steps: tuple[int, date]) -> Earliest:
    """What was noted on so many days of May."""
    earliest = Earliest()
    for day, infusion in steps:
        earliest.note(MAY + timedelta(days=day), infusion, Cause.RECORDED)
    return earliest


@pytest.mark.parametrize(
    ("steps", "since"),
    [
        ([], None),
        ([(0, JUNE)], 0),
        ([(0, JUNE - timedelta(days=9)), (2, JUNE)], 0),
        ([(0, JUNE), (2, JUNE)], 0),
        ([(0, JUNE + timedelta(days=9)), (2, JUNE)], 2),
        ([(0, JUNE), (2, NEVER), (4, JUNE)], 4),
        ([(0, JUNE), (2, JUNE + timedelta(days=1)), (4, JUNE)], 4),
        ([(0, JUNE), (2, NEVER)], None),
    ],
)
def test_what_is_true_of_an_infusion_is_so_since_the_last_time_it_was_not(
    steps: list[tuple[int, date]], since: int | None
) -> None:
    found = noted(*steps).since(JUNE)
    assert (found and found[0]) == (None if since is None else MAY + timedelta(days=since))


@pytest.mark.parametrize(
    ("announced_before", "known_before", "verdict"),
    [
        (14, 300, Verdict.EARLY),
        (13, 300, Verdict.LATE),
        (13, 13, Verdict.AT_ONCE),
        (12, 13, Verdict.LATE),
        (0, 0, Verdict.AT_ONCE),
        (None, 0, Verdict.NO_TASK),
    ],
)
def test_in_time_is_two_weeks_before_or_as_soon_as_it_can_be_seen(
    announced_before: int | None, known_before: int, verdict: Verdict
) -> None:
    announced = None if announced_before is None else JUNE - timedelta(days=announced_before)
    assert verdict_on(JUNE, JUNE - timedelta(days=known_before), announced) is verdict


def test_a_stretch_of_work_lasts_until_nothing_waits_and_is_laid_out_first_due_first() -> None:
    days = frozenset(MAY + timedelta(days=number) for number in range(5))
    later, soon = MAY + timedelta(days=3), MAY + timedelta(days=1)
    items = [
        (Item(later, MAY, Job.SUBMIT, 1), later),
        (Item(soon, MAY, Job.ANSWER, 2), later),
        (Item(later, later, Job.CHASE, 3), later),
    ]
    laid_out = [[(item.number, on) for item, _, on in stretch] for stretch in stretches(items, 1, days)]
    assert laid_out == [[(2, MAY), (1, soon)], [(3, later)]]
