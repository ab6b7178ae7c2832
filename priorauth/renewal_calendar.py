"""The renewal calendar: one row for each course, the most pressing first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from schemas.renewal import CalendarRow, CourseStatus, RenewalPlan


def calendar_rows(plans: Iterable[RenewalPlan]) -> tuple[CalendarRow, ...]:
    """Return one row for each course: the lapsed and most pressing first, those that have ended last and folded."""
    rows = [_row(plan) for plan in plans]
    return tuple(sorted(rows, key=_pressing_first))


def _row(plan: RenewalPlan) -> CalendarRow:
    first = plan.first
    return CalendarRow(
        case_id=plan.case_id,
        status=plan.status,
        covered_until=plan.covered_until,
        first_uncovered=first.infusion if first else None,
        why=first.words if first else None,
        renew_by=first.renew_by if first else None,
        submit_on=first.submit_on if first else None,
        days_left=(first.renew_by - plan.as_of).days if first else None,
        urgency=first.urgency if first else None,
        level=plan.level,
        units=plan.units,
        days=plan.days,
        to_collect=tuple(evidence.what for evidence in plan.to_collect),
        folded=plan.status is CourseStatus.ENDED,
    )


def _pressing_first(row: CalendarRow) -> tuple[bool, bool, date, str]:
    return (row.folded, row.status is not CourseStatus.LAPSED, row.renew_by or date.max, row.case_id)
