"""What a derived fact looks at in the governing policy is said in one place, and nothing else can change it."""

from __future__ import annotations

from typing import Any

from priorauth.facts.context import Context
from priorauth.facts.derived import DERIVATIONS, SEEN_OF_THE_POLICY
from priorauth.knowledge import load_knowledge
from priorauth.verification import context_for
from schemas.policy import CoveragePolicy
from tests.policies.assessed import KNOWLEDGE, VIGNETTES


class Watched:
    """A policy that notes which of its fields are looked at."""

    def __init__(self, policy: CoveragePolicy) -> None:
        self.policy = policy
        self.seen: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.seen.add(name)
        return getattr(self.policy, name)


def contexts() -> list[Context]:
    """Every fortieth vignette, in the context of the policy that governs it."""
    knowledge = load_knowledge(KNOWLEDGE)
    found = (context_for(one.case(), one.as_of, knowledge) for one in list(VIGNETTES.values())[::40])
    return [context for context in found if context.policy is not None]


def without_criteria(policy: CoveragePolicy) -> CoveragePolicy:
    bare = {
        condition: rules.model_copy(
            update={
                name: phase.model_copy(update={"criteria": ()})
                for name in ("initiation", "continuation")
                if (phase := getattr(rules, name)) is not None
            }
        )
        for condition, rules in policy.conditions.items()
    }
    return policy.model_copy(update={"conditions": bare, "exclusions": (), "site_of_care": ()})


def test_a_fact_looks_at_no_other_field_of_the_policy_than_it_says():
    unsaid = set()
    for context in contexts():
        for key in DERIVATIONS:
            watched = Watched(context.policy)
            Context(context.case, context.as_of, context.knowledge, watched, DERIVATIONS).resolve(key)
            unsaid |= {(key, name) for name in watched.seen - SEEN_OF_THE_POLICY.get(key, frozenset())}

    assert unsaid == set()


def test_no_fact_looks_at_the_criteria_of_the_policy():
    for context in contexts():
        bare = context.under(without_criteria(context.policy), but_for=DERIVATIONS)
        for key in DERIVATIONS:
            assert bare.resolve(key) == context.resolve(key)
