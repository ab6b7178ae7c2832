"""The doses a continuation asks for lie on the rhythm of the course."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from priorauth.course_days import first_dose_asked
from schemas.base import Route
from schemas.case import Case
from schemas.treatment import Course, PlannedInfusion
from tests.samples import AS_OF, assessment, cases, knowledge


def _without_calendar(name: str) -> Case:
    case = cases()[name]
    return case.model_copy(update={"course": case.course.model_copy(update={"planned": ()})})


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("02_cidp_continuation", date(2026, 12, 26)),
        ("09_weight_change", date(2027, 1, 14)),
        ("10_expired_authorization", date(2026, 11, 27)),
        ("15_units_slip", date(2027, 1, 26)),
    ],
)
def test_a_course_goes_on_at_its_interval_with_and_without_a_calendar(name: str, first: date) -> None:
    assert first_dose_asked(cases()[name], knowledge().products, AS_OF) == first
    assert first_dose_asked(_without_calendar(name), knowledge().products, AS_OF) == first


def test_no_dose_is_dated_before_the_letter() -> None:
    case = cases()["10_expired_authorization"]
    assert case.request.starts < AS_OF
    assert all(day >= AS_OF for line in assessment("10_expired_authorization").doses for day in line.dates)


def test_a_dose_given_in_the_period_asked_for_is_the_first_of_it() -> None:
    case = _without_calendar("10_expired_authorization")
    request = case.request.model_copy(update={"starts": date(2026, 11, 1)})
    asked = case.model_copy(update={"request": request})
    assert first_dose_asked(asked, knowledge().products, AS_OF) == date(2026, 11, 6)


def test_a_course_that_begins_and_one_nobody_recorded_start_on_the_day_asked_for() -> None:
    initial = cases()["01_cidp_initial"]
    assert first_dose_asked(initial, knowledge().products, AS_OF) == initial.request.starts
    unrecorded = cases()["02_cidp_continuation"]
    chart = unrecorded.chart.model_copy(update={"infusions": ()})
    unrecorded = unrecorded.model_copy(update={"course": Course(), "chart": chart})
    assert first_dose_asked(unrecorded, knowledge().products, AS_OF) == unrecorded.request.starts


def _under_the_skin(product: str, *, starts: date = date(2026, 12, 20)) -> Case:
    """Gamunex-C was given on 10/31 and is booked for 11/28, 12/26, and every 28 days from there."""
    case = cases()["02_cidp_continuation"]
    changed = {"route": Route.SUBCUTANEOUS, "product": product, "starts": starts}
    return case.model_copy(update={"request": case.request.model_copy(update=changed)})


@pytest.mark.parametrize(
    ("starts", "first"),
    [
        (date(2026, 12, 20), date(2026, 12, 20)),
        (date(2026, 12, 5), date(2026, 12, 5)),
        (date(2026, 11, 29), date(2026, 12, 5)),
        (date(2026, 11, 24), date(2026, 11, 24)),
    ],
)
def test_under_the_skin_the_label_starts_a_week_after_the_last_infusion_and_not_at_the_next_one_booked(
    starts: date, first: date
) -> None:
    asked = _under_the_skin("hizentra", starts=starts)
    assert first_dose_asked(asked, knowledge().products, AS_OF) == first


def test_a_product_whose_label_gives_no_day_starts_on_the_day_asked_for() -> None:
    assert first_dose_asked(_under_the_skin("hyqvia"), knowledge().products, AS_OF) == date(2026, 12, 20)


def test_a_course_that_is_under_the_skin_already_goes_on_at_its_calendar() -> None:
    case = _under_the_skin("hizentra")
    given = case.chart.infusions[-1].model_copy(update={"product": "hizentra", "on": date(2026, 11, 20)})
    chart = case.chart.model_copy(update={"infusions": (*case.chart.infusions, given)})
    weekly = PlannedInfusion(on=date(2026, 12, 25), product="hizentra", grams=Decimal(16))
    course = Course(planned=(weekly,))
    going_on = case.model_copy(update={"chart": chart, "course": course})
    assert first_dose_asked(going_on, knowledge().products, AS_OF) == date(2026, 12, 25)


@pytest.mark.parametrize(
    "name", ["02_cidp_continuation", "04_mmn_continuation", "10_expired_authorization", "15_units_slip"]
)
def test_letter_and_calendar_count_the_same_grams(name: str) -> None:
    (line,) = assessment(name).doses
    assert {infusion.grams for infusion in cases()[name].course.planned} == {line.grams}
