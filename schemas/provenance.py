"""Where a value comes from, when it was read there, and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from schemas.base import Line, Model


Day = Annotated[date, Field(strict=True, description="YYYY-MM-DD, without quotes in YAML")]
"""Strict, because a lax date would read the bare number of a year as seconds since 1970."""


class Confidence(StrEnum):
    """How far a value can be trusted, best first."""

    LOOKED_UP = "L"
    LOOKED_UP_SECOND_HAND = "L3"
    ESTABLISHED = "M"
    UNVERIFIED = "M?"
    UNCONFIRMED = "U"

    @property
    def words(self) -> str:
        """The mark in words, for whoever reads a report."""
        return _WORDS[self]

    @property
    def needs_verifying(self) -> bool:
        """Whether somebody should compare the value with its source before relying on it."""
        return self in (Confidence.LOOKED_UP_SECOND_HAND, Confidence.UNVERIFIED, Confidence.UNCONFIRMED)


_WORDS = {
    Confidence.LOOKED_UP: "read in the named source",
    Confidence.LOOKED_UP_SECOND_HAND: "read in a secondary source, not in the original",
    Confidence.ESTABLISHED: "well established, not read again in the source",
    Confidence.UNVERIFIED: "not verified; wording, number or date could be off",
    Confidence.UNCONFIRMED: "could not be confirmed; to be asked, not relied on",
}


class Provenance(Model):
    """The source of a value, the day it was retrieved and the confidence in it."""

    confidence: Confidence
    source: Line
    retrieved_on: Day
    url: Line | None = None


class Sourced(Model):
    """A record whose values all come from ``provenance``, save those under ``exceptions``.

    A key of ``exceptions`` is the path to a value inside the record, its steps joined by ``/``:
    ``maximum``, ``dosing/cidp/loading``, ``hcpcs/J1576/effective_from``. In a list of records the step is the
    first field of the one meant. An exception may leave out what it shares with the record's own provenance.
    """

    provenance: Provenance
    exceptions: Mapping[Line, Provenance] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _exceptions_inherit(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        shared, own = data.get("provenance"), data.get("exceptions")
        if not isinstance(shared, Mapping) or not isinstance(own, Mapping):
            return data
        filled = {
            path: {**shared, **entry} if isinstance(entry, Mapping) else entry for path, entry in own.items()
        }
        return {**data, "exceptions": filled}

    @model_validator(mode="after")
    def _exceptions_name_values(self) -> Self:
        for path in self.exceptions:
            try:
                value_at(self, path)
            except KeyError as error:
                raise ValueError(f"exceptions: {error.args[0]}") from None
        return self


def value_at(record: Model, path: str) -> Any:
    """Return the value a provenance path leads to; KeyError says which step leads nowhere."""
    value: Any = record
    for step in path.split("/"):
        match value:
            case Model():
                if step in type(value).model_fields:
                    value = getattr(value, step)
                    continue
                choices = dict.fromkeys(type(value).model_fields)
            case Mapping():
                choices = {str(key): item for key, item in value.items()}
            case tuple():
                choices = {_name_in_list(item): item for item in value}
            case _:
                choices = {}
        if step not in choices:
            offered = ", ".join(choices) or "nothing below it"
            raise KeyError(f"found '{step}' in the path '{path}', expected one of: {offered}")
        value = choices[step]
    return value


def _name_in_list(item: Any) -> str:
    if isinstance(item, Model):
        return str(getattr(item, next(iter(type(item).model_fields))))
    return str(item)


def provenance_of(record: Sourced, path: str) -> Provenance:
    """Return the provenance of one value: the exception nearest to it, else that of the record."""
    value_at(record, path)
    steps = path.split("/")
    while steps:
        exception = record.exceptions.get("/".join(steps))
        if exception is not None:
            return exception
        steps.pop()
    return record.provenance
