"""What the ledger of a course consists of. Tuples and plain records, since a sweep makes millions of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from schemas.base import CaseId
from schemas.renewal import LineKind, Obstacle


class LedgerLine(NamedTuple):
    """One day of one infusion: what it needs, and the authorization that covers it or the reason why none does."""

    on: date
    kind: LineKind
    product: str
    dose_grams: Decimal
    """Of the whole dose, of which this day is a part."""
    day: int = 1
    """Which day of the dose, counted from 1, of ``days``."""
    days: int = 1
    units: int | None = None
    """HCPCS units; empty where the unit size of the product is not known."""
    authorization: str | None = None
    charged: int = 0
    """Units taken from the authorization."""
    obstacle: Obstacle | None = None
    words: str | None = None

    @property
    def covered(self) -> bool:
        """Whether an authorization covers the whole day."""
        return self.authorization is not None and self.obstacle is None

    @property
    def needs_cover(self) -> bool:
        """Whether the day is still to come about, as far as the record says."""
        return self.kind is LineKind.PLANNED or self.kind is LineKind.PROJECTED


@dataclass(frozen=True, slots=True)
class AuthorizationUse:
    """What one authorization granted, what is used up and what the infusions to come will use."""

    number: str
    starts: date
    ends: date
    units: int | None
    """Units granted; empty where visits are counted instead."""
    units_used: int
    units_planned: int
    visits: int | None
    visits_used: int
    visits_planned: int

    @property
    def units_left(self) -> int | None:
        """Units not used by infusions given; those planned are still among them."""
        return None if self.units is None else self.units - self.units_used

    @property
    def visits_left(self) -> int | None:
        return None if self.visits is None else self.visits - self.visits_used


@dataclass(frozen=True, slots=True)
class CourseLedger:
    """Every infusion day of a course in order of date, and the account of every authorization."""

    case_id: CaseId
    lines: tuple[LedgerLine, ...] = ()
    uses: tuple[AuthorizationUse, ...] = ()

    def uncovered(self, since: date) -> tuple[LedgerLine, ...]:
        """List the infusion days from ``since`` on that no authorization covers."""
        return tuple(
            line for line in self.lines if line.on >= since and line.needs_cover and not line.covered
        )

    def first_uncovered(self, since: date) -> LedgerLine | None:
        return next(iter(self.uncovered(since)), None)

    def covered_until(self, since: date) -> date | None:
        """Return the last covered infusion day before the first uncovered one; None where there is none."""
        first = self.first_uncovered(since)
        covered = (line.on for line in reversed(self.lines) if line.covered)
        return next((on for on in covered if first is None or on < first.on), None)

    def ahead(self, since: date, *kinds: LineKind) -> list[date]:
        """List the days from ``since`` on of the kinds asked for."""
        return [line.on for line in self.lines if line.on >= since and line.kind in kinds]

    def unrecorded(self, before: date) -> tuple[LedgerLine, ...]:
        """List the planned infusion days whose date has passed without a record that they were given."""
        return tuple(line for line in self.lines if line.on < before and line.kind is LineKind.PLANNED)
