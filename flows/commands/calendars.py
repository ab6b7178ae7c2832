"""What the renewals command shows and writes: calendar, feed, CSV, sweep and heartbeat."""

from __future__ import annotations

import csv
import sys
from datetime import date
from pathlib import Path

from rich.console import Group, RenderableType

from flows.casework import open_casework
from flows.clock import now
from flows.commands.subjects import day_or_today, open_subject
from flows.heartbeat import Heartbeat, check_heartbeat
from flows.renewing import open_renewals
from flows.reports import crowd_words
from flows.settings import read_settings
from flows.sweeping import RenewalCalendar, renewal_calendar, sweep
from flows.terminal import calendar_table, complain, worded
from priorauth.calendar_feed import calendar_feed
from priorauth.letters.compose import letterhead_of
from priorauth.rendering.metadata import Letterhead
from priorauth.renewal_calendar import calendar_rows
from priorauth.renewal_sheets import month_sheet, visit_sheet
from priorauth.renewals import plan_renewal
from priorauth.store.records import RenewalException
from priorauth.writing import write_whole
from schemas.base import CaseId
from schemas.case import Case
from schemas.renewal import CalendarRow


def heartbeat(hours: float) -> Heartbeat:
    """Ask whether a sweep has succeeded within so many hours."""
    settings = read_settings()
    return check_heartbeat(open_casework(settings), at=now(settings), hours=hours)


def swept(as_of: date | None) -> tuple[CaseId, ...]:
    """Sweep what is due and say what was done; return the courses that could not be planned."""
    work = open_casework(read_settings())
    day = day_or_today(as_of)
    done = sweep(work, as_of=day)
    counts = f"{done.looked_at} looked at, {done.opened} opened, {done.escalated} escalated, {done.updated} updated, {done.closed} closed"
    complain(f"Swept as of {done.as_of}: {counts}.")
    renewals = open_renewals(work, as_of=day, at=now(work.settings))
    if renewals.case_ids:
        complain(f"Renewals opened: {', '.join(renewals.case_ids)}. Write their drafts: priorauth prepare")
    for case_id, fault in renewals.faults.items():
        complain(f"{case_id}: the renewal could not be opened: {fault}")
    return (*done.failed, *done.unreadable, *renewals.faults)


def every_course(as_of: date | None, *, ended: bool) -> RenewalCalendar:
    """Plan the courses of the store; ``ended`` includes those that are over."""
    work = open_casework(read_settings())
    ids = [case.case_id for case in work.store.list_cases()] if ended else None
    calendar = renewal_calendar(work, as_of=day_or_today(as_of), case_ids=ids)
    for case_id in calendar.failed:
        complain(
            f"{case_id}: this course could not be planned; look at it: priorauth renewals --case {case_id}"
        )
    for crowd in calendar.crowds:
        complain(crowd_words(crowd))
    return calendar


def one_course(named: str, as_of: date | None) -> RenewalCalendar:
    """Plan the course of one case."""
    subject = open_subject(named)
    if subject.work is not None:
        return renewal_calendar(subject.work, as_of=day_or_today(as_of), case_ids=[subject.case.case_id])
    plan = plan_renewal(subject.case, subject.knowledge, as_of=day_or_today(as_of))
    plans = (plan,) if plan else ()
    return RenewalCalendar(plans, calendar_rows(plans), ())


def open_tasks(named: str) -> tuple[RenewalException, ...]:
    """Return the tasks of a stored case that are open; a file has none."""
    subject = open_subject(named)
    return subject.work.store.list_exceptions(case_id=subject.case.case_id) if subject.work else ()


def shown(calendar: RenewalCalendar, *, ended: bool) -> RenderableType:
    """Lay out the calendar, with the documents to collect below it."""
    rows = [row.model_copy(update={"folded": False}) for row in calendar.rows] if ended else calendar.rows
    return Group(
        calendar_table(rows), worded("to_collect.txt.j2", rows=[row for row in rows if not row.folded])
    )


def write_feed(place: Path, calendar: RenewalCalendar) -> None:
    """Write the calendar as an iCalendar feed."""
    write_whole(place, calendar_feed(calendar.plans, at=now(read_settings())))
    complain(f"Wrote {place}.")


def write_visit_sheet(place: Path, named: str, calendar: RenewalCalendar) -> None:
    """Write on one page what to measure at the next visit of the patient of one case."""
    if not calendar.plans:
        complain(f"{named} has no course: nothing is planned, given or authorized.")
        return
    case = open_subject(named).case
    at = now(read_settings())
    write_whole(place, visit_sheet(case, calendar.plans[0], letterhead=_letterhead(case), at=at))
    complain(f"Wrote {place}.")


def write_month(place: Path, month: date, calendar: RenewalCalendar) -> None:
    """Write the renewals of the month of a day, by case id."""
    head = Letterhead(name="Renewal calendar", address="", contact="")
    write_whole(place, month_sheet(calendar.plans, month, letterhead=head, at=now(read_settings())))
    complain(f"Wrote {place}.")


def _letterhead(case: Case) -> Letterhead:
    if case.practice is None:
        return Letterhead(name="Practice not on file", address="", contact="")
    return letterhead_of(case.practice)


def say_csv(rows: tuple[CalendarRow, ...]) -> None:
    """Print one line for each course, flat enough for a spreadsheet."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(_CSV_COLUMNS)
    for row in rows:
        values = row.model_dump(mode="json")
        values |= {"level": row.level.name.lower(), "to_collect": "; ".join(row.to_collect)}
        for name in ("units", "days"):
            progress = values.pop(name) or {}
            values |= {f"{name}_used": progress.get("done"), f"{name}_granted": progress.get("of")}
        writer.writerow([values[column] for column in _CSV_COLUMNS])


_CSV_COLUMNS = (
    "case_id",
    "status",
    "covered_until",
    "first_uncovered",
    "why",
    "submit_on",
    "renew_by",
    "days_left",
    "urgency",
    "level",
    "units_used",
    "units_granted",
    "days_used",
    "days_granted",
    "to_collect",
)
