"""What a simulation came to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Self


@dataclass(slots=True)
class Tally:
    """Counts of one habit over all practices. What makes a lapse silent stands in ``judging``."""

    infusions: int = 0
    given: int = 0
    lapses: int = 0
    silent: int = 0
    gap_days: int = 0
    work_items: int = 0
    submissions: int = 0
    working_days: int = 0
    busiest: int = 0
    """Most requests sent on one day by one practice."""
    over_capacity: int = 0
    """Days on which more requests were sent than the practice has said it can send."""
    needlessly_late: int = 0
    """Requests sent late in a stretch of days for which a schedule exists that keeps every window."""
    stretches: int = 0
    full_stretches: int = 0
    """Stretches of days with requests waiting, and those of them for which there is no such schedule."""
    after_renew_by: int = 0
    promised: int = 0
    promises_met: int = 0
    looks: int = 0
    years: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    """How each lapse was judged."""
    surprises: Counter[str] = field(default_factory=Counter)
    """Lapses announced at once but not 14 days before, by what had changed."""
    disturbances: Counter[str] = field(default_factory=Counter)
    silent_examples: list[tuple[int, int, date, str]] = field(default_factory=list)
    """Seed of the practice, number of the course, day and what is known of it; late requests likewise."""
    late_examples: list[tuple[int, int, date, str]] = field(default_factory=list)

    def __iadd__(self, other: Tally) -> Self:
        for one in fields(self):
            mine: Any = getattr(self, one.name)
            theirs: Any = getattr(other, one.name)
            setattr(self, one.name, max(mine, theirs) if one.name == "busiest" else mine + theirs)
        return self

    @property
    def met_percent(self) -> float | None:
        """Share of the windows promised at 90 % that were met; None where none was promised."""
        return 100 * self.promises_met / self.promised if self.promised else None
