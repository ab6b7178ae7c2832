"""Level of certainty by EAN/PNS 2021, and Brighton levels."""

from __future__ import annotations

from datetime import date

import pytest

from priorauth.facts.context import Context
from priorauth.facts.resolution import Narrowed
from schemas.base import ConditionId
from schemas.chart import FactValue, NerveRecording
from tests.electrodiagnosis.cases import (
    case,
    facts,
    four_nerves,
    motor,
    nerve_study,
    score,
    sense,
    unknown,
    value_of,
)
from tests.electrodiagnosis.test_bedside import ACUTE, TYPICAL


KEY = "edx.ean_pns_2021_certainty"
BRIGHTON = "gbs.brighton_level"
STRONG = (motor("ulnar", velocity="30"), motor("tibial", velocity="20"))
WEAK = (motor("ulnar", velocity="30"),)
SENSORY = {
    2: (sense("ulnar", amplitude="2"), sense("sural", amplitude="2")),
    1: (sense("ulnar", amplitude="2"), sense("sural")),
    0: (sense("ulnar"), sense("sural")),
}
NO_SUPPORT: dict[str, FactValue] = {
    "nerve_ultrasound_enlarged": False,
    "mri_roots_or_plexus": False,
    "csf_protein": 40,
    "csf_cells": 2,
    "nerve_biopsy_demyelination": False,
}
NO_RESPONSE = tuple(
    score(measure, value, day)
    for measure, value in (("incat", 5), ("mrc_sum_score", 50))
    for day in (date(2026, 1, 1), date(2026, 11, 1))
)


def cidp(motor_nerves: tuple[NerveRecording, ...], sensory: int, **changed: FactValue) -> Context:
    """A case with every supportive criterion documented as absent, but for what is changed."""
    stated = {
        **TYPICAL,
        "symptom_onset": date(2025, 6, 1),
        **NO_SUPPORT,
        "first_dose": date(2026, 1, 2),
        **changed,
    }
    recordings = (*four_nerves(*motor_nerves), *SENSORY[sensory])
    return case(
        studies=[nerve_study(recordings)], facts=facts(date(2026, 1, 1), **stated), measurements=NO_RESPONSE
    )


@pytest.mark.parametrize(
    ("motor_nerves", "sensory", "expected"),
    [
        (STRONG, 2, "cidp"),
        (STRONG, 1, "possible_cidp"),
        (STRONG, 0, "not_cidp"),
        (WEAK, 2, "possible_cidp"),
        (WEAK, 1, "possible_cidp"),
        (WEAK, 0, "not_cidp"),
        ((), 2, "not_cidp"),
    ],
)
def test_level_follows_motor_and_sensory_conduction(
    motor_nerves: tuple[NerveRecording, ...], sensory: int, expected: str
) -> None:
    assert value_of(cidp(motor_nerves, sensory), KEY) == expected


SUPPORTS = "edx.supports_cidp"
FOUR_NORMAL = tuple(sense(nerve) for nerve in ("median", "ulnar", "radial", "sural"))


@pytest.mark.parametrize(
    ("sensory", "words"),
    [
        (FOUR_NORMAL, "sensory conduction is normal"),
        (SENSORY[1], "sensory conduction is abnormal in one nerve only"),
        ((), "sensory conduction is not decided"),
        ((sense("ulnar", amplitude="2"),), "sensory conduction is not decided"),
    ],
)
def test_motor_conduction_alone_does_not_support_cidp(
    sensory: tuple[NerveRecording, ...], words: str
) -> None:
    context = case(studies=[nerve_study((*four_nerves(*STRONG), *sensory))], facts=facts(**TYPICAL))
    resolution = unknown(context.resolve(SUPPORTS))
    assert words in resolution.reason
    assert "edx.ean_pns_2021_sensory" in resolution.missing


def test_two_abnormal_sensory_nerves_beside_motor_conduction_support_cidp() -> None:
    assert value_of(cidp(STRONG, 2), SUPPORTS) is True


