"""The dead man's switch: whether the renewal sweep has succeeded in its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flows.casework import Casework
from flows.sweeping import SWEEP


USUAL_HOURS = 26.0
"""A day from one sweep to the next, and two hours for a machine that starts late."""


@dataclass(frozen=True)
class Heartbeat:
    """Whether the sweep lives: the last one that succeeded, and why that is not good enough, if it is not."""

    alive: bool
    within_hours: float
    finished_at: datetime | None
    as_of: date | None
    why: str


def check_heartbeat(work: Casework, *, at: datetime, hours: float = USUAL_HOURS) -> Heartbeat:
    """Ask the store when a sweep last succeeded. One that looked from another day proves nothing about today."""
    last = work.store.last_sweep(SWEEP)
    if last is None:
        return Heartbeat(False, hours, None, None, "no sweep has succeeded yet")
    beat = (hours, last.finished_at, last.as_of)
    if at - last.finished_at > timedelta(hours=hours):
        return Heartbeat(False, *beat, f"no sweep has succeeded in the last {hours:g} hours")
    if last.as_of != last.finished_at.astimezone(at.tzinfo).date():
        return Heartbeat(False, *beat, f"the last sweep looked from {last.as_of}, not from its own day")
    return Heartbeat(True, *beat, "the sweep has succeeded in time")
