"""A letter to a new plan never gives the former plan's number as the one the new plan knows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from priorauth.letters.compose import ComposedLetter, compose_letter
from priorauth.letters.refusals import FinalRefused
from priorauth.verification import verify
from schemas.base import Phase
from schemas.case import Case
from schemas.letter import LetterKind
from tests.letters.occasions import OCCASIONS, REVIEW, confirmed_knowledge
from tests.samples import AS_OF, cases, knowledge


FORMER = "SYN-2026-0002121"
"""The number of the authorization of the continuation sample, from Aetna until December 19."""

PRINTS_IT = (
    LetterKind.CONTINUATION,
    LetterKind.PORTAL_SHEET,
    LetterKind.CASE_SUMMARY,
    LetterKind.PATIENT_LETTER,
)


def of_plan(payer: str | None, case: Case | None = None, **course: Any) -> Case:
    case = case or cases()["02_cidp_continuation"]
    assert case.coverage is not None
    return case.model_copy(
        update={
            "coverage": case.coverage.model_copy(update={"payer": payer, "payer_name": "Cigna Healthcare"}),
            "course": case.course.model_copy(update=course),
        }
    )


def written(case: Case, kind: LetterKind = LetterKind.CONTINUATION) -> ComposedLetter:
    assessed = verify(case, as_of=AS_OF, knowledge=knowledge())
    return compose_letter(case, assessed, knowledge=knowledge(), kind=kind, matter=OCCASIONS[kind].matter)


def text_of(letter: ComposedLetter) -> str:
    return " ".join("\n".join(letter.record.lines).replace("\N{NO-BREAK SPACE}", " ").split())


def numbered(number: str, payer: str, ends: date) -> Any:
    (grant,) = cases()["02_cidp_continuation"].course.authorizations
    return grant.model_copy(update={"number": number, "payer": payer, "ends": ends})


@pytest.mark.parametrize("kind", PRINTS_IT)
def test_the_number_of_the_former_plan_is_not_given_to_the_new_one(kind: LetterKind) -> None:
    text = text_of(written(of_plan("cigna"), kind))

    assert FORMER not in text
    assert "former plan" in text
    assert ("December 19, 2026" in text) or ("12/19/2026" in text)


def test_the_letter_says_until_when_the_former_plan_authorized_it_from_the_same_witness() -> None:
    letter = written(of_plan("cigna"))
    (claim,) = [claim for claim in letter.record.claims if "former plan" in claim.text]

    assert claim.text == "Treatment is authorized by the former plan until December 19, 2026."
    assert "none; authorized by the former plan until 12/19/2026" in text_of(letter)
    assert " fewer" not in text_of(letter)


def test_of_two_plans_the_authorization_of_the_plan_asked_is_the_present_one() -> None:
    both = (
        numbered("OLD-1", "aetna", date(2027, 6, 30)),
        numbered("NEW-1", "cigna", date(2026, 12, 31)),
    )
    text = text_of(written(of_plan("cigna", authorizations=both)))

    assert "Present PA number | NEW-1" in text
    assert "OLD-1" not in text
    assert "former plan" not in text


def test_without_a_plan_on_file_no_number_is_the_present_one() -> None:
    text = text_of(written(of_plan(None)))

    assert "Present PA number" not in text
    assert "former plan" not in text


def test_a_final_to_the_new_plan_says_so_instead_of_a_number_and_without_either_is_refused() -> None:
    known = confirmed_knowledge()

    def gaps(case: Case) -> set[str]:
        try:
            compose_letter(case, verify(case, as_of=AS_OF, knowledge=known), knowledge=known, review=REVIEW)
        except FinalRefused as refused:
            return {gap.field for gap in refused.gaps}
        return set()

    case = of_plan("cigna")
    assert case.request is not None
    assert case.request.phase is Phase.CONTINUATION
    assert "course.authorizations" not in gaps(case)
    assert "course.authorizations" in gaps(of_plan("cigna", authorizations=()))
    assert "course.authorizations" in gaps(of_plan(None))


def test_a_switch_under_the_skin_ends_no_authorization_of_a_former_plan() -> None:
    switched = OCCASIONS[LetterKind.SUBCUTANEOUS_SWITCH].case_and_assessment()[0]

    text = text_of(written(of_plan("cigna", switched), LetterKind.SUBCUTANEOUS_SWITCH))

    assert "can end" not in text
