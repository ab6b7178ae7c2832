"""What a coverage policy or check list points to: facts, rule sets, products and other policies that must exist.

A question must also be one that its fact can answer, or it would stay undocumented for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from difflib import get_close_matches
from itertools import combinations
from typing import Any

from priorauth.wording import listed
from priorauth.yaml_source import Problem, YamlFile, YamlPath, dotted
from schemas.policy import CoveragePolicy
from schemas.vocabulary import FactDefinition, FactKind


_KIND_OF_KEY = {
    "fact": "vocabulary",
    "rule_set": "rule_sets",
    "preferred": "products",
    "non_preferred": "products",
    "not_covered": "products",
    "falls_back_to": "policy_names",
}
_PLACE_OF_KIND = {
    "vocabulary": "knowledge/facts.yaml",
    "rule_sets": "knowledge/conditions/rule_sets",
    "products": "knowledge/products",
    "policy_names": "the policies under knowledge/payers",
}
_WORD_COMPARISONS = ("is", "is_one_of", "is_none_of")
_NUMBER_COMPARISONS = ("at_least", "more_than", "at_most", "less_than")


def policy_problems(
    policy_files: Mapping[str, YamlFile],
    check_files: Mapping[str, YamlFile],
    *,
    known: Mapping[str, AbstractSet[str]],
    policies: Mapping[str, CoveragePolicy],
    facts: Mapping[str, FactDefinition],
) -> list[Problem]:
    """Return what is wrong with the references of all policies and check lists."""
    stated_names = (file.value.get("policy") for file in policy_files.values())
    names = {name for name in stated_names if isinstance(name, str)}
    exists = {**known, "policy_names": names | set(known.get("policy_names", ()))}
    problems: list[Problem] = []
    for file in (*policy_files.values(), *check_files.values()):
        for path, kind, name in _references(file.value, ()):
            if kind in exists and name not in exists[kind]:
                problems.append(_dangling(file, path, kind=kind, name=name, known=exists[kind]))
        for path, question in _questions(file.value, ()):
            problems += _unanswerable(file, path, question=question, facts=facts)
    return [*problems, *_overlaps(policy_files, policies)]


def _references(value: Any, path: YamlPath) -> Iterator[tuple[YamlPath, str, str]]:
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from _references(item, (*path, position))
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        kind = _KIND_OF_KEY.get(key)
        if kind and isinstance(item, str):
            yield (*path, key), kind, item
        elif kind and isinstance(item, list):
            yield from (
                ((*path, key, position), kind, name)
                for position, name in enumerate(item)
                if isinstance(name, str)
            )
        else:
            yield from _references(item, (*path, key))


def _dangling(file: YamlFile, path: YamlPath, *, kind: str, name: str, known: AbstractSet[str]) -> Problem:
    near = get_close_matches(name, known, n=1)
    mend = f"Did you mean '{near[0]}'?" if near else f"Correct the name, or add it to {_PLACE_OF_KIND[kind]}."
    return Problem(
        file.name,
        file.line_of(path),
        dotted(path),
        f"'{name}'",
        f"a name that exists in {_PLACE_OF_KIND[kind]}",
        mend,
    )


def _questions(value: Any, path: YamlPath) -> Iterator[tuple[YamlPath, dict[str, Any]]]:
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from _questions(item, (*path, position))
    if isinstance(value, dict):
        if isinstance(value.get("fact"), str):
            yield path, value
        for key, item in value.items():
            yield from _questions(item, (*path, key))


def _unanswerable(
    file: YamlFile, path: YamlPath, *, question: dict[str, Any], facts: Mapping[str, FactDefinition]
) -> Iterator[Problem]:
    fact = facts.get(question["fact"])
    if fact is None:
        return
    for comparison, asked in question.items():
        expected = _expected_answer(fact, comparison, asked)
        if expected is not None:
            here = (*path, comparison)
            found, mend = _misfit(fact, asked)
            yield Problem(
                file.name,
                file.line_of(here),
                dotted(here),
                f"{found} asked of the fact '{question['fact']}'",
                expected,
                mend,
            )


def _misfit(fact: FactDefinition, asked: Any) -> tuple[str, str]:
    """Say what does not fit, word by word where words are asked, and how to mend it."""
    all_words = asked if isinstance(asked, list) else [asked]
    words = [word for word in all_words if word not in fact.choices] or all_words
    near = [match for word in words for match in get_close_matches(str(word), fact.choices, n=1)]
    mend = (
        f"Did you mean {listed([repr(word) for word in near])}?" if near else "Ask what the fact can answer."
    )
    return listed([f"'{word}'" for word in words]), mend


def _expected_answer(fact: FactDefinition, comparison: str, asked: Any) -> str | None:
    """Return what the comparison should have been, or None if the fact can answer it."""
    if comparison not in (*_WORD_COMPARISONS, *_NUMBER_COMPARISONS):
        return None
    words = asked if isinstance(asked, list) else [asked]
    match fact.kind:
        case FactKind.YES_NO:
            fits = comparison == "is" and isinstance(asked, bool)
            return None if fits else "is: true or is: false"
        case FactKind.CHOICE:
            fits = comparison in _WORD_COMPARISONS and all(word in fact.choices for word in words)
            return (
                None if fits else "is, is_one_of or is_none_of, with words out of: " + ", ".join(fact.choices)
            )
        case FactKind.NUMBER:
            fits = (
                comparison in _NUMBER_COMPARISONS
                and isinstance(asked, (int, Decimal))
                and not isinstance(asked, bool)
            )
            return None if fits else "at_least, more_than, at_most or less_than, with a number"
        case FactKind.DATE | FactKind.TEXT:
            return None


def _overlaps(files: Mapping[str, YamlFile], policies: Mapping[str, CoveragePolicy]) -> Iterator[Problem]:
    """Two versions of one policy in force on one day for one line of business would leave it open which governs."""
    for (name, one), (other_name, other) in combinations(sorted(policies.items()), 2):
        if (one.payer, one.policy) != (other.payer, other.policy) or not set(one.lines_of_business) & set(
            other.lines_of_business
        ):
            continue
        earlier, later = sorted((one, other), key=lambda version: version.effective_from)
        if earlier.effective_to is None or earlier.effective_to >= later.effective_from:
            ends = f"ends on {earlier.effective_to}" if earlier.effective_to else "has no end"
            file = files[name if earlier is one else other_name]
            yield Problem(
                file.name,
                file.line_of(("effective_to",)),
                "effective_to",
                f"that version {earlier.version} {ends}, while version {later.version} begins on {later.effective_from}",
                "an end before the next version begins",
                "Set effective_to to the day before.",
            )
