"""Recording what a payer decided, and what is granted less than was asked for."""

from __future__ import annotations

from datetime import date

from flows.casework import UNSENT, Casework
from flows.clock import now
from flows.forms import (
    Approved,
    Denied,
    DeterminationForm,
    FormMistake,
    Granted,
    MoreInformation,
    PartiallyApproved,
    read_day,
)
from priorauth.course_days import first_dose_asked
from priorauth.deadlines import add_business_days
from priorauth.grant_differences import difference_words, grant_differences
from priorauth.lifecycle import Actor, CaseStatus, Reason, Role
from priorauth.store.errors import RecordContradicts
from priorauth.store.records import Put, RenewalException
from priorauth.wording import slug_words
from schemas.case import Case
from schemas.chart import Source
from schemas.renewal import Level, Owner
from schemas.treatment import Authorization, Determination, DeterminationOutcome


ANSWER_PARTIAL_APPROVAL_DAYS = 5
"""Business days to accept what was granted or to ask for the rest, well inside every window for an appeal."""


def record(work: Casework, form: DeterminationForm) -> Put:
    """Store the decision of a form; MoveRefused where the case is not at the payer. One stored already changes nothing."""
    by, at = Actor(Role.COORDINATOR, form.recorded_by), now(work.settings)
    case = work.store.get_case(form.case_id)
    determination = determination_of(form, case)
    with work.store.transaction():
        if determination in work.store.list_determinations(form.case_id):
            return Put.UNCHANGED
        if form.sent_outside and work.store.case_summary(form.case_id).status in UNSENT:
            work.store.move(form.case_id, CaseStatus.SUBMITTED, by=by, at=at, reason=Reason.SENT_OUTSIDE)
        put = work.store.record_determination(form.case_id, determination, by=by, at=at)
        if determination.authorization is not None:
            _compare_with_request(work, case, determination.authorization, on=determination.decided_on)
    return put


def _compare_with_request(work: Casework, case: Case, grant: Authorization, *, on: date) -> None:
    """Open a task where less was granted than asked for; a later grant of everything closes it."""
    key = f"{case.case_id}/partial_approval"
    differences = (
        grant_differences(case.request, grant, work.knowledge.products, first=first_dose_asked(case, on))
        if case.request
        else ()
    )
    if differences:
        work.store.open_exception(
            RenewalException(
                key=key,
                case_id=case.case_id,
                kind="partial_approval",
                owner=Owner.COORDINATOR.value,
                raised_on=on,
                due=add_business_days(on, ANSWER_PARTIAL_APPROVAL_DAYS),
                level=int(Level.REMIND),
                detail=f"less was granted than asked for: {difference_words(differences)}",
            )
        )
    elif any(task.key == key for task in work.store.list_exceptions(case_id=case.case_id)):
        work.store.close_exception(key, on=on, because="everything asked for has been granted")


def determination_of(form: DeterminationForm, case: Case) -> Determination:
    """Turn a form into the determination that is stored."""
    decision = form.decision
    details: dict[str, object]
    match decision:
        case Approved():
            outcome = DeterminationOutcome.APPROVED
            details = {"authorization": _authorization(decision, case, recorded_by=form.recorded_by)}
        case PartiallyApproved():
            outcome = DeterminationOutcome.PARTIALLY_APPROVED
            details = {"authorization": _authorization(decision, case, recorded_by=form.recorded_by)}
        case Denied():
            outcome = DeterminationOutcome.DENIED
            details = {"denial_reasons": tuple(slug_words(reason) for reason in decision.reasons)}
        case MoreInformation():
            outcome = DeterminationOutcome.MORE_INFORMATION
            details = {
                "information_asked": tuple(slug_words(one) for one in decision.asked),
                "respond_by": read_day(decision.respond_by),
            }
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


def _authorization(granted: Granted, case: Case, *, recorded_by: str) -> Authorization:
    request, coverage = case.request, case.coverage
    if request is None or request.hcpcs is None or coverage is None or coverage.payer is None:
        raise RecordContradicts("an approval needs a case with a payer and a HCPCS code on its order")
    starts, ends = read_day(granted.starts), _last_day(granted)
    if ends < starts:
        raise FormMistake(f"the authorization ends on {ends}, before it starts on {starts}")
    changed = granted.hcpcs if isinstance(granted, PartiallyApproved) else None
    return Authorization(
        number=granted.authorization_number,
        payer=coverage.payer,
        # Another code than the one asked for means another product, which the notice names and the form does not.
        product=None if changed else request.product,
        hcpcs=changed or request.hcpcs,
        starts=starts,
        ends=ends,
        units=granted.units,
        visits=granted.visits,
        source=Source(recorded_by=recorded_by),
    )
