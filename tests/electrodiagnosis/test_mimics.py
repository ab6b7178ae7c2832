"""Mimics: found, excluded, or not looked for."""

from __future__ import annotations

from datetime import date

import pytest

from priorauth.facts.context import Context
from priorauth.facts.resolution import Narrowed
from schemas.base import ConditionId
from schemas.chart import Diagnosis, FactValue, NerveRecording
from tests.electrodiagnosis.cases import (
    AS_OF,
    SOURCE,
    case,
    facts,
    four_nerves,
    motor,
    nerve_study,
    reason_of,
    unknown,
    value_of,
)


KEY = "diagnosis.mimic"
LOOKED_FOR: dict[str, FactValue] = {"hba1c": 5, "vitamin_b12": 400, "immunofixation_normal": True}
UNIFORM = four_nerves(motor("median", velocity="25"), motor("ulnar", velocity="25"))
DEMYELINATING = four_nerves(motor("ulnar", velocity="30"), motor("tibial", velocity="20"))
LENGTH_DEPENDENT: dict[str, FactValue] = {
    "weakness": False,
    "sensory_loss": "distal_stocking",
    "reflexes": "ankles_only",
}


def cidp(*recordings: NerveRecording, codes: tuple[str, ...] = (), **documented: FactValue) -> Context:
    studies = [nerve_study(recordings)] if recordings else []
    diagnoses = tuple(Diagnosis(code=code, dated=AS_OF, source=SOURCE) for code in codes)
    return case(studies=studies, facts=facts(**documented), diagnoses=diagnoses)


@pytest.mark.parametrize(
    ("documented", "mimic"),
    [
        ({"anti_mag": "high_titer"}, "anti_mag"),
        ({"nodal_antibody": "nf155"}, "nodal_antibody"),
        ({"poems": True}, "poems"),
        ({"amyloidosis": True}, "amyloidosis"),
        ({"hereditary_neuropathy_confirmed": True}, "hereditary"),
        ({"neurotoxic_exposure": True}, "toxic"),
        ({"motor_neuron_disease": True}, "motor_neuron_disease"),
        ({"vasculitis": True}, "vasculitis"),
        ({"small_fiber_neuropathy": True}, "small_fiber"),
        ({"lumbosacral_radiculoplexus_neuropathy": True}, "radiculoplexus"),
        ({"lyme_or_diphtheria": True}, "infection"),
    ],
)
def test_documented_mimic_is_reported_even_where_the_usual_tests_are_normal(
    documented: dict[str, FactValue], mimic: str
) -> None:
    assert value_of(cidp(**LOOKED_FOR, **documented), KEY) == mimic


def test_none_needs_the_usual_tests() -> None:
    assert value_of(cidp(**LOOKED_FOR), KEY) == "none"
    assert value_of(cidp(**LOOKED_FOR), "diagnosis.mimics_looked_for") is True


@pytest.mark.parametrize("test", list(LOOKED_FOR))
def test_test_not_made_leaves_it_open_and_is_named(test: str) -> None:
    made = {key: value for key, value in LOOKED_FOR.items() if key != test}
    assert unknown(cidp(**made).resolve(KEY)).missing == (test,)
    assert unknown(cidp(**made).resolve("diagnosis.mimics_looked_for")).missing == (test,)


def test_silence_excludes_nothing_and_a_negative_test_excludes_its_mimic() -> None:
    assert isinstance(silent := cidp().resolve(KEY), Narrowed)
    assert {"none", "anti_mag", "poems"} <= set(silent.possible)
    assert isinstance(tested := cidp(anti_mag="negative").resolve(KEY), Narrowed)
    assert "anti_mag" not in tested.possible


def test_uniform_slowing_with_family_history_is_hereditary() -> None:
    context = cidp(*UNIFORM, **LOOKED_FOR, family_history_neuropathy=True)
    assert value_of(context, KEY) == "hereditary"
    assert value_of(context, "edx.ean_pns_2021") == "strongly_supportive"


