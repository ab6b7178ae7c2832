"""The kinds of letters: what each is called, what it is about, and what it must hold before it may be final."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from priorauth.letters.refusals import LetterRefused
from schemas.base import DocumentId, Model, Phase, Route, Urgency
from schemas.case import Case
from schemas.chart import Source
from schemas.letter import LetterKind
from schemas.letter_matter import (
    Call,
    Delivery,
    Denial,
    DoseChange,
    ExceptionGrounds,
    Inquiry,
    Matter,
    RouteChange,
)
from schemas.policy import Topic
from schemas.treatment import TreatmentRequest


AMOUNT_KEPT = Decimal("0.1")
"""Part by which a weekly amount may differ and still be called the same; vials make that much."""


class Completeness(StrEnum):
    """Which administrative items a final of the kind must hold."""

    REQUEST = "request"
    CONTACT = "contact"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class KindRules:
    """One kind of letter. ``title`` may name the condition. ``about`` are the topics whose failure is the very reason to write."""

    title: str
    matter: type[Matter] | None = None
    optional_matter: bool = False
    completeness: Completeness = Completeness.REQUEST
    criteria: bool = True
    about: frozenset[Topic] = frozenset()
    reference: bool = False

    @property
    def needs_matter(self) -> bool:
        return self.matter is not None and not self.optional_matter


KINDS: Mapping[LetterKind, KindRules] = {
    LetterKind.INITIATION: KindRules(
        "Letter of medical necessity: immunoglobulin for {condition}", about=frozenset({Topic.AUTHORIZATION})
    ),
    LetterKind.CONTINUATION: KindRules(
        "Letter of medical necessity: continuation of immunoglobulin for {condition}",
        about=frozenset({Topic.AUTHORIZATION}),
    ),
    LetterKind.DOSE_CHANGE: KindRules("Request to change an authorized course for {condition}", DoseChange),
    LetterKind.SUBCUTANEOUS_SWITCH: KindRules(
        "Request to change to subcutaneous immunoglobulin for {condition}", RouteChange
    ),
    LetterKind.EXPEDITED_REQUEST: KindRules(
        "Expedited request: immunoglobulin for {condition}", about=frozenset({Topic.AUTHORIZATION})
    ),
    LetterKind.STEP_THERAPY_EXCEPTION: KindRules(
        "Request for a step therapy exception: {condition}", ExceptionGrounds
    ),
    LetterKind.NONPREFERRED_PRODUCT_EXCEPTION: KindRules(
        "Request for a product exception: {condition}",
        ExceptionGrounds,
    ),
    LetterKind.SITE_OF_CARE_EXCEPTION: KindRules(
        "Request for a site of care exception: {condition}", ExceptionGrounds
    ),
    LetterKind.FIRST_LEVEL_APPEAL: KindRules(
        "Appeal of a denial: immunoglobulin for {condition}", Denial, reference=True
    ),
    LetterKind.EXTERNAL_REVIEW: KindRules(
        "Request for external review: immunoglobulin for {condition}", Denial, reference=True
    ),
    LetterKind.PEER_TO_PEER_BRIEF: KindRules(
        "Peer-to-peer brief: immunoglobulin for {condition}",
        Call,
        optional_matter=True,
        completeness=Completeness.CONTACT,
        criteria=False,
    ),
    LetterKind.INFORMATION_REPLY: KindRules(
        "Reply to your request for information",
        Inquiry,
        completeness=Completeness.REQUEST,
        criteria=False,
        reference=True,
    ),
    LetterKind.FAX_COVER: KindRules("Fax", completeness=Completeness.CONTACT, criteria=False),
    LetterKind.PORTAL_SHEET: KindRules("Portal entry sheet", criteria=False),
    LetterKind.PATIENT_LETTER: KindRules(
        "Your treatment and your health plan", completeness=Completeness.INTERNAL, criteria=False
    ),
    LetterKind.CASE_SUMMARY: KindRules("Case summary", completeness=Completeness.INTERNAL, criteria=False),
}


def title_of(
    kind: LetterKind, condition: str, *, for_the_record: bool = False, inpatient_notice: bool = False
) -> str:
    """Return the title of a letter; where no authorization exists it requests none."""
    title = KINDS[kind].title.format(condition=condition)
    if inpatient_notice and kind is LetterKind.INITIATION:
        return f"Notification of admission and clinical information: immunoglobulin for {condition}"
    if for_the_record and kind in (LetterKind.INITIATION, LetterKind.CONTINUATION):
        return title.replace("Letter of medical necessity", "Statement of medical necessity for the record")
    return title


def kind_of(case: Case) -> LetterKind:
    """Return the letter of medical necessity for the phase of therapy the case asks for."""
    if case.request is not None and case.request.phase is Phase.CONTINUATION:
        return LetterKind.CONTINUATION
    return LetterKind.INITIATION


def check_matter(kind: LetterKind, matter: Matter | None, case: Case) -> None:
    """Refuse a kind without the matter it is about, and a matter that cites documents the case does not have."""
    wanted = KINDS[kind].matter
    if case.request is not None:
        _check_request(kind, case.request)
    if matter is None and wanted is not None and KINDS[kind].needs_matter:
        raise LetterRefused(
            f"a letter of the kind {kind.value} needs its matter: a {wanted.__name__} is expected"
        )
    if matter is None:
        return
    if wanted is None or not isinstance(matter, wanted):
        expected = wanted.__name__ if wanted else "none"
        raise LetterRefused(
            f"a letter of the kind {kind.value} was given a {type(matter).__name__}, expected {expected}"
        )
    _check_dose(matter, case)
    _check_intolerance(matter, case)
    known = {document.document for document in case.documents}
    unknown = sorted(documents_cited(matter) - known)
    if unknown:
        raise LetterRefused(
            f"the matter cites {', '.join(unknown)}, which the case does not hold; add the document to the case"
        )


def _check_dose(matter: Matter, case: Case) -> None:
    """Refuse a switch to another weekly amount without the reason for it."""
    if not isinstance(matter, RouteChange) or matter.was is None or matter.why_another_amount is not None:
        return
    weekly = [
        order.grams / order.every_days * 7
        for order in (case.request.orders if case.request else ())
        if order.grams is not None and order.every_days is not None
    ]
    until_now = matter.was.grams / matter.was.every_days * 7
    if weekly and abs(weekly[-1] - until_now) > until_now * AMOUNT_KEPT:
        raise LetterRefused(
            f"matter.why_another_amount: the order gives {weekly[-1]:.2f} g a week under the skin, until now "
            f"{until_now:.2f} g a week went into the vein; state why the amount is to change"
        )


def _check_intolerance(matter: Matter, case: Case) -> None:
    """Refuse an intolerance that the record contradicts."""
    if not isinstance(matter, ExceptionGrounds):
        return
    claimed = [ground.words for ground in matter.grounds if "toler" in ground.words.lower()]
    reactions = [
        fact for fact in case.chart.facts if fact.fact == "prior_immunoglobulin_reaction" and fact.dated
    ]
    newest = max(reactions, key=lambda fact: fact.dated or date.min, default=None)
    if claimed and newest is not None and newest.value == "none":
        raise LetterRefused(
            f"matter.grounds: found '{claimed[0]}', while the record of {newest.dated} states no reaction to "
            "immunoglobulin; correct the one that is wrong"
        )


def _check_request(kind: LetterKind, request: TreatmentRequest) -> None:
    if kind is LetterKind.SUBCUTANEOUS_SWITCH and request.route is not Route.SUBCUTANEOUS:
        raise LetterRefused(
            f"request.route: found {request.route.value}; a switch to subcutaneous immunoglobulin needs the new order"
        )
    if kind is LetterKind.EXPEDITED_REQUEST and not (
        request.urgency is Urgency.EXPEDITED and request.urgency_reason
    ):
        raise LetterRefused(
            "request.urgency: an expedited request needs the urgency 'expedited' and its reason, as the order states them"
        )


def reference_of(matter: Matter | None) -> str:
    """Return the plan's reference number of the notice the letter answers; empty where there is none."""
    if isinstance(matter, Denial | Inquiry | Call) and matter.determination is not None:
        return matter.determination.reference or ""
    return ""


