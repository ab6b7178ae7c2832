"""Recording what a payer decided, and what is granted less than was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from flows.casework import Casework, settle
from flows.clock import now, today
from flows.forms import (
    Accepted,
    Approved,
    Denied,
    DeterminationForm,
    FormIncomplete,
    FormMistake,
    Granted,
    Modification,
    MoreInformation,
    PartiallyApproved,
    read_day,
)
from priorauth.course_days import first_dose_asked
from priorauth.grant_differences import difference_words, grant_differences
from priorauth.knowledge import Knowledge
from priorauth.lifecycle import AT_PAYER, UNSENT, Actor, CaseStatus, MoveRefused, Reason, Role
from priorauth.payer_tasks import PayerTask, appeal_task, information_task, partial_approval_task, task_key
from priorauth.store.errors import RecordContradicts
from priorauth.store.records import Put, SubmissionState
from priorauth.wording import listed, slug_words
from schemas.base import CaseId, SiteOfCare
from schemas.case import Case
from schemas.chart import Source
from schemas.treatment import Authorization, Determination, DeterminationOutcome, TreatmentRequest


def record(work: Casework, form: DeterminationForm) -> Put:
    """Store the decision of a form; MoveRefused where the case is not at the payer. One stored already changes nothing."""
    by, at = Actor(Role.COORDINATOR, form.recorded_by), now(work.settings)
    if isinstance(form.decision, Accepted):
        return _accept(work, form, by=by, at=at)
    case = work.store.get_case(form.case_id)
    determination = determination_of(form, case, work.knowledge)
    with work.store.transaction():
        known = work.store.is_recorded(form.case_id, determination)
        status = work.store.case_summary(form.case_id).status
        if status in UNSENT and not known:
            if not form.sent_outside:
                raise MoveRefused(
                    f"{form.case_id} is {slug_words(status.value)} and not on record as submitted: record the sending first "
                    "(priorauth sent), or add --sent-outside where it went out by another way"
                )
            work.store.move(form.case_id, CaseStatus.SUBMITTED, by=by, at=at, reason=Reason.SENT_OUTSIDE)
        wrong = _instead_of(form, case, known=known)
        put = work.store.record_determination(form.case_id, determination, by=by, at=at, instead_of=wrong)
        if put is Put.CREATED:
            _follow_up(work, case, determination, modified=_modified(form))
    return put


def check_days(work: Casework, form: DeterminationForm) -> None:
    """Refuse days that cannot be: a notice from after today or before the sending, a grant over before its notice.

    Only a request that itself asks for days gone by, as for a stay in hospital, is granted for them.
    """
    day, notice = today(work.settings), read_day(form.decided_on)
    if notice > day:
        raise FormMistake(f"found a notice of {notice}, after today, {day}")
    sent = _sent_since_last_decision(work, form.case_id)
    if sent is not None and notice < sent and not isinstance(form.decision, Accepted):
        raise FormMistake(f"found a notice of {notice}, before the request was sent on {sent}")
    if not isinstance(form.decision, Granted):
        return
    request, ends = work.store.get_case(form.case_id).request, _last_day(form.decision)
    asked_until = request.ends if request else None
    if ends < notice and (asked_until is None or asked_until >= notice):
        raise FormMistake(f"found an authorization that ends on {ends}, before its notice of {notice}")


def _sent_since_last_decision(work: Casework, case_id: CaseId) -> date | None:
    """Return the day on which the request under way was first sent; None where it is decided or went another way."""
    if work.store.case_summary(case_id).status not in AT_PAYER:
        return None
    decided = [
        one.decided_on
        for one in work.store.list_determinations(case_id)
        if one.outcome is not DeterminationOutcome.MORE_INFORMATION
    ]
    sent = [
        claim.sent_on or claim.claimed_at.date()
        for claim in work.store.list_submissions(case_id)
        if claim.state is SubmissionState.CONFIRMED
    ]
    return min((day for day in sent if not decided or day > decided[-1]), default=None)


def _accept(work: Casework, form: DeterminationForm, *, by: Actor, at: datetime) -> Put:
    """Close the task of a partial approval because the practice takes what was granted."""
    key = task_key(form.case_id, PayerTask.PARTIAL_APPROVAL)
    if all(task.key != key for task in work.store.list_exceptions(case_id=form.case_id)):
        if any(task.key == key for task in work.store.list_exceptions(case_id=form.case_id, closed=True)):
            return Put.UNCHANGED
        raise FormIncomplete(f"no partial approval of {form.case_id} waits for an answer")
    with work.store.transaction():
        work.store.close_exception(
            key, on=read_day(form.decided_on), because=f"what was granted is accepted, {by.name}"
        )
        work.store.note_acceptance(form.case_id, by=by, at=at)
    return Put.UPDATED


def _instead_of(form: DeterminationForm, case: Case, *, known: bool) -> Authorization | None:
    """Return the authorization that was recorded by mistake, where the form names one that still stands."""
    decision = form.decision
    number = decision.instead_of if isinstance(decision, Granted) else None
    if number is None:
        return None
    if isinstance(decision, Granted) and number == decision.authorization_number:
        raise FormIncomplete(f"found the number {number} as the right one and as the wrong one")
    for grant in case.course.authorizations:
        if grant.number == number:
            return grant
    if known:
        return None
    raise FormIncomplete(f"no authorization {number} is on record for {case.case_id}")


def _modified(form: DeterminationForm) -> tuple[str, ...]:
    decision = form.decision
    return tuple(decision.modified) if isinstance(decision, PartiallyApproved) else ()


def _follow_up(work: Casework, case: Case, determination: Determination, *, modified: Sequence[str]) -> None:
    """Close the tasks that an answer of the payer settles, and open the one it leaves behind."""
    on, outcome = determination.decided_on, determination.outcome
    settle(work, case.case_id, PayerTask.INFORMATION, on=on, because=f"the payer answered: {outcome.value}")
    if outcome is DeterminationOutcome.MORE_INFORMATION:
        work.store.open_exception(information_task(case.case_id, determination))
    if outcome is DeterminationOutcome.DENIED:
        settle(work, case.case_id, PayerTask.PARTIAL_APPROVAL, on=on, because="the payer decided: denied")
        appealed = work.store.count_appeals(case.case_id)
        work.store.open_exception(appeal_task(case, determination, work.knowledge, appealed=appealed))
    if determination.authorization is not None:
        settle(work, case.case_id, PayerTask.APPEAL, on=on, because=f"the payer decided: {outcome.value}")
        _compare_with_request(work, case, determination, determination.authorization, modified=modified)


def _compare_with_request(
    work: Casework, case: Case, determination: Determination, grant: Authorization, *, modified: Sequence[str]
) -> None:
    """Open a task where less was granted than asked for, or the notice says so; a later grant of everything closes it."""
    on = determination.decided_on
    products = work.knowledge.products
    differences = (
        grant_differences(case.request, grant, products, first=first_dose_asked(case, products, on))
        if case.request
        else ()
    )
    if differences or modified:
        said = f"the notice changes {listed([slug_words(one) for one in modified])}" if modified else ""
        words = "; ".join(filter(None, (said, difference_words(differences))))
        work.store.open_exception(partial_approval_task(case.case_id, determination, words))
    else:
        because = "everything asked for has been granted"
        settle(work, case.case_id, PayerTask.PARTIAL_APPROVAL, on=on, because=because)


def determination_of(form: DeterminationForm, case: Case, knowledge: Knowledge) -> Determination:
    """Turn a form into the determination that is stored."""
    decision = form.decision
    details: dict[str, object]
    match decision:
        case Approved() | PartiallyApproved():
            in_part = isinstance(decision, PartiallyApproved)
            outcome = DeterminationOutcome.PARTIALLY_APPROVED if in_part else DeterminationOutcome.APPROVED
            details = {
                "authorization": _authorization(decision, case, knowledge, recorded_by=form.recorded_by)
            }
        case Denied():
            outcome = DeterminationOutcome.DENIED
            details = {"denial_reasons": tuple(slug_words(reason) for reason in decision.reasons)}
        case MoreInformation():
            outcome = DeterminationOutcome.MORE_INFORMATION
            details = {
                "information_asked": tuple(slug_words(one) for one in decision.asked),
                "respond_by": read_day(decision.respond_by),
            }
        case Accepted():
            raise FormMistake("that the practice accepts a grant is no decision of the payer")
    return Determination.model_validate(
        {
            "outcome": outcome,
            "decided_on": read_day(form.decided_on),
            "reference": form.reference,
            "recorded_by": form.recorded_by,
            **details,
        }
    )


def _last_day(granted: Granted) -> date:
    try:
        return read_day(granted.ends)
    except FormMistake as mistake:
        raise FormMistake(
            f"the end of the authorization: {mistake}; where the notice gives no end, enter the day on which to ask the plan again"
        ) from None


def _authorization(granted: Granted, case: Case, knowledge: Knowledge, *, recorded_by: str) -> Authorization:
    request, coverage = case.request, case.coverage
    if request is None or request.hcpcs is None or coverage is None or coverage.payer is None:
        raise RecordContradicts("an approval needs a case with a payer and a HCPCS code on its order")
    starts, ends = read_day(granted.starts), _last_day(granted)
    if ends < starts:
        raise FormMistake(f"the authorization ends on {ends}, before it starts on {starts}")
    _check_quantity(granted)
    product, hcpcs = request.product, request.hcpcs
    sites: Sequence[SiteOfCare] = ()
    if isinstance(granted, PartiallyApproved):
        _check_modified(granted)
        sites = granted.sites
        product, hcpcs = _product_granted(granted, request, knowledge, on=starts)
    return Authorization(
        number=granted.authorization_number,
        payer=coverage.payer,
        product=product,
        hcpcs=hcpcs,
        starts=starts,
        ends=ends,
        units=granted.units,
        visits=granted.visits,
        sites=tuple(sites),
        source=Source(recorded_by=recorded_by),
    )


def _check_quantity(granted: Granted) -> None:
    """Refuse a grant without a number: whoever leaves it out by mistake would have every infusion covered."""
    limited = granted.units is not None or granted.visits is not None
    if not limited and not granted.no_limit:
        raise FormIncomplete(
            "how much was granted is missing: give the units or the visits of the notice (--units, --visits), or say that "
            "it names none (--no-limit)"
        )
    if limited and granted.no_limit:
        raise FormIncomplete("found units or visits together with no limit; leave one of them out")


def _check_modified(granted: PartiallyApproved) -> None:
    """Refuse a change of site or product that does not say to which."""
    if Modification.SITE_OF_CARE in granted.modified and not granted.sites:
        known = listed([site.value for site in SiteOfCare], "or")
        raise FormIncomplete(f"the site of care was changed: name every site granted (--site), of {known}")
    if Modification.PRODUCT in granted.modified and granted.product is None and granted.hcpcs is None:
        raise FormIncomplete(
            "the product was changed: name the product granted (--product) or its code (--code)"
        )


def _product_granted(
    granted: PartiallyApproved, request: TreatmentRequest, knowledge: Knowledge, *, on: date
) -> tuple[str | None, str]:
    """Return product and code of a partial approval, the code of the product named where the notice gives none."""
    assert request.hcpcs is not None  # noqa: S101 - asked before
    if granted.product is None:
        # Another code than the one asked for means another product, which the notice names and the form does not.
        return (None, granted.hcpcs) if granted.hcpcs else (request.product, request.hcpcs)
    product = knowledge.products.get(granted.product)
    if product is None:
        raise FormIncomplete(
            f"found the product {granted.product}, expected one of: {', '.join(knowledge.products)}"
        )
    codes = [one.code for one in product.hcpcs_in_force_on(on)]
    if granted.hcpcs is None and len(codes) != 1:
        raise FormIncomplete(
            f"the code of {granted.product} on {on} is not certain: add the one of the notice (--code)"
        )
    return granted.product, granted.hcpcs or codes[0]
