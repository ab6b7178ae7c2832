"""Relapse by the working rule of the withdrawal phase of ProCID, and weeks on treatment."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Unknown
from priorauth.response.courses import CURRENT_WITHIN_DAYS, measure_courses
from priorauth.response.relapse import RULE_SET, relapse, weeks_on_treatment
from schemas.base import Phase, Side
from schemas.chart import Measurement
from tests.electrodiagnosis.cases import AS_OF, case, fact, score


BEFORE, MONTH_4, NOW = date(2026, 1, 5), date(2026, 5, 10), date(2026, 11, 9)


def treated(*scores: Measurement, start: date | None = date(2026, 1, 10)) -> Context:
    doses = () if start is None else (fact("first_dose", start),)
    return case(phase=Phase.CONTINUATION, facts=doses, measurements=scores)


@pytest.mark.parametrize(
    ("measure", "best", "now", "relapsed"),
    [
        ("adjusted_incat", 2, 2, False),
        ("adjusted_incat", 2, 3, True),
        ("grip_martin_vigorimeter", 40, 33, False),
        ("grip_martin_vigorimeter", 40, 32, True),
    ],
)
def test_relapse_is_one_point_of_adjusted_incat_or_8_kpa_of_one_hand(
    measure: str, best: int, now: int, *, relapsed: bool
) -> None:
    side = Side.RIGHT if measure.startswith("grip") else None
    found = relapse(treated(score(measure, best, MONTH_4, side=side), score(measure, now, NOW, side=side)))
    assert isinstance(found, Known)
    assert found.value is relapsed


@pytest.mark.parametrize(
    "scores",
    [
        (),
        (score("adjusted_incat", 6, BEFORE),),
        (score("adjusted_incat", 2, date(2026, 2, 1)),),
        (score("i_rods", 60, MONTH_4), score("i_rods", 40, NOW)),
    ],
    ids=["no measure", "only before treatment", "too old", "no standard error of I-RODS"],
)
def test_without_a_current_value_the_rule_decides_nothing(scores: tuple[Measurement, ...]) -> None:
    assert isinstance(relapse(treated(*scores)), Unknown)


def test_weeks_on_treatment_count_from_the_first_dose() -> None:
    found = weeks_on_treatment(treated(start=date(2026, 9, 7)))
    assert isinstance(found, Known)
    assert found.value == (Decimal((AS_OF - date(2026, 9, 7)).days) / 7).quantize(Decimal("0.01"))
    assert isinstance(weeks_on_treatment(treated(start=None)), Unknown)


def test_a_measure_counts_as_current_for_the_months_of_the_working_definition() -> None:
    months = treated().knowledge.rule_sets[RULE_SET].cutoff("examination_months_lenient").value
    assert round(months * Decimal("30.4375")) == CURRENT_WITHIN_DAYS


@pytest.mark.parametrize(
    ("measure", "before", "now", "doubted"),
    [("grip_jamar", 20, 22, True), ("six_minute_walk", 300, 330, True), ("adjusted_incat", 6, 5, False)],
)
def test_a_smallest_change_that_is_not_verified_says_so(
    measure: str, before: int, now: int, *, doubted: bool
) -> None:
    side = Side.RIGHT if measure.startswith("grip") else None
    (course,) = measure_courses(
        treated(score(measure, before, BEFORE, side=side), score(measure, now, NOW, side=side))
    )
    assert ("not verified" in course.why) is doubted
