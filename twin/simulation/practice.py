"""One practice over years: the world happens, the scheduler looks, infusions are given, the staff works."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from heapq import heappop, heappush
from random import Random
from typing import Any

from priorauth.knowledge import Knowledge
from priorauth.payer_history import SentRequest, UsualTime, usual_time
from schemas.product import Product
from schemas.renewal import TaskKind
from twin.simulation.changes import happen
from twin.simulation.days import days_of, days_of_business, next_in, scheduled_days, sweep_days, working_days
from twin.simulation.habits import Habit
from twin.simulation.happenings import Disturbance, Happening, life
from twin.simulation.infusing import give_infusion
from twin.simulation.judging import Cause
from twin.simulation.odds import Odds
from twin.simulation.patients import SimulatedPatient, a_patient
from twin.simulation.requests import Request
from twin.simulation.results import Tally
from twin.simulation.staff import Staff


STARTS = date(2026, 11, 23)


class Practice:
    """A practice with its patients; ``run`` lets the years pass."""

    def __init__(
        self, seed: int, habit: Habit, *, knowledge: Knowledge, patients: int, years: int, odds: Odds
    ) -> None:
        self.seed, self.habit, self.odds = seed, habit, odds
        self.products: dict[str, Product] = dict(knowledge.products)
        self.ends = STARTS + timedelta(days=years * 365)
        self.tally = Tally(years=patients * years)
        rng = Random(seed)  # noqa: S311 - a simulation, not a secret
        self.sweep_days = sweep_days(STARTS, self.ends, odds, rng)
        self.staff = Staff(self, patients=patients, days=working_days(STARTS, self.ends, odds, rng))
        self.patients: list[SimulatedPatient] = []
        self.happenings: list[tuple[date, int, int, Happening, Any]] = []
        self.visits: list[tuple[date, int]] = []
        self.looks: list[tuple[date, int]] = []
        self.fresh: set[int] = set()
        """Courses whose record has changed since they were looked at."""
        self.requests: defaultdict[str, list[Request]] = defaultdict(list)
        """What was sent to each payer, expedited requests among them, as in the store."""
        self._sequence = 0
        self._usual: dict[tuple[str, int], UsualTime | None] = {}
        self._count_days()
        for _ in range(patients):
            self.admit(STARTS)

    def run(self) -> Tally:
        for day in days_of(STARTS, self.ends):
            self.live(day)
        self.staff.reckon()
        return self.tally

    def live(self, day: date) -> None:
        """Let one day pass."""
        while self.happenings and self.happenings[0][0] <= day:
            _, number, _, happening, payload = heappop(self.happenings)
            happen(self, self.patients[number], happening, payload, day)
        if day in self.sweep_days:
            self._sweep(day)
        self.look_at_changes(day)
        while self.visits and self.visits[0][0] <= day:
            _, number = heappop(self.visits)
            self.patients[number].visited_on = day
            give_infusion(self, self.patients[number], day)
        self.look_at_changes(day)
        if day in self.staff.days:
            self.staff.work(day)
            self.look_at_changes(day)

    def admit(self, day: date) -> None:
        """Take in a new patient."""
        number = len(self.patients)
        seed = f"{self.seed}/{number}"
        patient = a_patient(number, seed=seed, starts=day, products=self.products)
        self.patients.append(patient)
        for on, happening in life(seed, day, self.ends, self.odds):
            self.expect(patient, on, happening)
        self.changed(patient, day, Cause.ADMITTED)
        self.await_visit(patient)

    def expect(self, patient: SimulatedPatient, on: date, happening: Happening, payload: Any = None) -> None:
        """Let something happen to a patient on a day."""
        self._sequence += 1
        heappush(self.happenings, (on, patient.number, self._sequence, happening, payload))

    def happened(self, disturbance: Disturbance, times: int = 1) -> None:
        """Count what went wrong."""
        self.tally.disturbances[disturbance.value] += times

    def await_visit(self, patient: SimulatedPatient) -> None:
        for planned in patient.planned:
            if planned.on not in patient.expected_on and planned.held is None:
                patient.expected_on.add(planned.on)
                heappush(self.visits, (planned.on, patient.number))

    def changed(self, patient: SimulatedPatient, day: date, cause: Cause) -> None:
        """Note what a change of the record means for cover, and have the course looked at, as the store does."""
        patient.foresight.note_record(self, patient, day, cause)
        self.expect_look(patient, day)

    def expect_look(self, patient: SimulatedPatient, day: date) -> None:
        """Have a course looked at: as soon as what changes it is done, or by the next sweep where that is the habit."""
        patient.look_on = day
        heappush(self.looks, (day, patient.number))
        self.fresh.add(patient.number)

    def notice(self, patient: SimulatedPatient, day: date, kind: TaskKind) -> None:
        """Let the habit take in a change that the practice made or was told of."""
        self.habit.noticed(patient, day, kind)
        patient.foresight.note_tasks(patient, day)
        self.staff.plan(patient, day)

    def seen_by(self, day: date) -> date:
        """Return the day by which a change of the record is to be seen: the same, or that of the next sweep."""
        return day if self.habit.looks_at_changes else next_in(self.sweep_days, day, until=self.ends)

    def usual_time(self, patient: SimulatedPatient, day: date) -> UsualTime | None:
        """Return what the practice has seen of the payer on record, reckoned anew every two weeks."""
        payer = patient.case.coverage.payer if patient.case.coverage else None
        key = (payer or "", day.toordinal() // 14)
        if key not in self._usual:
            sent = [SentRequest(one.first_sent_on, one.decided_on) for one in self.requests[key[0]]]
            self._usual[key] = usual_time(sent, as_of=day)
        return self._usual[key]

    def _sweep(self, day: date) -> None:
        while self.looks and self.looks[0][0] <= day:
            on, number = heappop(self.looks)
            if self.patients[number].look_on == on:
                self._look(self.patients[number], day)

    def look_at_changes(self, day: date) -> None:
        """Look at every course whose record has changed, where that is the habit."""
        for number in sorted(self.fresh) if self.habit.looks_at_changes else ():
            self._look(self.patients[number], day)

    def _look(self, patient: SimulatedPatient, day: date) -> None:
        self.fresh.discard(patient.number)
        self.habit.look(patient, day, self.usual_time(patient, day))
        patient.foresight.note_tasks(patient, day)
        self.tally.looks += 1
        if patient.look_on is not None:
            heappush(self.looks, (patient.look_on, patient.number))
        self.staff.plan(patient, day)

    def _count_days(self) -> None:
        scheduled = set(scheduled_days(STARTS, self.ends))
        ahead = [day for day in days_of(STARTS, self.ends) if day not in scheduled]
        self.happened(Disturbance.CLOCK_CHANGE, len(ahead))
        self.happened(Disturbance.SCHEDULER_DOWN, len(scheduled) - len(self.sweep_days))
        self.happened(Disturbance.STAFF_AWAY, len(days_of_business(STARTS, self.ends)) - len(self.staff.days))
        self.happened(Disturbance.LEAP_DAY, sum((day.month, day.day) == (2, 29) for day in scheduled))
