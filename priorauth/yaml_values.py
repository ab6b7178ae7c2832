"""From the events of the YAML parser to plain values, with the line of each.

The library's own composer recurses in C and falls over on deep nesting; its events do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from priorauth.yaml_problems import Problem, YamlPath, dotted


MAXIMUM_DEPTH = 40
MAXIMUM_VALUES = 500_000
"""Counted with aliases written out: a few lines of aliases of aliases can stand for billions of values."""

_INTEGER = re.compile(r"^[-+]?(0|[1-9][0-9]*)$")
_DECIMAL = re.compile(r"^[-+]?(0|[1-9][0-9]*)\.[0-9]+$")
_DATE = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
_LOOKS_LIKE_DATE = re.compile(r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$|^[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{4}$")
_LOOKS_LIKE_NUMBER = re.compile(r"^[-+]?(0[0-9]+|[0-9]+,[0-9]+|\.[0-9]+|[0-9]+\.|[0-9.]+[eE][-+]?[0-9]+)$")


class TooMuchError(YAMLError):
    """Raised before nesting could exhaust the stack, or aliases the memory."""


@dataclass
class ValueReader:
    """Builds the values of one document and collects the mistakes in it."""

    name: str
    lines: dict[YamlPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    anchored: dict[str, tuple[Any, int]] = field(default_factory=dict)
    values: int = 0
    whole: bool = True
    """Whether nothing is refused but words that were meant as dates or numbers, so that all keys and values are read."""

    def document(self, events: Iterator[Event]) -> Any:
        value: Any = None
        documents = 0
        for event in events:
            if isinstance(event, (ScalarEvent, MappingStartEvent, SequenceStartEvent, AliasEvent)):
                documents += 1
                value = self._node(event, events, ()) if documents == 1 else value
                if documents == 2:
                    self._refuse(
                        event,
                        (),
                        "a second document in the same file",
                        "one document",
                        "Remove the '---' line, or move what follows it to a file of its own.",
                    )
        return value

    def _node(self, event: Event, events: Iterator[Event], path: YamlPath) -> Any:
        if len(path) > MAXIMUM_DEPTH:
            raise TooMuchError(
                f"nesting deeper than {MAXIMUM_DEPTH} levels at line {event.start_mark.line + 1}"
            )
        self.lines.setdefault(path, event.start_mark.line + 1)
        if isinstance(event, AliasEvent):
            return self._alias(event, path)
        before = self.values
        self._count(1)
        value = self._value(event, events, path)
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self.anchored[anchor] = value, self.values - before
        return value

    def _alias(self, event: AliasEvent, path: YamlPath) -> Any:
        if event.anchor not in self.anchored:
            self._refuse(
                event,
                path,
                f"the alias '*{event.anchor}'",
                f"an anchor '&{event.anchor}' further up",
                "Correct the name, or write the value out.",
            )
            return None
        value, size = self.anchored[event.anchor]
        self._count(size)
        return value

    def _count(self, values: int) -> None:
        self.values += values
        if self.values > MAXIMUM_VALUES:
            raise TooMuchError(f"more than {MAXIMUM_VALUES:,} values")

    def _value(self, event: Event, events: Iterator[Event], path: YamlPath) -> Any:
        if isinstance(event, ScalarEvent):
            return self._scalar(event, path)
        tag = getattr(event, "tag", None)
        if tag:
            self._refuse(event, path, f"the tag '{tag}'", "a plain value", "Remove the tag.")
        if isinstance(event, MappingStartEvent):
            return self._mapping(events, path)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(events, path)
        return None

    def _mapping(self, events: Iterator[Event], path: YamlPath) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            if not isinstance(event, ScalarEvent):
                self._refuse(
                    event, path, "a list or mapping as a key", "a word as a key", "Write 'key: value'."
                )
                self._node(event, events, path)
                self._node(next(events), events, path)
                continue
            key = str(event.value)
            here = (*path, key)
            if key in found:
                self._refuse(
                    event,
                    here,
                    f"the key '{key}' a second time (first on line {self.lines[here]})",
                    "each key once",
                    "Remove or rename one of the two.",
                )
            self.lines.setdefault(here, event.start_mark.line + 1)
            found[key] = self._node(next(events), events, here)
        return found

    def _sequence(self, events: Iterator[Event], path: YamlPath) -> list[Any]:
        found: list[Any] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            found.append(self._node(event, events, (*path, len(found))))
        return found

    def _scalar(self, event: ScalarEvent, path: YamlPath) -> Any:
        text = str(event.value)
        plain, _ = event.implicit
        if event.tag and not plain:
            self._refuse(event, path, f"the tag '{event.tag}'", "a plain value", "Remove the tag.")
        if not plain:
            return text
        if text in ("", "~", "null"):
            return None
        if text in ("true", "false"):
            return text == "true"
        if _INTEGER.match(text):
            return int(text)
        if _DECIMAL.match(text):
            return Decimal(text)
        if _DATE.match(text):
            return self._date(event, text, path)
        if _LOOKS_LIKE_DATE.match(text):
            self._refuse(
                event,
                path,
                f"the date {text}",
                "a date written YYYY-MM-DD, such as 2026-01-31",
                "Write year, month and day with two digits for month and day.",
                whole=True,
            )
        elif _LOOKS_LIKE_NUMBER.match(text):
            self._refuse(
                event,
                path,
                f"the number {text}",
                "a number such as 12 or 0.5, or a code in quotes",
                f"Write the number plainly, or put a code in quotes: '{text}'.",
                whole=True,
            )
        return text

    def _date(self, event: Event, text: str, path: YamlPath) -> date | str:
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._refuse(
                event,
                path,
                f"the date {text}",
                "a day that exists, written YYYY-MM-DD",
                "Correct the month or the day.",
                whole=True,
            )
            return text

    def _refuse(
        self, event: Event, path: YamlPath, found: str, expected: str, mend: str, *, whole: bool = False
    ) -> None:
        self.whole = self.whole and whole
        self.problems.append(
            Problem(self.name, event.start_mark.line + 1, dotted(path), found, expected, mend)
        )
