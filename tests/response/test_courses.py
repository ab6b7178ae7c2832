"""Courses of outcome measures: what is compared with what, and what counts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from priorauth.facts.context import Context
from priorauth.response.courses import CourseVerdict, MeasureCourse, Obstacle, measure_courses
from schemas.base import ConditionId, Phase, Side
from schemas.chart import Measurement
from tests.electrodiagnosis.cases import AS_OF, case, fact, score


START = date(2026, 1, 10)
BEFORE, MONTH_4, NOW = date(2026, 1, 5), date(2026, 5, 10), date(2026, 11, 9)


def treated(
    *scores: Measurement, condition: ConditionId = ConditionId.CIDP, start: date | None = START
) -> Context:
    given_doses = () if start is None else (fact("first_dose", start),)
    return case(condition, phase=Phase.CONTINUATION, facts=given_doses, measurements=scores)


def only(context: Context) -> MeasureCourse:
    courses = measure_courses(context)
    assert len(courses) == 1
    return courses[0]


def incat(*values: tuple[date, int]) -> MeasureCourse:
    return only(treated(*(score("incat", value, day) for day, value in values)))


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        (((BEFORE, 6), (NOW, 5)), "improved"),
        (((BEFORE, 6), (MONTH_4, 2), (NOW, 2)), "maintained"),
        (((BEFORE, 6), (MONTH_4, 6), (NOW, 2)), "improved"),
        (((BEFORE, 6), (NOW, 6)), "stable"),
        (((BEFORE, 6), (NOW, 7)), "worse"),
        (((BEFORE, 6), (MONTH_4, 2), (NOW, 4)), "improved"),
        (((BEFORE, 6), (MONTH_4, 2), (NOW, 6)), "worse"),
    ],
)
def test_verdict_of_a_scale_on_which_less_is_better(
    values: tuple[tuple[date, int], ...], verdict: str
) -> None:
    assert incat(*values).verdict.value == verdict


@pytest.mark.parametrize(
    ("measure", "before", "now", "verdict"),
    [
        ("i_rods", 40, 44, "improved"),
        ("i_rods", 40, 43, "stable"),
        ("i_rods", 40, 36, "worse"),
        ("mrc_sum_score", 50, 52, "improved"),
        ("mrc_sum_score", 50, 51, "stable"),
        ("grip_martin_vigorimeter", 30, 38, "improved"),
        ("grip_martin_vigorimeter", 30, 37, "stable"),
        ("grip_jamar", 20, 22, "improved"),
        ("grip_jamar", 20, 21, "stable"),
        ("ten_metre_walk", 10, 8, "improved"),
        ("ten_metre_walk", 10, 9, "stable"),
        ("gbs_disability_scale", 4, 3, "improved"),
        ("onls", 5, 4, "improved"),
    ],
)
def test_change_counts_from_the_smallest_change_of_the_measure(
    measure: str, before: int, now: int, verdict: str
) -> None:
    assert only(treated(score(measure, before, BEFORE), score(measure, now, NOW))).verdict.value == verdict


def test_course_holds_baseline_best_latest_and_change() -> None:
    course = incat((BEFORE, 6), (date(2026, 3, 1), 2), (MONTH_4, 2), (NOW, 3))
    assert (course.baseline.value, course.best.value, course.best.on, course.latest.value) == (
        6,
        2,
        MONTH_4,
        3,
    )  # type: ignore[union-attr]
    assert (course.change, course.gain, course.needed) == (Decimal(-3), Decimal(3), Decimal(1))
    assert (
        course.why
        == "INCAT from 6 (2026-01-05, before treatment) to 3 (2026-11-09), on a scale of 0 to 10 where lower is better: improved by 3 points; a change of 1 point is clinically important; 1 lost since the best value 2 on 2026-05-10"
    )


def test_value_on_the_day_of_the_first_dose_is_the_baseline() -> None:
    assert incat((START, 6), (NOW, 2)).verdict is CourseVerdict.IMPROVED


def test_value_after_the_first_dose_is_never_made_a_baseline() -> None:
    course = incat((START + timedelta(days=1), 6), (NOW, 2))
    assert (course.baseline, course.verdict, course.obstacle) == (
        None,
        CourseVerdict.NOT_ASSESSABLE,
        Obstacle.NO_BASELINE,
    )
    assert "a baseline is not made up afterwards" in course.why


def test_last_value_before_the_first_dose_is_the_baseline() -> None:
    assert incat((date(2025, 6, 1), 3), (BEFORE, 6), (NOW, 5)).baseline.value == 6  # type: ignore[union-attr]


def test_scales_of_different_length_are_never_compared() -> None:
    sixty, eighty = score("mrc_sum_score", 50, BEFORE, out_of=60), score("mrc_sum_score", 70, NOW, out_of=80)
    courses = measure_courses(treated(sixty, eighty))
    assert {(course.out_of, course.obstacle) for course in courses} == {
        (60, Obstacle.NO_VALUE_ON_TREATMENT),
        (80, Obstacle.NO_BASELINE),
    }


def test_raw_and_centile_are_never_compared() -> None:
    courses = measure_courses(treated(score("i_rods", 20, BEFORE, out_of=48), score("i_rods", 60, NOW)))
    assert {course.verdict for course in courses} == {CourseVerdict.NOT_ASSESSABLE}


def test_sides_are_never_compared() -> None:
    right, left = (
        score("grip_martin_vigorimeter", 30, BEFORE, side=Side.RIGHT),
        score("grip_martin_vigorimeter", 47, NOW, side=Side.LEFT),
    )
    assert {course.verdict for course in measure_courses(treated(right, left))} == {
        CourseVerdict.NOT_ASSESSABLE
    }


@pytest.mark.parametrize(("days", "verdict"), [(183, "improved"), (184, "not_assessable")])
def test_latest_value_older_than_half_a_year_shows_nothing_of_today(days: int, verdict: str) -> None:
    assert incat((BEFORE, 6), (AS_OF - timedelta(days=days), 2)).verdict.value == verdict


@pytest.mark.parametrize(
    "unusable",
    [
        score("incat", 9, None),
        score("incat", 9, AS_OF + timedelta(days=1)),
        score("incat", 9, NOW, out_of=12),
        score("incat", 11, NOW),
        score("unheard_of", 9, NOW),
    ],
)
def test_unusable_value_changes_nothing(unusable: Measurement) -> None:
    usable = (score("incat", 6, BEFORE), score("incat", 2, NOW))
    assert measure_courses(treated(*usable, unusable)) == measure_courses(treated(*usable))


def test_two_values_of_one_day_that_differ_are_contradictory() -> None:
    assert incat((BEFORE, 6), (NOW, 2), (NOW, 5)).obstacle is Obstacle.CONTRADICTORY


def test_measure_without_a_smallest_change_is_not_assessable() -> None:
    course = only(treated(score("nine_hole_peg", 40, BEFORE), score("nine_hole_peg", 20, NOW)))
    assert course.obstacle is Obstacle.NO_SMALLEST_CHANGE


@pytest.mark.parametrize(
    ("phase", "says"),
    [
        (Phase.CONTINUATION, "day of the first dose is not documented"),
        (Phase.INITIATION, "no dose is documented yet"),
    ],
)
def test_without_a_first_dose_there_is_no_response(phase: Phase, says: str) -> None:
    course = only(case(phase=phase, measurements=(score("incat", 6, BEFORE), score("incat", 2, NOW))))
    assert course.obstacle is Obstacle.NO_FIRST_DOSE
    assert says in course.why


VALUES = st.lists(
    st.tuples(st.integers(-300, 300), st.integers(0, 10)), max_size=8, unique_by=lambda entry: entry[0]
)


@given(VALUES, st.randoms(use_true_random=False))
def test_order_of_entry_decides_nothing(values: list[tuple[int, int]], chance: object) -> None:
    scores = [score("incat", value, START + timedelta(days=day)) for day, value in values]
    shuffled = list(scores)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert measure_courses(treated(*scores)) == measure_courses(treated(*shuffled))


@given(st.integers(0, 10), st.integers(0, 10), st.integers(0, 10))
def test_better_latest_value_never_worsens_the_verdict(baseline: int, latest: int, better_by: int) -> None:
    rank = {"worse": 0, "stable": 1, "improved": 2, "maintained": 2}
    before = incat((BEFORE, baseline), (NOW, latest)).verdict.value
    after = incat((BEFORE, baseline), (NOW, max(latest - better_by, 0))).verdict.value
    assert rank[after] >= rank[before]


@given(VALUES)
def test_baseline_is_never_from_after_the_first_dose(values: list[tuple[int, int]]) -> None:
    scores = [score("incat", value, START + timedelta(days=day)) for day, value in values]
    for course in measure_courses(treated(*scores)):
        assert course.baseline is None or course.baseline.on <= START
        assert course.latest is None or course.latest.on > START
