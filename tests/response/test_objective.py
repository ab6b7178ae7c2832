"""Response by all measures together, baseline, current value and dependence."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from priorauth.facts.context import Context
from schemas.base import ConditionId, Phase, Side
from schemas.chart import FactValue, GivenInfusion, Measurement, Response, Therapy
from tests.electrodiagnosis.cases import AS_OF, SOURCE, case, fact, facts, reason_of, score, unknown, value_of
from tests.response.test_courses import BEFORE, MONTH_4, NOW, START, treated


OBJECTIVE, IMPROVED = "response.objective", "response.improved_since_baseline"
BASELINE, CURRENT, DEPENDENCE = (
    "baseline.objective_measure",
    "response.current_measure",
    "response.dependence_shown",
)


def change(measure: str, before: int, now: int, side: Side | None = None) -> tuple[Measurement, Measurement]:
    return score(measure, before, BEFORE, side=side), score(measure, now, NOW, side=side)


@pytest.mark.parametrize(
    ("measures", "response", "improved"),
    [
        (change("incat", 6, 2), "improved", True),
        ((*change("incat", 6, 2), *change("grip_martin_vigorimeter", 30, 31)), "improved", True),
        ((*change("incat", 6, 6), *change("grip_martin_vigorimeter", 30, 47)), "improved", True),
        (change("incat", 6, 6), "stable", False),
        (change("incat", 6, 7), "worse", False),
        ((*change("incat", 6, 7), *change("grip_martin_vigorimeter", 30, 47)), "worse", False),
        ((*change("incat", 6, 5), *change("i_rods", 40, 30)), "unknown", "unknown"),
    ],
)
def test_disability_decides_before_impairment(
    measures: tuple[Measurement, ...], response: str, improved: object
) -> None:
    context = treated(*measures)
    assert (value_of(context, OBJECTIVE), value_of(context, IMPROVED)) == (response, improved)


def test_dissent_of_another_measure_is_told() -> None:
    context = treated(*change("incat", 6, 2), *change("grip_martin_vigorimeter", 40, 30))
    assert "against it: Grip (vigorimeter) from 40" in reason_of(context, OBJECTIVE)


GRIP, WEAK_GRIP = change("grip_martin_vigorimeter", 22, 41), change("grip_martin_vigorimeter", 22, 29)


def test_strength_that_improved_is_told_beside_disability_that_did() -> None:
    context = treated(*change("incat", 6, 2), *GRIP)
    reason = reason_of(context, IMPROVED)
    assert reason.startswith("INCAT from 6")
    assert "; Grip (vigorimeter) from 22" in reason
    assert {fact.value for fact in context.resolve(IMPROVED).facts} >= {"22", "41"}


def test_in_mmn_strength_is_told_first() -> None:
    context = treated(*change("mmn_rods", 52, 68), *GRIP, condition=ConditionId.MMN)
    assert reason_of(context, IMPROVED).startswith("Grip (vigorimeter) from 22")
    assert "; MMN-RODS from 52" in reason_of(context, IMPROVED)


def test_a_change_of_strength_too_small_to_count_is_not_told() -> None:
    assert "Grip" not in reason_of(treated(*change("incat", 6, 2), *WEAK_GRIP), IMPROVED)


def test_either_hand_is_enough() -> None:
    context = treated(
        *change("grip_martin_vigorimeter", 30, 47, Side.RIGHT),
        *change("grip_martin_vigorimeter", 30, 31, Side.LEFT),
    )
    assert value_of(context, OBJECTIVE) == "improved"


@pytest.mark.parametrize("measure", ["pain_nrs", "r_fss", "inf_sensory_sum_score"])
def test_symptoms_and_sensory_scores_never_suffice(measure: str) -> None:
    context = treated(*change(measure, 8, 1))
    unknown(context.resolve(OBJECTIVE))
    unknown(context.resolve(BASELINE))


def test_feeling_better_is_no_measurement() -> None:
    context = case(
        phase=Phase.CONTINUATION,
        facts=(fact("first_dose", START), fact("subjective_improvement", value=True)),
    )
    assert "that the patient feels better is no measurement" in unknown(context.resolve(OBJECTIVE)).reason


def test_missing_baseline_is_asked_for_and_never_made_up() -> None:
    resolution = unknown(treated(score("incat", 2, NOW)).resolve(OBJECTIVE))
    assert resolution.missing == (BASELINE,)
    assert resolution.facts


def test_stale_measure_asks_for_a_current_one() -> None:
    context = treated(score("incat", 6, BEFORE), score("incat", 2, date(2026, 3, 1)))
    assert unknown(context.resolve(OBJECTIVE)).missing == (CURRENT,)


def test_measure_not_repeated_in_time_leaves_improvement_open() -> None:
    stale = (score("i_rods", 40, BEFORE), score("i_rods", 60, date(2026, 3, 1)))
    context = treated(*change("incat", 6, 6), *stale)
    assert value_of(context, OBJECTIVE) == "stable"
    unknown(context.resolve(IMPROVED))


def test_mmn_is_judged_by_strength_and_its_own_scale() -> None:
    assert (
        value_of(treated(*change("grip_jamar", 20, 25), condition=ConditionId.MMN), OBJECTIVE) == "improved"
    )
    unknown(treated(*change("inf_sensory_sum_score", 10, 1), condition=ConditionId.MMN).resolve(OBJECTIVE))


def test_strength_kept_in_mmn_is_stable_and_argued() -> None:
    context = treated(*change("grip_jamar", 20, 20), condition=ConditionId.MMN)
    assert value_of(context, OBJECTIVE) == "stable"
    assert "strength kept counts in its favour" in reason_of(context, OBJECTIVE)


def test_gbs_is_judged_by_its_disability_scale_or_by_walking() -> None:
    assert (
        value_of(treated(*change("gbs_disability_scale", 4, 2), condition=ConditionId.GBS), OBJECTIVE)
        == "improved"
    )
    gait = (
        fact("first_dose", START),
        fact("walks_unaided", value=False, dated=BEFORE),
        fact("walks_unaided", value=True, dated=START + timedelta(days=30)),
    )
    context = case(ConditionId.GBS, facts=gait)
    assert value_of(context, OBJECTIVE) == "improved"
    assert "30 days after the first dose" in reason_of(context, OBJECTIVE)


# --- First dose, baseline, current value ------------------------------------------------------------------------------


def infusion(day: date) -> GivenInfusion:
    return GivenInfusion(on=day, product="privigen", grams=Decimal(70), dated=day, source=SOURCE)


def test_earliest_documented_dose_is_the_first() -> None:
    scores = (score("incat", 6, BEFORE), score("incat", 2, NOW))
    earlier = infusion(BEFORE - timedelta(days=1))
    context = case(
        phase=Phase.CONTINUATION,
        facts=(fact("first_dose", START),),
        infusions=(earlier,),
        measurements=scores,
    )
    assert unknown(context.resolve(OBJECTIVE)).missing == (BASELINE,)


def test_dose_planned_after_today_is_no_first_dose() -> None:
    later = infusion(AS_OF + timedelta(days=1))
    context = case(phase=Phase.CONTINUATION, infusions=(later,), measurements=(score("incat", 6, BEFORE),))
    assert "first_dose" in unknown(context.resolve(BASELINE)).missing


def test_walking_counts_from_the_day_it_was_regained_for_good() -> None:
    gait = [
        (BEFORE, False),
        (START + timedelta(days=20), True),
        (START + timedelta(days=30), False),
        (START + timedelta(days=50), True),
    ]
    entries = (
        fact("first_dose", START),
        *(fact("walks_unaided", value=walks, dated=day) for day, walks in gait),
    )
    assert "50 days after the first dose" in reason_of(case(ConditionId.GBS, facts=entries), OBJECTIVE)


def test_therapy_with_an_immunoglobulin_is_a_first_dose_and_another_therapy_is_none() -> None:
    scores = (score("incat", 6, BEFORE), score("incat", 2, NOW))
    for treatment, response in (("privigen", "improved"), ("prednisone", "unknown")):
        therapy = Therapy(
            treatment=treatment, started=START, response=Response.UNKNOWN, dated=START, source=SOURCE
        )
        assert (
            value_of(case(phase=Phase.CONTINUATION, therapies=(therapy,), measurements=scores), OBJECTIVE)
            == response
        )


@pytest.mark.parametrize(
    ("dated", "expected"),
    [
        (AS_OF - timedelta(days=183), True),
        (AS_OF - timedelta(days=184), "unknown"),
        (AS_OF + timedelta(days=1), "unknown"),
        (None, "unknown"),
    ],
)
def test_baseline_before_any_dose_must_be_recent(dated: date | None, expected: object) -> None:
    assert value_of(case(measurements=(score("incat", 5, dated),)), BASELINE) == expected


def test_baseline_on_treatment_is_from_before_the_first_dose_whatever_its_age() -> None:
    assert value_of(treated(score("incat", 5, date(2024, 1, 1))), BASELINE) is True
    assert (
        "none can be made up afterwards" in unknown(treated(score("incat", 5, NOW)).resolve(BASELINE)).reason
    )
    assert "first_dose" in unknown(treated(score("incat", 5, NOW), start=None).resolve(BASELINE)).missing


@pytest.mark.parametrize(
    ("dated", "expected"), [(AS_OF - timedelta(days=183), True), (AS_OF - timedelta(days=184), "unknown")]
)
def test_current_measure_is_of_the_last_half_year(dated: date, expected: object) -> None:
    assert value_of(treated(score("incat", 5, dated)), CURRENT) == expected


def test_baseline_is_no_current_measure() -> None:
    start = AS_OF - timedelta(days=10)
    unknown(treated(score("incat", 5, start), start=start).resolve(CURRENT))


# --- Dependence -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("documented", "expected"),
    [
        ({"wear_off": True}, "unknown"),
        ({"deterioration_without_treatment": True}, True),
        ({"taper_result": "worsened"}, True),
        ({"taper_result": "tolerated", "wear_off": True}, "unknown"),
        ({"taper_result": "tolerated"}, "unknown"),
        ({"taper_result": "tolerated", "deterioration_without_treatment": False}, False),
        ({"taper_result": "not_attempted", "deterioration_without_treatment": False}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_dependence_by_what_the_record_states(documented: dict[str, FactValue], expected: object) -> None:
    assert value_of(case(facts=facts(**documented)), DEPENDENCE) == expected


def with_gap(*scores: Measurement) -> Context:
    """Infusions every 21 days, then a gap of 63 days."""
    days = [START + timedelta(days=21 * cycle) for cycle in range(10)]
    days.append(days[-1] + timedelta(days=63))
    return case(
        phase=Phase.CONTINUATION,
        infusions=tuple(map(infusion, days)),
        measurements=(score("incat", 6, BEFORE), *scores),
    )


GAP_BEGINS = START + timedelta(days=21 * 9)


def test_worsening_measured_in_a_gap_shows_dependence() -> None:
    context = with_gap(
        score("incat", 2, MONTH_4), score("incat", 5, GAP_BEGINS + timedelta(days=50)), score("incat", 2, NOW)
    )
    assert value_of(context, DEPENDENCE) is True
    assert "INCAT 2 (2026-05-10) → 5 (2026-09-06)" in reason_of(context, DEPENDENCE)


def test_worsening_while_a_dose_still_acts_is_no_gap() -> None:
    unknown(
        with_gap(score("incat", 2, MONTH_4), score("incat", 5, GAP_BEGINS + timedelta(days=20))).resolve(
            DEPENDENCE
        )
    )


def test_no_change_in_a_gap_shows_nothing() -> None:
    unknown(
        with_gap(score("incat", 2, MONTH_4), score("incat", 2, GAP_BEGINS + timedelta(days=50))).resolve(
            DEPENDENCE
        )
    )
