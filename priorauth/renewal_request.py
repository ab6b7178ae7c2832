"""The request that asks for a course to go on, made from the one before it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from priorauth.deadlines import add_months
from schemas.base import Phase
from schemas.case import Case
from schemas.policy import CoveragePolicy
from schemas.renewal import Level, RenewalPlan, TaskKind
from schemas.treatment import TreatmentRequest


def renewal_request(case: Case, plan: RenewalPlan, policy: CoveragePolicy | None) -> TreatmentRequest | None:
    """Ask to go on from the first infusion without cover, for as long as the plan approves at a time.

    None where no renewal is due to be sent, where one for that day stands already, or where nothing of a maintenance
    dose is ordered. Where the profile gives no length, the period before is asked for again; without either the request
    has no end, which verification then asks for.
    """
    need = next((need for need in plan.needs if need.kind is TaskKind.RENEWAL), None)
    before = case.request
    if need is None or need.level < Level.SUBMIT or before is None:
        return None
    if not before.going_on or (before.starts is not None and before.starts >= need.infusion):
        return None
    return before.model_copy(
        update={
            "phase": Phase.CONTINUATION,
            "orders": before.going_on,
            "starts": need.infusion,
            "ends": _end(case, need.infusion, policy),
            "requested_on": None,
            "urgency": need.urgency,
            "urgency_reason": None,
        }
    )


def _end(case: Case, starts: date, policy: CoveragePolicy | None) -> date | None:
    rules = policy.conditions.get(case.condition) if policy and case.condition else None
    months = rules.continuation.approval_months if rules and rules.continuation else None
    if months is not None and months == Decimal(int(months)):
        return add_months(starts, int(months)) - timedelta(days=1)
    before = case.request
    if before is None or before.starts is None or before.ends is None:
        return None
    return starts + (before.ends - before.starts)
