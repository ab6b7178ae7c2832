"""What differs between two versions of a policy, clause by clause and in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum

from priorauth.policy_words import requirement_words
from priorauth.wording import listed, plain, slug_words
from schemas.base import Model
from schemas.policy import (
    AllOf,
    AnyOf,
    AtLeast,
    ConditionRules,
    CoveragePolicy,
    Criterion,
    Not,
    PhaseRules,
    Question,
)
from schemas.vocabulary import FactDefinition


Vocabulary = Mapping[str, FactDefinition]


class ChangeKind(StrEnum):
    """What happened to a clause."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class ClauseChange:
    """One difference. ``before`` is empty where the clause is new, ``after`` where it is gone."""

    kind: ChangeKind
    where: str
    title: str
    what: str
    before: str | None = None
    after: str | None = None


# Neither says anything about a request: a version always differs in them.
_NOT_COMPARED = frozenset({"provenance", "confirmation", "supersedes", "version", "id"})
_NESTED = frozenset({"conditions", "criteria", "site_of_care", "exclusions", "initiation", "continuation"})


_WHAT = {
    "require": "requirement",
    "applies_when": "when it applies",
    "if_not_met": "effect if not met",
    "if_undocumented": "effect if not documented",
    "mend": "what to do",
    "icd10": "ICD-10-CM codes",
}
"""Fields whose name says too little to people who do not edit the file."""


def clause_changes(
    old: CoveragePolicy, new: CoveragePolicy, vocabulary: Vocabulary
) -> tuple[ClauseChange, ...]:
    """Compare two versions: the policy as a whole, then its exclusions, conditions, phases and criteria."""
    return tuple(_policy_changes(old, new, vocabulary))


def _policy_changes(
    old: CoveragePolicy, new: CoveragePolicy, vocabulary: Vocabulary
) -> Iterator[ClauseChange]:
    yield from _fields(old, new, "the policy", "", vocabulary)
    yield from _criteria(old.exclusions, new.exclusions, "exclusions", vocabulary)
    yield from _criteria(old.site_of_care, new.site_of_care, "site of care", vocabulary)
    for condition in dict.fromkeys([*old.conditions, *new.conditions]):
        where = condition.value.upper()
        before, after = old.conditions.get(condition), new.conditions.get(condition)
        if before is None or after is None:
            yield _whole(before, after, where, "the condition")
            continue
        yield from _fields(before, after, where, "", vocabulary)
        yield from _phases(before, after, where, vocabulary)


def _phases(
    old: ConditionRules, new: ConditionRules, where: str, vocabulary: Vocabulary
) -> Iterator[ClauseChange]:
    for name in ("initiation", "continuation"):
        before: PhaseRules | None = getattr(old, name)
        after: PhaseRules | None = getattr(new, name)
        if before is None and after is None:
            continue
        if before is None or after is None:
            yield _whole(before, after, f"{where}, {name}", "the phase of therapy")
            continue
        yield from _fields(before, after, f"{where}, {name}", "", vocabulary)
        yield from _criteria(before.criteria, after.criteria, f"{where}, {name}", vocabulary)


def _criteria(
    old: Iterable[Criterion], new: Iterable[Criterion], where: str, vocabulary: Vocabulary
) -> Iterator[ClauseChange]:
    before, after = ({criterion.id: criterion for criterion in side} for side in (old, new))
    for name in dict.fromkeys([*before, *after]):
        place = f"{where}, {name}"
        one, other = before.get(name), after.get(name)
        if one is not None and other is not None:
            yield from _fields(one, other, place, other.title, vocabulary)
        elif one is not None:
            words = requirement_words(one.require, vocabulary)
            yield ClauseChange(ChangeKind.REMOVED, place, one.title, "criterion", before=words)
        elif other is not None:
            words = requirement_words(other.require, vocabulary)
            yield ClauseChange(ChangeKind.ADDED, place, other.title, "criterion", after=words)


def _fields(old: Model, new: Model, where: str, title: str, vocabulary: Vocabulary) -> Iterator[ClauseChange]:
    """Compare field by field, in the order in which the schema states them."""
    for name in type(old).model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if name in _NOT_COMPARED | _NESTED or before == after:
            continue
        if isinstance(before, Model) and type(before) is type(after) and not _is_requirement(before):
            yield from _fields(before, after, f"{where}, {slug_words(name)}", title, vocabulary)
            continue
        yield ClauseChange(
            ChangeKind.CHANGED,
            where,
            title,
            _WHAT.get(name, slug_words(name)),
            _words(before, vocabulary),
            _words(after, vocabulary),
        )


def _whole(before: Model | None, after: Model | None, where: str, what: str) -> ClauseChange:
    kind = ChangeKind.ADDED if before is None else ChangeKind.REMOVED
    return ClauseChange(kind, where, "", what, "offered" if before else None, "offered" if after else None)


def _is_requirement(value: object) -> bool:
    return isinstance(value, Question | AllOf | AnyOf | AtLeast | Not)


def _words(value: object, vocabulary: Vocabulary) -> str | None:
    match value:
        case None | ():
            return None
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return plain(value)
        case Enum():
            return slug_words(str(value.value))
        case date():
            return value.isoformat()
        case tuple():
            return listed([_words(item, vocabulary) or "" for item in value])
        case Question() | AllOf() | AnyOf() | AtLeast() | Not():
            return requirement_words(value, vocabulary)
        case _:
            return str(value)
