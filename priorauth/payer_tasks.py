"""The tasks that a payer's answer leaves to the practice: information to send, an appeal to file, a lesser grant to answer.

A sweep leaves them alone. They are opened with the answer, and closed by what answers it.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from priorauth.deadlines import add_business_days, period_after
from priorauth.knowledge import Knowledge
from priorauth.store.records import RenewalException
from priorauth.wording import listed
from schemas.base import BenefitChannel, CaseId, LineOfBusiness
from schemas.case import Case
from schemas.letter import LetterKind
from schemas.provenance import Confidence
from schemas.regulation import AppealWindow
from schemas.renewal import Level, Owner
from schemas.treatment import Determination


ANSWER_PARTIAL_APPROVAL_DAYS = 5
"""Business days to accept what was granted or to ask for the rest, well inside every window for an appeal."""

ASK_WHETHER_FORWARDED_DAYS = 5
"""Business days to ask a plan that forwards what it upholds by itself whether it has."""

_ASKED_ABOUT = (Confidence.UNVERIFIED, Confidence.UNCONFIRMED)


class PayerTask(StrEnum):
    """What has to be done about an answer of the payer."""

    INFORMATION = "information"
    PARTIAL_APPROVAL = "partial_approval"
    APPEAL = "appeal"


def task_key(case_id: CaseId, kind: PayerTask) -> str:
    """Name a task by its case and kind, so that an answer recorded again makes no second one."""
    return f"{case_id}/{kind.value}"


def information_task(case_id: CaseId, asked: Determination) -> RenewalException:
    """Ask for the answer to a request for information by the day the payer named."""
    what = listed(list(asked.information_asked))
    return _task(
        case_id,
        PayerTask.INFORMATION,
        on=asked.decided_on,
        due=asked.respond_by or asked.decided_on,
        detail=f"the payer asks for {what}{_reference(asked)}",
    )


def partial_approval_task(case_id: CaseId, granted: Determination, words: str) -> RenewalException:
    """Ask whether a lesser grant is accepted; ``words`` say in what it differs from the request."""
    return _task(
        case_id,
        PayerTask.PARTIAL_APPROVAL,
        on=granted.decided_on,
        due=add_business_days(granted.decided_on, ANSWER_PARTIAL_APPROVAL_DAYS),
        detail=f"less was granted than asked for: {words}",
    )


def appeal_task(
    case: Case, denied: Determination, knowledge: Knowledge, *, appealed: int = 0
) -> RenewalException:
    """Ask for the appeal of a denial inside the time there is to file it; ``appealed`` counts those sent before."""
    due, why = appeal_by(case, denied.decided_on, knowledge, level=appealed + 1)
    reasons = "; ".join(denied.denial_reasons) or "no reason stated"
    return _task(
        case.case_id,
        PayerTask.APPEAL,
        on=denied.decided_on,
        due=due,
        detail=f"denied for {reasons}{_reference(denied)}; {why}",
    )


def appeal_kind(appealed: int) -> LetterKind:
    """Name the letter for the next appeal: the plan decides about the first, somebody outside it about what follows."""
    return LetterKind.EXTERNAL_REVIEW if appealed else LetterKind.FIRST_LEVEL_APPEAL


def appeal_by(case: Case, notice: date, knowledge: Knowledge, *, level: int = 1) -> tuple[date, str]:
    """Return the last day to file an appeal of this level, and the rule behind it.

    Where no rule is known for the plan, the shortest of all lines of business holds until somebody has asked.
    """
    lob = case.coverage.line_of_business if case.coverage else None
    benefit = case.request.benefit if case.request else BenefitChannel.MEDICAL
    window = knowledge.appeal_window(lob, level, day=notice, benefit=benefit) if lob else None
    if window is not None and window.file_within is not None:
        asking = "; to be confirmed with the notice" if _to_be_asked(window) else ""
        return period_after(notice, window.file_within), f"{window.name} within {_length(window)}{asking}"
    if window is not None and window.automatic:
        due = add_business_days(notice, ASK_WHETHER_FORWARDED_DAYS)
        return due, f"the plan forwards what it upholds to the {window.name} by itself: ask whether it has"
    again = " again" if level > 1 else ""
    return (
        _shortest(knowledge, level, notice, benefit),
        f"the time to appeal{again} is not known for this plan: the shortest usual one is taken; see the notice",
    )


def _shortest(knowledge: Knowledge, level: int, notice: date, benefit: BenefitChannel) -> date:
    """Return the end of the shortest time to file that any plan gives at a level; of the first, where none is known."""
    found = (knowledge.appeal_window(lob, level, day=notice, benefit=benefit) for lob in LineOfBusiness)
    ends = [
        period_after(notice, window.file_within)
        for window in found
        if window is not None and window.file_within is not None
    ]
    return min(ends) if ends else _shortest(knowledge, 1, notice, benefit)


def _to_be_asked(window: AppealWindow) -> bool:
    return window.open_question is not None or window.provenance.confidence in _ASKED_ABOUT


def _length(window: AppealWindow) -> str:
    assert window.file_within is not None  # noqa: S101 - asked before
    return f"{window.file_within.amount} {window.file_within.unit.value.replace('_', ' ')}"


def _reference(determination: Determination) -> str:
    return f" (reference {determination.reference})" if determination.reference else ""


def _task(case_id: CaseId, kind: PayerTask, *, on: date, due: date, detail: str) -> RenewalException:
    return RenewalException(
        key=task_key(case_id, kind),
        case_id=case_id,
        kind=kind.value,
        owner=Owner.COORDINATOR.value,
        raised_on=on,
        due=due,
        level=int(Level.REMIND),
        detail=detail,
    )