def test_supportive_criteria_make_up_for_a_second_sensory_nerve() -> None:
    assert value_of(cidp(STRONG, 1), SUPPORTS) == "unknown"
    support = {"nerve_ultrasound_enlarged": True, "mri_roots_or_plexus": True}
    assert value_of(cidp(STRONG, 1, **support), SUPPORTS) is True


def test_normal_sensory_conduction_is_no_contradiction_in_motor_cidp() -> None:
    stated = facts(**{**TYPICAL, "sensory_loss": "none"})
    context = case(studies=[nerve_study((*four_nerves(*STRONG), *FOUR_NORMAL))], facts=stated)
    assert value_of(context, SUPPORTS) is True
    assert context.resolve(SUPPORTS).reason.startswith("Motor CIDP, in which sensory conduction is normal. ")


@pytest.mark.parametrize(
    ("support", "expected"),
    [
        ({"nerve_ultrasound_enlarged": True}, "possible_cidp"),
        ({"nerve_ultrasound_enlarged": True, "mri_roots_or_plexus": True}, "cidp"),
    ],
)
def test_two_supportive_criteria_raise_possible_cidp(support: dict[str, FactValue], expected: str) -> None:
    assert value_of(cidp(WEAK, 2, **support), KEY) == expected


@pytest.mark.parametrize(
    ("protein", "cells", "expected"),
    # 53 years old, so the limit is 60 mg/dL; at most 10 cells
    [(61, 10, "cidp"), (60, 10, "possible_cidp"), (61, 11, "possible_cidp")],
)
def test_csf_supports_beyond_the_limit_for_the_age(protein: int, cells: int, expected: str) -> None:
    context = cidp(WEAK, 2, nerve_ultrasound_enlarged=True, csf_protein=protein, csf_cells=cells)
    assert value_of(context, KEY) == expected


def test_supportive_criteria_not_documented_leave_possible_cidp_open() -> None:
    context = case(studies=[nerve_study((*four_nerves(*WEAK), *SENSORY[2]))], facts=facts(**TYPICAL))
    resolution = context.resolve(KEY)
    assert isinstance(resolution, Narrowed)
    assert resolution.possible == ("possible_cidp", "cidp")
    assert {"csf_protein", "csf_cells", "nerve_ultrasound_enlarged"} <= set(resolution.missing)


def test_cidp_needs_no_lumbar_puncture_once_conduction_decides() -> None:
    context = case(studies=[nerve_study((*four_nerves(*STRONG), *SENSORY[2]))], facts=facts(**TYPICAL))
    assert value_of(context, KEY) == "cidp"


def test_distal_variant_asks_for_arm_nerves() -> None:
    legs = (motor("fibular", velocity="20"), motor("tibial", velocity="20"))
    arms = (motor("median", velocity="20"), motor("ulnar", velocity="20"))
    assert value_of(cidp(legs, 2, weakness_pattern="symmetric_distal"), KEY) == "possible_cidp"
    assert value_of(cidp(arms, 2, weakness_pattern="symmetric_distal"), KEY) == "cidp"


def test_multifocal_variant_asks_for_two_limbs() -> None:
    one_limb = (motor("median", proximal="4"), motor("ulnar", proximal="4"))
    two_limbs = (motor("median", proximal="4"), motor("fibular", proximal="2"))
    assert value_of(cidp(one_limb, 2, weakness_pattern="asymmetric_multifocal"), KEY) == "possible_cidp"
    assert value_of(cidp(two_limbs, 2, weakness_pattern="asymmetric_multifocal"), KEY) == "cidp"


def test_sensory_variant_reaches_possible_cidp_at_most() -> None:
    slow = {"weakness_pattern": "none"}
    recordings = (
        *four_nerves(),
        sense("ulnar", velocity="39"),
        sense("radial", velocity="39"),
        sense("sural"),
    )
    context = case(
        studies=[nerve_study(recordings)],
        facts=facts(
            date(2026, 1, 1),
            **{
                **TYPICAL,
                **slow,
                "symptom_onset": date(2025, 1, 1),
                **NO_SUPPORT,
                "mri_roots_or_plexus": True,
                "nerve_ultrasound_enlarged": True,
            },
        ),
    )
    assert value_of(context, KEY) == "possible_cidp"


