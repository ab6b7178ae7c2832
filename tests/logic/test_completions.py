"""The second opinion agrees with trying every completion, on random policies."""

from __future__ import annotations

from itertools import chain, combinations, product
from random import Random

import pytest

from priorauth.completions import TooManyUnknowns, completions
from schemas.assessment import Status
from schemas.policy import AllOf, AnyOf, Not, Question, questions
from tests.logic.random_policies import (
    VALUES,
    VOCABULARY,
    YES_NO_FACTS,
    holds,
    known_from,
    random_requirement,
)


def _facts_in(requirement) -> set[str]:
    return {question.fact for question in questions(requirement)}


def _by_force(requirement, known, unknown):
    """Return verdict and minimal sets by trying every value of every unknown fact."""
    outcomes = {
        chosen: holds(requirement, {**known, **dict(zip(unknown, chosen, strict=True))})
        for chosen in product(*(VALUES[fact] for fact in unknown))
    }
    if all(outcomes.values()):
        return Status.MET, set()
    if not any(outcomes.values()):
        return Status.NOT_MET, set()
    sufficient: list[frozenset[str]] = []
    for subset in chain.from_iterable(
        combinations(range(len(unknown)), size) for size in range(1, len(unknown) + 1)
    ):
        names = frozenset(unknown[place] for place in subset)
        if any(smaller <= names for smaller in sufficient):
            continue
        groups: dict[tuple, bool] = {}
        for chosen, outcome in outcomes.items():
            key = tuple(chosen[place] for place in subset)
            groups[key] = groups.get(key, True) and outcome
        if any(groups.values()):
            sufficient.append(names)
    return Status.UNDOCUMENTED, set(sufficient)


@pytest.mark.parametrize("seed", range(8))
def test_verdict_and_smallest_sets_agree_with_every_completion(seed):
    random = Random(seed)  # noqa: S311 - reproducible examples, nothing secret
    facts = [*YES_NO_FACTS[:6], "colour", "level"]
    for _ in range(150):
        requirement = random_requirement(random, facts)
        used = sorted(_facts_in(requirement))
        known = {fact: random.choice(VALUES[fact]) for fact in used if random.random() < 0.45}
        unknown = [fact for fact in used if fact not in known][:5]
        known |= {
            fact: random.choice(VALUES[fact]) for fact in used if fact not in known and fact not in unknown
        }
        table = completions(requirement, known_from(known), VOCABULARY)

        expected = _by_force(requirement, known, unknown)
        assert (table.status, {frozenset(facts) for facts in table.smallest_sets()}) == expected, requirement


def test_a_policy_met_either_way_is_met():
    question = Question(fact="flag_0", is_=True)
    table = completions(AnyOf(any_of=(question, Not(not_=question))), known_from({}), VOCABULARY)

    assert table.status is Status.MET


def test_thresholds_on_one_number_stay_consistent():
    never = AllOf(all_of=(Question(fact="level", at_least=3), Question(fact="level", less_than=2)))

    assert completions(never, known_from({}), VOCABULARY).status is Status.NOT_MET


def test_too_many_unknowns_are_refused_with_a_clear_word():
    vocabulary = {f"fact_{number}": VOCABULARY["flag_0"] for number in range(20)}
    wide = AllOf(all_of=tuple(Question(fact=fact, is_=True) for fact in vocabulary))

    with pytest.raises(TooManyUnknowns, match="20 facts are unknown"):
        completions(wide, known_from({}), vocabulary)
