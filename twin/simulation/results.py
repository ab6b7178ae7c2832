"""What a simulation came to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Self


@dataclass(slots=True)
class Tally:
    """Counts of one habit. A lapse is silent where no task for it stood in time on its day."""

    infusions: int = 0
    given: int = 0
    lapses: int = 0
    silent: int = 0
    late: int = 0
    gap_days: int = 0
    work_items: int = 0
    submissions: int = 0
    working_days: int = 0
    busiest: int = 0
    """Most requests sent on one day by one practice."""
    over_capacity: int = 0
    after_renew_by: int = 0
    promised: int = 0
    promises_met: int = 0
    looks: int = 0
    years: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    silent_examples: list[tuple[int, int, date, str]] = field(default_factory=list)

    def __iadd__(self, other: Tally) -> Self:
        for one in fields(self):
            mine: Any = getattr(self, one.name)
            theirs: Any = getattr(other, one.name)
            setattr(self, one.name, max(mine, theirs) if one.name == "busiest" else mine + theirs)
        return self
