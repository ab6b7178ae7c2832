"""Which coverage policy, in which version, governs a case on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from priorauth.knowledge import Knowledge
from schemas.assessment import PolicyPin
from schemas.base import ConditionId
from schemas.case import Case, Coverage
from schemas.policy import CoveragePolicy
from schemas.regulation import Concern


@dataclass(frozen=True, slots=True)
class Governing:
    """The policy version that governs, or none, and why."""

    policy: CoveragePolicy | None
    why: str


def governing_policy(case: Case, as_of: date, knowledge: Knowledge) -> Governing:
    """Choose the version in force on the day of the request, for the payer and the line of business of the case."""
    coverage, condition = case.coverage, case.condition
    if coverage is None or coverage.payer is None:
        return Governing(None, "The payer is not known")
    requested = case.request.requested_on if case.request else None
    # A request that has not been sent yet is judged by the rules of the day it is looked at.
    day = min(requested, as_of) if requested else as_of
    candidates = _in_force(coverage, day, knowledge)
    if not candidates:
        return Governing(
            None, f"No policy of {coverage.payer} for this line of business was in force on {day}"
        )
    chosen = max(
        candidates, key=lambda policy: (_speaks_of(policy, condition), policy.effective_from, policy.version)
    )
    if not _speaks_of(chosen, condition) and chosen.falls_back_to is not None:
        fallback = [
            policy
            for policy in knowledge.policies.values()
            if policy.policy == chosen.falls_back_to and _on(policy, day)
        ]
        if fallback:
            newest = max(fallback, key=lambda policy: policy.effective_from)
            return Governing(
                newest, f"{chosen.title} leaves this condition to {newest.title}, in force on {day}"
            )
    frozen = _frozen_in_plan_year(case, chosen, day, knowledge)
    if frozen is not None:
        return frozen
    return Governing(
        chosen, f"In force on {day}, the day of the request{_coming_change(case, chosen, knowledge)}"
    )


def _frozen_in_plan_year(
    case: Case, chosen: CoveragePolicy, day: date, knowledge: Knowledge
) -> Governing | None:
    """Return the earlier version, where a law keeps criteria changed in the plan year from who was approved before."""
    coverage = case.coverage
    if coverage is None or coverage.line_of_business is None or coverage.plan_year_starts is None:
        return None
    year_began = plan_year_began(coverage.plan_year_starts, day)
    approved = [grant.starts for grant in case.course.authorizations if grant.payer == coverage.payer]
    # Who was approved first in the course of the year keeps the criteria of that day.
    kept_since = max(year_began, min(approved, default=date.max))
    if kept_since >= chosen.effective_from:
        return None
    rules = knowledge.continuity_rules(coverage.line_of_business, day=day, state=coverage.state)
    law = next((rule for rule in rules if rule.concerns is Concern.CRITERIA_CHANGE), None)
    earlier = [
        policy
        for policy in _in_force(coverage, kept_since, knowledge)
        if policy.policy == chosen.policy and _speaks_of(policy, case.condition)
    ]
    if law is None or not earlier:
        return None
    return Governing(
        max(earlier, key=lambda policy: policy.effective_from),
        f"The version of {chosen.effective_from} may have to wait for the next plan year ({law.citation or law.title}, "
        f"{law.provenance.confidence.words})",
    )


def plan_year_began(a_start: date, day: date) -> date:
    """Return the first day of the plan year that a day falls in, from the first day of any plan year."""
    try:
        began = a_start.replace(year=day.year)
        return began if began <= day else a_start.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return plan_year_began(a_start.replace(month=3, day=1), day)


def policies_named(name: str, knowledge: Knowledge) -> dict[str, CoveragePolicy]:
    """Find policies by payer, payer/policy or payer/policy/version; without a version, the newest of each."""
    steps = name.removeprefix("payers/").removesuffix(".yaml").strip("/").split("/")
    fitting = {
        key: policy
        for key, policy in knowledge.policies.items()
        if key.removeprefix("payers/").split("/")[: len(steps)] == steps
    }
    newest: dict[tuple[str, str], str] = {}
    for key, policy in sorted(fitting.items(), key=lambda item: item[1].effective_from):
        newest[policy.payer, policy.policy] = key
    return {key: fitting[key] for key in sorted(newest.values())}


def payers_governed_by(policy: CoveragePolicy, knowledge: Knowledge) -> frozenset[str]:
    """Return the payers whose cases a policy may govern: its own, and those that fall back to it."""
    leaning = (other.payer for other in knowledge.policies.values() if other.falls_back_to == policy.policy)
    return frozenset({policy.payer, *leaning})


def pin(governing: Governing, as_of: date) -> PolicyPin | None:
    """Record identity, version and content of the policy, so that an assessment can be repeated later."""
    policy = governing.policy
    if policy is None:
        return None
    return PolicyPin(
        payer=policy.payer,
        policy=policy.policy,
        version=policy.version,
        sha256=policy.content_sha256,
        modelled_on=policy.modelled_on,
        confirmed=is_confirmed(policy, as_of),
        note=governing.why or None,
    )


class Standing(StrEnum):
    """Whether a profile has been compared with the payer's text."""

    CONFIRMED = "confirmed"
    OVERDUE = "overdue"
    UNCONFIRMED = "unconfirmed"


def standing_of(policy: CoveragePolicy, as_of: date) -> Standing:
    """Say where a profile stands on a day; a comparison that was good once is overdue, not absent."""
    if is_confirmed(policy, as_of):
        return Standing.CONFIRMED
    compared = policy.confirmation is not None and policy.confirmation.compared_on <= as_of
    return Standing.OVERDUE if compared else Standing.UNCONFIRMED


def is_confirmed(policy: CoveragePolicy, as_of: date) -> bool:
    """Whether somebody compared the profile with the payer's text and the comparison is still good."""
    return (
        policy.confirmation is not None
        and policy.confirmation.compared_on <= as_of <= policy.confirmation.valid_until
    )


def _in_force(coverage: Coverage, day: date, knowledge: Knowledge) -> list[CoveragePolicy]:
    of_payer = [
        policy for policy in knowledge.policies_of_payer.get(coverage.payer or "", ()) if _on(policy, day)
    ]
    if coverage.line_of_business is None:
        # With a single policy there is nothing to confuse; coverage.identified still asks for the line of business.
        return of_payer if len({policy.policy for policy in of_payer}) == 1 else []
    return [policy for policy in of_payer if coverage.line_of_business in policy.lines_of_business]


def _on(policy: CoveragePolicy, day: date) -> bool:
    return policy.effective_from <= day and (policy.effective_to is None or day <= policy.effective_to)


def _speaks_of(policy: CoveragePolicy, condition: ConditionId | None) -> bool:
    return condition is None or condition in policy.conditions


def _coming_change(case: Case, chosen: CoveragePolicy, knowledge: Knowledge) -> str:
    service = case.request.starts if case.request else None
    if service is None:
        return ""
    later = [
        policy.effective_from
        for policy in knowledge.policies.values()
        if policy.policy == chosen.policy
        and policy.payer == chosen.payer
        and chosen.effective_from < policy.effective_from <= service
    ]
    return f"; a new version takes effect on {min(later)}, before the first date of service" if later else ""
