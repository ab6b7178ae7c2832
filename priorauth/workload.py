"""Spreads requests over the working days of their windows, so that no day asks more of the staff than it can do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import heappop, heappush

from priorauth.deadlines import ONE_DAY, is_business_day


WorksOn = Callable[[date], bool]


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The days on which one request may be sent, both included. ``request`` names it; no two are called the same."""

    ends: date
    starts: date
    request: str


@dataclass(frozen=True, slots=True)
class Crowd:
    """Days, both included, that have room for fewer requests than must be sent within them."""

    first: date
    last: date
    requests: int
    room: int


@dataclass(frozen=True, slots=True)
class Workload:
    """A day for every request. ``late`` names those for which no day of their window was left, ``crowds`` why."""

    days: dict[str, date]
    late: tuple[str, ...] = ()
    busiest: int = 0
    crowds: tuple[Crowd, ...] = ()

    @property
    def fits(self) -> bool:
        return not self.late


def spread(windows: Iterable[Window], *, capacity: int, works_on: WorksOn = is_business_day) -> Workload:
    """Give every request a day, with the evenest load that keeps all windows; never more than ``capacity`` a day.

    Each day takes the requests whose windows close first, which finds a schedule wherever there is one. Where there
    is none, requests come late rather than above capacity.
    """
    if capacity < 1:
        raise ValueError(f"found a capacity of {capacity} requests a day, expected at least 1")
    waiting = sorted(windows, key=lambda window: (window.starts, window.ends, window.request))
    low, high = 1, capacity
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _filled(waiting, middle, works_on).fits else (middle + 1, high)
    return _filled(waiting, low, works_on)


def _filled(waiting: Sequence[Window], most: int, works_on: WorksOn) -> Workload:
    days: dict[str, date] = {}
    late: list[Window] = []
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
            days[window.request] = day
            sent += 1
            if day > window.ends:
                late.append(window)
        busiest = max(busiest, sent)
        day += ONE_DAY
    crowds = _crowds(waiting, {window.ends for window in late}, most, works_on)
    return Workload(days, tuple(window.request for window in late), busiest, crowds)


def _crowds(
    windows: Sequence[Window], missed: Iterable[date], most: int, works_on: WorksOn
) -> tuple[Crowd, ...]:
    """Find the crowds that made windows close too early on the days ``missed``; one inside another is left out."""
    found = [_worst_crowd(windows, last, most, works_on) for last in sorted(missed)]
    return tuple(
        crowd
        for place, crowd in enumerate(found)
        if not any(later.first <= crowd.first for later in found[place + 1 :])
    )


def _worst_crowd(windows: Sequence[Window], last: date, most: int, works_on: WorksOn) -> Crowd:
    """Walk back from a day that was missed to where the room falls short of the requests by most."""
    begins = Counter(window.starts for window in windows if window.ends <= last)
    worst = Crowd(last, last, 0, 0)
    requests, room, day = 0, 0, last
    while day >= min(begins):
        requests += begins[day]
        room += most * works_on(day)
        if requests - room > worst.requests - worst.room:
            worst = Crowd(day, last, requests, room)
        day -= ONE_DAY
    return worst
