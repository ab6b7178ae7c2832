"""From the plain values of a YAML file to a model, with the model's objections put as mistakes in the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from priorauth.yaml_source import Problem, YamlFile, YamlMistakes, YamlPath, dotted, read_yaml, unusable


Record = TypeVar("Record", bound=BaseModel)


def load_record(
    path: Path, model: type[Record], *, name: str | None = None, context: Mapping[str, Any] | None = None
) -> Record:
    """Read one file as one record; YamlMistakes holds everything wrong with it."""
    return to_record(read_yaml(path, name), model, context=context)


def to_record(
    file: YamlFile,
    model: type[Record],
    *,
    at: YamlPath = (),
    defaults: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
) -> Record:
    """Make a model of the value at ``at``; ``defaults`` fill keys that the file leaves out there."""
    value = value_in(file.value, at)
    if not isinstance(value, dict):
        mend = "Write 'key: value' lines, indented alike."
        raise unusable(
            file.name,
            _shown(value),
            expected="keys and values",
            mend=mend,
            line=file.line_of(at),
            key=dotted(at),
        )
    try:
        return model.model_validate({**(defaults or {}), **value}, context=dict(context or {}))
    except ValidationError as error:
        objections = [_located(details, value) for details in error.errors(include_url=False)]
        found = {_worded(objection, file, at, model) for objection in _relevant(objections)}
        raise YamlMistakes(sorted(found)) from None


def value_in(value: Any, path: YamlPath) -> Any:
    """Follow a path through plain values; None where it leads nowhere."""
    for step in path:
        if not _has_step(value, step):
            return None
        value = value[step]
    return value


def _has_step(value: Any, step: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(step, int) and step < len(value)
    return isinstance(value, dict) and step in value


@dataclass(frozen=True)
class _Objection:
    """One validation error: the path in the file, and which members of unions it was raised by, and where."""

    path: YamlPath
    members: tuple[tuple[YamlPath, str], ...]
    details: ErrorDetails


def _located(details: ErrorDetails, value: Any) -> _Objection:
    """Separate the steps of the location that exist in the file from those that name a member of a union."""
    path: YamlPath = ()
    members: list[tuple[YamlPath, str]] = []
    location = details["loc"]
    for position, step in enumerate(location):
        is_last = position == len(location) - 1
        if _has_step(value_in(value, path), step) or (is_last and details["type"] == "missing"):
            path = (*path, step)
        elif step != "[key]":
            members.append((path, str(step)))
    return _Objection(path, tuple(members), details)


def _relevant(objections: Sequence[_Objection]) -> list[_Objection]:
    """Keep, of all members of a union, the objections of the one the author most probably meant.

    That is the member whose keys fit best; without this, one typing slip in a requirement is reported five times.
    """
    kept = [
        objection
        for objection in objections
        if not objection.members and not _follows_from(objection, objections)
    ]
    unions: dict[YamlPath, dict[str, list[_Objection]]] = {}
    for objection in objections:
        if objection.members:
            (place, member), *rest = objection.members
            inner = _Objection(objection.path, tuple(rest), objection.details)
            unions.setdefault(place, {}).setdefault(member, []).append(inner)
    for place, by_member in unions.items():
        misfits = {member: _misfit_keys(raised, place) for member, raised in by_member.items()}
        fewest = min(misfits.values())
        for member, raised in by_member.items():
            if misfits[member] == fewest:
                kept.extend(_relevant(raised))
                break
    return kept


def _follows_from(objection: _Objection, others: Sequence[_Objection]) -> bool:
    """Whether a list is called too short only because its items were refused."""
    if objection.details["type"] != "too_short":
        return False
    depth = len(objection.path)
    return any(len(other.path) > depth and other.path[:depth] == objection.path for other in others)


def _misfit_keys(objections: Iterable[_Objection], place: YamlPath) -> int:
    wrong_shape = {
        "missing",
        "extra_forbidden",
        "model_type",
        "model_attributes_type",
        "bool_type",
        "date_type",
    }
    return sum(
        objection.details["type"] in wrong_shape and len(objection.path) <= len(place) + 1
        for objection in objections
    )


def _worded(objection: _Objection, file: YamlFile, at: YamlPath, model: type[BaseModel]) -> Problem:
    details = objection.details
    path = (*at, *objection.path)
    key = str(path[-1]) if path else ""
    found, expected, mend = _shown(details["input"]), "", "Correct the value."
    match details["type"]:
        case "missing":
            found, expected, mend = f"no '{key}'", f"a value for '{key}'", f"Add '{key}: …' here."
        case "extra_forbidden":
            known = sorted(_keys_at(model, objection.path[:-1]))
            found, expected = f"the unknown key '{key}'", "one of: " + ", ".join(known)
            near = get_close_matches(key, known, n=1)
            mend = (
                f"Did you mean '{near[0]}'?" if near else "Remove it, or check its spelling and indentation."
            )
        case "string_type":
            expected, mend = "text", f"Put it in quotes: '{details['input']}'."
        case "date_type":
            expected, mend = "a date such as 2026-01-31", "Write YYYY-MM-DD, without quotes."
        case "bool_type" | "bool_parsing":
            expected, mend = "true or false", "Write true or false, without quotes."
        case "enum" | "literal_error":
            expected, mend = str(details["ctx"]["expected"]), "Use one of these words."
        case "value_error":
            found, expected, mend = _own_words(details, found)
        case _:
            expected = details["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return Problem(file.name, file.line_of(path), dotted(path), found, expected, mend)


def _own_words(details: ErrorDetails, found: str) -> tuple[str, str, str]:
    """Split a message of our own validators, which read 'found …, expected …'."""
    message = details["msg"].removeprefix("Value error, ").rstrip(".")
    before, separator, after = message.partition(", expected ")
    if separator:
        return (
            before[before.find("found ") + len("found ") :] if "found " in before else before,
            after,
            "Correct the value.",
        )
    if isinstance(details["input"], (dict, list)):
        return message, "values that agree with each other", "Correct one of them."
    return found, message, "Correct the value."


def _shown(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return f"the number {value}"
        case date():
            return f"the date {value}"
        case str():
            return f"'{value if len(value) <= 60 else value[:57] + '…'}'"
        case dict():
            return (
                "a mapping with the keys " + ", ".join(list(map(str, value))[:6])
                if value
                else "an empty mapping"
            )
        case list() | tuple():
            return f"a list of {len(value)}"
        case _:
            return repr(value)


def _keys_at(model: type[BaseModel], path: YamlPath) -> set[str]:
    """Return the keys that the model knows at a path."""
    candidates: list[Any] = [model]
    for step in path:
        below: list[Any] = []
        for candidate in candidates:
            if isinstance(candidate, type) and issubclass(candidate, BaseModel):
                candidate.model_rebuild()  # a field that names a class further down is only resolved on demand
                below += [
                    info.annotation
                    for name, info in candidate.model_fields.items()
                    if step in (name, info.alias)
                ]
            else:
                below += get_args(candidate)[-1:] if isinstance(step, str) else get_args(candidate)[:1]
        candidates = [member for annotation in below for member in _members(annotation)]
    models = [
        candidate
        for candidate in candidates
        if isinstance(candidate, type) and issubclass(candidate, BaseModel)
    ]
    return {info.alias or name for one in models for name, info in one.model_fields.items()}


def _members(annotation: Any) -> list[Any]:
    """Open unions and annotated types; containers stay whole, their items are reached by the next step."""
    if isinstance(annotation, type) or not get_args(annotation):
        return [annotation]
    origin_name = str(getattr(annotation, "__origin__", ""))
    if "tuple" in origin_name or "dict" in origin_name or "Mapping" in origin_name:
        return [annotation]
    return [member for argument in get_args(annotation) for member in _members(argument)]
