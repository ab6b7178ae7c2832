"""A plan looks at the recent part of a course; the rest may be left out only because it changes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from priorauth.course_history import without_settled
from priorauth.ledger import course_ledger
from priorauth.ledger_lines import CourseLedger
from schemas.renewal import LineKind
from tests.renewals import courses
from tests.renewals.random_courses import random_course


TODAY = date(2026, 11, 23)


@given(st.integers(0, 10**9), st.dates(min_value=date(2026, 7, 1), max_value=date(2027, 9, 30)))
def test_what_is_left_out_changes_nothing_that_lies_ahead(seed: int, today: date) -> None:
    case, weights = random_course(seed)
    whole = course_ledger(case, courses.PRODUCTS, dosing_weights=weights)
    recent = course_ledger(without_settled(case, today), courses.PRODUCTS, dosing_weights=weights)
    assert [line.on for line in recent.uncovered(today)] == [line.on for line in whole.uncovered(today)]
    assert [line.on for line in recent.unrecorded(today)] == [line.on for line in whole.unrecorded(today)]
    until = recent.covered_until(today)
    assert until is None or until < today or until == whole.covered_until(today)
    numbers = {use.number for use in recent.uses}
    standing = [use for use in whole.uses if use.ends >= today]
    assert standing == [use for use in recent.uses if use.ends >= today]
    assert {use.number for use in standing} <= numbers
    assert _charges_ahead(recent, today) == _charges_ahead(whole, today)


def _charges_ahead(ledger: CourseLedger, today: date) -> list[tuple[date, LineKind, str | None, int]]:
    return [
        (line.on, line.kind, line.authorization, line.charged)
        for line in ledger.lines
        if line.on >= today and line.kind is not LineKind.GIVEN
    ]


def test_ten_years_come_down_to_the_last_two_authorizations_and_the_infusions_of_one() -> None:
    starts = TODAY - timedelta(days=3650)
    given_days = [starts + timedelta(days=21 * number) for number in range(173)]
    grants = [
        courses.grant(
            starts + timedelta(days=180 * number),
            starts + timedelta(days=180 * number + 179),
            2000,
            number=f"A{number}",
        )
        for number in range(21)
    ]
    case = courses.a_case(
        courses.every(21, TODAY, 4), grants, were_given=[courses.given(day) for day in given_days]
    )
    recent = without_settled(case, TODAY)
    assert [grant.number for grant in recent.course.authorizations] == ["A19", "A20"]
    assert len(recent.chart.infusions) <= 180 // 21 + 1


def test_the_order_of_entries_decides_nothing() -> None:
    case, _ = random_course(7)
    shuffled = list(case.course.authorizations)
    Random(1).shuffle(shuffled)  # noqa: S311 - a test, not a secret
    other = case.model_copy(
        update={"course": case.course.model_copy(update={"authorizations": tuple(shuffled)})}
    )
    kept = {grant.number for grant in without_settled(case, TODAY).course.authorizations}
    assert kept == {grant.number for grant in without_settled(other, TODAY).course.authorizations}
