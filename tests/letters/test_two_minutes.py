"""What a medical director looks for first: who suffers and how, what is cited, when somebody looks again, and by whom."""

from __future__ import annotations

from datetime import date

import pytest

from priorauth.letters.compose import compose_letter
from priorauth.renewals import plan_renewal
from priorauth.verification import verify
from schemas.case import Case
from schemas.chart import MuscleStrength, Source
from schemas.letter import LetterKind
from schemas.letter_matter import Matter
from tests.letters.occasions import OCCASIONS, written
from tests.letters.samples import letter
from tests.samples import AS_OF, ROOT, cases, knowledge


def lines_of(case: Case, kind: LetterKind, matter: Matter | None = None) -> str:
    assessed = verify(case, as_of=AS_OF, knowledge=knowledge())
    composed = compose_letter(case, assessed, knowledge=knowledge(), kind=kind, matter=matter)
    return "\n".join(composed.record.lines).replace("\N{NO-BREAK SPACE}", " ")


def without_facts(case: Case, *keys: str) -> Case:
    facts = tuple(fact for fact in case.chart.facts if fact.fact not in keys)
    return case.model_copy(
        update={"chart": case.chart.model_copy(update={"facts": facts, "measurements": ()})}
    )


def with_request(case: Case, **entries: object) -> Case:
    assert case.request is not None
    return case.model_copy(update={"request": case.request.model_copy(update=entries)})


def test_every_publication_a_letter_may_cite_has_its_title():
    cited = {
        name
        for path in (ROOT / "templates" / "letters").rglob("*.j2")
        for call in path.read_text().split("cite(")[1:]
        for name in call.split(")")[0].replace('"', "").split(", ")
    }

    assert cited
    assert not [name for name in cited if knowledge().publications[name].title is None]


def test_a_reference_names_the_work_and_not_only_its_number():
    references = "\n".join(letter("01_cidp_initial").record.lines)

    assert (
        "(ProCID). Randomized trial of three IVIg doses for treating chronic inflammatory demyelinating "
        "polyneuropathy. Brain 2022;145:887-896." in references
    )


@pytest.mark.parametrize("kind", [LetterKind.FIRST_LEVEL_APPEAL, LetterKind.EXTERNAL_REVIEW])
def test_an_appeal_says_what_the_illness_does_to_the_patient_from_the_record_alone(kind):
    occasion = OCCASIONS[kind]
    case, _ = occasion.case_and_assessment()

    assert "Impact on the patient" in written(kind).record.lines
    assert "Impact on the patient" not in lines_of(
        without_facts(case, "function_examples", "functional_disability"), kind, occasion.matter
    )


def test_the_day_of_the_next_assessment_is_printed_where_the_order_names_one():
    case = cases()["02_cidp_continuation"]
    named = with_request(case, next_assessment=date(2027, 2, 9))

    assert "Next assessment: February 9, 2027." in lines_of(named, LetterKind.CONTINUATION)
    assert "Next assessment" not in lines_of(case, LetterKind.CONTINUATION)


def test_precautions_of_an_infusion_into_a_vein_are_not_those_of_a_dose_under_the_skin():
    occasion = OCCASIONS[LetterKind.SUBCUTANEOUS_SWITCH]
    case, _ = occasion.case_and_assessment()
    said = lines_of(case, LetterKind.SUBCUTANEOUS_SWITCH, occasion.matter)

    letter_itself, practice = said.split("For the practice: remove this page before sending")
    assert "slow first 30 minutes" not in letter_itself
    assert "Serum IgA" in letter_itself
    assert (
        "“500 mL oral fluids before each infusion; acetaminophen 650 mg by mouth; slow first 30 minutes.”"
        in practice
    )


def test_the_case_summary_says_by_when_to_submit_and_who_does_it():
    case = cases()["08_renewal_no_baseline"]
    assessed = verify(case, as_of=AS_OF, knowledge=knowledge())
    plan = plan_renewal(case, knowledge(), as_of=AS_OF)
    assert plan is not None
    assert plan.first is not None

    composed = compose_letter(
        case, assessed, knowledge=knowledge(), kind=LetterKind.CASE_SUMMARY, renewal=plan
    )

    row = next(line for line in composed.record.lines if line.startswith("Submit by"))
    assert f"{plan.first.renew_by:%m/%d/%Y}" in row
    assert "supervisor" in row or "coordinator" in row or "medical director" in row


def strengths(*muscles: str) -> tuple[MuscleStrength, ...]:
    source = Source(document="visit_2026-11-10", page=1)
    return tuple(
        MuscleStrength(muscle=muscle, right="4", left="4-", dated=date(2026, 11, 10), source=source)
        for muscle in muscles
    )


def with_strength(*muscles: str) -> Case:
    case = cases()["02_cidp_continuation"]
    return case.model_copy(
        update={"chart": case.chart.model_copy(update={"muscle_strength": strengths(*muscles)})}
    )


def test_more_than_three_muscles_are_a_table_of_the_attachment_and_fewer_a_sentence():
    many = lines_of(
        with_strength("Deltoid", "Biceps", "Quadriceps", "Tibialis anterior"), LetterKind.CONTINUATION
    )
    few = lines_of(with_strength("Deltoid", "Biceps"), LetterKind.CONTINUATION)
    none = lines_of(with_strength(), LetterKind.CONTINUATION)

    assert "Tibialis anterior | 4 | 4-" in many.split("Attachment: strength")[1]
    assert "The strength of single muscles, examined on November 10, 2026, is in the attachment." in many
    assert "examined on November 10, 2026: deltoid right 4, left 4-; biceps right 4, left 4-." in few
    assert "MRC grades" not in none
