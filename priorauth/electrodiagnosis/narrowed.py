"""An answer that the record narrows without settling it."""

from __future__ import annotations

from dataclasses import dataclass

from priorauth.facts.resolution import Unknown, Value


@dataclass(frozen=True, slots=True)
class Narrowed(Unknown):
    """Unknown, but only among ``possible``: a question that all of them answer alike is answered."""

    possible: tuple[Value, ...] = ()
