"""Mistakes in a file that people edit, in words that say where, what and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from priorauth.yaml_source import YamlFile


YamlPath = tuple[str | int, ...]
"""The keys and list positions that lead to a value."""


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake in one file, in the words of whoever has to mend it."""

    file: str
    line: int
    key: str
    found: str
    expected: str
    mend: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" + (f", {self.key}" if self.key else "")
        return f"{where}: found {self.found}; expected {self.expected}. {self.mend}"


class YamlMistakes(Exception):
    """The file cannot be used as it stands; ``problems`` holds every mistake found in it.

    ``file`` is what was read where only some words of it are refused, so that further mistakes can be looked for.
    """

    def __init__(self, problems: list[Problem], file: YamlFile | None = None) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
        self.file = file


def further(problems: Sequence[Problem], more: Iterable[Problem]) -> list[Problem]:
    """Add mistakes found later to those found first, except on lines that have one already."""
    lines = {(problem.file, problem.line) for problem in problems}
    return [*problems, *(problem for problem in more if (problem.file, problem.line) not in lines)]


def dotted(path: YamlPath) -> str:
    """Write a path the way people read it: ``hcpcs[0].code``."""
    words = ""
    for step in path:
        words += f"[{step}]" if isinstance(step, int) else f".{step}" if words else step
    return words


def value_in(value: Any, path: YamlPath) -> Any:
    """Follow a path through plain values; None where it leads nowhere."""
    for step in path:
        if not has_step(value, step):
            return None
        value = value[step]
    return value


def has_step(value: Any, step: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(step, int) and step < len(value)
    return isinstance(value, dict) and step in value


def unusable(
    file: str, found: str, *, expected: str, mend: str, line: int = 1, key: str = ""
) -> YamlMistakes:
    """Return the exception for one mistake that ends the reading of a file."""
    return YamlMistakes([Problem(file, line, key, found, expected, mend)])
