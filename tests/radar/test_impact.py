"""The radar finds exactly the findings that change, as assessing every case under both versions does."""

from __future__ import annotations

from random import Random

import pytest

from priorauth.knowledge import load_knowledge
from priorauth.policies import Governing, governing_policy
from priorauth.policy_impact import PolicyComparison
from priorauth.verification import verify_under
from schemas.assessment import Recommendation, Status
from schemas.case import Case
from schemas.policy import CoveragePolicy
from tests.policies.assessed import KNOWLEDGE, VIGNETTES
from tests.radar.changed_policies import changed_versions


# The list of ICD-10-CM codes reads its files by a way that Python means to retire.
pytestmark = pytest.mark.filterwarnings("ignore:(read|open)_text is deprecated:DeprecationWarning")

SHIPPED = load_knowledge(KNOWLEDGE)
PROFILES = ("aetna", "unitedhealthcare", "prime_magellan", "medicare_advantage_lcd")
CASES_PER_CHANGE = 5


def criteria_of(policy: CoveragePolicy) -> int:
    phases = [
        phase for rules in policy.conditions.values() for phase in (rules.initiation, rules.continuation)
    ]
    return sum(len(phase.criteria) for phase in phases if phase)


def in_force(payer: str) -> CoveragePolicy:
    return max(
        (policy for policy in SHIPPED.policies.values() if policy.payer == payer and policy.conditions),
        key=lambda policy: (criteria_of(policy), policy.effective_from),
    )


def cases_of(policy: CoveragePolicy) -> list[Case]:
    """Return vignettes that the policy governs today, as cases with ids of their own."""
    found = []
    for vignette in VIGNETTES.values():
        case = vignette.case()
        if governing_policy(case, vignette.as_of, SHIPPED).policy == policy:
            found.append(case.model_copy(update={"case_id": f"PA-{len(found):08d}"}))
    return found


def assessed_under(case: Case, policy: CoveragePolicy, as_of) -> tuple[dict[str, Status], Recommendation]:
    assessment = verify_under(Governing(policy, "compared"), case, as_of=as_of, knowledge=SHIPPED)
    found = {finding.criterion: finding.status for finding in assessment.findings}
    return found, assessment.recommendation


def by_force(
    cases: list[Case], old: CoveragePolicy, new: CoveragePolicy, as_of
) -> dict[str, dict[str, tuple]]:
    """Assess every case under both versions, and keep what differs; nothing, where the recommendation alone does."""
    changed = {}
    for case in cases:
        before, recommended = assessed_under(case, old, as_of)
        after, recommended_now = assessed_under(case, new, as_of)
        differing = {
            name: (before.get(name), after.get(name))
            for name in before | after
            if before.get(name) is not after.get(name)
        }
        if differing or recommended is not recommended_now:
            changed[case.case_id] = differing
    return changed


@pytest.mark.slow
@pytest.mark.parametrize("payer", PROFILES)
def test_every_change_of_a_version_is_followed_exactly(payer):
    old = in_force(payer)
    cases = cases_of(old)
    as_of = max(case.request.requested_on for case in cases)
    random, wrong = Random(7), []  # noqa: S311 - reproducible examples, nothing secret
    for what, new in changed_versions(old):
        some = random.sample(cases, CASES_PER_CHANGE)
        found = {
            impact.case_id: {change.criterion: (change.before, change.after) for change in impact.findings}
            for impact in PolicyComparison(old, new, SHIPPED).impacts(some, as_of=as_of)
        }
        if found != by_force(some, old, new, as_of):
            wrong.append(what)

    assert wrong == []


def test_a_version_that_says_the_same_changes_nobody():
    old = in_force("aetna")
    cases = cases_of(old)

    assert (
        list(
            PolicyComparison(old, replace_dates(old), SHIPPED).impacts(
                cases, as_of=cases[0].request.requested_on
            )
        )
        == []
    )


def replace_dates(policy: CoveragePolicy) -> CoveragePolicy:
    return CoveragePolicy.model_validate({**policy.model_dump(), "version": "next"})


def test_the_cases_looked_at_change_under_some_versions_and_not_under_others():
    old = in_force("unitedhealthcare")
    cases = cases_of(old)[::8]
    as_of = max(case.request.requested_on for case in cases)

    changed = {what: len(by_force(cases, old, new, as_of)) for what, new in list(changed_versions(old))[:16]}

    assert 0 in changed.values()
    assert max(changed.values()) > 3
