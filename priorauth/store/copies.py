"""Rows of authorizations and infusions copied out of a case, so that many courses can be asked about in SQL."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Connection, delete, insert, update

from priorauth.store.connection import insert_once
from priorauth.store.records import DUE_AT_ONCE
from priorauth.store.tables import authorizations, courses, given_infusions, planned_infusions
from schemas.case import Case
from schemas.renewal import CourseStatus


def copy_course(connection: Connection, case: Case) -> None:
    """Replace the copies of one case, and have the course looked at again."""
    for table in (authorizations, planned_infusions, given_infusions):
        connection.execute(delete(table).where(table.c.case_id == case.case_id))
    if case.course.authorizations:
        connection.execute(insert(authorizations), _authorization_rows(case))
    if case.course.planned:
        connection.execute(insert(planned_infusions), _planned_rows(case))
    if case.chart.infusions:
        connection.execute(insert(given_infusions), _given_rows(case))
    # Without its mark of when it was last looked at, a plan made from the former record is not kept.
    due = {"next_action_on": DUE_AT_ONCE, "looked_at": None}
    known = {"case_id": case.case_id, "status": CourseStatus.ACTIVE, **due}
    has_course = case.course.authorizations or case.course.planned or case.chart.infusions
    if not has_course or not insert_once(connection, courses, known):
        # A course that was withdrawn from the record is looked at as well, so that its tasks are closed.
        connection.execute(update(courses).where(courses.c.case_id == case.case_id).values(**due))


def _authorization_rows(case: Case) -> list[dict[str, object]]:
    fields = ("number", "payer", "product", "hcpcs", "starts", "ends", "units", "visits", "units_per_visit")
    return [
        {"case_id": case.case_id, **{name: getattr(one, name) for name in fields}}
        for one in case.course.authorizations
    ]


def _planned_rows(case: Case) -> list[dict[str, object]]:
    return [
        {
            "case_id": case.case_id,
            "on_date": infusion.on,
            "product": infusion.product,
            "milligrams": _milligrams(infusion.grams),
            "over_days": infusion.over_days,
            "site_of_care": infusion.site_of_care,
            "held": not infusion.stands,
        }
        for infusion in case.course.planned
    ]


def _given_rows(case: Case) -> list[dict[str, object]]:
    return [
        {
            "case_id": case.case_id,
            "on_date": infusion.on,
            "product": infusion.product,
            "milligrams": _milligrams(infusion.grams),
            "wasted_milligrams": _milligrams(infusion.wasted_grams),
            "units": infusion.units,
        }
        for infusion in case.chart.infusions
    ]


def _milligrams(grams: Decimal) -> int:
    """Whole milligrams, since SQLite has no decimals to add up; vials hold whole milligrams."""
    return int((grams * 1000).to_integral_value())
