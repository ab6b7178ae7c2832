"""Spreads requests over the working days of their windows, so that no day asks more of the staff than it can do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import heappop, heappush

from priorauth.deadlines import ONE_DAY, is_business_day
from schemas.base import CaseId


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The days on which one request may be sent, both included."""

    ends: date
    starts: date
    case_id: CaseId


@dataclass(frozen=True, slots=True)
class Workload:
    """A day for every request. ``late`` names those for which no day of their window was left."""

    days: dict[CaseId, date]
    late: tuple[CaseId, ...] = ()
    busiest: int = 0

    @property
    def fits(self) -> bool:
        return not self.late


def spread(
    windows: Iterable[Window], *, capacity: int, works_on: Callable[[date], bool] = is_business_day
) -> Workload:
    """Give every request a day, with the evenest load that keeps all windows; never more than ``capacity`` a day.

    Each day takes the requests whose windows close first, which finds a schedule wherever there is one. Where there
    is none, requests come late rather than above capacity. One window for each case.
    """
    if capacity < 1:
        raise ValueError(f"found a capacity of {capacity} requests a day, expected at least 1")
    waiting = sorted(windows, key=lambda window: (window.starts, window.ends, window.case_id))
    low, high = 1, capacity
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _filled(waiting, middle, works_on).fits else (middle + 1, high)
    return _filled(waiting, low, works_on)


def _filled(waiting: Sequence[Window], most: int, works_on: Callable[[date], bool]) -> Workload:
    days: dict[CaseId, date] = {}
    late: list[CaseId] = []
    open_windows: list[Window] = []
    place, busiest = 0, 0
    day = waiting[0].starts if waiting else date.min
    while place < len(waiting) or open_windows:
        if not open_windows:
            day = max(day, waiting[place].starts)
        while place < len(waiting) and waiting[place].starts <= day:
            heappush(open_windows, waiting[place])
            place += 1
        sent = 0
        while works_on(day) and open_windows and sent < most:
            window = heappop(open_windows)
            days[window.case_id] = day
            sent += 1
            if day > window.ends:
                late.append(window.case_id)
        busiest = max(busiest, sent)
        day += ONE_DAY
    return Workload(days, tuple(late), busiest)
