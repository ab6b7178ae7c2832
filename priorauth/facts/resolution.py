"""The two answers a fact can give, and the citation of the chart entries behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from schemas.assessment import CitedFact
from schemas.base import FactKey


Value = bool | Decimal | date | str


@dataclass(frozen=True, slots=True)
class Known:
    """A fact with its value, the chart entries that witness it, and one sentence that says how it follows."""

    value: Value
    reason: str
    facts: tuple[CitedFact, ...] = ()

    @property
    def number(self) -> Decimal:
        """The value of a fact that the vocabulary defines as a number."""
        if not isinstance(self.value, Decimal):
            raise TypeError(f"found the value {self.value!r}, expected a number: {self.reason}")
        return self.value


@dataclass(frozen=True, slots=True)
class Unknown:
    """A fact that the record does not settle: why, and which recorded facts would settle it.

    ``facts`` cites entries that were looked at and could not be used (stale, undated, of the wrong scale).
    """

    reason: str
    missing: tuple[FactKey, ...]
    facts: tuple[CitedFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Narrowed(Unknown):
    """Unknown, but only among ``possible``: a question that all of them answer alike is answered."""

    possible: tuple[Value, ...] = ()


Resolution = Known | Unknown


def first_unknown(*resolutions: Resolution) -> Unknown | None:
    """Return what is unknown among the resolutions as one Unknown, or None when all are known."""
    unknown = [resolution for resolution in resolutions if isinstance(resolution, Unknown)]
    if not unknown:
        return None
    return Unknown(
        "; ".join(dict.fromkeys(resolution.reason for resolution in unknown)),
        tuple(dict.fromkeys(key for resolution in unknown for key in resolution.missing)),
        tuple(dict.fromkeys(fact for resolution in unknown for fact in resolution.facts)),
    )


def facts_of(*resolutions: Resolution) -> tuple[CitedFact, ...]:
    """Collect the cited entries of several resolutions, each once, in order."""
    return tuple(dict.fromkeys(fact for resolution in resolutions for fact in resolution.facts))
