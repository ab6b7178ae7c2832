"""Recording what a payer decided, and what is granted less than was asked for."""

from __future__ import annotations

from flows.casework import Casework, settle
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
from priorauth.grant_differences import difference_words, grant_differences
from priorauth.lifecycle import UNSENT, Actor, CaseStatus, Reason, Role
from priorauth.payer_tasks import PayerTask, information_task, partial_approval_task
from priorauth.store.errors import RecordContradicts
from priorauth.store.records import Put
from priorauth.wording import slug_words
from schemas.case import Case
from schemas.chart import Source
from schemas.treatment import Authorization, Determination, DeterminationOutcome


def record(work: Casework, form: DeterminationForm) -> Put:
    """Store the decision of a form; MoveRefused where the case is not at the payer."""
    by, at = Actor(Role.COORDINATOR, form.recorded_by), now(work.settings)
    case = work.store.get_case(form.case_id)
    determination = determination_of(form, case)
    with work.store.transaction():
        if form.sent_outside and work.store.case_summary(form.case_id).status in UNSENT:
            work.store.move(form.case_id, CaseStatus.SUBMITTED, by=by, at=at, reason=Reason.SENT_OUTSIDE)
        put = work.store.record_determination(form.case_id, determination, by=by, at=at)
        if put is not Put.UNCHANGED:
            _follow_up(work, case, determination)
    return put


def _follow_up(work: Casework, case: Case, determination: Determination) -> None:
    """Close the tasks that an answer of the payer settles, and open the one it leaves behind."""
    on, outcome = determination.decided_on, determination.outcome
    settle(work, case.case_id, PayerTask.INFORMATION, on=on, because=f"the payer answered: {outcome.value}")
    if outcome is DeterminationOutcome.MORE_INFORMATION:
        work.store.open_exception(information_task(case.case_id, determination))
    if determination.authorization is not None:
        _compare_with_request(work, case, determination, determination.authorization)


def _compare_with_request(
    work: Casework, case: Case, determination: Determination, grant: Authorization
) -> None:
    """Open a task where less was granted than asked for; a later grant of everything closes it."""
    on = determination.decided_on
    differences = (
        grant_differences(case.request, grant, work.knowledge.products, first=first_dose_asked(case, on))
        if case.request
        else ()
    )
    if differences:
        work.store.open_exception(
            partial_approval_task(case.case_id, determination, difference_words(differences))
        )
    else:
        because = "everything asked for has been granted"
        settle(work, case.case_id, PayerTask.PARTIAL_APPROVAL, on=on, because=because)


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


def _authorization(granted: Granted, case: Case, *, recorded_by: str) -> Authorization:
    request, coverage = case.request, case.coverage
    if request is None or request.hcpcs is None or coverage is None or coverage.payer is None:
        raise RecordContradicts("an approval needs a case with a payer and a HCPCS code on its order")
    starts, ends = read_day(granted.starts), read_day(granted.ends)
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
