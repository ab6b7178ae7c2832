"""The day to renew by, reckoned on days whose weekday is named."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from priorauth.deadlines import add_business_days, business_days, is_business_day, period_after
from priorauth.ledger_lines import LedgerLine
from priorauth.renew_by import Lack, PayerTime, lacks_of, need_for
from schemas.base import Urgency
from schemas.regulation import Period, TimeUnit
from schemas.renewal import Allowances, Level, LineKind, Need, Obstacle, TaskKind
from tests.renewals.courses import CASE_ID


USUAL = Allowances()
FIFTEEN_DAYS = Period(amount=15, unit=TimeUnit.CALENDAR_DAYS)
HOURS_72 = Period(amount=72, unit=TimeUnit.HOURS)
ENDS = date(2026, 12, 31)


def ending(infusion: date, *, obstacle: Obstacle = Obstacle.DATE, kind: TaskKind = TaskKind.RENEWAL) -> Lack:
    return Lack(
        kind=kind,
        infusion=infusion,
        words="the authorization ends",
        obstacle=obstacle,
        authorization_ends=ENDS,
    )


def need(
    lack: Lack,
    as_of: date,
    *,
    within: Period | None = FIFTEEN_DAYS,
    earliest_days: int | None = None,
    submitted_on: date | None = None,
    case_id: str = CASE_ID,
) -> Need:
    payer = PayerTime(within=within, earliest_days=earliest_days, submitted_on=submitted_on)
    return need_for(lack, case_id, as_of=as_of, payer=payer, allowances=USUAL)


def test_the_reckoning_of_a_renewal_over_the_holidays() -> None:
    found = need(ending(date(2027, 1, 5)), date(2026, 10, 5))
    assert found.because == (
        "the infusion planned on Tue 2027-01-05 is the first without cover: the authorization ends",
        "decision needed by Fri 2026-12-18, 10 business days before it",
        "asked for by Thu 2026-12-03: the plan may take 15 calendar days",
        "renew by Wed 2026-11-25: 5 business days kept for one request for information",
    )
    assert (found.window_starts, found.window_ends) == (date(2026, 11, 12), date(2026, 11, 25))
    assert found.urgency is Urgency.STANDARD


@pytest.mark.parametrize(
    ("infusion", "within", "renew_by"),
    [
        (date(2027, 1, 5), HOURS_72, date(2026, 12, 8)),  # Tue; 72 hours before Fri 18 December is Tue 15
        (date(2027, 1, 5), Period(amount=24, unit=TimeUnit.HOURS), date(2026, 12, 10)),
        (date(2027, 1, 5), Period(amount=5, unit=TimeUnit.BUSINESS_DAYS), date(2026, 12, 4)),
        (date(2027, 1, 5), None, date(2026, 11, 25)),  # unknown: 15 days assumed
        (date(2028, 3, 7), FIFTEEN_DAYS, date(2028, 1, 31)),  # a Monday, over the leap day
        (date(2027, 6, 21), FIFTEEN_DAYS, date(2027, 5, 13)),  # a Thursday, over Juneteenth as observed
    ],
)
def test_renew_by(infusion: date, within: Period | None, renew_by: date) -> None:
    assert need(ending(infusion), date(2026, 10, 5), within=within).renew_by == renew_by


def test_a_timeframe_that_is_not_known_is_said_to_be_assumed() -> None:
    found = need(ending(date(2027, 1, 5)), date(2026, 10, 5), within=None)
    assert "15 calendar days (assumed; its timeframe is not known)" in found.because[2]


def test_a_plan_that_takes_renewals_late_sets_the_first_day() -> None:
    found = need(ending(date(2027, 1, 5)), date(2026, 10, 5), earliest_days=30)
    assert (found.window_starts, found.renew_by, found.submit_on) == (date(2026, 12, 1),) * 3
    assert (
        found.because[-1] == "the plan accepts a renewal from Tue 2026-12-01, which outranks an earlier day"
    )


def test_a_plan_that_takes_renewals_early_changes_nothing() -> None:
    assert need(ending(date(2027, 1, 5)), date(2026, 10, 5), earliest_days=90) == need(
        ending(date(2027, 1, 5)), date(2026, 10, 5)
    )


def test_more_units_may_be_asked_for_on_any_day() -> None:
    lack = ending(date(2027, 1, 5), obstacle=Obstacle.UNITS)
    assert need(lack, date(2026, 10, 5), earliest_days=30).renew_by == date(2026, 11, 25)


def test_once_the_day_has_passed_the_answer_is_now() -> None:
    found = need(ending(date(2027, 1, 5)), date(2026, 12, 5))  # a Saturday
    assert (found.submit_on, found.urgency) == (date(2026, 12, 7), Urgency.STANDARD)
    assert found.because[-1] == (
        "that day has passed: submit now; a standard decision may come as late as Tue 2026-12-22"
    )


def test_it_is_expedited_where_a_standard_decision_would_come_too_late() -> None:
    found = need(ending(date(2027, 1, 5)), date(2026, 12, 21))
    assert (found.submit_on, found.urgency) == (date(2026, 12, 21), Urgency.EXPEDITED)
    assert found.because[-1] == (
        "that day has passed: submit now, expedited; a standard decision may come as late as Tue 2027-01-05"
    )


def test_an_authorization_that_expired_before_a_booked_infusion_is_expedited_at_once() -> None:
    lack = Lack(
        kind=TaskKind.RENEWAL,
        infusion=date(2026, 11, 27),
        words="the authorization ends on 2026-11-20",
        obstacle=Obstacle.DATE,
        authorization_ends=date(2026, 11, 20),
    )
    found = need(lack, date(2026, 11, 23))
    assert (found.submit_on, found.urgency, found.level) == (
        date(2026, 11, 23),
        Urgency.EXPEDITED,
        Level.PEER_TO_PEER,
    )


@pytest.mark.parametrize(
    ("before", "level"),
    [
        (90, Level.NONE),
        (61, Level.NONE),
        (60, Level.REMIND),
        (46, Level.REMIND),
        (45, Level.VISIT),
        (30, Level.SUBMIT),
        (15, Level.SUBMIT),
        (14, Level.ESCALATE),
        (8, Level.ESCALATE),
        (7, Level.PEER_TO_PEER),
        (1, Level.PEER_TO_PEER),
        (0, Level.HOLD_DECISION),
    ],
)
def test_levels_by_days_before_the_infusion_where_the_plan_decides_fast(before: int, level: Level) -> None:
    # A correction has no day that could have been missed, so only the days before the infusion count.
    infusion = date(2027, 3, 16)
    lack = ending(infusion, obstacle=Obstacle.SITE, kind=TaskKind.CORRECTION)
    day = Period(amount=24, unit=TimeUnit.HOURS)
    assert need(lack, infusion - timedelta(days=before), within=day).level == level


def test_a_renewal_not_sent_by_its_day_goes_to_the_supervisor() -> None:
    lack = ending(date(2027, 1, 5))
    assert need(lack, date(2026, 11, 25)).level is Level.SUBMIT
    assert need(lack, date(2026, 11, 26)).level is Level.ESCALATE


def test_a_slow_plan_moves_every_reminder_forward() -> None:
    slow = Period(amount=60, unit=TimeUnit.CALENDAR_DAYS)
    lack = ending(date(2027, 1, 5))
    found = need(lack, date(2026, 8, 1), within=slow)
    assert found.level is Level.NONE
    assert found.next_level_on == found.renew_by - timedelta(days=30)


def test_while_the_answer_is_awaited_nobody_is_pressed() -> None:
    found = need(ending(date(2027, 1, 5)), date(2026, 11, 30), submitted_on=date(2026, 11, 24))
    assert (found.level, found.decision_due, found.submit_on) == (
        Level.REMIND,
        date(2026, 12, 9),
        date(2026, 11, 24),
    )
    assert found.because[-1] == "submitted on Tue 2026-11-24, the plan has until Wed 2026-12-09"


def test_a_payer_silent_past_its_time_goes_to_the_supervisor() -> None:
    found = need(ending(date(2027, 1, 5)), date(2026, 12, 10), submitted_on=date(2026, 11, 24))
    assert found.level is Level.ESCALATE


infusions = st.dates(min_value=date(2026, 1, 1), max_value=date(2036, 12, 31))
ahead = st.integers(-10, 200)
timeframes = st.none() | st.builds(
    Period, amount=st.integers(1, 30), unit=st.sampled_from([TimeUnit.HOURS, TimeUnit.CALENDAR_DAYS, TimeUnit.BUSINESS_DAYS])
)  # fmt: skip


@given(infusions, ahead, timeframes)
def test_a_request_sent_by_its_day_is_decided_with_the_buffer_to_spare(
    infusion: date, before: int, within: Period | None
) -> None:
    found = need(ending(infusion), infusion - timedelta(days=before), within=within)
    reworked = add_business_days(found.renew_by, USUAL.rework_business_days)
    decided = period_after(reworked, within or FIFTEEN_DAYS)
    assert (
        len(business_days(decided + timedelta(days=1), infusion - timedelta(days=1)))
        >= USUAL.buffer_business_days - 1
    )
    assert decided <= add_business_days(infusion, -USUAL.buffer_business_days)


@given(infusions, ahead, timeframes, st.none() | st.integers(10, 120))
def test_the_suggested_day_is_a_business_day_of_the_window_or_the_next_one(
    infusion: date, before: int, within: Period | None, earliest: int | None
) -> None:
    today = infusion - timedelta(days=before)
    found = need(ending(infusion), today, within=within, earliest_days=earliest)
    assert is_business_day(found.submit_on)
    assert found.submit_on >= max(today, found.window_starts)
    assert found.submit_on <= found.window_ends or today >= found.window_ends - timedelta(days=4)


@given(
    infusions,
    ahead,
    st.integers(1, 100),
    timeframes,
    st.sampled_from([TaskKind.RENEWAL, TaskKind.CORRECTION]),
)
def test_a_need_never_becomes_less_pressing(
    infusion: date, before: int, later: int, within: Period | None, kind: TaskKind
) -> None:
    today = infusion - timedelta(days=before)
    lack = ending(infusion, kind=kind)
    now, then = need(lack, today, within=within), need(lack, today + timedelta(days=later), within=within)
    assert now.level <= then.level
    assert then.level == now.level or (
        now.next_level_on is not None and now.next_level_on <= today + timedelta(days=later)
    )


@given(infusions, st.integers(0, 120), timeframes)
def test_nothing_changes_before_the_day_named(infusion: date, before: int, within: Period | None) -> None:
    today = infusion - timedelta(days=before)
    now = need(ending(infusion), today, within=within)
    assume(now.next_level_on is not None)
    assert now.next_level_on is not None
    eve = need(ending(infusion), now.next_level_on - timedelta(days=1), within=within)
    assert eve.level == now.level


def test_a_hundred_renewals_of_one_day_are_spread_over_their_window() -> None:
    chosen = Counter(
        need(ending(date(2027, 1, 5)), date(2026, 10, 5), case_id=f"PA-{number:08d}").submit_on
        for number in range(100)
    )
    assert len(chosen) == USUAL.window_business_days
    assert max(chosen.values()) <= 25


def test_every_kind_of_lack_is_kept_with_its_first_infusion() -> None:
    def line(on: date, obstacle: Obstacle, kind: LineKind = LineKind.PLANNED) -> LedgerLine:
        return LedgerLine(
            on=on, kind=kind, product="privigen", dose_grams=Decimal(70), obstacle=obstacle, words="why"
        )

    lines = [
        line(date(2026, 12, 1), Obstacle.SITE),
        line(date(2026, 12, 22), Obstacle.WEIGHT),
        line(date(2027, 1, 12), Obstacle.UNITS),
        line(date(2027, 2, 2), Obstacle.DATE, LineKind.PROJECTED),
    ]
    assert [(lack.kind, lack.infusion, lack.obstacle) for lack in lacks_of(lines, [ENDS])] == [
        (TaskKind.CORRECTION, date(2026, 12, 1), Obstacle.SITE),
        (TaskKind.RENEWAL, date(2027, 1, 12), Obstacle.UNITS),
    ]
