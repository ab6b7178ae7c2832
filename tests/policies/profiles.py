"""What the tests ask of policy profiles as data."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.policy import CoveragePolicy, Criterion, questions


def criteria_of(policy: CoveragePolicy) -> Iterator[Criterion]:
    """List every criterion of a policy, of all conditions and phases."""
    yield from policy.exclusions
    yield from policy.site_of_care
    for rules in policy.conditions.values():
        for phase in (rules.initiation, rules.continuation):
            if phase is not None:
                yield from phase.criteria


def is_question(criterion: Criterion) -> bool:
    """Whether a criterion only says that the plan's own text has still to be read."""
    return {question.fact for question in questions(criterion.require)} == {"policy.criteria_read"}
