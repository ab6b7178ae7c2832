"""The axes of an outcome chart: which days and values it spans, where they lie, and what is written along them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil, floor, inf, log10


LEFT, RIGHT, TOP, BOTTOM = 28.0, 222.0, 12.0, 82.0
"""The frame of the curve in points, origin at the top left."""

_INSET = 8.0
_DATE_WIDTH = 46.0
_SHORT_SCALE = 12


@dataclass(frozen=True)
class TimeAxis:
    """Days from left to right. All charts of a letter share one."""

    first: date
    last: date

    def x(self, day: date) -> float:
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return round(LEFT + _INSET + share * (RIGHT - LEFT - 2 * _INSET), 1)

    def marks(self) -> list[date]:
        """Month starts, no closer than their own labels; the two ends where less than two months begin."""
        months = _month_starts(self.first, self.last)
        if len(months) < 2:
            return [self.first, self.last]
        most = int((RIGHT - LEFT) // _DATE_WIDTH)
        every = next(
            step for step in (1, 2, 3, 6, 12, 24, 60, 120, len(months)) if len(months) <= most * step
        )
        return months[::every]


@dataclass(frozen=True)
class Scale:
    """Values from bottom to top, between two round numbers."""

    low: float
    high: float
    step: float

    def y(self, value: float | Decimal) -> float:
        return round(BOTTOM - (float(value) - self.low) / (self.high - self.low) * (BOTTOM - TOP), 1)

    def marks(self) -> list[float]:
        steps = round((self.high - self.low) / self.step)
        return [round(self.low + place * self.step, 6) for place in range(steps + 1)]


def time_axis(days: Iterable[date]) -> TimeAxis:
    """From the first to the last day; a single day stands in the middle of four weeks."""
    first, *_, last = sorted([*days] * 2)
    if first == last:
        return TimeAxis(first - timedelta(days=14), last + timedelta(days=14))
    return TimeAxis(first, last)


def value_scale(shown: Sequence[float], *, lowest: float, highest: float = inf) -> Scale:
    """A short scale is shown whole; a long one around its values, so that a change that counts can be seen."""
    if highest - lowest <= _SHORT_SCALE:
        shown = [*shown, lowest, highest]
    # Room below and above for the labels, and enough that a change of nothing does not look like a change.
    spread = max(shown) - min(shown)
    least = (highest - lowest) / 4 if highest < inf else max(abs(max(shown)) / 4, 4)
    room = max((least - spread) / 2, spread / 8)
    low = max(min(shown) - room, min(lowest, *shown))
    high = min(max(shown) + room, max(highest, *shown))
    step = _round_step(high - low)
    return Scale(floor(low / step) * step, ceil(high / step) * step, step)


def _round_step(spread: float) -> float:
    """The round number that divides the spread into at most five parts."""
    power: float = 10.0 ** floor(log10(spread / 5))
    return next(factor * power for factor in (1, 2, 5, 10) if spread / (factor * power) <= 5)


def _month_starts(first: date, last: date) -> list[date]:
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    starts = (date(month // 12, month % 12 + 1, 1) for month in months)
    return [day for day in starts if day >= first]
