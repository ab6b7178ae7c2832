"""Conduction block of MMN on both sides of each cut-off, the rule of two nerves, and the category."""

from __future__ import annotations

from datetime import date

import pytest

from priorauth.facts.context import Context
from priorauth.facts.resolution import Narrowed
from schemas.base import ConditionId, Side
from schemas.chart import FactValue, NerveRecording
from tests.electrodiagnosis.cases import case, facts, motor, nerve_study, sense, studied, unknown, value_of


BLOCK, NERVES, CATEGORY = "edx.mmn_block", "edx.mmn_nerves_with_block", "edx.mmn_category"
CLINICAL: dict[str, FactValue] = {
    "course_pattern": "progressive",
    "symptom_onset": date(2025, 9, 1),
    "weakness_pattern": "asymmetric_multifocal",
    "motor_nerves_affected": 2,
    "sensory_loss": "none",
    "upper_motor_neuron_signs": False,
    "bulbar_signs": False,
}


def blocked(
    nerve: str = "ulnar",
    fall: str = "58",
    rise: str = "12",
    side: Side = Side.LEFT,
    amplitude: str = "7",
    **more: object,
) -> NerveRecording:
    """A nerve whose area falls and whose duration rises by these percentages."""
    area = str(100 - float(fall)) if "." in fall else str(100 - int(fall))
    return motor(
        nerve,
        side,
        amplitude=amplitude,
        proximal=str(3),
        area="100",
        proximal_area=area,
        duration="10",
        proximal_duration=str(10 + int(rise) / 10),
        **more,
    )


def normal(nerve: str = "median", side: Side = Side.RIGHT) -> NerveRecording:
    return motor(nerve, side, area="30", proximal_area="29")


def of(*recordings: NerveRecording) -> Context:
    return studied(*recordings, condition=ConditionId.MMN)


@pytest.mark.parametrize(
    ("fall", "rise", "expected"),
    [
        ("50", "30", "definite"),
        ("49.9", "30", "probable"),
        ("30", "30", "probable"),
        ("29.9", "30", "none"),
        ("50", "31", "probable"),
        ("49.9", "31", "none"),
    ],
)
def test_grade_of_block_in_an_arm_nerve(fall: str, rise: str, expected: str) -> None:
    assert value_of(of(blocked(fall=fall, rise=rise), normal()), BLOCK) == expected


@pytest.mark.parametrize(("fall", "expected"), [("50", "definite"), ("49", "none")])
def test_leg_nerve_has_definite_block_only(fall: str, expected: str) -> None:
    assert value_of(of(blocked("fibular", fall=fall), normal()), BLOCK) == expected


@pytest.mark.parametrize(
    ("amplitude", "expected"), [("1.21", "definite"), ("1.2", "probable"), ("1", "probable")]
)
def test_definite_block_needs_a_distal_response_above_a_fifth_of_its_limit_and_one_millivolt(
    amplitude: str, expected: str
) -> None:
    assert value_of(of(blocked(amplitude=amplitude), normal()), BLOCK) == expected


def test_radial_block_is_probable() -> None:
    assert value_of(of(blocked("radial"), normal()), BLOCK) == "probable"


def test_tibial_block_does_not_count() -> None:
    assert value_of(of(blocked("tibial", rise="31"), normal(), normal("ulnar")), BLOCK) == "none"


def test_block_between_two_sites_at_the_elbow_is_no_long_segment() -> None:
    at_elbow = blocked(
        "radial", fall="40", distal_segment={"segment": "below elbow"}, proximal_segment={"segment": "elbow"}
    )
    assert value_of(of(at_elbow, normal(), normal("ulnar")), BLOCK) == "none"


def test_block_at_a_site_of_entrapment_is_left_out() -> None:
    crossing = blocked(proximal_segment={"segment": "above elbow"})
    assert value_of(of(crossing, normal(), normal("ulnar")), NERVES) == 0


def test_half_fall_of_area_without_durations_is_block_of_open_grade() -> None:
    resolution = of(
        blocked(rise="0").model_copy(
            update={
                "segments": tuple(row.model_copy(update={"duration_ms": None}) for row in blocked().segments)
            }
        ),
        normal(),
    ).resolve(BLOCK)
    assert isinstance(resolution, Narrowed)
    assert resolution.possible == ("probable", "definite")


def test_fall_of_amplitude_without_area_is_open() -> None:
    resolution = unknown(of(motor("ulnar", amplitude="10", proximal="4"), normal()).resolve(BLOCK))
    assert "area of the responses (right ulnar)" in resolution.reason


