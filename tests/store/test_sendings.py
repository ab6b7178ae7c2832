"""A sending belongs to the payer it went to and to the day it went out where the practice is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from priorauth.lifecycle import CaseStatus, Reason
from priorauth.payer_history import SentRequest
from priorauth.store import Store
from priorauth.store.tables import submissions
from schemas.case import Case
from schemas.treatment import Determination
from tests.renewals.courses import CASE_ID, a_case, every, grant
from tests.store.people import ANN, NOON


NEW_YORK = ZoneInfo("America/New_York")
EVENING = datetime(2026, 11, 23, 20, 30, tzinfo=NEW_YORK)
SENT = datetime(2026, 11, 20, 12, tzinfo=NEW_YORK)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def course(payer: str | None = "aetna", **coverage: Any) -> Case:
    case = a_case(every(28, date(2026, 12, 20), 3), [grant(date(2026, 7, 1), date(2026, 12, 30), 2000)])
    assert case.coverage is not None
    return case.model_copy(update={"coverage": case.coverage.model_copy(update={"payer": payer, **coverage})})


def send(store: Store, at: datetime = SENT, *, channel: str = "portal", packet: str = "a") -> None:
    claim = store.claim_submission(CASE_ID, channel=channel, packet_sha256=packet * 64, by=ANN, at=at)
    store.confirm_submission(claim.submission_id, by=ANN, at=at)


def submitted_on(store: Store) -> date | None:
    (file,) = store.course_files([CASE_ID])
    return file.submitted_on


@pytest.fixture
def sent(store: Store) -> Store:
    store.put_case(course(), at=NOON)
    send(store)
    return store


def test_a_sending_in_the_evening_counts_on_its_own_day_and_not_on_that_of_greenwich(store: Store) -> None:
    store.put_case(course(), at=NOON)
    send(store, EVENING)

    assert submitted_on(store) == date(2026, 11, 23)
    assert store.sent_requests("aetna", since=LONG_AGO) == (SentRequest(date(2026, 11, 23)),)


def test_a_decision_of_the_same_evening_answers_the_request(store: Store) -> None:
    store.put_case(course(), at=NOON)
    send(store, EVENING)
    denied(store, date(2026, 11, 23))

    assert store.sent_requests("aetna", since=LONG_AGO) == (
        SentRequest(date(2026, 11, 23), date(2026, 11, 23)),
    )


@pytest.mark.parametrize("pended", [False, True])
def test_a_change_of_plan_takes_a_request_back_from_the_former_plan(sent: Store, pended: bool) -> None:
    if pended:
        sent.move(CASE_ID, CaseStatus.PENDED, by=ANN, at=NOON, reason=Reason.MORE_INFORMATION_ASKED)
    sent.put_case(course("cigna"), at=NOON)

    summary = sent.case_summary(CASE_ID)
    assert (summary.status, summary.reason) == (CaseStatus.DRAFT, Reason.PLAN_CHANGED)
    assert submitted_on(sent) is None
    moved = [event for event in sent.audit_trail(CASE_ID) if event.event == "case_moved"][-1]
    assert (moved.before, moved.after, moved.reason) == (
        "pended" if pended else "submitted",
        "draft",
        "plan_changed",
    )


def test_a_change_of_coverage_within_the_plan_leaves_the_request_where_it_is(sent: Store) -> None:
    sent.put_case(course(verified_on=date(2026, 11, 23)), at=NOON)

    assert sent.case_summary(CASE_ID).status is CaseStatus.SUBMITTED
    assert submitted_on(sent) == date(2026, 11, 20)


def test_a_plan_that_becomes_known_leaves_the_request_where_it_is(store: Store) -> None:
    store.put_case(course(None), at=NOON)
    send(store)
    store.put_case(course("aetna"), at=NOON)

    assert store.case_summary(CASE_ID).status is CaseStatus.SUBMITTED
    assert submitted_on(store) == date(2026, 11, 20)


def test_what_the_former_plan_was_sent_does_not_count_at_the_new_one(sent: Store) -> None:
    sent.put_case(course("cigna"), at=NOON)
    sent.move(CASE_ID, CaseStatus.SUBMITTED, by=ANN, at=NOON, reason=Reason.SENT_OUTSIDE)
    assert submitted_on(sent) is None

    send(sent, EVENING, packet="b")
    assert submitted_on(sent) == date(2026, 11, 23)


def test_the_history_of_a_payer_holds_what_that_payer_was_sent_and_decided(sent: Store) -> None:
    sent.put_case(course("cigna"), at=NOON)
    assert sent.sent_requests("aetna", since=LONG_AGO) == (SentRequest(date(2026, 11, 20)),)
    assert sent.sent_requests("cigna", since=LONG_AGO) == ()

    send(sent, EVENING, packet="b")
    denied(sent, date(2026, 12, 1))

    assert sent.sent_requests("aetna", since=LONG_AGO) == (SentRequest(date(2026, 11, 20)),)
    assert sent.sent_requests("cigna", since=LONG_AGO) == (
        SentRequest(date(2026, 11, 23), date(2026, 12, 1)),
    )


def test_a_decision_before_the_plan_changed_stays_with_its_payer(sent: Store) -> None:
    denied(sent, date(2026, 11, 22))
    sent.put_case(course("cigna"), at=NOON)
    sent.move(CASE_ID, CaseStatus.IN_REVIEW, by=ANN, at=NOON, reason=Reason.PACKET_PREPARED)
    send(sent, EVENING, packet="b")

    assert sent.sent_requests("aetna", since=LONG_AGO) == (
        SentRequest(date(2026, 11, 20), date(2026, 11, 22)),
    )
    assert sent.sent_requests("cigna", since=LONG_AGO) == (SentRequest(date(2026, 11, 23)),)


def test_a_sending_kept_by_the_first_version_means_what_it_meant(sent: Store) -> None:
    with sent.transaction() as connection:
        connection.execute(update(submissions).values(payer=None, sent_on=None, claimed_at=EVENING))

    assert submitted_on(sent) == date(2026, 11, 24)
    assert sent.sent_requests("aetna", since=LONG_AGO) == (SentRequest(date(2026, 11, 24)),)


def denied(store: Store, on: date) -> None:
    decision = Determination.model_validate(
        {"outcome": "denied", "decided_on": on, "denial_reasons": ("not_shown",), "recorded_by": "Ann Lee"}
    )
    store.record_determination(CASE_ID, decision, by=ANN, at=NOON)
