"""How certain the diagnosis is: a letter says the level its guideline gives, and no more than conduction carries."""

from __future__ import annotations

from decimal import Decimal

import pytest

from priorauth.letters.compose import compose_letter
from priorauth.verification import verify
from schemas.assessment import Assessment
from schemas.case import Case
from schemas.chart import NerveKind, NerveRecording
from tests.letters.samples import letter
from tests.samples import AS_OF, assessment, cases, knowledge


PRACTICE = "For the practice: remove this page before sending"


def _with_normal_sensation(case: Case) -> Case:
    """Make every sensory value normal, and add the radial nerve so that four are measured."""
    (study,) = case.chart.nerve_studies
    sensory = [_normal(one) for one in study.recordings if one.kind is NerveKind.SENSORY]
    motor = [one for one in study.recordings if one.kind is NerveKind.MOTOR]
    fourth = sensory[0].model_copy(update={"nerve": "radial"})
    changed = study.model_copy(update={"recordings": (*motor, *sensory, fourth)})
    return case.model_copy(update={"chart": case.chart.model_copy(update={"nerve_studies": (changed,)})})


def _normal(recording: NerveRecording) -> NerveRecording:
    segments = tuple(
        segment.model_copy(
            update={
                "amplitude": (segment.amplitude_lower or Decimal(5)) * 2,
                "velocity_m_s": segment.velocity_lower_m_s and segment.velocity_lower_m_s + 5,
                "latency_ms": segment.latency_upper_ms and segment.latency_upper_ms - 1,
            }
        )
        for segment in recording.segments
    )
    return recording.model_copy(update={"segments": segments})


def _assessed(case: Case) -> tuple[Assessment, str, str]:
    """Return the assessment, the letter and its page for the practice."""
    assessed = verify(case, as_of=AS_OF, knowledge=knowledge())
    lines = " ".join(compose_letter(case, assessed, knowledge=knowledge()).record.lines)
    said, _, practice = lines.partition(PRACTICE)
    return assessed, said, practice


def test_normal_sensory_conduction_leaves_the_diagnosis_open() -> None:
    assessed, said, practice = _assessed(_with_normal_sensation(cases()["01_cidp_initial"]))
    (confirmed,) = (finding for finding in assessed.findings if finding.criterion == "A3")

    assert assessed.recommendation == "information_missing"
    assert confirmed.status == "undocumented"
    assert "sensory conduction is normal" in confirmed.reason
    assert "Nerve conduction studies strongly support" not in said
    assert "Motor conduction strongly supports the diagnosis of CIDP by the EAN/PNS 2021 criteria" in said
    assert "CIDP by EAN/PNS 2021 (" not in said
    assert "Sensory conduction is normal; EAN/PNS 2021 asks for two abnormal sensory nerves" in practice
    assert "Not decided by EAN/PNS 2021, not CIDP or possible CIDP" in practice


def test_sensory_conduction_that_was_not_measured_is_asked_for() -> None:
    case = cases()["01_cidp_initial"]
    (study,) = case.chart.nerve_studies
    motor = tuple(one for one in study.recordings if one.kind is NerveKind.MOTOR)
    chart = case.chart.model_copy(update={"nerve_studies": (study.model_copy(update={"recordings": motor}),)})

    assessed, _, practice = _assessed(case.model_copy(update={"chart": chart}))

    assert "Sensory conduction is not measured" in practice
    assert any(item.ask.startswith("Sensory part of the EMG/NCS report") for item in assessed.work)


@pytest.mark.parametrize(
    ("name", "level", "said"),
    [
        (
            "01_cidp_initial",
            "CIDP by EAN/PNS 2021 (levels of certainty not verified)",
            "This is CIDP by EAN/PNS 2021 (clinical course progressive; onset",
        ),
        (
            "03_mmn_initial",
            "Definite MMN by EFNS/PNS 2010",
            "This is definite MMN by EFNS/PNS 2010 (clinical course",
        ),
        ("05_gbs_inpatient", "Brighton level 1: clinical findings, CSF and nerve study", None),
    ],
)
def test_the_level_of_certainty_is_told_by_letter_and_assessment(
    name: str, level: str, said: str | None
) -> None:
    lines = " ".join(letter(name).record.lines)
    text, _, practice = lines.partition(PRACTICE)

    assert assessment(name).certainty == level
    assert (said or level) in text
    assert "not verified" not in text
    assert ("The rule for these levels is not verified" in practice) == ("not verified" in level)
