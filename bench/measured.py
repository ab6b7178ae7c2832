"""One line of the table that ``make bench`` prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """A measurement in its unit, with the limit that it has to stay under, if there is one."""

    what: str
    value: float
    unit: str
    under: float | None = None

    @property
    def kept(self) -> bool:
        return self.under is None or self.value < self.under
