"""The request that continues a course: only when it is due, from the first infusion without cover, once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from priorauth.knowledge import Knowledge
from priorauth.policies import governing_policy
from priorauth.renewal_request import renewal_request
from priorauth.renewals import plan_renewal
from schemas.base import Phase
from schemas.case import Case
from schemas.treatment import DoseOrder, DosePhase, TreatmentRequest
from tests.renewals.courses import a_case, every, grant


FIRST = date(2026, 9, 1)
LAST_DAY = date(2027, 2, 28)
UNCOVERED = date(2027, 3, 9)
"""The first infusion, every 21 days from FIRST, after LAST_DAY."""


def on_therapy(**request: object) -> Case:
    case = a_case(every(21, FIRST, 8), [grant(FIRST, LAST_DAY, 2000)], every_days=21)
    assert case.request is not None
    loading = DoseOrder(phase=DosePhase.LOADING, grams_per_kg=Decimal(2), over_days=4)
    maintenance = case.request.orders[-1].model_copy(update={"phase": DosePhase.MAINTENANCE, "doses": 8})
    given = {"phase": Phase.INITIATION, "orders": (loading, maintenance), "starts": FIRST, "ends": LAST_DAY}
    return case.model_copy(update={"request": case.request.model_copy(update=given | request)})


def renewal_of(case: Case, knowledge: Knowledge, *, as_of: date) -> TreatmentRequest | None:
    plan = plan_renewal(case, knowledge, as_of=as_of)
    assert plan is not None
    return renewal_request(case, plan, governing_policy(case, as_of, knowledge).policy)


def test_the_renewal_asks_for_maintenance_alone_from_the_first_infusion_without_cover(
    knowledge: Knowledge,
) -> None:
    renewal = renewal_of(on_therapy(), knowledge, as_of=UNCOVERED - timedelta(days=25))

    assert renewal is not None
    assert (renewal.phase, renewal.starts) == (Phase.CONTINUATION, UNCOVERED)
    assert [(order.phase, order.doses, order.every_days) for order in renewal.orders] == [
        (DosePhase.MAINTENANCE, None, 21)
    ]
    assert renewal.requested_on is None


def test_the_renewal_lasts_as_long_as_the_plan_approves_or_as_the_period_before(knowledge: Knowledge) -> None:
    case, as_of = on_therapy(), UNCOVERED - timedelta(days=25)
    plan = plan_renewal(case, knowledge, as_of=as_of)
    policy = governing_policy(case, as_of, knowledge).policy
    assert plan is not None
    assert policy is not None
    assert case.condition is not None
    continuation = policy.conditions[case.condition].continuation
    assert continuation is not None
    assert continuation.approval_months == 6

    by_policy, by_period = renewal_request(case, plan, policy), renewal_request(case, plan, None)

    assert by_policy is not None
    assert by_policy.ends == date(2027, 9, 8)
    assert by_period is not None
    assert by_period.ends == UNCOVERED + (LAST_DAY - FIRST)


def test_nothing_is_renewed_before_it_is_due_to_be_sent(knowledge: Knowledge) -> None:
    assert renewal_of(on_therapy(), knowledge, as_of=UNCOVERED - timedelta(days=120)) is None


def test_a_renewal_that_stands_is_not_opened_again(knowledge: Knowledge) -> None:
    case, as_of = on_therapy(), UNCOVERED - timedelta(days=25)
    renewal = renewal_of(case, knowledge, as_of=as_of)

    opened = case.model_copy(update={"request": renewal})

    assert renewal_of(opened, knowledge, as_of=as_of + timedelta(days=1)) is None


def test_an_order_without_a_maintenance_dose_is_left_to_a_person(knowledge: Knowledge) -> None:
    loading = (DoseOrder(phase=DosePhase.LOADING, grams_per_kg=Decimal(2), over_days=4),)

    assert renewal_of(on_therapy(orders=loading), knowledge, as_of=UNCOVERED - timedelta(days=25)) is None
