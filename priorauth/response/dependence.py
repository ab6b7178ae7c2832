"""Dependence on treatment: what happened when a dose was late, lowered or missed.

Symptoms that return at the end of a cycle speak for a shorter interval or a higher dose; they are no test of the need.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median

from priorauth.dosing import dose_starts
from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Resolution, Unknown, facts_of
from priorauth.response.courses import MeasureCourse, MeasurePoint
from priorauth.response.objective import accepted_courses
from priorauth.wording import plain
from schemas.measure import Direction


# A working definition, from no source: an interval counts as a gap from half as long again as usual.
_GAP_FROM = 1.5
_RECORDED = {
    "deterioration_without_treatment": (True, False),
    "taper_result": ("worsened", "tolerated"),
}
"""For each recorded fact the value that shows dependence and the one that speaks against it."""


def dependence_shown(context: Context) -> Resolution:
    """Whether a gap or a taper showed that treatment is still needed."""
    recorded = {key: context.resolve(key) for key in _RECORDED}
    shown = [
        entry
        for key, entry in recorded.items()
        if isinstance(entry, Known) and entry.value == _RECORDED[key][0]
    ]
    if shown:
        return Known(value=True, reason="; ".join(entry.reason for entry in shown), facts=facts_of(*shown))
    measured = _worse_in_gap(context)
    if measured is not None:
        return measured
    against = [
        entry
        for key, entry in recorded.items()
        if isinstance(entry, Known) and entry.value == _RECORDED[key][1]
    ]
    if len(against) == len(_RECORDED):
        return Known(
            value=False, reason="; ".join(entry.reason for entry in against), facts=facts_of(*against)
        )
    missing = tuple(key for key, entry in recorded.items() if entry not in against)
    return Unknown(
        "No gap or taper is documented that would show whether treatment is still needed",
        missing,
        facts_of(*against),
    )


def _worse_in_gap(context: Context) -> Known | None:
    courses = accepted_courses(context)
    for covered_until, resumed in gaps(context):
        for course in courses:
            last = _last(course, until=covered_until)
            found = [point for point in course.points if covered_until < point.on <= resumed]
            if last is None or not found or course.needed is None:
                continue
            losses = [(_loss(course, last, point), point) for point in found]
            loss, worst = max(losses, key=lambda entry: (entry[0], entry[1].on))
            if loss >= course.needed:
                reason = (
                    f"{course.title} {plain(last.value)} ({last.on}) → {plain(worst.value)} ({worst.on}) "
                    f"while no dose was given after the cycle that ended about {covered_until}"
                )
                cited = tuple(
                    context.cite(
                        "deterioration_without_treatment", course.title, plain(point.value), point.entry
                    )
                    for point in (last, worst)
                )
                return Known(value=True, reason=reason, facts=cited)
    return None


def gaps(context: Context) -> Iterator[tuple[date, date]]:
    """Yield each gap in the infusions given: the day the last dose was used up, and the day of the next dose."""
    cycles = dose_starts(
        infusion.on for infusion in context.case.chart.infusions if infusion.on <= context.as_of
    )
    intervals = [(later - earlier).days for earlier, later in pairwise(cycles)]
    if len(intervals) < 2:
        return
    usual = median(intervals)
    for earlier, later in pairwise(cycles):
        if (later - earlier).days >= usual * _GAP_FROM:
            yield earlier + timedelta(days=int(usual)), later


def _last(course: MeasureCourse, *, until: date) -> MeasurePoint | None:
    before = [point for point in course.points if point.on <= until]
    return before[-1] if before else None


def _loss(course: MeasureCourse, earlier: MeasurePoint, later: MeasurePoint) -> Decimal:
    """How much worse the later value is, in points of the scale."""
    change = later.value - earlier.value
    return -change if course.direction is Direction.HIGHER_IS_BETTER else change


DERIVATIONS = {"response.dependence_shown": dependence_shown}
