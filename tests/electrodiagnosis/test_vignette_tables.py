"""Whole nerve tables of typical patients, one for each way a request can come out."""

from __future__ import annotations

from datetime import date

from priorauth.facts.context import Context
from priorauth.facts.resolution import Known
from schemas.base import ConditionId, Side
from schemas.chart import Diagnosis, NerveRecording
from tests.electrodiagnosis.cases import (
    AS_OF,
    DERIVATIONS,
    SOURCE,
    case,
    facts,
    four_nerves,
    motor,
    nerve_study,
    reason_of,
    score,
    sense,
    value_of,
)


def summary(context: Context, *keys: str) -> dict[str, object]:
    return {key: value_of(context, key) for key in keys}


def test_v01_typical_cidp() -> None:
    """Distal latency +62 % in two nerves, velocity −38 % in two, forearm block of 45 % in two, sensory conduction abnormal."""
    recordings = (
        motor("median", velocity="31", amplitude="8", proximal="4.4", f_wave="34"),
        motor("ulnar", latency="4.86", velocity="31", amplitude="8", proximal="4.4", f_wave="35"),
        motor("tibial", latency="9.72", f_wave="60"),
        motor("fibular"),
        sense("median", amplitude="4"),
        sense("sural", amplitude="2"),
    )
    context = case(
        studies=[nerve_study(recordings)],
        facts=facts(
            course_pattern="progressive",
            symptom_onset=date(2026, 4, 20),
            weakness_pattern="symmetric_proximal_and_distal",
            sensory_loss="two_or_more_limbs",
            reflexes="absent_all_limbs",
            csf_protein=118,
            csf_cells=2,
            hba1c=5,
            vitamin_b12=400,
            immunofixation_normal=True,
        ),
        measurements=(score("adjusted_incat", 5, AS_OF),),
    )
    assert summary(
        context,
        "edx.ean_pns_2021",
        "edx.ean_pns_2021_sensory",
        "edx.ean_pns_2021_certainty",
        "edx.efns_pns_2010",
        "edx.three_of_four",
        "edx.supports_cidp",
        "csf.albuminocytologic_dissociation",
        "diagnosis.clinically_supported",
        "diagnosis.mimic",
        "function.moderate_to_severe",
    ) == {
        "edx.ean_pns_2021": "strongly_supportive",
        "edx.ean_pns_2021_sensory": "two_nerves",
        "edx.ean_pns_2021_certainty": "cidp",
        "edx.efns_pns_2010": "definite",
        "edx.three_of_four": 3,
        "edx.supports_cidp": True,
        "csf.albuminocytologic_dissociation": True,
        "diagnosis.clinically_supported": True,
        "diagnosis.mimic": "none",
        "function.moderate_to_severe": True,
    }
    reason = reason_of(context, "edx.ean_pns_2021")
    for item in ("Distal motor latency", "Motor conduction velocity", "Conduction block"):
        assert item in reason
    assert "right ulnar, wrist to below elbow, amplitude 8 → 4.4 mV (−45%)" in reason


def test_v02_diabetic_polyneuropathy() -> None:
    """Small amplitudes in the legs, fibular velocity −7 %, no block, F-waves normal."""
    recordings = (
        motor("median"),
        motor("ulnar"),
        motor("tibial", amplitude="3.1"),
        motor("fibular", amplitude="1.1", velocity="37.2"),
        sense("sural", amplitude="3"),
        sense("median"),
    )
    context = case(
        studies=[nerve_study(recordings)],
        facts=facts(
            course_pattern="progressive",
            symptom_onset=date(2022, 11, 1),
            weakness=False,
            weakness_pattern="none",
            sensory_loss="distal_stocking",
            reflexes="ankles_only",
            hba1c=9,
        ),
        diagnoses=(Diagnosis(code="E11.42", dated=AS_OF, source=SOURCE),),
    )
    assert summary(
        context,
        "edx.three_of_four",
        "edx.supports_cidp",
        "edx.polyneuropathy",
        "diagnosis.clinically_supported",
        "diagnosis.mimic",
    ) == {
        "edx.three_of_four": 0,
        "edx.supports_cidp": False,
        "edx.polyneuropathy": True,
        "diagnosis.clinically_supported": False,
        "diagnosis.mimic": "diabetic_polyneuropathy",
    }


def test_v05_axonal_polyneuropathy() -> None:
    """Motor amplitudes low and velocities ten per cent under their limits."""
    recordings = four_nerves(
        motor("median", amplitude="2", velocity="45"),
        motor("ulnar", amplitude="3", velocity="45"),
        motor("tibial", amplitude="1", velocity="36"),
        motor("fibular", amplitude="0.5", velocity="36"),
    )
    context = case(studies=[nerve_study(recordings)])
    assert summary(
        context,
        "edx.any_demyelinating_feature",
        "edx.ean_pns_2021",
        "edx.polyneuropathy",
        "csf.albuminocytologic_dissociation",
    ) == {
        "edx.any_demyelinating_feature": False,
        "edx.ean_pns_2021": "not_supportive",
        "edx.polyneuropathy": True,
        "csf.albuminocytologic_dissociation": "unknown",
    }


