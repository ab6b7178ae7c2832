"""Walking unaided in GBS: lost, regained, and in how many days."""

from __future__ import annotations

from datetime import date

from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Resolution, Unknown
from priorauth.response.treatment_start import first_dose_day
from schemas.assessment import CitedFact
from schemas.base import ConditionId
from schemas.chart import Fact


KEY = "walks_unaided"


def regained_walking(context: Context) -> Resolution:
    """Improved where the patient could not walk unaided at the first dose and can now; only asked in GBS."""
    start = first_dose_day(context)
    if context.case.condition is not ConditionId.GBS or start is None:
        return Unknown("Walking is not the measure of response here", (KEY,))
    found = gaits(context)
    lost = [(day, gait) for day, gait in found if day <= start]
    after = [(day, gait) for day, gait in found if day > start]
    if not lost or lost[-1][1].value is not False or not after:
        return Unknown(
            "It is not documented that walking unaided was lost before the first dose and examined again",
            (KEY,),
        )
    if after[-1][1].value is not True:
        return Known(
            "stable",
            f"Could not walk unaided on {lost[-1][0]} nor on {after[-1][0]}",
            cited_gaits(context, lost[-1][1], after[-1][1]),
        )
    first = _first_day_walking_for_good(after)
    reason = f"Could not walk unaided on {lost[-1][0]}; walks unaided since {first[0]}, {(first[0] - start).days} days after the first dose"
    return Known("improved", reason, cited_gaits(context, lost[-1][1], first[1]))


def cited_gaits(context: Context, *found: Fact) -> tuple[CitedFact, ...]:
    """Cite notes on gait."""
    return tuple(
        context.cite(KEY, "Walks without aid", "yes" if gait.value else "no", gait) for gait in found
    )


def gaits(context: Context) -> list[tuple[date, Fact]]:
    """List the dated notes on gait up to the day assessed, oldest first."""
    usable = [
        (fact.dated, fact)
        for fact in context.case.chart.facts
        if fact.fact == KEY
        and isinstance(fact.value, bool)
        and fact.dated is not None
        and fact.dated <= context.as_of
    ]
    # On one day "cannot" counts, so that an aid used in the morning is not forgotten by the evening.
    return sorted(usable, key=lambda gait: (gait[0], not gait[1].value, gait[1].source.document or ""))


def _first_day_walking_for_good(after: list[tuple[date, Fact]]) -> tuple[date, Fact]:
    walking = after[-1]
    for day, gait in reversed(after):
        if gait.value is not True:
            break
        walking = (day, gait)
    return walking
