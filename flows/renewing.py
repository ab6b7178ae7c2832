"""Opening renewals: a case whose course has to be renewed goes back to a draft, with the request that continues it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flows.boundary import CaseFault, result_or_fault
from flows.casework import Casework
from flows.sweeping import look_after_changes, plans_of
from priorauth.lifecycle import SOFTWARE, CaseStatus, Reason
from priorauth.policies import governing_policy
from priorauth.renewal_request import renewal_request
from schemas.base import CaseId
from schemas.case import Case
from schemas.renewal import Level, RenewalPlan, TaskKind
from schemas.treatment import TreatmentRequest


@dataclass(frozen=True)
class Opened:
    """The renewals that were opened, and what kept others from it."""

    case_ids: tuple[CaseId, ...]
    faults: dict[CaseId, CaseFault]


_GRANTED = (CaseStatus.APPROVED, CaseStatus.PARTIALLY_APPROVED)


def open_renewals(work: Casework, *, as_of: date, at: datetime) -> Opened:
    """Open every renewal that is due to be sent and not open yet.

    The authorization in force stays as it is until the new one is recorded.
    """
    due = sorted(
        task.case_id
        for task in work.store.list_exceptions()
        if task.kind == TaskKind.RENEWAL.value and task.level >= Level.SUBMIT
    )
    granted = [file.case_id for file in work.store.course_files(due) if file.status in _GRANTED]
    opened: list[CaseId] = []
    faults: dict[CaseId, CaseFault] = {}
    for plan in plans_of(work, granted, as_of=as_of):
        done = result_or_fault(_open, work, plan, at=at)
        if isinstance(done, CaseFault):
            faults[plan.case_id] = done
        elif done:
            opened.append(plan.case_id)
    look_after_changes(work, opened, as_of=as_of)
    return Opened(tuple(opened), faults)


def _asked_for_already(case: Case, request: TreatmentRequest, *, as_of: date) -> bool:
    """Whether a period that has not begun lacks part of what was asked for: that is a correction or an appeal."""
    before = case.request
    if before is None or before.starts is None or before.ends is None or request.starts is None:
        return False
    return as_of < before.starts and request.starts <= before.ends


def _open(work: Casework, plan: RenewalPlan, *, at: datetime) -> bool:
    case = work.store.get_case(plan.case_id)
    policy = governing_policy(case, plan.as_of, work.knowledge).policy
    request = renewal_request(case, plan, policy)
    if request is None or _asked_for_already(case, request, as_of=plan.as_of):
        return False
    with work.store.transaction():
        work.store.record(plan.case_id, request, by=SOFTWARE, at=at)
        work.store.move(plan.case_id, CaseStatus.DRAFT, by=SOFTWARE, at=at, reason=Reason.RENEWAL_OPENED)
    return True
