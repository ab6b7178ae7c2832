"""The comparison of two versions over cases finds exactly what two full verifications find."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from priorauth.intake import read_folder
from priorauth.knowledge import Knowledge, load_knowledge
from priorauth.policy_impact import PolicyComparison
from priorauth.verification import verify
from schemas.assessment import Assessment, Recommendation, Status
from schemas.base import LineOfBusiness, SiteOfCare
from schemas.case import Case
from schemas.policy import (
    CoveragePolicy,
    DoseLimits,
    DosingWeightRule,
    Effect,
    PhaseRules,
    ProductPreference,
    Question,
)


ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 23)
POLICIES = (
    "aetna/immune_globulin/2026-01-01",
    "cigna/immune_globulin/2023-01-01",
    "prime_magellan/immune_globulin/2024-07-02",
    "unitedhealthcare/immune_globulin/2022-01-01",
)

pytestmark = pytest.mark.slow  # verifies every sample many times


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge(ROOT / "knowledge")


@pytest.fixture(scope="module")
def cases(knowledge: Knowledge) -> tuple[Case, ...]:
    referrals = read_folder(ROOT / "examples" / "referrals", knowledge).cases
    return tuple(referred.case for referred in referrals)


def stricter(rules: PhaseRules | None) -> PhaseRules | None:
    if rules is None:
        return None
    first, *others = rules.criteria
    hard = first.model_copy(
        update={"require": Question(fact="symptom_duration_months", at_least=Decimal(600))}
    )
    return rules.model_copy(update={"criteria": (hard, *others)})


def graver(rules: PhaseRules | None) -> PhaseRules | None:
    if rules is None:
        return None
    criteria = tuple(
        one.model_copy(update={"if_not_met": Effect.ESCALATE, "if_undocumented": Effect.ESCALATE})
        for one in rules.criteria
    )
    return rules.model_copy(update={"criteria": criteria})


def with_rules(policy: CoveragePolicy, **phases: Any) -> CoveragePolicy:
    conditions = {
        name: rules.model_copy(
            update={phase: change(getattr(rules, phase)) for phase, change in phases.items()}
        )
        for name, rules in policy.conditions.items()
    }
    return policy.model_copy(update={"conditions": conditions})


CHANGES = {
    "stricter initiation": lambda policy: with_rules(policy, initiation=stricter),
    "stricter continuation": lambda policy: with_rules(policy, continuation=stricter),
    "no continuation": lambda policy: with_rules(policy, continuation=lambda _: None),
    "no exclusions": lambda policy: policy.model_copy(update={"exclusions": ()}),
    "other exclusions": lambda policy: policy.model_copy(
        update={
            "exclusions": tuple(
                one.model_copy(update={"if_undocumented": Effect.DENY}) for one in policy.exclusions
            )
        }
    ),
    "no authorization at the office": lambda policy: policy.model_copy(
        update={"no_authorization_at": (SiteOfCare.OFFICE,)}
    ),
    "one brand not covered": lambda policy: policy.model_copy(
        update={"products": ProductPreference(not_covered=("gamunex_c", "privigen"))}
    ),
    "another dosing weight, no rounding": lambda policy: policy.model_copy(
        update={"dosing_weight": DosingWeightRule.ADJUSTED_WHEN_OBESE, "rounding_percent": Decimal(0)}
    ),
    "a dose limit": lambda policy: policy.model_copy(
        update={
            "conditions": {
                name: rules.model_copy(
                    update={"dose_limits": DoseLimits(maintenance_g_per_kg=Decimal("0.5"))}
                )
                for name, rules in policy.conditions.items()
            }
        }
    ),
    "for Medicaid only": lambda policy: policy.model_copy(
        update={"lines_of_business": (LineOfBusiness.MEDICAID_MANAGED_CARE,)}
    ),
}


def statuses(assessment: Assessment) -> dict[str, Status]:
    return {finding.criterion: finding.status for finding in assessment.findings}


def governs(policy: CoveragePolicy, assessment: Assessment) -> bool:
    pinned = assessment.policy
    return pinned is not None and (pinned.payer, pinned.policy) == (policy.payer, policy.policy)


def verified_under(policy: CoveragePolicy, case: Case, knowledge: Knowledge) -> Assessment:
    """Verify as if this version had been in force always, and no other."""
    others = {
        name: one
        for name, one in knowledge.policies.items()
        if (one.payer, one.policy) != (policy.payer, policy.policy)
    }
    always = policy.model_copy(update={"effective_from": date(1990, 1, 1), "effective_to": None})
    return verify(case, as_of=TODAY, knowledge=replace(knowledge, policies={**others, "the version": always}))


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
@pytest.mark.parametrize("name", POLICIES)
def test_the_comparison_finds_what_two_verifications_find(name, change, knowledge, cases):
    old = knowledge.policies[name]
    new = change(old)
    expected = {}
    for case in cases:
        before, after = (verified_under(policy, case, knowledge) for policy in (old, new))
        if not (governs(old, before) or governs(new, after)):
            continue
        one, other = statuses(before), statuses(after)
        changed = {
            key: (one.get(key), other.get(key)) for key in one | other if one.get(key) != other.get(key)
        }
        if changed or before.recommendation is not after.recommendation:
            expected[case.case_id] = (before.recommendation, after.recommendation, changed)

    found = {
        impact.case_id: (
            impact.before,
            impact.after,
            {finding.criterion: (finding.before, finding.after) for finding in impact.findings},
        )
        for impact in PolicyComparison(old, new, knowledge).impacts(cases, as_of=TODAY)
    }

    assert found == expected


def test_a_graver_effect_of_a_criterion_changes_the_recommendation_and_no_finding(knowledge, cases):
    impacts = []
    for old in (knowledge.policies[name] for name in POLICIES):
        new = with_rules(old, initiation=graver, continuation=graver)
        impacts += PolicyComparison(old, new, knowledge).impacts(cases, as_of=TODAY)

    assert {(impact.after, impact.findings) for impact in impacts} == {(Recommendation.ESCALATE, ())}


def test_the_same_version_changes_nothing(knowledge, cases):
    for name in POLICIES:
        policy = knowledge.policies[name]
        assert list(PolicyComparison(policy, policy, knowledge).impacts(cases, as_of=TODAY)) == []


def test_a_change_applies_from_the_day_the_new_version_takes_effect(knowledge, cases):
    old = knowledge.policies[POLICIES[0]]
    new = CHANGES["stricter initiation"](old).model_copy(update={"effective_from": date(2027, 3, 1)})

    days = {
        impact.applies_from for impact in PolicyComparison(old, new, knowledge).impacts(cases, as_of=TODAY)
    }

    assert days == {date(2027, 3, 1)}


@pytest.mark.parametrize(
    ("state", "first_day"), [("MN", date(2027, 7, 1)), ("WI", date(2027, 3, 1))], ids=["frozen", "not frozen"]
)
def test_where_the_law_keeps_the_criteria_a_change_applies_from_the_next_plan_year(
    state, first_day, knowledge, cases
):
    old = knowledge.policies[POLICIES[0]]
    new = CHANGES["stricter continuation"](old).model_copy(update={"effective_from": date(2027, 3, 1)})
    approved = next(
        case
        for case in cases
        if case.coverage.payer == old.payer
        and case.coverage.line_of_business is LineOfBusiness.COMMERCIAL_FULLY_INSURED
        and case.course.authorizations
    )
    coverage = approved.coverage.model_copy(update={"state": state, "plan_year_starts": date(2026, 7, 1)})
    case = approved.model_copy(update={"coverage": coverage})

    impacts = PolicyComparison(old, new, knowledge).impacts([case], as_of=TODAY)

    assert [impact.applies_from for impact in impacts] == [first_day]
