"""YAML files that people edit, read strictly: every mistake with file, line, key, what was found and how to mend it.

Numbers with a point become Decimal, never float, and only ``true`` and ``false`` are truth values. Duplicate keys,
tags and mistyped dates or numbers are refused, because each would silently mean something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from priorauth.yaml_problems import Problem, YamlMistakes, YamlPath, dotted, unusable
from priorauth.yaml_values import ValueReader


__all__ = [
    "Problem",
    "YamlFile",
    "YamlMistakes",
    "YamlPath",
    "dotted",
    "parse_yaml",
    "read_values",
    "read_yaml",
    "unusable",
]

MAXIMUM_BYTES = 4_000_000


@dataclass(frozen=True)
class YamlFile:
    """The plain values of a file and the line that each of them stands on."""

    name: str
    value: Any
    lines: Mapping[YamlPath, int]

    def line_of(self, path: YamlPath) -> int:
        """Return the line of the value at ``path``, or of the nearest value around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(path: Path, name: str | None = None) -> YamlFile:
    """Read one file; ``name`` is what messages call it."""
    shown = name or str(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "no file"
        mend = "Check the name and who may read it."
        raise unusable(shown, reason, expected="a readable file", mend=mend) from None
    if len(content) > MAXIMUM_BYTES:
        expected = f"at most {MAXIMUM_BYTES:,} bytes"
        raise unusable(
            shown, f"{len(content):,} bytes", expected=expected, mend="Check that this is the right file."
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"a byte that is not UTF-8 text at position {error.start}"
        raise unusable(
            shown, found, expected="a text file in UTF-8", mend="Save the file as UTF-8 text."
        ) from None
    return parse_yaml(text, shown)


def read_values(path: Path, name: str | None = None) -> tuple[YamlFile, list[Problem]]:
    """Read one file with the mistakes in single words of it; YamlMistakes where more than such words is amiss."""
    try:
        return read_yaml(path, name), []
    except YamlMistakes as mistakes:
        if mistakes.file is None:
            raise
        return mistakes.file, mistakes.problems


def parse_yaml(text: str, name: str) -> YamlFile:
    """Read YAML from a string; raises YamlMistakes with all mistakes, or with the first that ends the reading."""
    reader = ValueReader(name)
    try:
        value = reader.document(YAML(typ="safe", pure=False).parse(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reasons = ", ".join(part for part in (error.problem, error.context) if part)
        mend = "Check indentation, quotes, colons and brackets at and above this line."
        line = mark.line + 1 if mark else 1
        raise unusable(
            name, f"text that is not YAML ({reasons})", expected="valid YAML", mend=mend, line=line
        ) from None
    except YAMLError as error:
        reason = str(error).splitlines()[0]
        mend = "Check that this is the right file."
        raise unusable(name, f"text that is not YAML ({reason})", expected="valid YAML", mend=mend) from None
    if reader.problems:
        raise YamlMistakes(
            sorted(reader.problems), YamlFile(name, value, reader.lines) if reader.whole else None
        )
    return YamlFile(name, value, reader.lines)
