"""Facts of the authorizations on file: whether the infusions that are close are covered."""

from __future__ import annotations

from datetime import timedelta

from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Resolution, Unknown
from priorauth.ledger import course_ledger
from schemas.assessment import CitedFact
from schemas.treatment import Authorization


# Closer than this no ordinary decision comes in time, so that an uncovered infusion is a case to escalate.
CLOSE_DAYS = 14


def covers_next_infusion(context: Context) -> Resolution:
    """Whether every infusion of the next two weeks is covered by plan, product, site, date and units left."""
    key = "authorization.covers_next_infusion"
    course = context.case.course
    if not course.planned:
        return Unknown("No infusion calendar is on file", (key,))
    horizon = context.as_of + timedelta(days=CLOSE_DAYS)
    ledger = course_ledger(context.case, context.knowledge.products, as_of=context.as_of)
    uncovered = [line for line in ledger.uncovered(context.as_of) if line.on <= horizon]
    cited = tuple(cite_authorization(key, grant) for grant in course.authorizations)
    if not uncovered:
        return Known(True, f"No infusion up to {horizon} is without authorization", cited)
    first = uncovered[0]
    return Known(False, f"The infusion of {first.on} is not covered: {first.words}", cited)


def cite_authorization(key: str, grant: Authorization) -> CitedFact:
    """Cite a grant by the letter of the plan that states it."""
    value = f"{grant.number}, {grant.starts} to {grant.ends}"
    return CitedFact(key=key, label="Authorization", value=value, dated=grant.starts, source=grant.source)


DERIVATIONS = {"authorization.covers_next_infusion": covers_next_infusion}
