"""What a letter cites fits what it asks for, and what it says of the label is what the label says."""

from __future__ import annotations

import pytest

from schemas.letter import LetterKind
from tests.letters.occasions import written
from tests.letters.samples import letter


def _text(name: str) -> str:
    return "\n".join(letter(name).record.lines)


def test_the_dose_asked_for_is_cited_with_its_own_result():
    assert "80% (55 of 69) responded on 1 g/kg every 3 weeks, the maintenance dose requested here" in _text(
        "01_cidp_initial"
    )
    assert "92% on 2 g/kg every 3 weeks; the difference between 0.5 and 2 g/kg was significant" in _text(
        "12_dose_above_limit"
    )
    assert "every 3 weeks, the maintenance dose" not in _text("02_cidp_continuation")


def test_a_renewal_is_argued_with_relapse_and_not_with_the_first_weeks():
    text = _text("02_cidp_continuation")

    assert "13% relapsed on immunoglobulin and 45% on placebo" in text
    assert "2 to 6 weeks" not in text
    assert "initial treatment" not in text


@pytest.mark.parametrize(
    "kind", [LetterKind.FIRST_LEVEL_APPEAL, LetterKind.EXTERNAL_REVIEW, LetterKind.STEP_THERAPY_EXCEPTION]
)
def test_mechanism_is_left_out_where_a_decision_is_contested(kind):
    assert "thought to act on B cells" not in "\n".join(written(kind).record.lines)


def test_results_are_not_cited_without_what_limits_them():
    assert "1.1 on both; the differences were not significant" in _text("05_gbs_inpatient")


def test_label_status_is_said_for_every_condition():
    assert "Gammagard Liquid is labeled for CIDP in the United States." in _text("01_cidp_initial")
    assert "No immunoglobulin is labeled for Guillain-Barré syndrome in the United States" in _text(
        "05_gbs_inpatient"
    )
    assert "Panzyga is not labeled for MMN in the United States" in _text("17_nonpreferred_product")


def test_the_limits_of_the_label_are_told_to_the_one_who_signs():
    assert "In CIDP not studied in patients who had not had immunoglobulin before" in _text("01_cidp_initial")
    assert "beyond 6 months was not studied" in _text("15_units_slip")


def test_a_dose_above_the_label_is_argued_in_the_words_of_the_record():
    assert "The maintenance dose is above that of the label" in _text("12_dose_above_limit")
    assert "“Given severity and youth I would like to begin at the higher dose" in _text(
        "12_dose_above_limit"
    )
    assert "above that of the label" not in _text("01_cidp_initial")


def test_csf_is_said_to_agree_in_words_a_neurologist_would_use():
    assert "raised protein without pleocytosis" in _text("01_cidp_initial")
    assert "as US payers read it" not in _text("01_cidp_initial")
    assert "Spinal fluid was not examined, as clinical and nerve conduction criteria are met." in _text(
        "12_dose_above_limit"
    )
