"""One occasion for every kind of letter: a sample case, and what the letter is about beyond it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from priorauth.letters.compose import ComposedLetter, compose_letter
from schemas.chart import Source
from schemas.letter import LetterKind
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
from schemas.treatment import Determination, DeterminationOutcome
from tests.letters.samples import assessment, cases, knowledge


@dataclass(frozen=True)
class Occasion:
    """A sample case and the matter of the letter."""

    name: str
    matter: Matter | None = None


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
    ),
    LetterKind.EXPEDITED_REQUEST: Occasion("10_expired_authorization"),
    LetterKind.STEP_THERAPY_EXCEPTION: Occasion(
        "12_dose_above_limit",
        ExceptionGrounds(
            requirement="trial of a corticosteroid before immunoglobulin",
            criteria=("U5",),
            grounds=(
                _said("the neuropathy is purely motor", "clinic_letter_2026-11-11", 1, date(2026, 11, 11)),
                _said(
                    "a corticosteroid was weighed and declined",
                    "clinic_letter_2026-11-11",
                    2,
                    date(2026, 11, 11),
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


def written(kind: LetterKind) -> ComposedLetter:
    """Write the draft of a kind for its occasion."""
    occasion = OCCASIONS[kind]
    return compose_letter(
        cases()[occasion.name],
        assessment(occasion.name),
        knowledge=knowledge(),
        kind=kind,
        matter=occasion.matter,
    )
