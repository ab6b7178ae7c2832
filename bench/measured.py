"""One line of the table that ``make bench`` prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """A measurement in its unit, with the limit that it has to stay under or above, if there is one."""

    what: str
    value: float
    unit: str
    under: float | None = None
    over: float | None = None

    @property
    def kept(self) -> bool:
        return (self.under is None or self.value < self.under) and (
            self.over is None or self.value >= self.over
        )

    @property
    def limit(self) -> str:
        """The limit in words; empty where there is none."""
        if self.under is not None:
            return f"under {self.under:g} {self.unit}"
        return f"at least {self.over:g} {self.unit}" if self.over is not None else ""
