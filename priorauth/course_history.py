"""Leaves out the part of a long course that can no longer change anything, so that a plan costs the same after ten years."""

from __future__ import annotations

from datetime import date, timedelta

from priorauth.course_days import GIVEN_EARLY, GIVEN_LATE
from schemas.case import Case
from schemas.treatment import Authorization


def without_settled(case: Case, as_of: date) -> Case:
    """Leave out authorizations that are over, and infusions that none that is left could be charged for.

    A day decides which infusions: no authorization that still counts begins before it, and none that does not reaches
    it. While one is in force, the last one that is over stays only for its date, and counts no more than those left
    out. What stands for a planned day, the newest infusion and what a kept claim names stay.
    """
    grants = case.course.authorizations
    over = _begin_of_those_since(
        max((grant.ends for grant in grants if grant.ends < as_of), default=as_of), grants
    )
    in_force = any(grant.starts <= as_of <= grant.ends for grant in grants)
    begins = _begin_of_those_since(as_of, grants) if in_force else over
    given = case.chart.infusions
    from_day = min(begins, max((entry.on for entry in given), default=begins))
    planned = [
        (infusion.on - GIVEN_EARLY, infusion.on + timedelta(days=infusion.over_days) + GIVEN_LATE)
        for infusion in case.course.planned
        if infusion.on - GIVEN_EARLY < from_day
    ]
    infusions = tuple(
        entry
        for entry in given
        if entry.on >= from_day or any(first <= entry.on <= last for first, last in planned)
    )
    named = {entry.authorization for entry in infusions}
    authorizations = tuple(grant for grant in grants if grant.ends >= over or grant.number in named)
    return case.model_copy(
        update={
            "chart": case.chart.model_copy(update={"infusions": infusions}),
            "course": case.course.model_copy(update={"authorizations": authorizations}),
        }
    )


def _begin_of_those_since(day: date, grants: tuple[Authorization, ...]) -> date:
    """Return the day on which those that end on ``day`` or later begin, with all that overlap with any of them."""
    while (earliest := min((grant.starts for grant in grants if grant.ends >= day), default=day)) < day:
        day = earliest
    return day
