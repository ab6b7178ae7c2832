"""With a stated capacity every request has its turn: on a day of its window wherever a schedule exists."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from priorauth.deadlines import add_business_days, business_days, is_business_day
from priorauth.submission_days import in_turn
from schemas.base import Urgency
from schemas.renewal import CourseStatus, Level, Need, RenewalPlan, TaskKind


TODAY = date(2026, 11, 23)


def need(
    starts: date, ends: date, kind: TaskKind = TaskKind.RENEWAL, decision_due: date | None = None
) -> Need:
    return Need(
        kind=kind,
        infusion=ends + timedelta(days=40),
        words="why",
        renew_by=ends,
        window_starts=starts,
        window_ends=ends,
        submit_on=decision_due or starts,
        decision_due=decision_due,
        urgency=Urgency.STANDARD,
        level=Level.REMIND,
        because=("why",),
    )


def plan(number: int, *needs: Need) -> RenewalPlan:
    return RenewalPlan(
        case_id=f"PA-{number:08d}",
        as_of=TODAY,
        status=CourseStatus.RENEWAL_DUE,
        needs=needs,
        because=needs[0].because if needs else (),
    )


# A window begins and ends on business days; one that has passed is due today.
spans = st.lists(st.tuples(st.integers(-15, 20), st.integers(0, 10)), max_size=25)


def plans_of(found: list[tuple[int, int]]) -> list[RenewalPlan]:
    starts = [add_business_days(TODAY, first) for first, _ in found]
    return [
        plan(number, need(first, add_business_days(first, length)))
        for number, (first, (_, length)) in enumerate(zip(starts, found, strict=True))
    ]


def open_windows(plans: list[RenewalPlan]) -> list[tuple[date, date]]:
    return [(max(TODAY, one.needs[0].window_starts), max(TODAY, one.needs[0].window_ends)) for one in plans]


def room_for_all(windows: list[tuple[date, date]], capacity: int) -> bool:
    """Hall's condition, checked between every two days on which a window opens and closes."""
    return all(
        sum(first <= starts and ends <= last for starts, ends in windows)
        <= capacity * len(business_days(first, last))
        for first in {starts for starts, _ in windows}
        for last in {ends for _, ends in windows}
        if first <= last
    )


@given(spans, st.integers(1, 5))
def test_every_window_is_kept_wherever_a_schedule_exists(found: list[tuple[int, int]], capacity: int) -> None:
    plans = plans_of(found)
    moved, load = in_turn(plans, as_of=TODAY, capacity=capacity)
    windows = open_windows(plans)
    kept = all(
        starts <= one.needs[0].submit_on <= ends for one, (starts, ends) in zip(moved, windows, strict=True)
    )
    assert kept is room_for_all(windows, capacity)
    assert bool(load.crowds) is not kept


@given(spans, st.integers(1, 5))
def test_no_working_day_has_more_than_the_capacity(found: list[tuple[int, int]], capacity: int) -> None:
    moved, _ = in_turn(plans_of(found), as_of=TODAY, capacity=capacity)
    a_day = Counter(one.needs[0].submit_on for one in moved)
    assert max(a_day.values(), default=0) <= capacity
    assert all(is_business_day(day) and day >= TODAY for day in a_day)


@given(spans, st.integers(1, 3))
def test_a_crowd_is_counted_right_and_holds_every_missed_window(
    found: list[tuple[int, int]], capacity: int
) -> None:
    plans = plans_of(found)
    moved, load = in_turn(plans, as_of=TODAY, capacity=capacity)
    windows = open_windows(plans)
    for crowd in load.crowds:
        inside = sum(crowd.first <= starts and ends <= crowd.last for starts, ends in windows)
        assert (crowd.requests, crowd.room) == (
            inside,
            capacity * len(business_days(crowd.first, crowd.last)),
        )
        assert crowd.requests > crowd.room
    for one, (_, ends) in zip(moved, windows, strict=True):
        if one.needs[0].submit_on > ends:
            assert any(crowd.first <= ends <= crowd.last for crowd in load.crowds)


def test_the_plan_says_whose_turn_it_is_and_when_no_day_is_free() -> None:
    day = add_business_days(TODAY, 3)
    moved, load = in_turn([plan(1, need(day, day)), plan(2, need(day, day))], as_of=TODAY, capacity=1)
    assert [one.needs[0].submit_on for one in moved] == [date(2026, 11, 27), date(2026, 11, 30)]
    assert moved[0].because[-1] == (
        "its turn is on Fri 2026-11-27: the practice sends up to 1 requests a working day"
    )
    assert moved[1].because[-1].endswith(", and no earlier day is free")
    assert [(crowd.first, crowd.last, crowd.requests, crowd.room) for crowd in load.crowds] == [
        (day, day, 2, 1)
    ]


def test_needs_that_can_go_out_together_are_one_request() -> None:
    friday = add_business_days(TODAY, 3)
    both = plan(
        1,
        need(TODAY, friday, TaskKind.CORRECTION),
        need(friday, friday + timedelta(days=7), TaskKind.RENEWAL),
    )
    (moved,), load = in_turn([both], as_of=TODAY, capacity=1)
    assert load.fits
    assert [one.submit_on for one in moved.needs] == [friday, friday]


def test_what_lies_with_the_payer_takes_no_turn() -> None:
    sent = plan(1, need(TODAY, TODAY, decision_due=TODAY + timedelta(days=15)))
    moved, load = in_turn([sent], as_of=TODAY, capacity=1)
    assert moved == (sent,)
    assert load.days == {}
