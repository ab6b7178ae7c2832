"""The shipped policy profiles are modelled on published documents, and never claim to be more."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from priorauth.knowledge import Knowledge, load_knowledge
from schemas.base import ConditionId
from schemas.policy import CoveragePolicy, questions
from schemas.provenance import Confidence
from tests.policies.profiles import criteria_of, is_question


ROOT = Path(__file__).parents[2]
NOVEMBER_2026 = date(2026, 11, 15)
FULL_PROFILES = (
    ("aetna", "immune_globulin"),
    ("unitedhealthcare", "immune_globulin"),
    ("cigna", "immune_globulin"),
    ("anthem", "immune_globulin"),
    ("prime_magellan", "immune_globulin"),
    ("medicare", "lcd_ivig"),
    ("medicare_advantage_lcd", "lcd_ivig_medicare_advantage"),
)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge(ROOT / "knowledge")


def in_force(knowledge: Knowledge, payer: str, policy: str) -> CoveragePolicy:
    versions = [
        version
        for version in knowledge.policies.values()
        if (version.payer, version.policy) == (payer, policy)
        and version.effective_from <= NOVEMBER_2026 <= (version.effective_to or date.max)
    ]
    assert len(versions) == 1, f"{payer}/{policy} has {len(versions)} versions in force"
    return versions[0]


def test_every_policy_has_one_version_in_force_in_november_2026(knowledge: Knowledge) -> None:
    identities = {(policy.payer, policy.policy) for policy in knowledge.policies.values()}

    in_force_now = {identity: in_force(knowledge, *identity).effective_to for identity in identities}

    assert in_force_now == dict.fromkeys(identities)


@pytest.mark.parametrize(("payer", "policy"), FULL_PROFILES)
def test_full_profiles_speak_of_all_three_conditions_and_both_phases(
    knowledge: Knowledge, payer: str, policy: str
) -> None:
    conditions = in_force(knowledge, payer, policy).conditions

    assert set(conditions) == set(ConditionId)
    assert all(rules.initiation is not None for rules in conditions.values())
    assert [condition for condition, rules in conditions.items() if rules.continuation is None] == [
        ConditionId.GBS
    ]


def test_no_shipped_profile_claims_to_be_confirmed(knowledge: Knowledge) -> None:
    assert [name for name, policy in knowledge.policies.items() if policy.confirmation is not None] == []


def test_folder_and_file_say_payer_policy_and_first_day(knowledge: Knowledge) -> None:
    misplaced = {
        name: f"{policy.payer}/{policy.policy}/{policy.effective_from}"
        for name, policy in knowledge.policies.items()
        if name.removeprefix("payers/") != f"{policy.payer}/{policy.policy}/{policy.effective_from}"
    }

    assert misplaced == {}


def test_ids_of_criteria_are_unique_within_a_policy(knowledge: Knowledge) -> None:
    repeated = {
        name: [
            criterion
            for criterion, count in Counter(one.id for one in criteria_of(policy)).items()
            if count > 1
        ]
        for name, policy in knowledge.policies.items()
    }

    assert {name: ids for name, ids in repeated.items() if ids} == {}


def test_policy_criteria_do_not_take_the_ids_of_the_house_checks(knowledge: Knowledge) -> None:
    house = {check.id for checks in knowledge.checks.values() for check in checks.checks}

    assert [
        (name, one.id)
        for name, policy in knowledge.policies.items()
        for one in criteria_of(policy)
        if one.id in house
    ] == []


def test_every_criterion_has_a_clause_in_words(knowledge: Knowledge) -> None:
    assert [
        (name, one.id)
        for name, policy in knowledge.policies.items()
        for one in criteria_of(policy)
        if not one.clause
    ] == []


def test_nerve_study_criteria_with_a_cut_off_name_their_rule_set(knowledge: Knowledge) -> None:
    with_cut_off = {
        "edx.three_of_four",
        "edx.any_demyelinating_feature",
        "edx.mmn_block",
        "edx.mmn_nerves_with_block",
    }
    unnamed = [
        (name, one.id)
        for name, policy in knowledge.policies.items()
        for one in criteria_of(policy)
        if one.rule_set is None and with_cut_off & {question.fact for question in questions(one.require)}
    ]

    assert unnamed == []


def test_what_could_not_be_confirmed_is_asked_and_not_required(knowledge: Knowledge) -> None:
    unconfirmed = [
        (name, one.id)
        for name, policy in knowledge.policies.items()
        for one in criteria_of(policy)
        if (one.provenance or policy.provenance).confidence is Confidence.UNCONFIRMED and not is_question(one)
    ]

    assert unconfirmed == []


def test_gbs_is_never_renewed(knowledge: Knowledge) -> None:
    renewed = [
        name
        for name, policy in knowledge.policies.items()
        if (gbs := policy.conditions.get(ConditionId.GBS)) and gbs.continuation
    ]

    assert renewed == []


def test_fallbacks_speak_of_every_condition(knowledge: Knowledge) -> None:
    named = {policy.falls_back_to for policy in knowledge.policies.values() if policy.falls_back_to}
    silent = {
        policy.policy: set(ConditionId) - set(policy.conditions)
        for policy in knowledge.policies.values()
        if policy.policy in named
    }

    assert silent == {name: set() for name in named}