def mmn(*recordings: NerveRecording, upper_motor_neuron: bool, bulbar: bool) -> Context:
    return case(
        ConditionId.MMN,
        studies=[nerve_study(recordings)],
        facts=facts(
            course_pattern="progressive",
            symptom_onset=date(2025, 9, 20),
            weakness_pattern="asymmetric_multifocal",
            motor_nerves_affected=2,
            sensory_loss="none",
            upper_motor_neuron_signs=upper_motor_neuron,
            bulbar_signs=bulbar,
        ),
    )


MMN_FACTS = (
    "edx.mmn_block",
    "edx.mmn_nerves_with_block",
    "edx.sensory_normal",
    "edx.mmn_category",
    "diagnosis.clinically_supported",
    "diagnosis.mimic",
)


def test_v18_mmn_with_definite_block_and_no_antibody() -> None:
    """Ulnar and radial block: area −58 %, duration +12 %, distal CMAP 3.1 mV; sensory conduction normal."""
    shape = {
        "amplitude": "3.1",
        "proximal": "1.4",
        "area": "10",
        "proximal_area": "4.2",
        "duration": "5",
        "proximal_duration": "5.6",
    }
    recordings = (
        motor("ulnar", Side.LEFT, **shape),
        motor("radial", Side.RIGHT, **shape),
        motor("median", area="30", proximal_area="29"),
        sense("ulnar", Side.LEFT),
        sense("radial"),
        sense("median"),
    )
    context = mmn(*recordings, upper_motor_neuron=False, bulbar=False)
    assert summary(context, *MMN_FACTS) == {
        "edx.mmn_block": "definite",
        "edx.mmn_nerves_with_block": 2,
        "edx.sensory_normal": True,
        "edx.mmn_category": "definite",
        "diagnosis.clinically_supported": True,
        "diagnosis.mimic": "none",
    }


def test_v21_motor_neuron_disease() -> None:
    """Asymmetric hand weakness with upper motor neuron and bulbar signs; amplitudes low, no block."""
    low = {"amplitude": "2", "proximal": "1.9", "area": "6", "proximal_area": "5.8"}
    recordings = (
        motor("ulnar", **low),
        motor("median", **low),
        motor("fibular"),
        motor("tibial"),
        sense("ulnar"),
        sense("median"),
        sense("sural"),
    )
    context = mmn(*recordings, upper_motor_neuron=True, bulbar=True)
    assert summary(context, *MMN_FACTS) == {
        "edx.mmn_block": "none",
        "edx.mmn_nerves_with_block": 0,
        "edx.sensory_normal": True,
        "edx.mmn_category": "not_mmn",
        "diagnosis.clinically_supported": False,
        "diagnosis.mimic": "motor_neuron_disease",
    }


def test_v25_anti_mag_passes_the_numbers_and_is_caught() -> None:
    """Distal latencies long beyond proportion: three of four, and still not CIDP."""
    long = {"latency": "9", "velocity": "30", "f_wave": "45"}
    recordings = four_nerves(
        motor("median", **long), motor("ulnar", **long), motor("tibial", latency="12", velocity="25")
    )
    context = case(
        studies=[nerve_study(recordings)], facts=facts(anti_mag="high_titer", paraprotein="igm_kappa")
    )
    assert summary(
        context, "edx.three_of_four", "edx.ean_pns_2021", "edx.ean_pns_2021_certainty", "diagnosis.mimic"
    ) == {
        "edx.three_of_four": 3,
        "edx.ean_pns_2021": "strongly_supportive",
        "edx.ean_pns_2021_certainty": "not_cidp",
        "diagnosis.mimic": "anti_mag",
    }


def test_reasons_stay_short_enough_to_print_when_everything_is_abnormal() -> None:
    severe = {
        "velocity": "15",
        "latency": "20",
        "f_wave": "99",
        "amplitude": "9",
        "proximal": "2",
        "area": "30",
        "proximal_area": "5",
        "duration": "10",
        "proximal_duration": "25",
    }
    recordings = [
        motor(nerve, side, **severe)
        for nerve in ("median", "ulnar", "radial", "fibular", "tibial")
        for side in Side
    ]
    recordings += [
        sense(nerve, side, amplitude="1") for nerve in ("median", "ulnar", "radial", "sural") for side in Side
    ]
    for condition in ConditionId:
        context = case(
            condition,
            studies=[nerve_study(recordings, temperature_arm_c=None)],
            facts=facts(anti_gm1="raised", csf_protein=118, csf_cells=3),
        )
        longest = max(
            (len(reason_of(context, key)), key)
            for key in DERIVATIONS
            if key.startswith(("edx.", "diagnosis.", "gbs.", "csf."))
        )
        assert longest[0] <= 2000, longest


def test_every_computed_result_has_a_witness() -> None:
    recordings = (*four_nerves(), sense("ulnar"), sense("sural"))
    context = case(ConditionId.MMN, studies=[nerve_study(recordings)])
    unwitnessed = [
        key
        for key in DERIVATIONS
        if key.startswith(("edx.", "nerve_study"))
        and isinstance(known := context.resolve(key), Known)
        and not known.facts
    ]
    assert unwitnessed == []