def test_amplitude_that_hardly_falls_excludes_block_without_area() -> None:
    assert value_of(of(motor("ulnar", amplitude="10", proximal="7.1"), motor("median")), BLOCK) == "none"


def test_one_nerve_searched_decides_no_negative() -> None:
    unknown(of(normal()).resolve(BLOCK))


def test_nerves_with_block_are_counted_once_each() -> None:
    assert value_of(of(blocked("ulnar"), blocked("radial", side=Side.RIGHT), normal()), NERVES) == 2
    assert value_of(of(blocked("ulnar"), normal()), NERVES) == 1


def test_count_of_two_is_known_though_other_values_are_missing() -> None:
    assert (
        value_of(
            of(blocked("ulnar"), blocked("median"), motor("ulnar", amplitude="10", proximal="4")), NERVES
        )
        == 2
    )


def test_count_of_one_is_open_while_another_nerve_could_be_second() -> None:
    unknown(of(blocked("ulnar"), motor("median", amplitude="10", proximal="4")).resolve(NERVES))


# --- Sensory conduction and category --------------------------------------------------------------------------------


def mmn(*recordings: NerveRecording, **changed: FactValue) -> Context:
    return case(ConditionId.MMN, studies=[nerve_study(recordings)], facts=facts(**{**CLINICAL, **changed}))


NORMAL_SENSORY = (sense("ulnar", Side.LEFT), sense("radial"), sense("median"))


def test_definite_block_with_normal_sensory_conduction_is_definite_mmn() -> None:
    context = mmn(blocked(), normal(), *NORMAL_SENSORY)
    assert value_of(context, CATEGORY) == "definite"
    assert value_of(context, "edx.sensory_normal") is True


def test_abnormal_sensory_conduction_of_the_blocked_nerve_takes_the_block_away() -> None:
    assert (
        value_of(
            mmn(blocked(), normal(), sense("ulnar", Side.LEFT, amplitude="2"), sense("median")), CATEGORY
        )
        == "not_mmn"
    )


def test_sensory_conduction_of_the_blocked_nerve_not_measured_leaves_the_category_open() -> None:
    resolution = mmn(blocked(), normal(), sense("median"), sense("radial")).resolve(CATEGORY)
    assert isinstance(resolution, Narrowed)
    assert "definite" in resolution.possible


def test_probable_block_needs_two_nerves_or_two_supportive_criteria() -> None:
    one, two = (
        (blocked(fall="40"), normal()),
        (blocked(fall="40"), blocked("radial", side=Side.RIGHT), normal()),
    )
    assert value_of(mmn(*two, *NORMAL_SENSORY), CATEGORY) == "probable"
    assert (
        value_of(mmn(*one, *NORMAL_SENSORY, anti_gm1="raised", mri_roots_or_plexus=True), CATEGORY)
        == "probable"
    )
    unknown(mmn(*one, *NORMAL_SENSORY).resolve(CATEGORY))


def test_negative_anti_gm1_does_not_exclude_definite_mmn() -> None:
    assert value_of(mmn(blocked(), normal(), *NORMAL_SENSORY, anti_gm1="negative"), CATEGORY) == "definite"


def test_one_affected_nerve_is_possible_mmn() -> None:
    assert (
        value_of(mmn(blocked(), normal(), *NORMAL_SENSORY, motor_nerves_affected=1), CATEGORY) == "possible"
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"upper_motor_neuron_signs": True},
        {"bulbar_signs": True},
        {"sensory_loss": "two_or_more_limbs"},
        {"weakness_pattern": "symmetric_distal"},
        {"course_pattern": "monophasic"},
    ],
)
def test_exclusion_makes_it_not_mmn_whatever_the_study_shows(changed: dict[str, FactValue]) -> None:
    assert value_of(mmn(blocked(), normal(), *NORMAL_SENSORY, **changed), CATEGORY) == "not_mmn"


def test_signs_not_looked_for_leave_the_category_open() -> None:
    documented = {key: value for key, value in CLINICAL.items() if key != "bulbar_signs"}
    context = case(
        ConditionId.MMN,
        studies=[nerve_study((blocked(), normal(), *NORMAL_SENSORY))],
        facts=facts(**documented),
    )
    assert "bulbar_signs" in unknown(context.resolve(CATEGORY)).missing


def test_block_in_a_leg_asks_nothing_of_sensory_conduction() -> None:
    assert (
        value_of(mmn(blocked("fibular"), normal(), sense("median"), sense("ulnar")), CATEGORY) == "definite"
    )
