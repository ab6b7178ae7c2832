"""The clinical criteria of the three conditions: yes, no, and not documented."""

from __future__ import annotations

from datetime import date

import pytest

from priorauth.facts.context import Context
from schemas.base import ConditionId
from schemas.chart import FactValue
from tests.electrodiagnosis.cases import case, fact, facts, reason_of, unknown, value_of


KEY = "diagnosis.clinically_supported"
TYPICAL: dict[str, FactValue] = {
    "course_pattern": "progressive",
    "symptom_onset": date(2026, 4, 20),
    "weakness_pattern": "symmetric_proximal_and_distal",
    "sensory_loss": "two_or_more_limbs",
    "reflexes": "absent_all_limbs",
}
ACUTE: dict[str, FactValue] = {
    "weakness": True,
    "weakness_pattern": "legs_then_arms",
    "reflexes": "absent_all_limbs",
    "course_pattern": "progressive",
    "symptom_onset": date(2026, 11, 18),
}


def cidp(**changed: FactValue) -> Context:
    return case(facts=facts(**{**TYPICAL, **changed}))


def gbs(**changed: FactValue) -> Context:
    return case(ConditionId.GBS, facts=facts(**{**ACUTE, **changed}))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, True),
        ({"course_pattern": "relapsing"}, True),
        ({"course_pattern": "monophasic"}, False),
        ({"symptom_onset": date(2026, 9, 28)}, True),  # 56 days
        ({"symptom_onset": date(2026, 9, 29)}, False),
        ({"reflexes": "reduced_all_limbs"}, True),
        ({"reflexes": "reduced_affected_limbs"}, False),
        ({"reflexes": "brisk"}, False),
        ({"sensory_loss": "none"}, True),  # motor CIDP
        ({"weakness_pattern": "symmetric_distal", "reflexes": "ankles_only"}, True),
        ({"weakness_pattern": "asymmetric_multifocal", "reflexes": "reduced_affected_limbs"}, True),
        (
            {
                "weakness_pattern": "asymmetric_multifocal",
                "sensory_loss": "none",
                "reflexes": "reduced_affected_limbs",
            },
            False,
        ),
        ({"weakness_pattern": "none"}, True),  # sensory CIDP, reflexes lost in all limbs
        ({"weakness_pattern": "none", "sensory_loss": "distal_stocking", "reflexes": "ankles_only"}, False),
    ],
)
def test_typical_cidp_and_its_variants(changed: dict[str, FactValue], expected: bool) -> None:
    assert value_of(cidp(**changed), KEY) is expected


def test_variant_is_named() -> None:
    assert reason_of(cidp(weakness_pattern="symmetric_distal"), KEY).startswith("Distal variant of CIDP")


def test_no_weakness_says_the_pattern_is_none() -> None:
    documented = {key: value for key, value in TYPICAL.items() if key != "weakness_pattern"}
    assert value_of(case(facts=facts(**documented, weakness=False)), KEY) is True


@pytest.mark.parametrize("key", list(TYPICAL))
def test_finding_not_documented_leaves_cidp_open(key: str) -> None:
    documented = {name: value for name, value in TYPICAL.items() if name != key}
    assert unknown(case(facts=facts(**documented)).resolve(KEY)).missing == (key,)


def test_improvement_on_treatment_does_not_take_the_diagnosis_away() -> None:
    before = facts(date(2026, 7, 1), **TYPICAL)
    on_treatment = facts(
        date(2026, 11, 1),
        course_pattern="stable",
        reflexes="normal",
        sensory_loss="none",
        weakness_pattern="none",
    )
    context = case(facts=(*before, *on_treatment, fact("first_dose", date(2026, 7, 10))))
    assert value_of(context, KEY) is True


def test_normal_findings_on_treatment_alone_deny_nothing() -> None:
    on_treatment = facts(date(2026, 11, 1), **{**TYPICAL, "course_pattern": "stable"})
    context = case(facts=(*on_treatment, fact("first_dose", date(2026, 7, 10))))
    unknown(context.resolve(KEY))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, True),
        ({"weakness": False, "weakness_pattern": "none"}, False),
        ({"weakness_pattern": "focal"}, False),
        ({"reflexes": "normal"}, "unknown"),  # may still be normal early
        ({"course_pattern": "relapsing"}, False),
        ({"symptom_onset": date(2026, 10, 26)}, True),  # day 28, no nadir yet
        ({"symptom_onset": date(2026, 10, 25)}, "unknown"),  # day 29, nadir not documented
        ({"symptom_onset": date(2026, 9, 1), "nadir": date(2026, 9, 29)}, True),
        ({"symptom_onset": date(2026, 9, 1), "nadir": date(2026, 9, 30)}, False),
    ],
)
def test_gbs(changed: dict[str, FactValue], expected: object) -> None:
    assert value_of(gbs(**changed), KEY) == expected


@pytest.mark.parametrize(("onset", "expected"), [(date(2026, 10, 23), False), (date(2026, 10, 22), True)])
def test_mmn_lasts_more_than_one_month(onset: date, expected: bool) -> None:
    context = case(
        ConditionId.MMN,
        facts=facts(
            course_pattern="stepwise_progressive",
            symptom_onset=onset,
            weakness_pattern="asymmetric_multifocal",
            motor_nerves_affected=2,
            sensory_loss="minor_vibration_legs",
            upper_motor_neuron_signs=False,
            bulbar_signs=False,
        ),
    )
    assert value_of(context, KEY) is expected


def test_request_without_a_condition_has_no_criteria() -> None:
    assert unknown(case(None).resolve(KEY)).missing == ("request.condition",)
