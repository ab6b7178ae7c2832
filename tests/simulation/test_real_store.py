"""The same simulated years over the real case store come to the same result as over the lean list of tasks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from priorauth.course_looks import look_at
from priorauth.payer_history import UsualTime
from priorauth.renewals import plan_renewal
from priorauth.store import Store, open_store
from twin.simulation.habits import Sweep, read_plan
from twin.simulation.odds import USUAL
from twin.simulation.patients import SimulatedPatient, Task
from twin.simulation.practice import Practice
from twin.simulation.running import simulated_knowledge


@dataclass(slots=True)
class StoredSweep(Sweep):
    """Keeps cases and tasks in a store, and reads the tasks back from it."""

    store: Store | None = None

    def look(self, patient: SimulatedPatient, day: date, usual: UsualTime | None) -> None:
        assert self.store is not None
        at = datetime.combine(day, time(9), tzinfo=UTC)
        self.store.put_case(patient.case, at=at)
        (file,) = self.store.course_files([patient.case.case_id])
        submitted_on = patient.request.sent_on if patient.request else None
        looked = look_at(
            replace(file, submitted_on=submitted_on), self.knowledge, as_of=day, usual_of=lambda _: usual
        )
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


@pytest.mark.slow
def test_the_store_keeps_the_promise_as_the_lean_list_does(tmp_path: Path) -> None:
    knowledge = simulated_knowledge()
    store = open_store(f"sqlite:///{tmp_path / 'cases.db'}", tmp_path / "documents")
    kept = Practice(
        4, StoredSweep(knowledge, store=store), knowledge=knowledge, patients=4, years=1, odds=USUAL
    ).run()
    lean = Practice(4, Sweep(knowledge), knowledge=knowledge, patients=4, years=1, odds=USUAL).run()
    store.close()
    assert kept == lean
    assert kept.silent == 0
    assert kept.given > 50
