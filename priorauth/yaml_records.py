"""From the plain values of a YAML file to a model, with the model's objections put as mistakes in the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from priorauth.yaml_objections import shown, worded
from priorauth.yaml_problems import YamlMistakes, YamlPath, dotted, has_step, unusable, value_in
from priorauth.yaml_source import YamlFile, read_yaml


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
            shown(value),
            expected="keys and values",
            mend=mend,
            line=file.line_of(at),
            key=dotted(at),
        )
    try:
        return model.model_validate({**(defaults or {}), **value}, context=dict(context or {}))
    except ValidationError as error:
        objections = [_located(details, value) for details in error.errors(include_url=False)]
        found = {
            worded(objection.details, file, at=at, path=objection.path, model=model)
            for objection in _relevant(objections)
        }
        raise YamlMistakes(sorted(found)) from None


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
        if has_step(value_in(value, path), step) or (is_last and details["type"] == "missing"):
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
