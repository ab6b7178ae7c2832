"""The sweep over a real store: run twice at once, or by several processes, it leaves what one run leaves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from flows import sweeping
from flows.casework import Casework
from flows.settings import Settings
from priorauth.course_looks import look_at
from priorauth.knowledge import Knowledge, load_knowledge
from priorauth.lifecycle import Actor, Role
from priorauth.payer_history import SentRequest
from priorauth.store import Store, open_store
from priorauth.store.tables import courses, exceptions
from schemas.treatment import Determination, DeterminationOutcome
from tests.renewals.courses import a_case, every, grant


pytestmark = pytest.mark.slow

MakeDatabase = Callable[[bool], str]
YESTERDAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = date(2026, 11, 23)
NUMBER = 5


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge(Path(__file__).parents[2] / "knowledge")


@pytest.fixture
def make_work(
    make_database: MakeDatabase, knowledge: Knowledge, tmp_path: Path
) -> Iterator[Callable[[], Casework]]:
    """Make a store with courses that end soon, so that a sweep opens tasks for them."""
    stores: list[Store] = []

    def make() -> Casework:
        url = make_database(True)
        store = open_store(url, tmp_path / "documents")
        stores.append(store)
        for number in range(NUMBER):
            ends = date(2026, 12, 20 + number)
            case = a_case(
                every(21, date(2026, 12, 1), 4), [grant(date(2026, 7, 1), ends, 2000)], every_days=21
            )
            referral = case.referral.model_copy(update={"identifier": str(number)})
            named = case.model_copy(update={"case_id": f"PA-0000000{number}", "referral": referral})
            store.put_case(named, at=YESTERDAY)
        return Casework(Settings(home=tmp_path, database_url=url), store, knowledge)

    yield make
    for store in stores:
        store.close()


def kept(store: Store) -> list[list[dict[str, Any]]]:
    """Return what a sweep leaves behind, without the times of looking."""
    leave_out = {"exception_id", "looked_at"}
    with store.reading() as connection:
        return [
            [
                {name: value for name, value in row.items() if name not in leave_out}
                for row in connection.execute(select(table).order_by(order)).mappings()
            ]
            for table, order in ((courses, courses.c.case_id), (exceptions, exceptions.c.key))
        ]


def test_of_two_sweeps_at_once_one_keeps_each_course(make_work: Callable[[], Casework]) -> None:
    work = make_work()
    ids = [state.case_id for state in work.store.due_courses(TODAY)]
    both = [
        [look_at(file, work.knowledge, as_of=TODAY).look for file in work.store.course_files(ids)]
        for _ in range(2)
    ]
    first = work.store.put_looks(both[0][:3], on=TODAY, at=YESTERDAY)
    second = work.store.put_looks(both[1], on=TODAY, at=YESTERDAY)
    assert sorted((*first, *second)) == ids


def test_a_record_changed_since_it_was_read_is_looked_at_again(make_work: Callable[[], Casework]) -> None:
    work = make_work()
    (file, *_) = work.store.course_files(["PA-00000001"])
    look = look_at(file, work.knowledge, as_of=TODAY).look
    case = work.store.get_case("PA-00000001")
    changed = case.model_copy(update={"course": case.course.model_copy(update={"authorizations": ()})})
    work.store.put_case(changed, at=datetime(2026, 11, 23, 8, tzinfo=UTC))
    assert work.store.put_looks([look], on=TODAY, at=YESTERDAY) == ()
    assert "PA-00000001" in [state.case_id for state in work.store.due_courses(TODAY)]


def test_many_courses_are_looked_at_by_several_processes(
    make_work: Callable[[], Casework], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, together = make_work(), make_work()
    sweeping.sweep(alone, as_of=TODAY)
    monkeypatch.setattr(sweeping, "WORTH_A_POOL", 1)
    monkeypatch.setattr(sweeping, "BATCH", 2)
    swept = sweeping.sweep(together, as_of=TODAY)
    assert swept.succeeded
    assert kept(together.store) == kept(alone.store)


def test_the_time_a_payer_took_is_read_from_sendings_and_decisions(make_work: Callable[[], Casework]) -> None:
    store = make_work().store
    ann = Actor(Role.COORDINATOR, "Ann")
    for number in (1, 2):
        claim = store.claim_submission(
            f"PA-0000000{number}", channel="fax", packet_sha256="0" * 64, by=ann, at=YESTERDAY
        )
        store.confirm_submission(claim.submission_id, by=ann, at=YESTERDAY)
    decision = Determination(
        outcome=DeterminationOutcome.DENIED,
        decided_on=date(2026, 11, 30),
        denial_reasons=("not shown",),
        recorded_by="Ann",
    )
    store.record_determination("PA-00000001", decision, by=ann, at=YESTERDAY)
    assert store.sent_requests("aetna", since=YESTERDAY) == (
        SentRequest(YESTERDAY.date(), date(2026, 11, 30)),
        SentRequest(YESTERDAY.date()),
    )
    assert store.sent_requests("cigna", since=YESTERDAY) == ()


def test_a_request_sent_again_before_its_decision_counts_once_from_its_first_sending(
    make_work: Callable[[], Casework],
) -> None:
    store = make_work().store
    ann = Actor(Role.COORDINATOR, "Ann")
    for channel, at in (("fax", YESTERDAY), ("portal", YESTERDAY + timedelta(days=17))):
        claim = store.claim_submission("PA-00000001", channel=channel, packet_sha256="0" * 64, by=ann, at=at)
        store.confirm_submission(claim.submission_id, by=ann, at=at)
    assert store.sent_requests("aetna", since=YESTERDAY) == (SentRequest(YESTERDAY.date()),)
    decision = Determination(
        outcome=DeterminationOutcome.DENIED,
        decided_on=date(2026, 12, 20),
        denial_reasons=("not shown",),
        recorded_by="Ann",
    )
    store.record_determination("PA-00000001", decision, by=ann, at=YESTERDAY + timedelta(days=28))
    assert store.sent_requests("aetna", since=YESTERDAY) == (
        SentRequest(YESTERDAY.date(), date(2026, 12, 20)),
    )


def test_a_request_that_was_sent_is_looked_at_by_the_next_sweep(make_work: Callable[[], Casework]) -> None:
    work = make_work()
    sweeping.sweep(work, as_of=TODAY)
    assert work.store.due_courses(TODAY) == ()
    ann = Actor(Role.COORDINATOR, "Ann")
    claim = work.store.claim_submission(
        "PA-00000001", channel="fax", packet_sha256="0" * 64, by=ann, at=YESTERDAY
    )
    work.store.confirm_submission(claim.submission_id, by=ann, at=YESTERDAY)
    assert [state.case_id for state in work.store.due_courses(TODAY)] == ["PA-00000001"]


def test_the_heartbeat_file_is_of_the_last_sweep_that_looked_well_from_its_own_day(
    make_work: Callable[[], Casework], monkeypatch: pytest.MonkeyPatch
) -> None:
    work, file = make_work(), sweeping.heartbeat_path
    clock = [datetime(2026, 11, 23, 6, 15, tzinfo=ZoneInfo("America/New_York"))]
    monkeypatch.setattr(sweeping, "now", lambda _: clock[0])

    sweeping.sweep(work, as_of=TODAY + timedelta(days=30))
    assert not file(work).exists()

    sweeping.sweep(work, as_of=TODAY)
    written = file(work).read_bytes()
    assert json.loads(written)["as_of"] == "2026-11-23"

    def fails(*_: object, **__: object) -> None:
        raise OverflowError

    clock[0] += timedelta(days=1)
    monkeypatch.setattr(sweeping, "look_at", fails)
    assert not sweeping.sweep(work, as_of=clock[0].date(), every_course=True).succeeded
    assert file(work).read_bytes() == written
    last = work.store.last_sweep(sweeping.SWEEP, succeeded=False)
    assert last is not None
    assert last.as_of == clock[0].date()
