"""Courses on therapy: what is due, the exceptions a person must resolve, and the heartbeat of the sweep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime

from sqlalchemy import Connection, Date, RowMapping, case, insert, literal, select, tuple_, update

from priorauth.store.connection import Connected, put_all
from priorauth.store.errors import NoSuchRecord
from priorauth.store.records import CourseState, Opened, RenewalException, SweepRun
from priorauth.store.tables import courses, exceptions, sweep_runs
from schemas.base import CaseId
from schemas.renewal import CourseStatus


_BATCH = 500

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
        rows = [{**asdict(state), "looked_at": at} for state in states]
        with self.transaction() as connection:
            put_all(connection, courses, rows, key="case_id")

    def open_exceptions(self, found: Sequence[RenewalException]) -> dict[str, Opened]:
        """Open exceptions under their keys: a standing one keeps the day it was raised, a closed one is opened again."""
        with self.transaction() as connection:
            before = _states(connection, [one.key for one in found])
            rows = [{**asdict(one), "state": "open", "opened_times": 1} for one in found]
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
            connection.execute(insert(sweep_runs).values(**asdict(run)))

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
