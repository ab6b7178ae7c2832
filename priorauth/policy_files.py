"""A policy file that is not part of the knowledge yet: read and checked against it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from priorauth.knowledge import Knowledge
from priorauth.policy_references import policy_problems
from priorauth.yaml_problems import further
from priorauth.yaml_records import to_record
from priorauth.yaml_source import Problem, YamlMistakes, read_values
from schemas.policy import CoveragePolicy
from schemas.references import KNOWN_IDS


def read_policy_file(path: Path, knowledge: Knowledge) -> CoveragePolicy:
    """Read a policy from a file; YamlMistakes holds every mistake in it."""
    policy, problems = _read(path, knowledge)
    if policy is None or problems:
        raise YamlMistakes(problems)
    return policy


def policy_file_problems(path: Path, knowledge: Knowledge) -> list[Problem]:
    """Return every mistake in a policy file; none if it can be used."""
    try:
        return _read(path, knowledge)[1]
    except YamlMistakes as mistakes:
        return mistakes.problems


def unchecked_file_problems(path: Path) -> list[Problem]:
    """Return the mistakes in a policy file that show without the knowledge, which has mistakes itself."""
    try:
        file, unread = read_values(path)
    except YamlMistakes as mistakes:
        return mistakes.problems
    try:
        to_record(file, CoveragePolicy)
    except YamlMistakes as mistakes:
        return sorted(further(unread, mistakes.problems))
    return unread


def _read(path: Path, knowledge: Knowledge) -> tuple[CoveragePolicy | None, list[Problem]]:
    known = _known(knowledge)
    file, unread = read_values(path)
    read: dict[str, CoveragePolicy] = {}
    problems: list[Problem] = []
    try:
        read[file.name] = to_record(file, CoveragePolicy, context={KNOWN_IDS: known})
    except YamlMistakes as mistakes:
        problems += mistakes.problems
    if isinstance(file.value, dict):
        problems += policy_problems(
            {file.name: file}, {}, known=known, policies=read, facts=knowledge.vocabulary
        )
    return read.get(file.name), sorted(set(further(unread, problems)))


def _known(knowledge: Knowledge) -> Mapping[str, set[str]]:
    return {
        "vocabulary": set(knowledge.vocabulary),
        "rule_sets": set(knowledge.rule_sets),
        "products": set(knowledge.products),
        "policies": set(knowledge.policies),
        "policy_names": {policy.policy for policy in knowledge.policies.values()},
    }
