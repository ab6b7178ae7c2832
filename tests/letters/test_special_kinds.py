"""What each special letter is judged by: numbers of a change, grounds that the record does not contradict, plain words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from priorauth.letters.compose import compose_letter
from priorauth.letters.refusals import FinalRefused, LetterRefused
from priorauth.verification import verify
from schemas.letter import LetterKind
from schemas.letter_matter import DoseUntilNow, ReviewLevel
from tests.letters.occasions import OCCASIONS, REVIEW, confirmed_knowledge, written
from tests.samples import AS_OF, assessment, cases, knowledge


def _lines(kind: LetterKind) -> list[str]:
    return list(written(kind).record.lines)


def _with(kind: LetterKind, **changes: object):
    occasion = OCCASIONS[kind]
    case, assessed = occasion.case_and_assessment()
    return compose_letter(
        case, assessed, knowledge=knowledge(), kind=kind, matter=occasion.matter.model_copy(update=changes)
    )


def test_a_dose_change_sets_the_numbers_side_by_side():
    lines = _lines(LetterKind.DOSE_CHANGE)

    assert "Dosing weight | 90 kg | 74 kg" in lines
    assert "Dose | 90 g | 74 g" in lines
    assert "Billing units a dose | 180 | 148" in lines


def test_a_switch_under_the_skin_compares_the_weekly_amounts():
    text = " ".join(_lines(LetterKind.SUBCUTANEOUS_SWITCH))

    assert "65 g every 28 days is 16.25 g a week; 16.25 g a week under the skin" in text.replace("\xa0", " ")
    assert text.index("63% on placebo") < text.index("The EAN/PNS guideline")


def test_another_weekly_amount_needs_its_reason():
    with pytest.raises(LetterRefused, match=r"matter\.why_another_amount: the order gives 16\.25 g a week"):
        _with(LetterKind.SUBCUTANEOUS_SWITCH, was=DoseUntilNow(grams=Decimal(40), every_days=28))


def test_an_intolerance_that_the_record_contradicts_is_refused():
    kind = LetterKind.NONPREFERRED_PRODUCT_EXCEPTION
    ground = OCCASIONS[kind].matter.grounds[0]
    claimed = ground.model_copy(update={"words": "the patient did not tolerate the preferred product"})
    with pytest.raises(LetterRefused, match=r"matter\.grounds: .* states no reaction"):
        _with(kind, grounds=(claimed,))


def test_an_external_review_needs_the_decision_on_the_internal_appeal_and_its_notice():
    occasion = OCCASIONS[LetterKind.EXTERNAL_REVIEW]
    known = confirmed_knowledge()
    case = occasion.case.model_copy(update={"documents": cases()["01_cidp_initial"].documents})
    source = occasion.matter.source.model_copy(update={"document": case.documents[0].document})
    statements = tuple(one.model_copy(update={"source": source}) for one in occasion.matter.history)
    matter = occasion.matter.model_copy(
        update={"level": ReviewLevel.INITIAL, "source": source, "history": statements}
    )
    with pytest.raises(FinalRefused) as refused:
        compose_letter(
            case,
            verify(case, as_of=AS_OF, knowledge=known),
            knowledge=known,
            kind=LetterKind.EXTERNAL_REVIEW,
            matter=matter,
            review=REVIEW,
        )

    assert {"matter.source", "matter.level"} <= {gap.field for gap in refused.value.gaps}


def test_a_peer_to_peer_brief_leads_with_what_answers_the_denial():
    lines = _lines(LetterKind.PEER_TO_PEER_BRIEF)
    place = lines.index("Facts that answer it")

    assert lines[place + 1].startswith("Diagnosis confirmed by electrodiagnostic studies")


def test_the_patient_is_told_that_treatment_waits_for_the_plan_and_that_it_may_not_help():
    text = " ".join(_lines(LetterKind.PATIENT_LETTER))

    assert "Please do not come before we call you." in text
    assert "It helps many people, not everyone." in text
    assert "G61.81" not in text


@pytest.mark.parametrize("name", ["13_iga_anaphylaxis", "05_gbs_inpatient"])
def test_a_patient_who_must_not_be_treated_or_is_in_the_hospital_gets_no_letter(name):
    with pytest.raises(LetterRefused):
        compose_letter(cases()[name], assessment(name), knowledge=knowledge(), kind=LetterKind.PATIENT_LETTER)


def test_a_case_summary_says_first_whether_it_is_ready_and_how_long_the_authorization_lasts():
    lines = _lines(LetterKind.CASE_SUMMARY)
    first = next(line for line in lines if line.startswith("Not ready"))

    assert "The authorization ends in 19 days (12/12/2026)." in first.replace("\xa0", " ")


def test_a_switch_that_waits_longer_than_the_label_asks_to_move_the_period():
    text = " ".join(_lines(LetterKind.SUBCUTANEOUS_SWITCH)).replace("\xa0", " ")

    assert (
        "The label starts the product 7 days after the last infusion into a vein (11/28/2026), on 12/05/2026; the "
        "period asked for begins on 12/20/2026. Ask for it from 12/05/2026." in text
    )
    assert "Infusions into a vein are still booked from 12/26/2026 on" in text
    assert "12/20/2026 to 06/13/2027" in text


def test_an_exception_of_site_for_one_dose_says_where_each_dose_is_given():
    lines = [line.replace("\xa0", " ") for line in _lines(LetterKind.SITE_OF_CARE_EXCEPTION)]

    assert (
        "Site of care | Outpatient hospital (POS 22) for the loading dose, then infusion suite (POS 49)"
        in lines
    )
    loading = next(line for line in lines if line.startswith("Loading |"))
    maintenance = next(line for line in lines if line.startswith("Maintenance |"))
    assert "Outpatient hospital (POS 22)" in loading
    assert "Infusion suite (POS 49)" in maintenance
    assert "ospital" not in maintenance


def test_the_ground_stated_is_the_evidence_of_the_criterion_contested():
    lines = _lines(LetterKind.SITE_OF_CARE_EXCEPTION)
    row = next(line for line in lines if line.endswith("Exception requested"))

    assert "The patient has never had immunoglobulin" in row
    assert "not documented" not in row
    assert not any("Note with the medical reason" in line for line in lines)


def test_an_exception_of_site_for_one_dose_is_no_final_until_the_later_site_is_known():
    kind = LetterKind.SITE_OF_CARE_EXCEPTION
    open_site = OCCASIONS[kind].matter.model_copy(update={"site_after": None, "place_of_service_after": None})
    draft = " ".join(_with(kind, site_after=None, place_of_service_after=None).record.lines)

    assert "for the loading dose, then not stated" in draft.replace("\xa0", " ")
    assert "state where the doses after it are given" in draft
    assert [gap.field for gap in _gaps(kind, open_site)] == ["matter.site_after"]


def test_the_later_site_has_a_place_of_service_that_fits():
    kind = LetterKind.SITE_OF_CARE_EXCEPTION
    (gap,) = _gaps(kind, OCCASIONS[kind].matter.model_copy(update={"place_of_service_after": "12"}))

    assert str(gap) == "matter.place_of_service_after: found 12, expected 11 or 49 for infusion suite"


def test_an_exception_of_site_for_all_of_the_course_names_one_site():
    kind = LetterKind.SITE_OF_CARE_EXCEPTION
    lines = _with(kind, duration=None, doses=(), site_after=None, place_of_service_after=None).record.lines

    assert "Site of care | Outpatient hospital (POS 22)" in [line.replace("\xa0", " ") for line in lines]


def _gaps(kind, matter):
    known = confirmed_knowledge()
    case = OCCASIONS[kind].case
    with pytest.raises(FinalRefused) as refused:
        compose_letter(
            case,
            verify(case, as_of=AS_OF, knowledge=known),
            knowledge=known,
            kind=kind,
            matter=matter,
            review=REVIEW,
        )
    return refused.value.gaps
