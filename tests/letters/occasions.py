"""One occasion for every kind of letter: a sample case, and what the letter is about beyond it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache

from priorauth.knowledge import Knowledge
from priorauth.letters.compose import ComposedLetter, compose_letter
from priorauth.verification import verify
from schemas.assessment import Assessment
from schemas.base import Route, SiteOfCare
from schemas.case import Case
from schemas.chart import Source
from schemas.letter import LetterKind, Review
from schemas.letter_matter import (
    Answer,
    Call,
    Delivery,
    Denial,
    DoseChange,
    ExceptionGrounds,
    Inquiry,
    Matter,
    RouteChange,
    Stated,
)
from schemas.policy import Confirmation
from schemas.treatment import Determination, DeterminationOutcome, DoseOrder, DosePhase
from tests.letters.samples import AS_OF, assessment, cases, knowledge


@dataclass(frozen=True)
class Occasion:
    """A sample case and the matter of the letter."""

    name: str
    matter: Matter | None = None
    case: Case | None = None

    def case_and_assessment(self) -> tuple[Case, Assessment]:
        """Return the case the letter is written for, and what verification finds."""
        if self.case is None:
            return cases()[self.name], assessment(self.name)
        return self.case, verify(self.case, as_of=AS_OF, knowledge=knowledge())


def _said(words: str, document: str, page: int, dated: date) -> Stated:
    return Stated(words=words, dated=dated, source=Source(document=document, page=page))


_PRESCRIBER = Source(recorded_by="Rosalind Quillfeather, MD")
_NOTICE = Source(recorded_by="Aetna, notice of determination")
_VISIT = date(2026, 11, 12)

_DENIED = Determination(
    outcome=DeterminationOutcome.DENIED,
    decided_on=date(2026, 11, 18),
    reference="DN-000117",
    denial_reasons=(
        "The records do not show electrodiagnostic studies that confirm the diagnosis.",
        "The records do not show a functional disability.",
    ),
    clause_cited="Section on CIDP, initial criteria",
    recorded_by="B. Sandoval",
)
_ASKED = Determination(
    outcome=DeterminationOutcome.MORE_INFORMATION,
    decided_on=date(2026, 11, 20),
    reference="RF-000042",
    information_asked=(
        "Cerebrospinal fluid results, if a lumbar puncture was done.",
        "Neurological examination within the last 90 days.",
        "Why the first dose is divided over four days.",
    ),
    respond_by=date(2026, 12, 4),
    recorded_by="B. Sandoval",
)
_DENIAL = Denial(
    determination=_DENIED,
    source=_NOTICE,
    answers=(
        Answer(criteria=("A3", "A3-csf")),
        Answer(
            criteria=("A2",),
            statements=(
                _said("the patient climbs stairs one step at a time", "visit_note_2026-11-12", 1, _VISIT),
            ),
        ),
    ),
    history=(
        Stated(words="the request was submitted", dated=date(2026, 11, 13), source=_PRESCRIBER),
        Stated(words="the plan denied the request", dated=date(2026, 11, 18), source=_NOTICE),
    ),
)


def _asking(name: str, **changes: object) -> Case:
    case = cases()[name]
    assert case.request is not None
    return case.model_copy(update={"request": case.request.model_copy(update=changes)})


def _in_hospital() -> Case:
    return _asking("03_mmn_initial", site_of_care=SiteOfCare.OUTPATIENT_HOSPITAL, place_of_service="22")


def _under_the_skin() -> Case:
    weekly = DoseOrder(
        phase=DosePhase.MAINTENANCE, grams_per_kg=Decimal("0.4"), over_days=1, every_days=7, doses=12
    )
    return _asking(
        "02_cidp_continuation",
        route=Route.SUBCUTANEOUS,
        product="hizentra",
        hcpcs="J1559",
        ndc="44206045421",
        orders=(weekly,),
    )


OCCASIONS: dict[LetterKind, Occasion] = {
    LetterKind.INITIATION: Occasion("01_cidp_initial"),
    LetterKind.CONTINUATION: Occasion("02_cidp_continuation"),
    LetterKind.DOSE_CHANGE: Occasion(
        "09_weight_change",
        DoseChange(
            before=_said("1 g/kg every 21 days", "authorization_2026-01", 1, date(2026, 1, 5)),
            why=_said("body weight has changed", "visit_note_2026-11-12", 1, _VISIT),
        ),
    ),
    LetterKind.SUBCUTANEOUS_SWITCH: Occasion(
        "02_cidp_continuation",
        RouteChange(
            before=_said(
                "intravenous immunoglobulin every 21 days", "infusion_record", 1, date(2026, 11, 10)
            ),
            why=_said("veins are difficult to access", "visit_note_2026-11-10", 1, date(2026, 11, 10)),
        ),
        _under_the_skin(),
    ),
    LetterKind.EXPEDITED_REQUEST: Occasion("10_expired_authorization"),
    LetterKind.STEP_THERAPY_EXCEPTION: Occasion(
        "03_mmn_initial",
        ExceptionGrounds(
            requirement="trial of a corticosteroid before immunoglobulin",
            grounds=(
                _said(
                    "a corticosteroid was weighed and advised against",
                    "consultation_2026-11-04",
                    2,
                    date(2026, 11, 4),
                ),
            ),
        ),
    ),
    LetterKind.NONPREFERRED_PRODUCT_EXCEPTION: Occasion(
        "17_nonpreferred_product",
        ExceptionGrounds(
            requirement="use of the plan’s preferred products",
            criteria=("NC-Q3", "product.preferred"),
            grounds=(
                _said(
                    "the patient did not tolerate the preferred product",
                    "visit_note_2026-11-10",
                    1,
                    date(2026, 11, 10),
                ),
            ),
        ),
    ),
    LetterKind.SITE_OF_CARE_EXCEPTION: Occasion(
        "03_mmn_initial",
        ExceptionGrounds(
            requirement="infusion outside a hospital",
            criteria=("U-S1",),
            grounds=(
                _said(
                    "the first infusions are to be watched in a hospital",
                    "consultation_2026-11-04",
                    2,
                    date(2026, 11, 4),
                ),
            ),
        ),
        _in_hospital(),
    ),
    LetterKind.FIRST_LEVEL_APPEAL: Occasion("01_cidp_initial", _DENIAL),
    LetterKind.EXTERNAL_REVIEW: Occasion("01_cidp_initial", _DENIAL),
    LetterKind.PEER_TO_PEER_BRIEF: Occasion(
        "01_cidp_initial",
        Call(
            determination=_DENIED,
            source=_NOTICE,
            reviewer="Ottoline Vance, MD",
            window="until November 25, 2026, 8 a.m. to 5 p.m. Eastern",
            fallback=Stated(
                words="approval of the loading dose and three maintenance doses, with review at week 12",
                dated=date(2026, 11, 23),
                source=_PRESCRIBER,
            ),
        ),
    ),
    LetterKind.INFORMATION_REPLY: Occasion(
        "01_cidp_initial",
        Inquiry(
            determination=_ASKED,
            source=_NOTICE,
            answers=(
                Delivery(facts=("csf_protein", "csf_cells"), documents=("csf_2026-10-28",)),
                Delivery(facts=("weakness_pattern", "reflexes"), documents=("visit_note_2026-11-12",)),
                Delivery(
                    statements=(
                        Stated(
                            words="the dose is divided to spare kidneys and circulation",
                            dated=date(2026, 11, 23),
                            source=_PRESCRIBER,
                        ),
                    )
                ),
            ),
        ),
    ),
    LetterKind.FAX_COVER: Occasion("01_cidp_initial"),
    LetterKind.PORTAL_SHEET: Occasion("02_cidp_continuation"),
    LetterKind.PATIENT_LETTER: Occasion("01_cidp_initial"),
    LetterKind.CASE_SUMMARY: Occasion("08_renewal_no_baseline"),
}


def written(kind: LetterKind, *, review: Review | None = None) -> ComposedLetter:
    """Write a kind for its occasion: a draft, or with a review a final under profiles that somebody confirmed."""
    case, assessed = OCCASIONS[kind].case_and_assessment()
    known = knowledge()
    if review is not None:
        known = confirmed_knowledge()
        assessed = verify(case, as_of=AS_OF, knowledge=known)
    return compose_letter(
        case, assessed, knowledge=known, kind=kind, matter=OCCASIONS[kind].matter, review=review
    )


@cache
def confirmed_knowledge() -> Knowledge:
    """Return the knowledge of a practice that has compared every profile with the plan's text."""
    compared = Confirmation(
        compared_by="B. Sandoval",
        bulletin="the plan’s published policy",
        compared_on=AS_OF,
        valid_until=AS_OF.replace(year=2027),
    )
    return replace(
        knowledge(),
        policies={
            name: policy.model_copy(update={"confirmation": compared})
            for name, policy in knowledge().policies.items()
        },
    )


REVIEW = Review(reviewer="Rosalind Quillfeather, MD", reviewed_on=AS_OF)
