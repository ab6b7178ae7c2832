"""Verdicts and smallest sets agree with independent judges: every completion tried, and an answer set solver."""

from __future__ import annotations

from datetime import date
from random import Random
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from priorauth.completions import Completions, completions
from priorauth.facts.context import Context
from priorauth.logic import prove, status_of
from schemas.assessment import Status
from schemas.case import Case, Patient, Referral
from schemas.chart import Chart, Fact, Source
from schemas.policy import AllOf, AnyOf, AtLeast, Requirement, questions
from tests.logic.answer_set import Program
from tests.logic.brute_force import Values, outcomes, smallest_sets, verdict
from tests.logic.random_policies import VALUES, VOCABULARY, YES_NO_FACTS, random_requirement


pytestmark = pytest.mark.slow

AS_OF = date(2026, 11, 23)
MOST_TRIED = 12
FACTS = [*YES_NO_FACTS[:12], "colour", "level"]


class Drawn(NamedTuple):
    """A random policy with the part of its facts that a chart documents."""

    requirement: Requirement
    known: Values
    unknown: list[str]
    kleene: Status
    table: Completions


def drawn(random: Random, facts: list[str], unknown_facts: range) -> Drawn:
    """Draw a policy of a few criteria until it has as many unknown facts as wanted, and look at it both ways."""
    while True:
        criteria = tuple(random_requirement(random, facts) for _ in range(random.randint(1, 6)))
        requirement = random.choice(
            [
                AllOf(all_of=criteria),
                AnyOf(any_of=criteria),
                AtLeast(at_least=(len(criteria) + 1) // 2, of=criteria),
            ]
        )
        used = sorted({question.fact for question in questions(requirement)})
        random.shuffle(used)
        unknown = used[: random.choice(unknown_facts)]
        if len(unknown) in unknown_facts:
            break
    known = {fact: random.choice(VALUES[fact]) for fact in used if fact not in unknown}
    context = Context(_documented(known), AS_OF, SimpleNamespace(vocabulary=VOCABULARY))
    table = completions(requirement, lambda question: status_of(question, context), VOCABULARY)
    return Drawn(requirement, known, unknown, prove(requirement, context).status, table)


def _documented(known: Values) -> Case:
    source = Source(recorded_by="nurse")
    facts = tuple(Fact(fact=key, value=value, dated=AS_OF, source=source) for key, value in known.items())
    return Case(
        case_id="PA-00000000",
        referral=Referral(system="test", identifier="1"),
        patient=Patient(),
        chart=Chart(facts=facts),
    )


def disagreements(seed: int, policies: int) -> list[Requirement]:
    """Return the policies on which verdict or smallest sets differ from trying every completion."""
    random = Random(seed)  # noqa: S311 - reproducible examples, nothing secret
    wrong = []
    for _ in range(policies):
        one = drawn(random, FACTS, range(1, MOST_TRIED + 1))
        found = outcomes(one.requirement, one.known, one.unknown, VALUES)
        sets = {frozenset(facts) for facts in one.table.smallest_sets()}
        # Kleene logic may leave open what every completion agrees on, but must not say anything else.
        if one.kleene not in (verdict(found), Status.UNDOCUMENTED) or (one.table.status, sets) != (
            verdict(found),
            smallest_sets(found, one.unknown, VALUES),
        ):
            wrong.append(one.requirement)
    return wrong


def test_no_disagreement_with_every_completion():
    assert disagreements(seed=1, policies=300) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 110))
def test_no_disagreement_on_ten_thousand_policies(seed):
    assert disagreements(seed, policies=1_000) == []


def test_the_policies_reach_up_to_twelve_unknown_facts_and_every_verdict():
    random = Random(1)  # noqa: S311 - reproducible examples, nothing secret
    policies = [drawn(random, FACTS, range(1, MOST_TRIED + 1)) for _ in range(300)]

    assert max(len(one.unknown) for one in policies) == MOST_TRIED
    assert {one.table.status for one in policies} == set(Status)
    # Some are decided by all completions and left open by Kleene logic.
    assert any(one.kleene is not one.table.status for one in policies)


def solver_disagreements(seed: int, policies: int) -> list[Requirement]:
    random = Random(seed)  # noqa: S311 - reproducible examples, nothing secret
    wrong = []
    for _ in range(policies):
        one = drawn(random, list(YES_NO_FACTS), range(MOST_TRIED + 1, len(YES_NO_FACTS) + 1))
        program = Program(one.requirement, one.known, one.unknown, VALUES)
        # The search for a counter-example to a large set is long, so the sets of a policy are sampled.
        sets = [frozenset(facts) for facts in one.table.smallest_sets() if len(facts) <= 5][:6]
        smaller = [facts - {fact} for facts in sets for fact in facts]
        if (
            one.table.status is not program.verdict()
            or not all(program.is_enough(facts) for facts in sets)
            or any(program.is_enough(facts) for facts in smaller)
        ):
            wrong.append(one.requirement)
    return wrong


def test_no_disagreement_with_an_answer_set_solver():
    assert solver_disagreements(seed=2, policies=6) == []


@pytest.mark.slow
def test_no_disagreement_with_an_answer_set_solver_on_many_policies():
    assert solver_disagreements(seed=3, policies=100) == []