def answered_by(matter: Matter | None) -> tuple[str, ...]:
    """Return the criteria that the letter answers in its own place."""
    if not isinstance(matter, Denial):
        return ()
    return tuple(criterion for answer in matter.answers for criterion in answer.criteria)


def contested_by(matter: Matter | None) -> tuple[str, ...]:
    """Return the criteria from which the letter asks an exception."""
    return matter.criteria if isinstance(matter, ExceptionGrounds) else ()


def site_for_part(kind: LetterKind, matter: Matter | None) -> ExceptionGrounds | None:
    """Return the exception of site that is for part of the course only; None for another letter, or for all of it."""
    if kind is not LetterKind.SITE_OF_CARE_EXCEPTION or not isinstance(matter, ExceptionGrounds):
        return None
    return matter if matter.duration or matter.doses else None


def documents_cited(matter: Matter) -> set[DocumentId]:
    """Return the ids of the documents that the matter rests on."""

    def within(value: object) -> set[DocumentId]:
        match value:
            case Source():
                return {value.document} if value.document else set()
            case Delivery():
                return set(value.documents) | set().union(*map(within, value.statements))
            case Model():
                return set().union(*(within(getattr(value, name)) for name in type(value).model_fields))
            case tuple():
                return set().union(*map(within, value))
            case _:
                return set()

    return within(matter)
