"""Values inside FHIR resources, asked for in a way that no malformed resource can break.

A bundle comes from someone else's system. Whatever has the wrong type reads as absent here, and whoever needs it
says by name what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

from schemas.base import FIRST_DAY, LAST_DAY
from schemas.case import IntakeNote


Json = dict[str, Any]
Result = TypeVar("Result")

_DAY = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?$")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_NOTE_LENGTH = 240


class Unusable(Exception):
    """A resource that cannot be taken in, with what was found in it and what is expected."""

    def __init__(self, found: str, expected: str | None = None) -> None:
        self.found = found
        self.expected = expected
        super().__init__(found)


class Coding(NamedTuple):
    """One code with its system."""

    system: str
    code: str
    display: str


def one(value: Any) -> Json:
    """Return an object, or an empty one."""
    return value if isinstance(value, dict) else {}


def many(value: Any) -> list[Json]:
    """Return the objects of a list; a single object counts as a list of one."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def words(value: Any) -> str:
    """Return text on one line, or an empty string."""
    return " ".join(_CONTROLS.sub(" ", value).split())[:_NOTE_LENGTH] if isinstance(value, str) else ""


def texts(value: Any) -> list[str]:
    """Return the texts of a list; a single text counts as a list of one."""
    found = value if isinstance(value, list) else [value]
    return [text for item in found if (text := words(item))]


def number(value: Any) -> Decimal | None:
    """Return a decimal number, or None."""
    return Decimal(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None


def day(value: Any) -> date | None:
    """Return the calendar day of a date or dateTime as written; a year or month alone is no day."""
    if not isinstance(value, str) or not _DAY.match(value):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def day_in_reach(value: Any, where: str, notes: list[IntakeNote]) -> date | None:
    """Return a day to count from; one such as 9999-12-31, which stands for no end, is noted and left out."""
    found = day(value)
    if found is None or FIRST_DAY <= found <= LAST_DAY:
        return found
    expected = f"a day from {FIRST_DAY.year} to {LAST_DAY.year}, or none; it was left out"
    notes.append(IntakeNote(where=where[:300], found=str(found), expected=expected))
    return None


def codings(concept: Any) -> list[Coding]:
    """Return the codes of a CodeableConcept."""
    return [
        Coding(words(item.get("system")), words(item.get("code")), words(item.get("display")))
        for item in many(one(concept).get("coding"))
    ]


def code_in(concept: Any, systems: Iterable[str]) -> str | None:
    """Return the first code of a concept in one of the systems."""
    wanted = frozenset(systems)
    return next((coding.code for coding in codings(concept) if coding.system in wanted and coding.code), None)


def concept_words(concept: Any) -> str:
    """Say what a CodeableConcept means: its text, else a display, else a code."""
    text = words(one(concept).get("text"))
    found = codings(concept)
    return (
        text
        or next((each.display for each in found if each.display), "")
        or next((each.code for each in found if each.code), "")
    )


def valid(adapter: TypeAdapter[Result], value: str, where: str, notes: list[IntakeNote]) -> Result | None:
    """Return a value that fits its type; one that does not is noted and left out."""
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        notes.append(IntakeNote(where=where, found=objection(error)))
        return None


def objection(error: ValidationError) -> str:
    """Word the first objection of a model."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return words(f"{place}: {message}" if place else message)


def read_each(
    resources: Iterable[Result],
    read: Callable[[Result], Any],
    where: Callable[[Result], str],
    notes: list[IntakeNote],
) -> list[Any]:
    """Read resources one by one; one that cannot be used is noted by name and does not keep the others out."""
    found = []
    for resource in resources:
        try:
            found.append(read(resource))
        except Unusable as unusable:
            notes.append(IntakeNote(where=where(resource), found=unusable.found, expected=unusable.expected))
        except ValidationError as error:
            notes.append(IntakeNote(where=where(resource), found=objection(error)))
    return found
