"""A final letter needs a review, met criteria and every administrative item; each gap is refused by its field."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from priorauth.letters.compose import compose_letter, letter_pdf
from priorauth.letters.refusals import FinalRefused
from priorauth.verification import verify
from schemas.case import Case
from schemas.letter import LetterKind, Review
from tests.letters.occasions import OCCASIONS, REVIEW, confirmed_knowledge, written
from tests.letters.test_generated_finals import REQUEST_ITEMS
from tests.samples import AS_OF, assessment, cases, knowledge


def _final(case: Case, *, review: Review = REVIEW):
    known = confirmed_knowledge()
    return compose_letter(case, verify(case, as_of=AS_OF, knowledge=known), knowledge=known, review=review)


def _fields(refused) -> list[str]:
    return [gap.field for gap in refused.value.gaps]


def without(case: Case, path: str) -> Case:
    """Take one field out of a case; a path such as ``request.hcpcs`` names it."""
    part, name = path.split(".")
    emptied = getattr(case, part).model_copy(
        update={name: () if name in ("orders", "authorizations") else None}
    )
    return case.model_copy(update={part: emptied})


@pytest.mark.parametrize("kind", sorted(LetterKind))
def test_each_kind_can_be_final_and_then_has_no_mark_of_a_draft(kind):
    final = written(kind, review=REVIEW)

    assert final.record.draft is False
    assert final.record.review == REVIEW
    assert "Draft prepared" not in final.html
    assert 'class="letter draft"' not in final.html
    assert "not yet compared" not in final.html


def test_a_draft_has_no_signature_and_a_final_says_who_reviewed_it():
    draft, final = written(LetterKind.INITIATION), written(LetterKind.INITIATION, review=REVIEW)

    assert "Respectfully," not in draft.html
    assert "Respectfully," in final.html
    assert "by <bdi>Rosalind Quillfeather, MD</bdi> on November" in final.html


def test_a_final_is_the_same_byte_for_byte():
    assert letter_pdf(written(LetterKind.FAX_COVER, review=REVIEW)) == letter_pdf(
        written(LetterKind.FAX_COVER, review=REVIEW)
    )


def test_a_final_answers_clauses_only_of_a_confirmed_profile():
    with pytest.raises(FinalRefused) as refused:
        compose_letter(
            cases()["01_cidp_initial"], assessment("01_cidp_initial"), knowledge=knowledge(), review=REVIEW
        )

    assert _fields(refused) == ["policy.confirmation"]


@pytest.mark.parametrize(
    ("name", "criterion"),
    [
        ("07_missing_nerve_study", "C2"),
        ("08_renewal_no_baseline", "P6"),
        ("11_wrong_code", "codes.hcpcs"),
        ("13_iga_anaphylaxis", "safety.contraindication"),
        ("14_anti_mag", "X1"),
    ],
)
def test_a_criterion_that_is_not_met_or_not_documented_keeps_a_letter_a_draft(name, criterion):
    with pytest.raises(FinalRefused) as refused:
        _final(cases()[name])

    assert criterion in _fields(refused)


def test_the_authorization_that_a_renewal_is_to_bring_does_not_keep_it_from_being_final():
    assert _final(cases()["10_expired_authorization"]).record.draft is False


@pytest.mark.parametrize("path", REQUEST_ITEMS)
def test_each_missing_administrative_item_is_refused_by_its_field(path):
    with pytest.raises(FinalRefused) as refused:
        _final(without(cases()["02_cidp_continuation"], path))

    assert path in _fields(refused)
    assert path in str(refused.value)


def test_a_review_older_than_the_letter_or_by_nobody_in_particular_does_not_count():
    review = Review(reviewer="Office", reviewed_on=AS_OF - timedelta(days=1))
    with pytest.raises(FinalRefused) as refused:
        _final(cases()["01_cidp_initial"], review=review)

    assert _fields(refused) == ["review.reviewed_on", "review.reviewer"]


def test_grams_that_nobody_ordered_are_never_asked_for():
    """The order says 1 g/kg and 90 g; at 74 kg that is 74 g."""
    with pytest.raises(FinalRefused) as refused:
        _final(cases()["09_weight_change"])

    (gap,) = [gap for gap in refused.value.gaps if gap.field == "request.orders.grams"]
    assert gap.words == (
        "the order states 90 g for the maintenance dose, while 1 g/kg at 74 kg comes to 74 g; have the order changed"
    )


def test_a_draft_prints_the_grams_ordered_beside_those_computed():
    case = cases()["09_weight_change"]
    assert case.request is not None
    agreeing = case.request.orders[0].model_copy(update={"grams": Decimal(74), "units": 148})
    changed = case.model_copy(update={"request": case.request.model_copy(update={"orders": (agreeing,)})})

    assert "ordered 90 g" in _draft(case)
    assert "ordered" not in _draft(changed).partition("Dose and billing units")[2].partition("Safety")[0]


def _draft(case: Case) -> str:
    assessed = verify(case, as_of=AS_OF, knowledge=knowledge())
    lines = compose_letter(case, assessed, knowledge=knowledge()).record.lines
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")


def test_an_exception_excuses_the_criterion_it_contests_and_no_other():
    occasion = OCCASIONS[LetterKind.SITE_OF_CARE_EXCEPTION]
    with pytest.raises(FinalRefused) as refused:
        _final(occasion.case)

    assert _fields(refused) == ["U-S1"]
    assert "Exception requested" in written(LetterKind.SITE_OF_CARE_EXCEPTION, review=REVIEW).html
