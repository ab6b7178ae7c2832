"""What letters say of nerve conduction: the finding every reviewer knows, in the nerves that prove it, and no more."""

from __future__ import annotations

import pytest

from schemas.letter import LetterKind
from tests.letters.occasions import written
from tests.letters.samples import letter
from tests.samples import NAMES


def _text(name: str) -> str:
    return "\n".join(letter(name).record.lines)


@pytest.mark.parametrize("name", ["03_mmn_initial", "04_mmn_continuation", "17_nonpreferred_product"])
def test_mmn_is_not_argued_with_criteria_for_cidp(name):
    text = _text(name)

    assert "criteria for CIDP" not in text
    assert "Sensory conduction is normal in" in text
    assert "show motor conduction block" in text


def test_a_nerve_with_block_is_named_once_and_none_is_hidden():
    row = next(line for line in _text("03_mmn_initial").split("\n") if "Conduction block on nerve" in line)

    assert "left ulnar, wrist to below elbow, area 21 → 8.8 mV·ms (−58%)" in row
    assert "right radial, forearm to Erb's point, area 10 → 4.2 mV·ms (−58%)" in row
    told = [line for line in _text("17_nonpreferred_product").split("\n") if "(−60%)" in line]
    assert len(told) == 1
    assert told[0].count("right median, wrist to elbow, area") == 1
    assert told[0].count("left radial, forearm to above spiral groove, area") == 1


def test_the_findings_told_are_fulfilled_in_two_nerves_each_and_block_leads():
    row = next(
        line for line in _text("01_cidp_initial").split("\n") if "Diagnosis confirmed by electro" in line
    )

    assert (
        row.index("Conduction block")
        < row.index("distal motor latency")
        < row.index("motor conduction velocity")
    )
    assert row.count("(−45%)") == 2
    assert row.count("62% above the limit of") == 2
    assert row.count("38% below the limit of") == 2
    assert "F-wave" not in row


def test_a_small_response_of_the_leg_is_not_told_before_the_arm():
    row = next(line for line in _text("12_dose_above_limit").split("\n") if "3 of 4 demyelinating" in line)

    assert "left median, wrist to elbow, amplitude 4.9 → 2.6 mV (−47%)" in row
    assert "fibular" not in row


def test_sensory_findings_are_nerves_and_no_single_value():
    assert "Sensory conduction is abnormal in the right median, right ulnar, and right sural nerves" in _text(
        "01_cidp_initial"
    )
    assert "(sural sparing)" in _text("12_dose_above_limit")
    assert "(sural sparing)" not in _text("01_cidp_initial")


@pytest.mark.parametrize("kind", list(LetterKind))
def test_no_letter_refers_to_a_table_for_the_rest(kind):
    assert "more in the table" not in "\n".join(written(kind).record.lines)


def test_the_table_has_area_and_duration_where_they_were_measured():
    lines = _text("03_mmn_initial").split("\n")

    assert (
        "Motor nerve | Site | Latency, ms | Amplitude, mV | Area, mV·ms | Duration, ms | Velocity, m/s | F wave, ms"
        in lines
    )
    assert "Radial, right | Forearm | 2.6 (max 3.1) | 3.1 (min 2) | 10 | 7.4 | |" in lines


def test_an_appeal_that_argues_from_the_study_has_its_table():
    assert "Attachment: nerve conduction of October 21, 2026" in "\n".join(
        written(LetterKind.FIRST_LEVEL_APPEAL).record.lines
    ).replace("\xa0", " ")


@pytest.mark.parametrize("name", NAMES)
def test_the_conclusion_of_the_study_is_quoted_from_its_report(name):
    for claim in letter(name).record.claims:
        if claim.text.startswith("The report concludes: “"):
            quoted = claim.text.removeprefix("The report concludes: “").removesuffix("”")
            assert all(witness.fact.value in (quoted, quoted[:300]) for witness in claim.witnesses)


def test_only_a_physician_is_named_as_the_examiner():
    assert "by Imre Voltan, MD" in _text("01_cidp_initial")
    assert "technician" not in _text("05_gbs_inpatient")
    assert "Technician report, unsigned at" not in _text("18_multifocal_variant")


def test_a_study_without_limits_of_normal_says_so_and_what_was_measured():
    row = next(
        line for line in _text("18_multifocal_variant").split("\n") if "Objective evidence from" in line
    )

    assert "The report gives no limits of normal, so the criteria cannot be applied" in row
    assert "left ulnar, wrist to below elbow, amplitude 6 → 2.6 mV (−57%)" in row
    assert "weakly supportive or strongly" not in row