@pytest.mark.parametrize(("normal_nerves", "expected"), [(4, "cidp"), (3, "possible_cidp")])
def test_motor_variant_asks_for_four_normal_sensory_nerves(normal_nerves: int, expected: str) -> None:
    sensory = [sense(nerve) for nerve in ("ulnar", "sural", "radial", "superficial_fibular")[:normal_nerves]]
    stated = {**TYPICAL, "sensory_loss": "none", **NO_SUPPORT}
    context = case(studies=[nerve_study((*four_nerves(*STRONG), *sensory))], facts=facts(**stated))
    resolution = context.resolve(KEY)
    reached = resolution.possible[0] if isinstance(resolution, Narrowed) else resolution.value  # type: ignore[union-attr]
    assert reached == expected


@pytest.mark.parametrize(
    ("now", "ultrasound", "expected"),
    [(2, True, "possible_cidp"), (2, False, "not_cidp"), (5, True, "not_cidp")],
)
def test_typical_picture_with_response_and_support_is_possible_without_conduction(
    now: int, ultrasound: bool, expected: str
) -> None:
    before = facts(
        date(2026, 1, 1),
        **{
            **TYPICAL,
            "symptom_onset": date(2025, 6, 1),
            **NO_SUPPORT,
            "nerve_ultrasound_enlarged": ultrasound,
            "first_dose": date(2026, 1, 2),
        },
    )
    scores = (
        score("incat", 5, date(2026, 1, 1)),
        score("incat", now, date(2026, 11, 1)),
        score("mrc_sum_score", 50, date(2026, 1, 1)),
        score("mrc_sum_score", 56, date(2026, 11, 1)),
    )
    context = case(studies=[nerve_study((*four_nerves(), *SENSORY[0]))], facts=before, measurements=scores)
    assert value_of(context, KEY) == expected


@pytest.mark.parametrize(
    "exclusion",
    [
        {"anti_mag": "high_titer"},
        {"nodal_antibody": "nf155"},
        {"poems": True},
        {"hereditary_neuropathy_confirmed": True},
    ],
)
def test_another_diagnosis_excludes_cidp_whatever_the_numbers(exclusion: dict[str, FactValue]) -> None:
    assert value_of(cidp(STRONG, 2, **exclusion), KEY) == "not_cidp"


# --- Brighton ---------------------------------------------------------------------------------------------------------

ABNORMAL = (motor("tibial", amplitude="1"), motor("fibular", amplitude="0.5"))


def gbs(*motor_nerves: NerveRecording, **changed: FactValue) -> Context:
    studies = [nerve_study(four_nerves(*motor_nerves))] if motor_nerves else []
    return case(ConditionId.GBS, studies=studies, facts=facts(**{**ACUTE, **changed}))


@pytest.mark.parametrize(
    ("motor_nerves", "csf", "level"),
    [
        (ABNORMAL, {"csf_protein": 90, "csf_cells": 4}, 1),
        (ABNORMAL, {"csf_protein": 90, "csf_cells": 49}, 1),
        (ABNORMAL, {"csf_protein": 90, "csf_cells": 50}, 3),
        (ABNORMAL, {"csf_protein": 40, "csf_cells": 4}, 2),
        (ABNORMAL, {}, 2),
        ((), {"csf_protein": 90, "csf_cells": 4}, 2),
        ((), {}, 3),
    ],
)
def test_brighton_level_follows_the_evidence(
    motor_nerves: tuple[NerveRecording, ...], csf: dict[str, FactValue], level: int
) -> None:
    assert value_of(gbs(*motor_nerves, **csf), BRIGHTON) == level


def test_clinical_findings_against_gbs_reach_no_level() -> None:
    assert value_of(gbs(course_pattern="relapsing"), BRIGHTON) == 4


def test_clinical_findings_not_documented_leave_the_level_open() -> None:
    documented = {key: value for key, value in ACUTE.items() if key != "reflexes"}
    assert "reflexes" in unknown(case(ConditionId.GBS, facts=facts(**documented)).resolve(BRIGHTON)).missing
