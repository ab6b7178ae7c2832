"""The same simulated years over the real case store come to the same result as over the lean list of tasks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from priorauth.course_looks import look_at
from priorauth.lifecycle import SOFTWARE, Actor, CaseStatus, Reason, Role
from priorauth.payer_history import UsualTime
from priorauth.renewals import plan_renewal
from priorauth.store import Store, open_store
from schemas.base import CaseId
from twin.simulation.habits import Sweep, read_plan
from twin.simulation.odds import USUAL, Odds
from twin.simulation.patients import SimulatedPatient, Task
from twin.simulation.practice import Practice
from twin.simulation.running import simulated_knowledge


CLERK = Actor(Role.COORDINATOR, "clerk")
RESTLESS = replace(USUAL, plan_changes_in_january=0.9, plan_change_announced=0.9)
"""Nearly everybody changes plan every January, and while a request is pending."""


@dataclass(slots=True)
class StoredSweep(Sweep):
    """Keeps cases, requests and tasks in a store, and reads back from it what is at the payer and what is to do."""

    store: Store | None = None
    asked: dict[CaseId, str] = field(default_factory=dict)
    """The payer of the last request of each case, as the staff of the simulation knows it."""
    taken_back: int = 0
    """Requests left behind at a former payer, of which nobody told the store."""

    def look(self, patient: SimulatedPatient, day: date, usual: UsualTime | None) -> None:
        assert self.store is not None
        at = datetime.combine(day, time(9), tzinfo=UTC)
        self.store.put_case(patient.case, at=at)
        self._keep_request(self.store, patient, at)
        (file,) = self.store.course_files([patient.case.case_id])
        submitted_on = patient.request.sent_on if patient.request else None
        assert file.submitted_on == submitted_on
        looked = look_at(file, self.knowledge, as_of=day, usual_of=lambda _: usual)
        assert self.store.put_looks([looked.look], on=day, at=at) == (patient.case.case_id,)
        patient.tasks = {
            task.key: Task(task.key, task.kind, task.level, task.due, task.raised_on, task.case_id)
            for task in self.store.list_exceptions(case_id=patient.case.case_id)
        }
        plan = plan_renewal(patient.case, self.knowledge, as_of=day, submitted_on=submitted_on, usual=usual)
        assert plan is not None
        read_plan(patient, plan, day)
        course = self.store.course(patient.case.case_id)
        assert course is not None
        patient.look_on = course.next_action_on

    def _keep_request(self, store: Store, patient: SimulatedPatient, at: datetime) -> None:
        """Record what was sent and that it was decided; that a plan has changed the store must see by itself."""
        case_id, request = patient.case.case_id, patient.request
        status = store.case_summary(case_id).status
        payer = patient.case.coverage.payer if patient.case.coverage else None
        if request is None:
            asked = self.asked.pop(case_id, None)
            if asked == payer and asked is not None:
                store.move(case_id, CaseStatus.APPROVED, by=SOFTWARE, at=at, reason=Reason.DECIDED)
            elif asked is not None:
                assert status is CaseStatus.DRAFT
                self.taken_back += 1
            return
        if status is CaseStatus.APPROVED:
            store.move(case_id, CaseStatus.DRAFT, by=SOFTWARE, at=at, reason=Reason.RENEWAL_OPENED)
        self.asked[case_id] = request.payer.name
        sent = datetime.combine(request.sent_on, time(21), tzinfo=ZoneInfo("America/New_York"))
        packet = sha256(f"{patient.requests_sent}/{request.sent_on}".encode()).hexdigest()
        claim = store.claim_submission(case_id, channel="fax", packet_sha256=packet, by=CLERK, at=sent)
        store.confirm_submission(claim.submission_id, by=CLERK, at=sent)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "patients", "years", "odds"),
    [
        pytest.param(4, 4, 1, USUAL, id="a usual year"),
        pytest.param(3, 8, 2, RESTLESS, id="requests left behind at former plans"),
    ],
)
def test_the_store_keeps_the_promise_as_the_lean_list_does(
    tmp_path: Path, seed: int, patients: int, years: int, odds: Odds
) -> None:
    knowledge = simulated_knowledge()
    store = open_store(f"sqlite:///{tmp_path / 'cases.db'}", tmp_path / "documents")
    habit = StoredSweep(knowledge, store=store)
    kept = Practice(seed, habit, knowledge=knowledge, patients=patients, years=years, odds=odds).run()
    lean = Practice(
        seed, Sweep(knowledge), knowledge=knowledge, patients=patients, years=years, odds=odds
    ).run()
    store.close()
    assert kept == lean
    assert kept.silent == 0
    assert kept.given > 50
    assert habit.taken_back > 0 or odds is USUAL
