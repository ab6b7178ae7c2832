"""A letter does not argue for what must stop, or for a diagnosis that the record excludes."""

from __future__ import annotations

import pytest

from schemas.assessment import Status
from tests.letters.samples import letter
from tests.samples import NAMES, assessment


def _text(name: str) -> str:
    return "\n".join(letter(name).record.lines)


def test_a_contraindication_stands_above_everything_and_nothing_is_argued():
    text = _text("13_iga_anaphylaxis")

    assert text.index("STOP.") < text.index("To the reviewing clinician:")
    assert "a product low in IgA does not lift them" in text.replace("\n", " ")
    assert "of every intravenous immunoglobulin, in words that differ by product" in text.replace("\n", " ")
    assert "plasma exchange with albumin as replacement" in text.replace("\n", " ")
    assert "the evidence" not in text
    assert "to request authorization" not in text


def test_a_documented_mimic_ends_the_argument_for_the_diagnosis():
    text = _text("14_anti_mag")

    assert text.index("Do not send as it is.") < text.index("To the reviewing clinician:")
    assert "support the diagnosis" not in text
    assert "strongly supports" not in text
    assert "randomized trial" not in text


def test_the_title_names_the_diagnosis_of_the_record():
    text = _text("06_diabetic_neuropathy")

    assert "immunoglobulin for type 2 diabetes mellitus with diabetic polyneuropathy (E11.42)" in text
    assert "immunoglobulin for CIDP" not in text
    assert "Sensory conduction is abnormal" not in text


def test_nothing_of_a_label_is_said_of_another_diagnosis():
    text = _text("06_diabetic_neuropathy")
    findings = {finding.criterion: finding for finding in assessment("06_diabetic_neuropathy").findings}

    assert "labeled for CIDP" not in text
    assert "dosing on the label" not in text
    assert "The label of Gamunex-C" not in text
    assert findings["dose.within_label"].status is Status.UNDOCUMENTED
    assert findings["dose.within_label"].missing == ()
    assert findings["dose.within_label"].reason == "The label of Gamunex-C doses CIDP, not E11.42"


def test_a_wrong_code_on_the_order_does_not_change_what_the_label_says_of_the_diagnosis():
    assert "is labeled for CIDP" in _text("11_wrong_code")


@pytest.mark.parametrize("name", NAMES)
def test_only_a_case_that_must_stop_says_stop(name):
    stops = [
        finding for finding in assessment(name).findings if finding.criterion == "safety.contraindication"
    ]

    assert ("STOP." in _text(name)) == (stops[0].status.value == "not_met")


@pytest.mark.parametrize("name", NAMES)
def test_no_criterion_about_our_own_profile_is_shown_to_the_plan(name):
    assert "criteria for" not in "".join(
        line for line in letter(name).record.lines if "have been read" in line
    )
