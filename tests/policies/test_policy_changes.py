"""Two versions of a policy compared: every difference in words, and nothing where there is none."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from priorauth.knowledge import Knowledge, load_knowledge
from priorauth.policy_changes import ChangeKind, ClauseChange, clause_changes
from priorauth.policy_words import requirement_lines, requirement_words
from schemas.base import ConditionId
from schemas.policy import AtLeast, CoveragePolicy, Criterion, Not, Question, Requirement


AETNA = "aetna/immune_globulin/2026-01-01"
WHERE = "CIDP, initiation"


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge(Path(__file__).parents[2] / "knowledge")


@pytest.fixture(scope="module")
def old(knowledge: Knowledge) -> CoveragePolicy:
    return knowledge.policies[AETNA]


def with_criteria(policy: CoveragePolicy, *criteria: Criterion) -> CoveragePolicy:
    """The policy with other criteria for opening therapy of CIDP."""
    cidp = policy.conditions[ConditionId.CIDP]
    assert cidp.initiation is not None
    initiation = cidp.initiation.model_copy(update={"criteria": criteria})
    conditions = {**policy.conditions, ConditionId.CIDP: cidp.model_copy(update={"initiation": initiation})}
    return policy.model_copy(update={"conditions": conditions})


def criteria_of(policy: CoveragePolicy) -> tuple[Criterion, ...]:
    initiation = policy.conditions[ConditionId.CIDP].initiation
    assert initiation is not None
    return initiation.criteria


def test_a_version_does_not_differ_from_itself(knowledge: Knowledge) -> None:
    for policy in knowledge.policies.values():
        assert clause_changes(policy, policy, knowledge.vocabulary) == ()


def test_who_confirmed_it_and_where_it_was_read_are_no_change_of_the_rules(
    old: CoveragePolicy, knowledge: Knowledge
) -> None:
    provenance = old.provenance.model_copy(update={"source": "read again"})
    new = old.model_copy(update={"provenance": provenance, "version": "next"})

    assert clause_changes(old, new, knowledge.vocabulary) == ()


def test_a_threshold_that_moves_is_one_change_with_both_wordings(
    old: CoveragePolicy, knowledge: Knowledge
) -> None:
    first, second, *others = criteria_of(old)
    moved = second.model_copy(update={"require": Question(fact="weeks_since_onset", less_than=Decimal(4))})

    changes = clause_changes(old, with_criteria(old, first, moved, *others), knowledge.vocabulary)

    assert changes == (
        ClauseChange(
            ChangeKind.CHANGED,
            f"{WHERE}, {second.id}",
            second.title,
            "requirement",
            before=requirement_words(second.require, knowledge.vocabulary),
            after=f"{knowledge.vocabulary['weeks_since_onset'].title}: less than 4 weeks",
        ),
    )


def test_criteria_added_and_removed_are_told_apart(old: CoveragePolicy, knowledge: Knowledge) -> None:
    first, *others = criteria_of(old)
    fresh = first.model_copy(update={"id": "A0"})

    changes = clause_changes(old, with_criteria(old, fresh, *others), knowledge.vocabulary)

    assert [(change.kind, change.where) for change in changes] == [
        (ChangeKind.REMOVED, f"{WHERE}, {first.id}"),
        (ChangeKind.ADDED, f"{WHERE}, A0"),
    ]


def test_a_condition_that_is_dropped_is_one_change(old: CoveragePolicy, knowledge: Knowledge) -> None:
    kept = {name: rules for name, rules in old.conditions.items() if name is not ConditionId.MMN}

    (change,) = clause_changes(old, old.model_copy(update={"conditions": kept}), knowledge.vocabulary)

    assert (change.kind, change.where, change.what) == (ChangeKind.REMOVED, "MMN", "the condition")


def test_a_dose_limit_is_named_with_its_condition(old: CoveragePolicy, knowledge: Knowledge) -> None:
    cidp = old.conditions[ConditionId.CIDP]
    limits = cidp.dose_limits.model_copy(update={"maintenance_g_per_kg": Decimal("0.5")})
    rules = cidp.model_copy(update={"dose_limits": limits})
    new = old.model_copy(update={"conditions": {**old.conditions, ConditionId.CIDP: rules}})

    (change,) = clause_changes(old, new, knowledge.vocabulary)

    assert (change.where, change.what, change.after) == ("CIDP, dose limits", "maintenance g per kg", "0.5")


def test_a_requirement_is_an_outline_of_what_is_asked(knowledge: Knowledge) -> None:
    pain = Question(fact="symptom_duration_months", at_least=Decimal(2))
    onset = Question(fact="weeks_since_onset", less_than=Decimal(4))
    requirement: Requirement = AtLeast(at_least=1, of=(pain, Not(not_=onset)))

    outline = requirement_lines(requirement, knowledge.vocabulary)

    months, weeks = (
        f"{knowledge.vocabulary[fact].title}: {bound}"
        for fact, bound in (
            ("symptom_duration_months", "at least 2 months"),
            ("weeks_since_onset", "less than 4 weeks"),
        )
    )
    assert outline == ((0, "at least 1 of these 2:"), (1, months), (1, "not:"), (2, weeks))
    assert requirement_words(requirement, knowledge.vocabulary) == (
        f"at least 1 of these 2 ({months}; not ({weeks}))"
    )


def test_the_outline_of_a_requirement_names_every_fact_it_asks(knowledge: Knowledge) -> None:
    for policy in knowledge.policies.values():
        for criterion in (*policy.exclusions, *policy.site_of_care):
            outline = "\n".join(
                line.words for line in requirement_lines(criterion.require, knowledge.vocabulary)
            )
            words = requirement_words(criterion.require, knowledge.vocabulary)
            for line in outline.splitlines():
                assert line.removesuffix(":") in words
