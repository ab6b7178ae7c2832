"""A sweep that is killed at any step and run again leaves the store that one clean run leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, delete, event, insert, select, update

from flows import sweeping
from flows.casework import Casework
from flows.settings import Settings
from priorauth.knowledge import load_knowledge
from priorauth.store import Store, open_store
from priorauth.store.tables import cases, courses, exceptions, sweep_runs
from schemas.case import Case
from schemas.treatment import Course
from tests.renewals.courses import a_case, every, grant


pytestmark = pytest.mark.slow

EARLIER, TODAY = date(2026, 11, 2), date(2026, 11, 23)
FIRST_ENTRY = datetime(2026, 11, 1, 12, tzinfo=UTC)
LATER_ENTRY = datetime(2026, 11, 22, 12, tzinfo=UTC)
ENDS_SOON = grant(date(2026, 7, 1), date(2026, 12, 20), 2000)
GOES_ON = grant(date(2026, 12, 21), date(2027, 12, 20), 4000, number="A2")
WRITTEN: tuple[Table, ...] = (courses, exceptions, sweep_runs)
Rows = Mapping[Table, list[dict[str, Any]]]


class Killed(BaseException):
    """Stands for the end of the process, which no handler of the program sees."""


def numbered(number: int, first: date = date(2026, 12, 1), **course: Any) -> Case:
    case = a_case(every(21, first, 4), course.pop("grants", [ENDS_SOON]), every_days=21, **course)
    referral = case.referral.model_copy(update={"identifier": str(number)})
    return case.model_copy(update={"case_id": f"PA-0000000{number}", "referral": referral})


def damage(store: Store, number: int) -> None:
    with store.transaction() as connection:
        of_case = cases.c.case_id == f"PA-0000000{number}"
        connection.execute(update(cases).where(of_case).values(content="{}"))


@pytest.fixture
def work(make_database: Callable[[bool], str], tmp_path: Path) -> Iterator[Casework]:
    """A practice swept once, in which since then something has happened to every course."""
    url = make_database(True)
    store = open_store(url, tmp_path / "documents")
    knowledge = load_knowledge(Path(__file__).parents[2] / "knowledge")
    work = Casework(Settings(home=tmp_path, database_url=url), store, knowledge)
    for number in range(7):
        store.put_case(numbered(number), at=FIRST_ENTRY)
    damage(store, 5)
    sweeping.sweep(work, as_of=EARLIER)
    store.put_case(numbered(1, grants=[ENDS_SOON, GOES_ON]), at=LATER_ENTRY)
    extended = ENDS_SOON.model_copy(update={"ends": date(2027, 1, 5)})
    store.put_case(numbered(2, grants=[extended]), at=LATER_ENTRY)
    store.put_case(numbered(3, discontinued_on=date(2026, 11, 20)), at=LATER_ENTRY)
    store.put_case(numbered(4).model_copy(update={"course": Course()}), at=LATER_ENTRY)
    store.put_case(numbered(5, date(2026, 12, 2)), at=LATER_ENTRY)
    store.put_case(numbered(7), at=LATER_ENTRY)
    damage(store, 6)
    yield work
    store.close()


def rows_of(store: Store) -> Rows:
    with store.reading() as connection:
        return {
            table: [dict(row) for row in connection.execute(select(table)).mappings()] for table in WRITTEN
        }


def restore(store: Store, saved: Rows) -> None:
    with store.transaction() as connection:
        for table, rows in saved.items():
            connection.execute(delete(table))
            if rows:
                connection.execute(insert(table), rows)


def kept(store: Store) -> list[list[dict[str, Any]]]:
    """Return what a sweep leaves behind, in order, without the numbers and times of its rows."""
    rows = rows_of(store)
    return [
        sorted(
            (
                {name: value for name, value in row.items() if name not in {"exception_id", "looked_at"}}
                for row in rows[table]
            ),
            key=lambda row: str(row[key]),
        )
        for table, key in ((courses, "case_id"), (exceptions, "key"))
    ]


@contextmanager
def killed_at(work: Casework, step: int) -> Iterator[None]:
    """Stop at the step of this number, counted from 1: before a statement, before a commit."""
    seen = 0

    def count(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == step:
            raise Killed

    steps = ("before_cursor_execute", "commit")
    for name in steps:
        event.listen(work.store.engine, name, count)
    try:
        yield
    finally:
        for name in steps:
            event.remove(work.store.engine, name, count)


def test_a_sweep_killed_at_any_step_is_made_good_by_the_next(
    work: Casework, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 3)
    before = rows_of(work.store)
    swept = sweeping.sweep(work, as_of=TODAY)
    assert min(swept.opened, swept.escalated, swept.updated, swept.closed, swept.skipped) > 0
    assert swept.unreadable == ("PA-00000006",)
    wanted = kept(work.store)
    step, killed = 0, True
    while killed:
        step += 1
        restore(work.store, before)
        try:
            with killed_at(work, step):
                sweeping.sweep(work, as_of=TODAY)
            killed = False
        except Killed:
            sweeping.sweep(work, as_of=TODAY)
        assert kept(work.store) == wanted, f"killed at step {step}"
        beat = work.store.last_sweep(sweeping.SWEEP, succeeded=False)
        assert beat is not None, f"killed at step {step}"
        assert (beat.as_of, beat.failed) == (TODAY, 1), f"killed at step {step}"
    assert step > 40