def test_uniform_slowing_asks_for_family_history_before_none_is_said() -> None:
    assert set(unknown(cidp(*UNIFORM, **LOOKED_FOR).resolve(KEY)).missing) == {
        "family_history_neuropathy",
        "foot_deformity",
    }
    excluded = cidp(*UNIFORM, **LOOKED_FOR, hereditary_neuropathy_confirmed=False)
    assert value_of(excluded, KEY) == "none"


def test_diabetes_with_length_dependent_loss_and_no_demyelination_is_the_mimic() -> None:
    context = cidp(
        *four_nerves(),
        codes=("E11.42",),
        hba1c=9,
        vitamin_b12=400,
        immunofixation_normal=True,
        **LENGTH_DEPENDENT,
    )
    assert value_of(context, KEY) == "diabetic_polyneuropathy"


def test_diabetes_with_demyelination_excludes_nothing() -> None:
    context = cidp(
        *DEMYELINATING,
        codes=("E11.42",),
        hba1c=9,
        vitamin_b12=400,
        immunofixation_normal=True,
        **LENGTH_DEPENDENT,
    )
    assert value_of(context, KEY) == "none"


def test_diabetes_without_a_study_is_open() -> None:
    context = cidp(
        codes=("E11.42",), hba1c=9, vitamin_b12=400, immunofixation_normal=True, **LENGTH_DEPENDENT
    )
    assert "nerve_study_report" in unknown(context.resolve(KEY)).missing


@pytest.mark.parametrize(
    ("code", "mimic"), [("G60.0", "hereditary"), ("E85.1", "amyloidosis"), ("G12.21", "motor_neuron_disease")]
)
def test_code_that_names_one_mimic_is_a_finding(code: str, mimic: str) -> None:
    assert value_of(cidp(codes=(code,), **LOOKED_FOR), KEY) == mimic


@pytest.mark.parametrize("dated", [None, date(2027, 1, 1)])
def test_code_without_a_date_or_from_later_is_no_finding(dated: date | None) -> None:
    coded = (Diagnosis(code="G12.21", dated=dated, source=SOURCE),)
    assert value_of(case(facts=facts(**LOOKED_FOR), diagnoses=coded), KEY) == "none"


@pytest.mark.parametrize("code", ["G61.89", "G62.9", "E53.8"])
def test_code_that_may_mean_several_things_decides_nothing(code: str) -> None:
    assert value_of(cidp(codes=(code,), **LOOKED_FOR), KEY) == "none"


def test_paraprotein_asks_for_the_antibody_test() -> None:
    context = cidp(hba1c=5, vitamin_b12=400, paraprotein="igm_kappa")
    assert unknown(context.resolve(KEY)).missing == ("anti_mag",)
    assert (
        value_of(cidp(hba1c=5, vitamin_b12=400, paraprotein="igm_kappa", anti_mag="negative"), KEY) == "none"
    )


def test_upper_motor_neuron_signs_point_to_motor_neuron_disease_in_mmn_only() -> None:
    assert (
        value_of(case(ConditionId.MMN, facts=facts(upper_motor_neuron_signs=True)), KEY)
        == "motor_neuron_disease"
    )
    assert value_of(cidp(**LOOKED_FOR, upper_motor_neuron_signs=True), KEY) == "none"


def test_mmn_asks_for_the_signs_of_motor_neuron_disease() -> None:
    looked = facts(upper_motor_neuron_signs=False, bulbar_signs=False, sensory_loss="none")
    assert value_of(case(ConditionId.MMN, facts=looked), KEY) == "none"
    assert unknown(case(ConditionId.MMN, facts=looked[:1]).resolve(KEY)).missing == (
        "bulbar_signs",
        "sensory_loss",
    )


def test_future_or_undated_findings_change_nothing() -> None:
    later = facts(date(2027, 1, 1), poems=True)
    undated = facts(None, amyloidosis=True)
    plain = case(facts=facts(**LOOKED_FOR))
    assert case(facts=(*facts(**LOOKED_FOR), *later, *undated)).resolve(KEY).reason == reason_of(plain, KEY)
