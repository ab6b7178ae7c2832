"""Facts of the authorizations on file: whether the infusions that are close have one."""

from __future__ import annotations

from datetime import timedelta

from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Resolution, Unknown
from schemas.assessment import CitedFact
from schemas.treatment import Authorization


# Closer than this no ordinary decision comes in time, so that an uncovered infusion is a case to escalate.
CLOSE_DAYS = 14


def covers_next_infusion(context: Context) -> Resolution:
    """Whether every infusion of the next two weeks falls inside an authorization of the plan asked."""
    key = "authorization.covers_next_infusion"
    course = context.case.course
    horizon = context.as_of + timedelta(days=CLOSE_DAYS)
    close = [
        planned
        for planned in course.planned
        if context.as_of <= planned.on <= horizon and planned.held is None
    ]
    if not course.planned:
        return Unknown("No infusion calendar is on file", (key,))
    uncovered = [
        planned
        for planned in close
        if not any(grant.starts <= planned.on <= grant.ends for grant in course.authorizations)
    ]
    cited = tuple(_cite(key, grant) for grant in course.authorizations)
    if not uncovered:
        return Known(True, f"No infusion up to {horizon} is without authorization", cited)
    ended = max((grant.ends for grant in course.authorizations), default=None)
    why = (
        f"the authorization ended on {ended}"
        if ended and ended < uncovered[0].on
        else "no authorization is on file for it"
    )
    return Known(False, f"The infusion of {uncovered[0].on} has no authorization: {why}", cited)


def _cite(key: str, grant: Authorization) -> CitedFact:
    value = f"{grant.number}, {grant.starts} to {grant.ends}"
    return CitedFact.model_construct(
        key=key, label="Authorization", value=value, dated=grant.starts, source=grant.source
    )


DERIVATIONS = {"authorization.covers_next_infusion": covers_next_infusion}
