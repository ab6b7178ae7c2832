"""Where a sentence says how something was, it says so in the record's own words, with the day they were written."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from priorauth.letters.checking import check_letter
from priorauth.letters.compose import ComposedLetter, compose_letter, letter_pdf
from priorauth.verification import verify
from schemas.assessment import Status
from schemas.case import Case
from schemas.policy import Effect, Topic
from tests.letters.samples import letter
from tests.samples import AS_OF, NAMES, assessment, cases, knowledge


def _text(composed: ComposedLetter) -> str:
    return " ".join(composed.record.lines).replace("\N{NO-BREAK SPACE}", " ")


def _written(case: Case) -> str:
    assessed = verify(case, as_of=AS_OF, knowledge=knowledge())
    return _text(compose_letter(case, assessed, knowledge=knowledge()))


def _without_notes(name: str) -> Case:
    case = cases()[name]
    facts = tuple(fact.model_copy(update={"note": None}) for fact in case.chart.facts)
    return case.model_copy(update={"chart": case.chart.model_copy(update={"facts": facts})})


@pytest.mark.parametrize(
    ("name", "said", "unsaid"),
    [
        ("02_cidp_continuation", "Precautions: “500 mL oral fluids before each infusion", "divided dosing"),
        ("02_cidp_continuation", "“headache for one day after infusions 1 and 2.”", "infusion reaction"),
        ("01_cidp_initial", "walks 10 m without aid indoors, uses one cane outdoors", "walks without aid ("),
        ("18_multifocal_variant", "“Myocardial infarction 2020”", "history of thrombosis"),
        ("18_multifocal_variant", "loss of the hands is the greater harm” (November 13, 2026)", "[referral]"),
        ("11_wrong_code", "contraindicated (“Prednisone contraindicated: two osteoporotic", "None"),
        (
            "10_expired_authorization",
            "led to worsening (April 13, 2026): “worse at 0.8 g/kg.”",
            "or lengthening",
        ),
        ("01_cidp_initial", "In daily life: “needs help with buttons and hair", "working definition"),
        ("01_cidp_initial", "Disability is moderate: adjusted INCAT 5 of 10 (November 12, 2026)", "7.43"),
    ],
)
def test_the_words_of_the_record_stand_where_a_fixed_sentence_would_say_something_else(name, said, unsaid):
    text = _text(letter(name))

    assert said in text
    assert unsaid not in text


@pytest.mark.parametrize("name", NAMES)
def test_a_record_without_wording_makes_whole_sentences_and_no_empty_quotation(name):
    text = _written(_without_notes(name))

    assert "“”" not in text
    assert not re.search(r"\(\s*\)|: \.|: \[", text)


def test_findings_before_and_on_treatment_carry_their_own_days():
    text = _text(letter("02_cidp_continuation"))

    assert "Before treatment, on November 12, 2025, examination found" in text
    assert "Tendon reflexes were absent in all limbs (“areflexia”)" in text
    assert "On treatment, on November 10, 2026, there is" in text
    assert "Tendon reflexes are reduced in all limbs" in text
    assert "Before treatment the course was progressive" in text
    assert "On treatment it is improving (“Improved and stable since month 4”)" in text


def test_a_course_that_begins_has_one_examination():
    text = _text(letter("01_cidp_initial"))

    assert "Before treatment, on" not in text
    assert "On November 12, 2026, examination finds" in text


def test_doses_are_counted_and_not_the_days_they_are_spread_over():
    assert "from June 8, 2026 to November 7, 2026: 8 doses on 16 days." in _text(
        letter("10_expired_authorization")
    )
    assert "from August 19, 2026 to November 11, 2026: 4 doses." in _text(letter("16_medicare_continuation"))


def test_a_reaction_in_the_infusion_record_is_told_with_its_days():
    assert "It notes “headache” on January 12, 2026 and February 2, 2026." in _text(
        letter("02_cidp_continuation")
    )


def test_the_values_of_the_day_treatment_was_late_are_told():
    assert "(July 29, 2026): adjusted INCAT 5 of 10" in _text(letter("10_expired_authorization"))


def test_a_measure_nobody_took_before_treatment_is_no_row_of_the_comparison():
    text = _text(letter("02_cidp_continuation"))

    assert "none recorded" not in text
    assert "MRC sum score 57 of 60 (November 10, 2026)" in text


def test_the_side_less_affected_is_said_to_be_that():
    assert "no significant change; this was the less affected side" in _text(letter("04_mmn_continuation"))


def test_a_laboratory_value_is_printed_as_reported_and_then_converted():
    assert "Serum IgA is 3.02 g/L (302 mg/dL)" in _text(letter("18_multifocal_variant"))
    assert "HbA1c: 5.4%; " in _text(letter("01_cidp_initial"))


def test_what_a_row_of_criteria_has_said_is_referred_to():
    text = _text(letter("02_cidp_continuation"))

    assert "2 | Improvement maintained | See criterion 1. | Met" in text
    assert text.count("a change of 1 point is clinically important") == 1


def test_a_note_that_says_no_more_than_the_sentence_is_not_quoted():
    text = _text(letter("04_mmn_continuation"))

    assert "There was no objective sensory loss." in text
    assert "(“Sensation intact”)" in text


def test_original_medicare_is_asked_for_nothing():
    text = _text(letter("16_medicare_continuation"))

    assert "Statement of medical necessity for the record" in text
    assert "be continued" not in text
    assert "before a determination is issued" not in text


def test_an_electronic_record_is_named_by_its_day_and_an_empty_section_has_no_heading():
    text = _text(letter("19_fhir_bundle"))

    assert "FHIR" not in text
    assert "[electronic record, 11/04/2026]" in text
    assert "History and examination" not in text


def test_the_practice_is_told_of_doses_without_units_and_of_what_speaks_against_the_letter():
    initial, variant = _text(letter("01_cidp_initial")), _text(letter("18_multifocal_variant"))

    assert "the dose of about 03/01/2027 is not part of this request" in initial
    assert "Get a note in which the prescriber weighs the benefit against it." in initial
    assert "Hepatitis B and C serology taken before the first dose" in initial
    assert "Ex. B p. 1 records normal reflexes (August 5, 2026)" in variant
    assert "weighs the benefit" not in variant


@pytest.mark.parametrize("name", NAMES)
def test_every_failed_safety_check_is_on_the_page_for_the_practice_with_its_mend(name):
    text = _text(letter(name))
    signing = text.partition("To know before signing")[2].partition("To mend or get")[0]
    above_all = text.partition("To the reviewing clinician:")[0]

    for finding in assessment(name).findings:
        if finding.topic is Topic.SAFETY and finding.status is Status.NOT_MET:
            assert finding.mend
            assert " ".join(finding.mend.split()) in (
                above_all if finding.effect is Effect.ESCALATE else signing
            ), finding.criterion


def test_a_failed_safety_check_says_what_was_found():
    page = _text(letter("16_medicare_continuation")).partition("To know before signing")[2]

    assert "Not met: no more than 0.5 g/kg on one day where the kidney is at risk." in page
    assert "Age 74." in page
    assert "0.8 g/kg a day" in page


def test_a_note_that_contradicts_itself_is_named_with_both_statements_for_a_renewal_as_well():
    page = _text(letter("08_renewal_no_baseline")).partition("To know before signing")[2]

    assert (
        "The record of November 13, 2026 contradicts itself on weakness on examination: “Strength 5/5 throughout” "
        "(Ex. C p. 1) and “Left foot drop” (Ex. C p. 1)." in page
    )
    (finding,) = [
        one
        for one in assessment("08_renewal_no_baseline").findings
        if one.criterion == "documents.contradiction"
    ]
    assert finding.reason == (
        "Weakness on examination (2026-11-13): “Strength 5/5 throughout” and “Left foot drop”"
    )


@pytest.mark.parametrize("name", sorted({*NAMES} - {"08_renewal_no_baseline"}))
def test_a_record_without_contradictions_is_accused_of_none(name):
    assert "contradicts itself" not in _text(letter(name))


def test_a_missing_baseline_may_be_derived_from_what_was_examined_before_treatment_and_is_not_filled_in():
    text = _text(letter("08_renewal_no_baseline"))
    sent, _, page = text.partition("To know before signing")

    assert (
        "recorded, and from nothing later: MRC grades (hip flexors right 4-, left 4-; knee extensors" in page
    )
    assert "deltoids right 4, left 4) and “Uses a cane” (Ex. B p. 1)." in page
    assert "No outcome measure that reviewers accept is documented" in sent
    assert "The patient could not walk without aid (“Uses a cane”)." in sent
    assert "examined before treatment on May 4, 2026" in sent
    assert "Outcome measures" not in sent


@pytest.mark.parametrize("name", ["02_cidp_continuation", "01_cidp_initial"])
def test_a_baseline_that_was_measured_is_not_asked_for_again(name):
    assert "may derive a baseline" not in _text(letter(name))


def test_the_weight_on_the_scale_is_printed_where_the_weight_to_dose_on_is_open():
    text = _text(letter("08_renewal_no_baseline"))

    assert "The measured weight is 176 lb (79.8 kg) (November 13, 2026); 80 g is 1 g/kg." in text
    assert "The weight to dose on is open. The policy doses obese patients on adjusted weight" in text


@pytest.mark.parametrize(
    ("name", "withheld"),
    [("15_units_slip", "Grip (Jamar), left"), ("16_medicare_continuation", "MRC sum score")],
)
def test_a_chart_shows_no_smallest_change_that_the_table_withholds(name, withheld):
    lines = letter(name).record.lines
    notes = {before: line for before, line in pairwise(lines) if line.startswith(("higher", "lower"))}

    assert "important" not in notes[withheld]
    assert "dashed" in notes["INCAT"]


def test_antibodies_and_proteins_are_written_as_the_laboratory_writes_them():
    text = _text(letter("14_anti_mag"))

    assert "Monoclonal protein: IgM kappa" in text
    assert "Anti-MAG neuropathy: Anti-MAG antibodies: high titer" in text
    assert "igm kappa" not in text
    assert "Anti mag" not in text


def test_the_page_for_the_practice_names_no_criterion_by_its_id():
    page = _text(letter("09_weight_change")).partition("remove this page before sending")[2]

    assert "Recalculate the dose" in page
    assert "(dose." not in page


@pytest.mark.rendering
def test_a_quotation_that_no_witness_says_is_found_by_the_check():
    honest = letter("02_cidp_continuation")
    assert check_letter(letter_pdf(honest)).sound
    claims = tuple(
        claim.model_copy(
            update={
                "witnesses": tuple(
                    one.model_copy(update={"fact": replace(one.fact, note="something else")})
                    if one.fact and one.fact.key == "wear_off"
                    else one
                    for one in claim.witnesses
                )
            }
        )
        for claim in honest.record.claims
    )
    record = honest.record.model_copy(update={"claims": claims})
    forged = ComposedLetter(honest.html, honest.metadata, honest.letterhead, record, honest.exhibits)

    problems = [str(problem) for problem in check_letter(letter_pdf(forged)).problems]

    assert problems
    assert all("no witness says 'From day 26 of the cycle" in problem for problem in problems)


def test_need_is_not_argued_from_the_end_of_a_cycle_alone():
    text = _text(letter("16_medicare_continuation"))

    assert "Treatment is still needed" not in text
    assert "Symptoms return at the end of the cycle: “Heavier legs in the last four days" in text
    assert "Treatment is still needed." in _text(letter("04_mmn_continuation"))


def test_strength_stands_beside_disability_and_in_mmn_before_it():
    mmn, cidp = _text(letter("04_mmn_continuation")), _text(letter("02_cidp_continuation"))

    assert "objective response: grip (vigorimeter) right from 22 to 41 kPa and MMN-RODS from 52 to 68." in mmn
    assert "I-RODS from 38 to 66, grip (vigorimeter) left from 33 to 48 kPa" in cidp


def test_a_smallest_change_that_is_not_settled_is_for_the_practice_and_not_for_the_plan():
    said, _, practice = _text(letter("15_units_slip")).partition("For the practice: remove this page")

    assert "Grip (Jamar) left from 25" in said
    assert "2.5 lb" not in said
    assert "a change of 2.5 lb is clinically important (smallest change not verified)" in practice
