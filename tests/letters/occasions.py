"""One occasion for every kind of letter: a sample case, and what the letter is about beyond it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache

from priorauth.knowledge import Knowledge
from priorauth.letters.compose import ComposedLetter, compose_letter
from priorauth.renewals import plan_renewal
from priorauth.verification import verify
from schemas.assessment import Assessment
from schemas.base import Route, SiteOfCare
from schemas.case import Case, Document, DocumentKind
from schemas.chart import Source
from schemas.letter import LetterKind, Review
from schemas.letter_matter import (
    Answer,
    Call,
    Delivery,
    Denial,
    DoseChange,
    DoseUntilNow,
    ExceptionGrounds,
    Inquiry,
    Matter,
    ReviewLevel,
    RouteChange,
    Stated,
)
from schemas.policy import Confirmation
from schemas.treatment import Determination, DeterminationOutcome, DoseOrder, DosePhase
from tests.samples import AS_OF, assessment, cases, knowledge


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
_SPECIALIST = Source(recorded_by="Cosima Thackerman, MD, PhD")
_NOTICE = Source(document="denial_2026-11-18", page=1)
_FINAL_NOTICE = Source(document="denial_2026-11-22", page=1)
_INQUIRY = Source(recorded_by="Aetna, request for information")
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
        Answer(criteria=("A3", "A3-csf"), clause="CIDP, initial criteria: electrodiagnosis"),
        Answer(criteria=("A2",), clause="CIDP, initial criteria: functional disability"),
    ),
    history=(Stated(words="the request was submitted", dated=date(2026, 11, 13), source=_PRESCRIBER),),
    file_by=date(2027, 5, 17),
)
_FINAL_DENIAL = _DENIAL.model_copy(
    update={
        "determination": _DENIED.model_copy(
            update={"decided_on": date(2026, 11, 22), "reference": "AP-000081"}
        ),
        "source": _FINAL_NOTICE,
        "history": (
            *_DENIAL.history,
            Stated(words="the plan denied the request", dated=date(2026, 11, 18), source=_NOTICE),
            Stated(
                words="an expedited internal appeal was filed", dated=date(2026, 11, 19), source=_PRESCRIBER
            ),
        ),
        "level": ReviewLevel.INTERNAL_APPEAL,
        "file_by": None,
    }
)


def _asking(name: str, **changes: object) -> Case:
    case = cases()[name]
    assert case.request is not None
    return case.model_copy(update={"request": case.request.model_copy(update=changes)})


def _denied(*notices: str) -> Case:
    case = cases()["01_cidp_initial"]
    letters = tuple(
        Document(
            document=f"denial_{dated}",
            title="Notice of denial",
            kind=DocumentKind.DENIAL_LETTER,
            dated=date.fromisoformat(dated),
            sha256="0" * 64,
            pages=1,
        )
        for dated in notices
    )
    return case.model_copy(update={"documents": (*case.documents, *letters)})


def _in_hospital() -> Case:
    return _asking("03_mmn_initial", site_of_care=SiteOfCare.OUTPATIENT_HOSPITAL, place_of_service="22")


def _dosed_on_74_kg() -> Case:
    changed = DoseOrder(
        phase=DosePhase.MAINTENANCE,
        grams_per_kg=Decimal(1),
        grams=Decimal(74),
        units=148,
        over_days=1,
        every_days=21,
        doses=17,
    )
    return _asking("09_weight_change", orders=(changed,), source=Source(recorded_by="Hester Plumwright, MD"))


def _under_the_skin() -> Case:
    weekly = DoseOrder(
        phase=DosePhase.MAINTENANCE,
        grams_per_kg=Decimal("0.25"),
        grams=Decimal("16.25"),
        over_days=1,
        every_days=7,
        doses=26,
    )
    return _asking(
        "02_cidp_continuation",
        route=Route.SUBCUTANEOUS,
        product="hizentra",
        hcpcs="J1559",
        ndc="44206045421",
        orders=(weekly,),
        site_of_care=SiteOfCare.HOME,
        place_of_service="12",
        goals=("Keep adjusted INCAT at 2", "Keep grip within 8 kPa of 47"),
        stopping_rule="Return to intravenous treatment if INCAT rises by 1 point",
        source=_PRESCRIBER,
    )


OCCASIONS: dict[LetterKind, Occasion] = {
    LetterKind.INITIATION: Occasion("01_cidp_initial"),
    LetterKind.CONTINUATION: Occasion("02_cidp_continuation"),
    LetterKind.DOSE_CHANGE: Occasion(
        "09_weight_change",
        DoseChange(
            before=_said("90 g every 21 days at 90 kg", "authorization_2026-01", 1, date(2026, 1, 5)),
            was=DoseUntilNow(grams=Decimal(90), every_days=21, units=180, weight_kg=Decimal(90)),
            why=_said(
                "she has lost weight on purpose with semaglutide; g/kg and interval stay as they are",
                "visit_note_2026-11-12",
                1,
                _VISIT,
            ),
        ),
        _dosed_on_74_kg(),
    ),
    LetterKind.SUBCUTANEOUS_SWITCH: Occasion(
        "02_cidp_continuation",
        RouteChange(
            before=_said(
                "65 g of intravenous immunoglobulin every 28 days", "infusion_record", 1, date(2026, 10, 31)
            ),
            was=DoseUntilNow(grams=Decimal(65), every_days=28),
            why=_said(
                "she worsens from day 26 of the cycle, and weekly doses keep the level even",
                "visit_note_2026-11-10",
                1,
                date(2026, 11, 10),
            ),
            training=Stated(
                words="a nurse trains her at home for the first three doses; then she treats herself",
                dated=AS_OF,
                source=_PRESCRIBER,
            ),
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
                    "“Steroids are not an option here: they may worsen MMN.”",
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
                    "our infusion suite stocks Panzyga and no preferred product",
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
                Stated(
                    words="the patient has never had immunoglobulin, and the loading dose is to be given where an "
                    "emergency team is on site",
                    dated=AS_OF,
                    source=_SPECIALIST,
                ),
            ),
            duration="the loading dose",
            doses=(DosePhase.LOADING,),
            site_after=SiteOfCare.INFUSION_SUITE,
            place_of_service_after="49",
        ),
        _in_hospital(),
    ),
    LetterKind.FIRST_LEVEL_APPEAL: Occasion("01_cidp_initial", _DENIAL, _denied("2026-11-18")),
    LetterKind.EXTERNAL_REVIEW: Occasion(
        "01_cidp_initial", _FINAL_DENIAL, _denied("2026-11-18", "2026-11-22")
    ),
    LetterKind.PEER_TO_PEER_BRIEF: Occasion(
        "01_cidp_initial",
        Call(
            determination=_DENIED,
            source=_NOTICE,
            reviewer="Ottoline Vance, MD",
            window="until November 25, 2026, 8 a.m. to 5 p.m. Eastern",
            phone="800-555-0199",
            criteria=("A3", "A2", "A3-csf"),
            cautions=(
                _said(
                    "corticosteroids were not tried, because of hypertension and the patient’s preference",
                    "visit_note_2026-11-12",
                    1,
                    _VISIT,
                ),
            ),
            fallback=Stated(
                words="approve the loading dose and one maintenance dose now, and decide on the rest at week 6",
                dated=date(2026, 11, 23),
                source=_PRESCRIBER,
            ),
        ),
        _denied("2026-11-18"),
    ),
    LetterKind.INFORMATION_REPLY: Occasion(
        "01_cidp_initial",
        Inquiry(
            determination=_ASKED,
            source=_INQUIRY,
            answers=(
                Delivery(facts=("csf_protein", "csf_cells"), documents=("csf_2026-10-28",)),
                Delivery(facts=("weakness_pattern", "reflexes"), documents=("visit_note_2026-11-12",)),
                Delivery(
                    statements=(
                        _said(
                            "the loading dose is divided over 4 days because of hypertension",
                            "visit_note_2026-11-12",
                            2,
                            _VISIT,
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
        case,
        assessed,
        knowledge=known,
        kind=kind,
        matter=OCCASIONS[kind].matter,
        review=review,
        renewal=plan_renewal(case, known, as_of=AS_OF) if kind is LetterKind.CASE_SUMMARY else None,
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
