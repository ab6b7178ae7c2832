"""Policies in words: requirements as indented lines, and the parts of a policy as people compare them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from priorauth.wording import question_words
from schemas.policy import AllOf, AnyOf, AtLeast, Not, Question, Requirement
from schemas.vocabulary import FactDefinition


class RequirementLine(NamedTuple):
    """One line of a requirement; ``depth`` says how far it is indented under the line it belongs to."""

    depth: int
    words: str


def requirement_lines(
    requirement: Requirement, vocabulary: Mapping[str, FactDefinition]
) -> tuple[RequirementLine, ...]:
    """Write a requirement as an outline that a person can hold against the payer's text."""
    return tuple(_lines(requirement, vocabulary, 0))


def requirement_words(requirement: Requirement, vocabulary: Mapping[str, FactDefinition]) -> str:
    """Write a requirement in one line, parts in brackets."""
    match requirement:
        case Question():
            return question_words(requirement, vocabulary[requirement.fact])
        case Not():
            return f"not ({requirement_words(requirement.not_, vocabulary)})"
    heading, parts = _branch(requirement)
    if len(parts) == 1:
        return requirement_words(parts[0], vocabulary)
    return f"{heading} ({'; '.join(requirement_words(part, vocabulary) for part in parts)})"


def _lines(
    requirement: Requirement, vocabulary: Mapping[str, FactDefinition], depth: int
) -> Iterator[RequirementLine]:
    match requirement:
        case Question():
            yield RequirementLine(depth, question_words(requirement, vocabulary[requirement.fact]))
            return
        case Not():
            yield RequirementLine(depth, "not:")
            yield from _lines(requirement.not_, vocabulary, depth + 1)
            return
    heading, parts = _branch(requirement)
    if len(parts) == 1:
        yield from _lines(parts[0], vocabulary, depth)
        return
    yield RequirementLine(depth, f"{heading}:")
    for part in parts:
        yield from _lines(part, vocabulary, depth + 1)


def _branch(requirement: AllOf | AnyOf | AtLeast) -> tuple[str, tuple[Requirement, ...]]:
    match requirement:
        case AllOf():
            return "all of", requirement.all_of
        case AnyOf():
            return "one of", requirement.any_of
        case AtLeast():
            return f"at least {requirement.at_least} of these {len(requirement.of)}", requirement.of
