"""How often things go wrong. Chances are made up to be worse than any practice should see, not measured."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PayerHabits:
    """How one payer deals with requests. Chances are shares of 1, times are calendar days."""

    name: str
    median_days: float
    spread: float
    months: tuple[int, ...]
    earliest_days: int | None
    counts_visits: float = 0.2
    lost: float = 0.08
    pended: float = 0.15
    denied: float = 0.10
    partial: float = 0.15
    refused_for_good: float = 0.02


PAYERS = (
    PayerHabits("aetna", 6, 0.6, (6, 12), 60),
    PayerHabits("cigna", 9, 0.7, (6,), 45),
    PayerHabits("unitedhealthcare", 5, 0.5, (12,), 90),
    PayerHabits("anthem", 12, 0.5, (6, 12), 30, lost=0.15),
    PayerHabits("humana", 8, 0.8, (3, 6), None, pended=0.25),
)
BY_NAME = {payer.name: payer for payer in PAYERS}


@dataclass(frozen=True, slots=True)
class Odds:
    """What happens to courses and practices, as chances for each year or each visit."""

    plan_changes_in_january: float = 0.12
    plan_change_announced: float = 0.3
    product_short: float = 0.04
    site_changes: float = 0.04
    interval_changes: float = 0.06
    held: float = 0.10
    discontinued: float = 0.03
    switched_to_subcutaneous: float = 0.015
    died: float = 0.01
    missed_visit: float = 0.03
    recorded_late: float = 0.08
    units_mistyped: float = 0.01
    weight_drift_kg: Decimal = Decimal("0.8")
    """Standard deviation of the change from one visit to the next."""
    scheduler_fails: float = 3
    """Outages in a year, of one to nine days."""
    staff_away: float = 6
    """Absences of the whole staff in a year, of one to three working days, on top of weekends and holidays."""


USUAL = Odds()
