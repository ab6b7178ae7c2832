"""How long a payer takes, learned from the practice's own requests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


PROMISED_PERCENT = 90
FEWEST = 20
"""Requests needed before the practice's own experience outranks what rule or profile says."""

LOOK_BACK = timedelta(days=730)
SETTLED_AFTER = timedelta(days=60)
"""Younger requests are left out, since of those the quick ones alone have been decided."""


@dataclass(frozen=True, slots=True)
class SentRequest:
    """One request to a payer; ``decided_on`` is empty while no decision has come."""

    sent_on: date
    decided_on: date | None = None


@dataclass(frozen=True, slots=True)
class UsualTime:
    """The days within which ``percent`` of the payer's decisions come, judged from ``requests`` of them."""

    days: int
    requests: int
    percent: int = PROMISED_PERCENT


def usual_time(
    history: Iterable[SentRequest], *, as_of: date, percent: int = PROMISED_PERCENT
) -> UsualTime | None:
    """Return the time within which the next decision comes with the chance asked for; None where too little is known.

    The rank (n + 1) × percent, rounded up, makes the promise hold for the next request and not only for those
    behind it (split conformal prediction). Requests never decided count as the longest.
    """
    settled = [
        request for request in history if as_of - LOOK_BACK <= request.sent_on <= as_of - SETTLED_AFTER
    ]
    waits = sorted(
        (request.decided_on - request.sent_on).days
        for request in settled
        if request.decided_on is not None and request.decided_on <= as_of
    )
    rank = -(-(len(settled) + 1) * percent // 100)
    if len(settled) < FEWEST or rank > len(waits):
        return None
    return UsualTime(waits[rank - 1], len(settled), percent)
