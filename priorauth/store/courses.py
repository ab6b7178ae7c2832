"""Courses on therapy: what is due, the exceptions a person must resolve, and the heartbeat of the sweep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Row,
    RowMapping,
    Select,
    bindparam,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from priorauth.lifecycle import AT_PAYER, CaseStatus
from priorauth.payer_history import SentRequest
from priorauth.store.connection import Connected, put_all
from priorauth.store.errors import NoSuchRecord
from priorauth.store.records import (
    CourseFile,
    CourseLook,
    CourseState,
    Opened,
    RenewalException,
    SubmissionState,
    SweepRun,
)
from priorauth.store.tables import cases, courses, determinations, exceptions, submissions, sweep_runs
from schemas.base import CaseId
from schemas.renewal import CourseStatus
from schemas.treatment import DeterminationOutcome


_BATCH = 500

_CLOSE = (
    update(exceptions)
    .where(exceptions.c.key == bindparam("of_key"), exceptions.c.state == "open")
    .values(state="closed", closed_on=bindparam("on"), closed_because=bindparam("because"))
)

_DECISIONS = (
    DeterminationOutcome.APPROVED,
    DeterminationOutcome.PARTIALLY_APPROVED,
    DeterminationOutcome.DENIED,
)

_sent_payer: ColumnElement[str] = func.coalesce(submissions.c.payer, cases.c.payer)
"""The payer a request was sent to; where none is kept, that of the case today."""

_SENT = (
    select(submissions.c.case_id, submissions.c.sent_on, submissions.c.claimed_at, _sent_payer.label("payer"))
    .join(cases, cases.c.case_id == submissions.c.case_id)
    .where(submissions.c.state == SubmissionState.CONFIRMED)
    .order_by(submissions.c.submission_id)
)

_COURSE = [courses.c[field.name] for field in fields(CourseState)]
_EXCEPTION = [exceptions.c[field.name] for field in fields(RenewalException)]


class Courses(Connected):
    """What the renewal sweep reads and writes."""

    def due_courses(
        self, as_of: date, *, after: CourseState | None = None, limit: int | None = None
    ) -> tuple[CourseState, ...]:
        """List courses to look at on a day, the longest due first, from beyond ``after``; the cost is that of what is due."""
        place = tuple_(courses.c.next_action_on, courses.c.case_id)
        wanted = select(*_COURSE).where(courses.c.next_action_on <= as_of)
        if after is not None:
            wanted = wanted.where(place > tuple_(literal(after.next_action_on, Date), literal(after.case_id)))
        # In the order of the index: by case id alone, SQLite reads the whole table instead.
        wanted = wanted.order_by(courses.c.next_action_on, courses.c.case_id).limit(limit)
        with self.reading() as connection:
            return tuple(_course(row) for row in connection.execute(wanted).mappings())

    def course(self, case_id: CaseId) -> CourseState | None:
        """Return what the last sweep found for a course; None where the case has no course on therapy."""
        with self.reading() as connection:
            row = (
                connection.execute(select(*_COURSE).where(courses.c.case_id == case_id))
                .mappings()
                .one_or_none()
            )
        return _course(row) if row else None

    def list_courses(self) -> tuple[CourseState, ...]:
        """Return all courses that have not ended, the next renewal first."""
        wanted = select(*_COURSE).where(courses.c.status != CourseStatus.ENDED)
        with self.reading() as connection:
            rows = connection.execute(
                wanted.order_by(courses.c.renew_by.is_(None), courses.c.renew_by, courses.c.case_id)
            ).mappings()
            return tuple(_course(row) for row in rows)

    def put_courses(self, states: Iterable[CourseState], *, at: datetime) -> None:
        """Keep what a sweep found for many courses, together or not at all."""
        rows = [{**vars(state), "looked_at": at} for state in states]
        with self.transaction() as connection:
            put_all(connection, courses, rows, key="case_id")

    def course_files(self, case_ids: Sequence[CaseId]) -> tuple[CourseFile, ...]:
        """Read many courses with their tasks from one consistent state; those without a course are left out."""
        found: list[CourseFile] = []
        with self.reading() as connection:
            for start in range(0, len(case_ids), _BATCH):
                found += _files(connection, case_ids[start : start + _BATCH])
        return tuple(found)

    def sent_requests(self, payer: str, *, since: datetime) -> tuple[SentRequest, ...]:
        """List the requests sent to a payer with the day of the first decision after each, where one has come.

        What was sent of a case before that decision, a lost request once more or the information asked for, is one
        request: its time counts from the first sending. A decision answers the payer to whom the case was sent last, so
        that a request left behind at a former payer stays without one.
        """
        with self.reading() as connection:
            sent = _sendings(connection, payer, since=since)
            days: dict[CaseId, list[date]] = {}
            for row in connection.execute(_decisions(payer, since=since)):
                days.setdefault(row.case_id, []).append(row.decided_on)
        requests: dict[tuple[CaseId, date | None], SentRequest] = {}
        for case_id, sendings in sent.items():
            for place, (on, to) in enumerate(sendings):
                if to == payer:
                    left = next((later for later, other in sendings[place:] if other != payer), date.max)
                    decided_on = next((day for day in days.get(case_id, ()) if on <= day < left), None)
                    requests.setdefault((case_id, decided_on), SentRequest(on, decided_on))
        return tuple(requests.values())

    def put_looks(self, looks: Sequence[CourseLook], *, on: date, at: datetime) -> tuple[CaseId, ...]:
        """Keep what was found for many courses, all or nothing; return those kept.

        A course that somebody else looked at, or whose record changed since it was read, is left as it is.
        """
        with self.transaction() as connection:
            unchanged = _marks(connection, sorted(look.file.case_id for look in looks))
            kept = [
                look
                for look in looks
                if unchanged.get(look.file.case_id) == (look.file.looked_at, look.file.updated_at)
            ]
            self.open_exceptions([task for look in kept for task in look.opened])
            closing = [
                {"of_key": key, "because": because, "on": on} for look in kept for key, because in look.closed
            ]
            if closing:
                connection.execute(_CLOSE, closing)
            self.put_courses([look.state for look in kept], at=at)
        return tuple(look.file.case_id for look in kept)

    def open_exceptions(self, found: Sequence[RenewalException]) -> dict[str, Opened]:
        """Open exceptions under their keys: a standing one keeps the day it was raised, a closed one is opened again."""
        with self.transaction() as connection:
            before = _states(connection, [one.key for one in found])
            rows = [{**vars(one), "state": "open", "opened_times": 1} for one in found]
            standing = exceptions.c.state == "open"
            put_all(
                connection,
                exceptions,
                rows,
                key="key",
                instead={
                    "raised_on": lambda new: case((standing, exceptions.c.raised_on), else_=new.raised_on),
                    "opened_times": lambda _: exceptions.c.opened_times + case((standing, 0), else_=1),
                },
            )
        known = {"open": Opened.STANDING, "closed": Opened.REOPENED}
        return {one.key: known.get(before.get(one.key, ""), Opened.OPENED) for one in found}

    def open_exception(self, found: RenewalException) -> Opened:
        """Open one exception under its key."""
        return self.open_exceptions([found])[found.key]

    def close_exception(self, key: str, *, on: date, because: str) -> bool:
        """Close an exception; False where it was closed already."""
        with self.transaction() as connection:
            standing = (exceptions.c.key == key, exceptions.c.state == "open")
            closed = connection.execute(
                update(exceptions)
                .where(*standing)
                .values(state="closed", closed_on=on, closed_because=because)
            )
            if (
                closed.rowcount == 0
                and connection.execute(select(exceptions.c.key).where(exceptions.c.key == key)).first()
                is None
            ):
                raise NoSuchRecord(f"no exception has the key '{key}'")
            return closed.rowcount == 1

    def list_exceptions(
        self, *, case_id: CaseId | None = None, owner: str | None = None, closed: bool = False
    ) -> tuple[RenewalException, ...]:
        """List open exceptions, or with ``closed`` those that were resolved, the most urgent first."""
        wanted = select(*_EXCEPTION).where(exceptions.c.state == ("closed" if closed else "open"))
        for column, value in ((exceptions.c.case_id, case_id), (exceptions.c.owner, owner)):
            if value is not None:
                wanted = wanted.where(column == value)
        with self.reading() as connection:
            rows = connection.execute(wanted.order_by(exceptions.c.due, exceptions.c.key)).mappings()
            return tuple(RenewalException(**row) for row in rows)

    def record_sweep(self, run: SweepRun) -> None:
        """Write the heartbeat of a sweep that came to its end."""
        with self.transaction() as connection:
            connection.execute(insert(sweep_runs).values(**vars(run)))

    def last_sweep(self, name: str, *, succeeded: bool = True) -> SweepRun | None:
        """Return the latest sweep of a name that succeeded, or that failed; None where there was none."""
        columns = [sweep_runs.c[field.name] for field in fields(SweepRun)]
        wanted = select(*columns).where(sweep_runs.c.name == name, sweep_runs.c.succeeded == succeeded)
        with self.reading() as connection:
            row = (
                connection.execute(wanted.order_by(sweep_runs.c.finished_at.desc()).limit(1))
                .mappings()
                .one_or_none()
            )
        return SweepRun(**row) if row else None


def _files(connection: Connection, case_ids: Sequence[CaseId]) -> list[CourseFile]:
    to_todays_payer = or_(submissions.c.payer.is_(None), submissions.c.payer == cases.c.payer)
    sent = _SENT.where(submissions.c.case_id.in_(case_ids), to_todays_payer)
    last_sent = {row.case_id: _day_of(row) for row in connection.execute(sent)}
    tasks: dict[CaseId, list[RenewalException]] = {}
    standing = select(*_EXCEPTION).where(exceptions.c.case_id.in_(case_ids), exceptions.c.state == "open")
    for row in connection.execute(standing.order_by(exceptions.c.key)).mappings():
        tasks.setdefault(row["case_id"], []).append(RenewalException(**row))
    wanted = (
        select(
            courses.c.case_id,
            courses.c.looked_at,
            courses.c.next_action_on,
            cases.c.content,
            cases.c.status,
            cases.c.updated_at,
        )
        .join(cases, cases.c.case_id == courses.c.case_id)
        .where(courses.c.case_id.in_(case_ids))
    )
    return [
        CourseFile(
            case_id=row.case_id,
            content=row.content,
            status=CaseStatus(row.status),
            submitted_on=_day_sent(CaseStatus(row.status), last_sent.get(row.case_id)),
            tasks=tuple(tasks.get(row.case_id, ())),
            next_action_on=row.next_action_on,
            looked_at=row.looked_at,
            updated_at=row.updated_at,
        )
        for row in connection.execute(wanted)
    ]


def _sendings(connection: Connection, payer: str, *, since: datetime) -> dict[CaseId, list[tuple[date, str]]]:
    """Return day and payer of every sending of the cases that were sent to a payer, in their order."""
    of_cases = _SENT.where(submissions.c.claimed_at >= since, submissions.c.case_id.in_(_sent_to(payer)))
    found: dict[CaseId, list[tuple[date, str]]] = {}
    for row in connection.execute(of_cases):
        found.setdefault(row.case_id, []).append((_day_of(row), row.payer))
    return found


def _decisions(payer: str, *, since: datetime) -> Select[tuple[CaseId, date]]:
    return (
        select(determinations.c.case_id, determinations.c.decided_on)
        .where(
            determinations.c.case_id.in_(_sent_to(payer)),
            determinations.c.decided_on >= since.date(),
            determinations.c.outcome.in_(_DECISIONS),
        )
        .order_by(determinations.c.decided_on)
    )


def _sent_to(payer: str) -> Select[tuple[CaseId]]:
    return (
        select(submissions.c.case_id)
        .join(cases, cases.c.case_id == submissions.c.case_id)
        .where(_sent_payer == payer)
    )


def _day_of(sending: Row[tuple[CaseId, date | None, datetime, str]]) -> date:
    """Return the day of a sending; where none is kept, that of its time in UTC."""
    day: date = sending.sent_on or sending.claimed_at.date()
    return day


def _day_sent(status: CaseStatus, last_sent: date | None) -> date | None:
    return last_sent if status in AT_PAYER else None


def _marks(
    connection: Connection, case_ids: Sequence[CaseId]
) -> dict[CaseId, tuple[datetime | None, datetime]]:
    """Lock courses and return when each was last looked at and its case last changed."""
    found: dict[CaseId, tuple[datetime | None, datetime]] = {}
    for start in range(0, len(case_ids), _BATCH):
        wanted = (
            select(courses.c.case_id, courses.c.looked_at, cases.c.updated_at)
            .join(cases, cases.c.case_id == courses.c.case_id)
            .where(courses.c.case_id.in_(case_ids[start : start + _BATCH]))
            .order_by(courses.c.case_id)
            .with_for_update()
        )
        found |= {row.case_id: (row.looked_at, row.updated_at) for row in connection.execute(wanted)}
    return found


def _states(connection: Connection, keys: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(keys), _BATCH):
        wanted = select(exceptions.c.key, exceptions.c.state).where(
            exceptions.c.key.in_(keys[start : start + _BATCH])
        )
        found |= {row.key: row.state for row in connection.execute(wanted.with_for_update())}
    return found


def _course(row: RowMapping) -> CourseState:
    return CourseState(**{**row, "status": CourseStatus(row["status"])})
