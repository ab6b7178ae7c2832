"""A course is looked at as soon as its record changes, so that the infusion of tomorrow morning is not left to a sweep."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from flows import sweeping
from flows.casework import take_in
from flows.clock import today
from flows.determining import record
from flows.forms import DeterminationForm
from flows.renewing import open_renewals
from flows.sweeping import look_after_changes, sweep
from priorauth.lifecycle import Actor, Role
from schemas.base import SiteOfCare
from tests.flows.conftest import SAMPLES
from tests.renewals.courses import a_case, every, grant


if TYPE_CHECKING:
    from pathlib import Path

    from flows.casework import Casework
    from schemas.base import CaseId
    from schemas.case import Case


pytestmark = pytest.mark.slow  # reads the knowledge and opens stores

CASE_ID: CaseId = "PA-0000000A"
TODAY = date(2026, 11, 23)
TOMORROW = TODAY + timedelta(days=1)
MORNING = datetime(2026, 11, 23, 8, tzinfo=UTC)
ANN = Actor(Role.COORDINATOR, "Ann")
COVERED = a_case(every(21, TOMORROW, 8), [grant(date(2026, 11, 1), date(2027, 10, 31), 4000)], every_days=21)


def with_plan(case: Case, payer: str) -> Case:
    assert case.coverage is not None
    return case.model_copy(update={"coverage": case.coverage.model_copy(update={"payer": payer})})


def tasks(work: Casework) -> list[tuple[str, date]]:
    return [(task.kind, task.raised_on) for task in work.store.list_exceptions()]


@pytest.fixture
def covered(work: Casework) -> Casework:
    """A covered course that today's sweep has looked at."""
    work.store.put_case(COVERED, at=MORNING - timedelta(days=1))
    sweep(work, as_of=TODAY)
    assert tasks(work) == []
    assert work.store.due_courses(TODAY) == ()
    return work


def test_a_plan_changed_after_the_last_sweep_before_the_infusion_has_its_task_at_once(
    covered: Casework,
) -> None:
    covered.store.put_case(with_plan(COVERED, "cigna"), at=MORNING)
    look_after_changes(covered, [CASE_ID], as_of=TODAY)
    assert tasks(covered) == [("plan_change", TODAY)]


def test_a_course_that_did_not_change_is_left_alone(
    covered: Casework, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[CaseId] = []
    look_at = sweeping.look_at
    monkeypatch.setattr(
        sweeping,
        "look_at",
        lambda file, *given, **more: looked.append(file.case_id) or look_at(file, *given, **more),
    )
    look_after_changes(covered, [CASE_ID], as_of=TODAY)
    assert looked == []
    covered.store.put_case(with_plan(COVERED, "cigna"), at=MORNING)
    look_after_changes(covered, [CASE_ID], as_of=TODAY)
    assert looked == [CASE_ID]


def test_what_was_looked_at_at_once_is_not_due_to_the_sweep_of_the_same_day(covered: Casework) -> None:
    covered.store.put_case(with_plan(COVERED, "cigna"), at=MORNING)
    look_after_changes(covered, [CASE_ID], as_of=TODAY)
    swept = sweep(covered, as_of=TODAY)
    assert (swept.looked_at, swept.opened) == (0, 0)


def test_a_record_that_cannot_be_planned_has_its_task_at_once_and_stays_due(
    covered: Casework, monkeypatch: pytest.MonkeyPatch
) -> None:
    covered.store.put_case(with_plan(COVERED, "cigna"), at=MORNING)

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(sweeping, "look_at", fail)
    look_after_changes(covered, [CASE_ID], as_of=TODAY)
    assert tasks(covered) == [("sweep_failed", TODAY)]
    assert [course.case_id for course in covered.store.due_courses(TODAY)] == [CASE_ID]


def test_a_look_from_a_day_to_come_keeps_the_course_due_until_then(work: Casework) -> None:
    work.store.put_case(COVERED, at=MORNING)
    ahead = today(work.settings) + timedelta(days=60)
    sweep(work, as_of=ahead)
    assert [course.case_id for course in work.store.due_courses(ahead)] == [CASE_ID]
    sweep(work, as_of=TODAY)
    assert work.store.due_courses(TODAY) == ()


def test_a_course_that_is_withdrawn_from_the_record_closes_its_tasks(covered: Casework) -> None:
    covered.store.put_case(with_plan(COVERED, "cigna"), at=MORNING)
    look_after_changes(covered, [CASE_ID], as_of=TODAY)
    assert tasks(covered) != []
    covered.store.put_case(a_case(), at=MORNING + timedelta(hours=1))
    look_after_changes(covered, [CASE_ID], as_of=TODAY)
    assert tasks(covered) == []


def test_a_grant_too_small_before_the_course_begins_opens_no_renewal(work: Casework, inbox: Path) -> None:
    """What was asked for and not granted is a matter of a correction or an appeal, before the first dose."""
    shutil.copytree(SAMPLES / "01_cidp_initial", inbox / "first")
    (case_id,) = take_in(work, inbox, at=MORNING).cases
    granted = {"authorization_number": "A-1", "starts": "2026-12-07", "ends": "2027-03-06", "units": 500}
    form = {
        "case_id": case_id,
        "decided_on": "2026-11-20",
        "recorded_by": "AL",
        "sent_outside": True,
        "decision": {**granted, "modified": ["units"]},
    }
    record(work, DeterminationForm.model_validate(form))
    sweep(work, as_of=TODAY, every_course=True)
    assert "renewal" in {task.kind for task in work.store.list_exceptions(case_id=case_id)}
    assert open_renewals(work, as_of=TODAY, at=MORNING).case_ids == ()


def test_a_referral_corrected_after_its_renewal_was_opened_is_not_ignored(work: Casework) -> None:
    """The renewal keeps its period; the rate, the site and the dose are those of the corrected order."""
    work.store.put_case(COVERED, at=MORNING - timedelta(days=1))
    before = COVERED.request
    assert before is not None
    period = {"starts": date(2027, 11, 2), "ends": date(2028, 10, 31), "orders": before.going_on}
    work.store.record(CASE_ID, before.model_copy(update=period), by=ANN, at=MORNING)
    slower = before.orders[0].model_copy(update={"rate_mg_per_kg_min": Decimal(3)})
    corrected = before.model_copy(update={"orders": (slower,), "site_of_care": SiteOfCare.HOME})
    work.store.put_case(COVERED.model_copy(update={"request": corrected}), at=MORNING + timedelta(hours=1))
    now_asked = work.store.get_case(CASE_ID).request
    assert now_asked is not None
    assert (now_asked.starts, now_asked.ends) == (date(2027, 11, 2), date(2028, 10, 31))
    assert (now_asked.site_of_care, now_asked.orders) == (SiteOfCare.HOME, (slower,))
