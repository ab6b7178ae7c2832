"""Time, age, CSF and function, exact to the day and the unit."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from priorauth.facts.clinical import completed_years, months_between
from priorauth.facts.context import Context
from schemas.base import ConditionId, Phase
from schemas.chart import FactValue
from schemas.treatment import TreatmentRequest
from tests.electrodiagnosis.cases import AS_OF, case, fact, facts, score, unknown, value_of


DAYS = st.dates(date(2000, 1, 1), date(2040, 1, 1))


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2026, 9, 23), date(2026, 11, 23), "2"),
        (date(2026, 9, 24), date(2026, 11, 23), "1.96"),
        (date(2026, 10, 22), date(2026, 11, 23), "1.03"),
        (date(2026, 12, 31), date(2027, 2, 28), "2"),
        (date(2026, 12, 31), date(2027, 2, 27), "1.96"),
        (date(2024, 2, 29), date(2025, 2, 28), "12"),
        (date(2026, 11, 23), date(2026, 11, 23), "0"),
    ],
)
def test_months_are_calendar_months(start: date, end: date, months: str) -> None:
    assert months_between(start, end) == Decimal(months)


@given(DAYS, st.integers(0, 3000), st.integers(1, 60))
def test_later_day_never_makes_fewer_months(start: date, days: int, more: int) -> None:
    end = start + timedelta(days=days)
    assert months_between(start, end) <= months_between(start, end + timedelta(days=more))


@given(DAYS, st.integers(0, 2000))
def test_months_differ_from_days_by_no_more_than_the_lengths_of_months(start: date, days: int) -> None:
    months = months_between(start, start + timedelta(days=days))
    assert days / 31 - 1 <= months <= days / 28


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(1972, 11, 23), AS_OF, 54),
        (date(1972, 11, 24), AS_OF, 53),
        (date(2004, 2, 29), date(2026, 2, 28), 21),
        (date(2004, 2, 29), date(2026, 3, 1), 22),
    ],
)
def test_age_in_completed_years(born: date, day: date, years: int) -> None:
    assert completed_years(born, day) == years


def test_age_needs_a_date_of_birth_and_does_not_repeat_it() -> None:
    assert unknown(case(born=None).resolve("age")).missing == ("age",)
    context = case(born=date(1972, 11, 24))
    assert value_of(context, "age") == 53
    assert "1972" not in context.resolve("age").reason


def onset(day: date, request: TreatmentRequest | None = None) -> Context:
    return case(facts=(fact("symptom_onset", day),), request=request)


@pytest.mark.parametrize(
    ("request_", "weeks"),
    [
        (TreatmentRequest(phase=Phase.INITIATION), 4),
        (TreatmentRequest(phase=Phase.INITIATION, requested_on=date(2026, 11, 16)), 3),
        (
            TreatmentRequest(
                phase=Phase.INITIATION, requested_on=date(2026, 11, 16), starts=date(2026, 11, 30)
            ),
            5,
        ),
    ],
)
def test_weeks_run_to_the_date_of_service_else_the_request_else_today(
    request_: TreatmentRequest, weeks: int
) -> None:
    assert value_of(onset(date(2026, 10, 26), request_), "weeks_since_onset") == weeks


def test_four_weeks_and_a_day_are_more_than_four_weeks() -> None:
    assert value_of(onset(date(2026, 10, 25)), "weeks_since_onset") == Decimal("4.14")


def test_onset_after_today_is_a_contradiction() -> None:
    for key in ("symptom_duration_months", "weeks_since_onset"):
        assert unknown(onset(date(2026, 12, 1)).resolve(key)).missing == ("symptom_onset",)


# --- CSF --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "protein", "cells", "expected"),
    [
        (ConditionId.CIDP, "45.1", 9, True),
        (ConditionId.CIDP, "45", 9, False),
        (ConditionId.CIDP, "118", 10, False),
        (ConditionId.GBS, "118", 49, True),
        (ConditionId.GBS, "118", 50, False),
    ],
)
def test_csf_protein_raised_with_few_cells(
    condition: ConditionId, protein: str, cells: int, expected: bool
) -> None:
    context = case(condition, facts=facts(csf_protein=Decimal(protein), csf_cells=cells))
    assert value_of(context, "csf.albuminocytologic_dissociation") is expected


def test_csf_protein_is_converted_from_grams_per_litre() -> None:
    entries = (fact("csf_protein", Decimal("1.18"), unit="g/L"), fact("csf_cells", 2))
    assert value_of(case(facts=entries), "csf.albuminocytologic_dissociation") is True


def test_normal_protein_decides_without_a_cell_count_and_raised_protein_does_not() -> None:
    assert value_of(case(facts=facts(csf_protein=40)), "csf.albuminocytologic_dissociation") is False
    assert unknown(
        case(facts=facts(csf_protein=118)).resolve("csf.albuminocytologic_dissociation")
    ).missing == ("csf_cells",)


def test_protein_and_cells_of_different_days_are_not_one_sample() -> None:
    entries = (fact("csf_protein", 118, date(2026, 10, 1)), fact("csf_cells", 2, date(2026, 10, 2)))
    assert "one sample" in unknown(case(facts=entries).resolve("csf.albuminocytologic_dissociation")).reason


# --- Function ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "value", "expected"),
    [
        ("incat", 4, True),
        ("incat", 3, "unknown"),
        ("incat", 2, "unknown"),
        ("incat", 1, False),
        ("modified_rankin", 3, True),
        ("modified_rankin", 2, False),
        ("i_rods", 20, "unknown"),
    ],
)
def test_disability_from_a_score_where_it_is_beyond_doubt(measure: str, value: int, expected: object) -> None:
    assert (
        value_of(case(measurements=(score(measure, value, AS_OF),)), "function.moderate_to_severe")
        == expected
    )


@pytest.mark.parametrize(
    ("grade", "expected"), [("none", False), ("mild", False), ("moderate", True), ("severe", True)]
)
def test_disability_as_the_neurologist_grades_it(grade: str, expected: bool) -> None:
    assert value_of(case(facts=facts(functional_disability=grade)), "function.moderate_to_severe") is expected


@pytest.mark.parametrize(
    ("walks", "measure", "value", "contradicts"),
    [
        (False, "incat", 1, True),
        (False, "incat", 2, False),
        (True, "adjusted_incat", 9, True),
        (True, "adjusted_incat", 8, False),
        (True, "onls", 12, False),
    ],
)
def test_a_gait_contradicts_a_score_that_no_division_between_arms_and_legs_explains(
    walks: bool, measure: str, value: int, contradicts: bool
) -> None:
    context = case(facts=facts(walks_unaided=walks), measurements=(score(measure, value, AS_OF),))
    assert value_of(context, "function.gait_contradicts_score") is contradicts


def test_a_gait_of_another_day_contradicts_no_score() -> None:
    measured = score("incat", 1, AS_OF - timedelta(days=1))
    context = case(facts=facts(walks_unaided=False), measurements=(measured,))
    assert value_of(context, "function.gait_contradicts_score") is False


def test_what_has_been_examined_again_since_contradicts_no_more() -> None:
    earlier = AS_OF - timedelta(days=40)
    context = case(
        facts=(fact("walks_unaided", False, earlier), fact("walks_unaided", False)),
        measurements=(score("incat", 1, earlier), score("incat", 4, AS_OF)),
    )
    assert value_of(context, "function.gait_contradicts_score") is False


def test_grade_and_score_that_contradict_each_other_leave_it_open() -> None:
    context = case(facts=facts(functional_disability="mild"), measurements=(score("incat", 6, AS_OF),))
    assert "contradict" in unknown(context.resolve("function.moderate_to_severe")).reason


@pytest.mark.parametrize(
    ("documented", "expected"),
    [
        ({"walks_unaided": False}, True),
        ({"walks_unaided": True}, "unknown"),
        ({"walks_unaided": True, "respiratory_weakness": False}, False),
        ({"walks_unaided": True, "respiratory_weakness": True}, True),
        ({"respiratory_weakness": False}, "unknown"),
        ({"forced_vital_capacity": 19}, True),
        ({"forced_vital_capacity": 20}, "unknown"),
    ],
)
def test_severe_gbs_by_gait_and_breathing(documented: dict[str, FactValue], expected: object) -> None:
    assert value_of(case(ConditionId.GBS, facts=facts(**documented)), "function.gbs_severe") == expected


@pytest.mark.parametrize(
    ("documented", "expected"),
    [
        ({"walks_unaided": False}, True),
        ({"walks_unaided": True, "respiratory_weakness": True}, False),
        ({"respiratory_weakness": True}, "unknown"),
        ({"forced_vital_capacity": 15}, "unknown"),
    ],
)
def test_whether_a_patient_needs_aid_to_walk_is_no_question_of_breathing(
    documented: dict[str, FactValue], expected: object
) -> None:
    context = case(ConditionId.GBS, facts=facts(**documented))
    assert value_of(context, "function.cannot_walk_unaided") == expected


@pytest.mark.parametrize(("grade", "expected"), [(2, False), (3, True), (5, True)])
def test_severe_gbs_by_the_disability_scale(grade: int, expected: bool) -> None:
    assert (
        value_of(
            case(ConditionId.GBS, measurements=(score("gbs_disability_scale", grade, AS_OF),)),
            "function.gbs_severe",
        )
        is expected
    )


def test_newer_of_gait_and_scale_decides() -> None:
    recovered = score("gbs_disability_scale", 2, AS_OF)
    context = case(
        ConditionId.GBS, facts=facts(date(2026, 11, 3), walks_unaided=False), measurements=(recovered,)
    )
    assert value_of(context, "function.gbs_severe") is False


def test_gait_and_scale_of_one_day_that_disagree_leave_it_open() -> None:
    context = case(
        ConditionId.GBS,
        facts=facts(walks_unaided=False),
        measurements=(score("gbs_disability_scale", 2, AS_OF),),
    )
    assert "contradict" in unknown(context.resolve("function.gbs_severe")).reason


@pytest.mark.parametrize(("days", "expected"), [(30, True), (31, "unknown")])
def test_disability_scale_of_gbs_is_fresh_for_thirty_days(days: int, expected: object) -> None:
    scored = score("gbs_disability_scale", 4, AS_OF - timedelta(days=days))
    assert value_of(case(ConditionId.GBS, measurements=(scored,)), "function.gbs_severe") == expected
