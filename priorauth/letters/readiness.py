"""What stands between a draft and a final letter: a review, the criteria, the administrative items."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from priorauth.dosing import grams_for
from priorauth.facts.dose import dosing_weight
from priorauth.facts.request import request_of
from priorauth.facts.resolution import Known
from priorauth.letters.kinds import KINDS, Completeness, contested_by, site_for_part
from priorauth.letters.refusals import Gap
from priorauth.letters.view import LetterView
from priorauth.wording import plain, slug_words
from schemas.assessment import Finding, Status
from schemas.base import BenefitChannel, LineOfBusiness, Phase
from schemas.case import DocumentKind
from schemas.letter import LetterKind, Review
from schemas.letter_matter import Denial, ExceptionGrounds, Inquiry, Matter, ReviewLevel
from schemas.policy import Effect
from schemas.treatment import DosePhase


BLOCKING = frozenset({Effect.PEND, Effect.DENY, Effect.ESCALATE})

# Public programs issue no group number.
_WITH_GROUP = frozenset(
    {
        LineOfBusiness.COMMERCIAL_FULLY_INSURED,
        LineOfBusiness.COMMERCIAL_SELF_FUNDED,
    }
)


def gaps_of(view: LetterView, kind: LetterKind, matter: Matter | None, review: Review) -> tuple[Gap, ...]:
    """List everything that keeps the letter from being final, in the order a person would mend it."""
    rules = KINDS[kind]
    gaps = [*_review(review, view.context.as_of)]
    if rules.completeness is not Completeness.INTERNAL:
        gaps += [Gap(field, words) for field, present, words in _contact(view) if not present]
    if rules.completeness is Completeness.REQUEST:
        gaps += [Gap(field, words) for field, present, words in _request(view) if not present]
        gaps += [Gap("request.orders.grams", words) for words in _not_ordered(view)]
        gaps += _findings(view, kind, matter)
    if rules.reference and isinstance(matter, Denial | Inquiry) and not matter.determination.reference:
        gaps.append(
            Gap(
                "determination.reference",
                "the plan's reference number is not recorded; copy it from the notice",
            )
        )
    if isinstance(matter, Denial):
        gaps += _denial(view, kind, matter)
    gaps += _site_after(view, site_for_part(kind, matter))
    if rules.criteria and view.assessment.policy is not None and not view.confirmed:
        gaps.append(
            Gap(
                "policy.confirmation",
                f"the letter answers clauses of a profile modeled on {view.assessment.policy.modelled_on}; "
                "compare it with the plan's current text and record who compared it, and when",
            )
        )
    return tuple(gaps)


def _denial(view: LetterView, kind: LetterKind, matter: Denial) -> Iterator[Gap]:
    notices = {
        document.document
        for document in view.context.case.documents
        if document.kind is DocumentKind.DENIAL_LETTER
    }
    if matter.source.document not in notices:
        yield Gap(
            "matter.source",
            "the notice of denial is not enclosed; add it to the case as a denial letter and cite its page",
        )
    if kind is LetterKind.EXTERNAL_REVIEW and matter.level is not ReviewLevel.INTERNAL_APPEAL:
        yield Gap(
            "matter.level",
            "external review follows the plan's decision on an internal appeal; record that decision and its date",
        )


def _site_after(view: LetterView, exception: ExceptionGrounds | None) -> Iterator[Gap]:
    """Where the rest of a course is given that starts at a site by exception."""
    if exception is None:
        return
    if exception.site_after is None:
        part = exception.duration or f"the {' and '.join(exception.doses)} dose"
        yield Gap(
            "matter.site_after",
            f"the exception is for {part}; where the doses after that are given is not stated",
        )
        return
    fitting = view.context.knowledge.places_of_service(exception.site_after, view.context.as_of)
    if exception.place_of_service_after not in fitting:
        yield Gap(
            "matter.place_of_service_after",
            f"found {exception.place_of_service_after or 'none'}, expected {' or '.join(fitting)} "
            f"for {slug_words(exception.site_after.value)}",
        )


def _review(review: Review, as_of: date) -> Iterator[Gap]:
    if review.reviewed_on < as_of:
        yield Gap(
            "review.reviewed_on",
            f"found {review.reviewed_on}, before the letter of {as_of} was written; review this version of it",
        )
    if len(review.reviewer.split()) < 2:
        yield Gap("review.reviewer", f"found '{review.reviewer}', expected the full name of a person")


def _findings(view: LetterView, kind: LetterKind, matter: Matter | None) -> Iterator[Gap]:
    contested = contested_by(matter)
    for finding in view.assessment.findings:
        if finding.effect not in BLOCKING or finding.topic in KINDS[kind].about:
            continue
        if finding.criterion not in contested:
            yield Gap(finding.criterion, _finding_words(finding))


def _finding_words(finding: Finding) -> str:
    status = "is not met" if finding.status is Status.NOT_MET else "is not documented"
    return f"'{finding.title}' {status}; {finding.mend or finding.reason}"


def _contact(view: LetterView) -> Iterator[tuple[str, object, str]]:
    case = view.context.case
    patient, coverage, prescriber = case.patient, case.coverage, case.prescriber
    yield "patient.family_name", patient.family_name, "the patient's name is not on file"
    yield "patient.born", patient.born, "the date of birth is not on file"
    yield "coverage.payer_name", coverage and coverage.payer_name, "the name of the plan is not on file"
    member = coverage and (coverage.member_id or coverage.medicare_beneficiary_id)
    yield "coverage.member_id", member, "the member number is not on file; copy it from the card"
    yield "prescriber.npi", prescriber and prescriber.npi, "the prescriber's NPI is not on file"
    yield (
        "prescriber.phone",
        prescriber and prescriber.phone,
        "no direct line for a peer-to-peer call is on file",
    )


def _request(view: LetterView) -> Iterator[tuple[str, object, str]]:
    case, request, doses = view.context.case, request_of(view.context), view.assessment.doses
    coverage, practice = case.coverage, case.practice
    grouped = coverage is not None and coverage.line_of_business in _WITH_GROUP
    yield (
        "coverage.group_number",
        not grouped or (coverage and coverage.group_number),
        "the group number is not on file",
    )
    yield (
        "coverage.plan_name",
        coverage and coverage.plan_name,
        "the plan is not named; copy it from the card",
    )
    yield "practice.npi", practice and practice.npi, "the practice's NPI is not on file"
    yield "practice.tin", practice and practice.tin, "the practice's tax id is not on file"
    yield "request.product", view.product, "the order names no product that is known"
    yield "request.hcpcs", request.hcpcs, "the order has no HCPCS code"
    of_pharmacy = request.benefit is BenefitChannel.PHARMACY
    yield (
        "request.ndc",
        not of_pharmacy or request.ndc,
        "the pharmacy benefit asks for the NDC; the order has none",
    )
    yield "request.icd10", request.icd10, "the order has no diagnosis code"
    yield "request.orders", request.orders, "the order states no dose"
    yield "request.starts", request.starts, "the first date of service is not stated"
    yield "request.ends", request.ends, "the last date of service is not stated"
    yield "request.site_of_care", request.site_of_care, "the site of care is not stated"
    yield "request.place_of_service", request.place_of_service, "the place of service code is not stated"
    provider = request.infusion_provider
    yield "request.infusion_provider", provider, "who gives the infusions is not stated"
    yield (
        "request.infusion_provider_npi",
        request.infusion_provider_npi,
        "the infusion provider's NPI is not stated",
    )
    yield "request.follow_up", request.follow_up, "when and how response will be judged is not stated"
    computed = len(doses) == len(request.orders) and all(line.vials for line in doses)
    yield (
        "request.orders.grams",
        computed,
        "the dose cannot be computed; see the dosing weight and the product",
    )
    spaced = all(order.every_days for order in request.orders if order.phase is DosePhase.MAINTENANCE)
    yield "request.orders.every_days", spaced, "the maintenance interval is not stated"
    yield "request.units", view.assessment.total_units, "the billing units of the period cannot be computed"
    yield (
        "course.authorizations",
        # A plan that has taken over a course has given no number yet; the letter says until when the former one did.
        not _needs_number(view) or view.last_authorization or view.former_authorization,
        "the number of the present authorization is not on file",
    )


def _not_ordered(view: LetterView) -> Iterator[str]:
    """Say of each dose whose grams nobody ordered what the order states and what the letter would ask for."""
    weight = dosing_weight(view.context)
    for line in view.assessment.doses:
        if line.ordered_grams is None or line.grams_per_kg is None or not isinstance(weight, Known):
            continue
        computed = plain(grams_for(line.grams_per_kg, weight.number))
        yield (
            f"the order states {plain(line.ordered_grams)} g for the {line.phase} dose, while "
            f"{plain(line.grams_per_kg)} g/kg at {plain(weight.number)} kg comes to {computed} g; have the order changed"
        )


def _needs_number(view: LetterView) -> bool:
    policy = view.context.policy
    without = policy is not None and policy.no_authorization_at_all
    return request_of(view.context).phase is Phase.CONTINUATION and not without
