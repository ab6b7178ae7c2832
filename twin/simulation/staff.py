"""The staff of a practice: so many requests and so much other work a working day, what is due first done first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from heapq import heappop, heappush
from random import Random
from typing import TYPE_CHECKING

from priorauth.deadlines import (
    ONE_DAY,
    add_business_days,
    business_day_on_or_after,
    business_day_on_or_before,
)
from priorauth.submission_days import in_turn
from schemas.renewal import TaskKind
from twin.simulation.changes import enter_plan
from twin.simulation.happenings import Disturbance, Happening
from twin.simulation.infusing import record_infusion, reschedule
from twin.simulation.judging import Cause
from twin.simulation.odds import BY_NAME, PAYERS
from twin.simulation.patients import SimulatedPatient
from twin.simulation.requests import Request, Step


if TYPE_CHECKING:
    from twin.simulation.practice import Practice

WITHIN = 5
"""Business days in which a denial, a question or a silent request is dealt with; the product allows as many."""
MONTH = timedelta(days=30)
SLOW = timedelta(days=15)
"""The longest of the usual timeframes for a standard decision."""


class Job(StrEnum):
    """What the staff does for a request, each one item of work."""

    SUBMIT = "submit"
    ANSWER = "answer"
    CHASE = "chase"
    APPEAL = "appeal"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """One item of work, to be done between two days, both included."""

    latest: date
    opens: date
    job: Job
    number: int


class Staff:
    """Does the work of a practice on the ``days`` on which somebody is there."""

    def __init__(self, practice: Practice, *, patients: int, days: frozenset[date]) -> None:
        self.practice, self.days = practice, days
        self.requests_a_day = max(1, patients // 25)
        """Requests that the practice has said it can send on a working day."""
        self.others_a_day = max(2, patients // 12)
        self._later: list[tuple[date, Item]] = []
        """Everything but requests to send, by the day from which it can be done."""
        self._to_send: set[int] = set()
        self._days_to_send: dict[int, date] = {}
        self._stale = False
        self._sent: list[tuple[Item, date]] = []
        self._does: dict[Job, Callable[[SimulatedPatient, date], bool]] = {
            Job.SUBMIT: self._submit,
            Job.ANSWER: self._give_information,
            Job.CHASE: self._chase,
            Job.APPEAL: self._call_or_appeal,
            Job.VERIFY: self._verify,
        }

    def plan(self, patient: SimulatedPatient, day: date) -> None:
        """Take up what a look or a piece of news left to do for a patient."""
        if patient.wish is not None and patient.request is None:
            self._to_send.add(patient.number)
            self._stale = True
        verify = patient.verify_on
        if verify is not None and f"{patient.case.case_id}/{TaskKind.VERIFY_COVERAGE.value}" in patient.tasks:
            latest = business_day_on_or_before(verify - ONE_DAY)
            opens = max(day, date(verify.year, 1, 1))
            self._expect(Job.VERIFY, patient, opens, max(opens, latest))

    def verify_on(self, patient: SimulatedPatient, day: date) -> None:
        self._expect(Job.VERIFY, patient, day, add_business_days(day, WITHIN))

    def answer(self, patient: SimulatedPatient, day: date) -> None:
        self._expect(Job.ANSWER, patient, day, add_business_days(day, WITHIN))

    def appeal(self, patient: SimulatedPatient, day: date) -> None:
        self._expect(Job.APPEAL, patient, day, add_business_days(day, WITHIN))

    def _expect(self, job: Job, patient: SimulatedPatient, opens: date, latest: date) -> None:
        heappush(self._later, (opens, Item(latest, opens, job, patient.number)))

    def work(self, day: date) -> None:
        """Do a day's work."""
        others = self._do(sorted(set(self._ready(day))), self.others_a_day, day)
        self._keep_records(day)
        self.practice.look_at_changes(day)
        for_today, for_later = self._sendings(day)
        sent = self._do(sorted(for_today), self.requests_a_day, day)
        # Whoever has time left takes what comes next: everybody may be away when its day has come.
        sent += self._do(sorted(for_later), self.requests_a_day - sent, day)
        tally = self.practice.tally
        tally.working_days += 1
        tally.work_items += others + sent
        tally.submissions += sent
        tally.busiest = max(tally.busiest, sent)
        tally.over_capacity += sent > self.requests_a_day

    def _do(self, items: list[Item], most: int, day: date) -> int:
        done = 0
        for item in items:
            patient = self.practice.patients[item.number]
            if done == most:
                # A request that was not sent is among those of the next day anyway.
                if item.job is not Job.SUBMIT:
                    heappush(self._later, (day + ONE_DAY, item))
            elif not patient.ended and self._does[item.job](patient, day):
                done += 1
                if item.job is Job.SUBMIT:
                    self._sent.append((item, day))
        return done

    def _ready(self, day: date) -> Iterator[Item]:
        while self._later and self._later[0][0] <= day:
            yield heappop(self._later)[1]

    def _sendings(self, day: date) -> tuple[list[Item], list[Item]]:
        """List the requests whose turn it is, and those whose window is open and whose turn comes later."""
        patients = self.practice.patients
        self._to_send = {
            number
            for number in self._to_send
            if (patients[number].wish and not patients[number].request and not patients[number].ended)
        }
        if self._stale and self.practice.habit.spreads:
            self._spread(day)
        for_today: list[Item] = []
        for_later: list[Item] = []
        for number in self._to_send:
            wish = patients[number].wish
            assert wish is not None  # noqa: S101 - kept above
            latest = max(wish.latest, business_day_on_or_after(wish.opens))
            item = Item(latest, wish.opens, Job.SUBMIT, number)
            if self._days_to_send.get(number, wish.submit_on) <= day:
                for_today.append(item)
            elif wish.opens <= day and self.practice.habit.spreads:
                for_later.append(item)
        return for_today, for_later

    def _spread(self, day: date) -> None:
        """Let the product share out the days, among the requests that can be sent within a month."""
        patients = [self.practice.patients[number] for number in sorted(self._to_send)]
        near = {
            patient.renewal.case_id: patient
            for patient in patients
            if patient.renewal and patient.wish and patient.wish.opens <= day + MONTH
        }
        plans, _ = in_turn(
            [patient.renewal for patient in near.values() if patient.renewal],
            as_of=day,
            capacity=self.requests_a_day,
        )
        self._days_to_send = {}
        for plan in plans:
            patient = near[plan.case_id]
            kinds = patient.wish.kinds if patient.wish else ()
            turns = [need.submit_on for need in plan.needs if need.kind in kinds]
            self._days_to_send[patient.number] = min(turns)
        self._stale = False

    def reckon(self) -> None:
        """Count the requests sent late although a schedule would have kept every window, stretch by stretch.

        A stretch lasts until no request is waiting. A schedule exists for it if taking each day, up to capacity, what must
        be sent first leaves none late.
        """
        for stretch in stretches(self._sent, self.requests_a_day, self.days):
            fits = all(on <= item.latest for item, _, on in stretch)
            self.practice.tally.stretches += 1
            self.practice.tally.full_stretches += not fits
            late = [(item, done) for item, done, _ in stretch if fits and done > item.latest]
            self.practice.tally.needlessly_late += len(late)
            self.practice.tally.late_examples += [
                (self.practice.seed, item.number, done, f"window {item.opens} to {item.latest}")
                for item, done in late
            ]

    def _keep_records(self, day: date) -> None:
        for patient in self.practice.patients:
            if patient.unrecorded and not patient.ended:
                late = next((one for one in patient.planned if one.on in patient.unrecorded), None)
                patient.unrecorded = ()
                if late is not None and late.on in patient.not_entered:
                    record_infusion(self.practice, patient, late.on, day)
                elif late is not None:
                    reschedule(self.practice, patient, late, day + ONE_DAY, day=day)
            if patient.unit_slips and not patient.ended:
                self._correct_units(patient, day)

    def _correct_units(self, patient: SimulatedPatient, day: date) -> None:
        """Correct mistyped units in the record and in the claim, which gives the payer's account its units back."""
        patient.unit_slips = 0
        right = []
        for entry in patient.case.chart.infusions:
            granted, extra = patient.mistyped.pop(entry.on, (None, 0))
            if granted is not None:
                granted.charge(-extra, visits=0)
            right.append(entry.model_copy(update={"units": (entry.units or 0) - extra}) if extra else entry)
        chart = patient.case.chart.model_copy(update={"infusions": tuple(right)})
        patient.case = patient.case.model_copy(update={"chart": chart})
        self.practice.changed(patient, day, Cause.UNITS)

    def _submit(self, patient: SimulatedPatient, day: date) -> bool:
        wish = patient.wish
        if wish is None or patient.request is not None:
            return False
        patient.requests_sent += 1
        payer = BY_NAME[patient.case.coverage.payer or ""] if patient.case.coverage else PAYERS[0]
        usual = self.practice.usual_time(patient, day)
        patient.request = Request(
            sent_on=day,
            first_sent_on=day,
            kinds=wish.kinds,
            expedited=wish.expedited,
            payer=payer,
            rng=Random(f"{self.practice.seed}/{patient.number}/{patient.requests_sent}"),  # noqa: S311
            promised_days=usual.days if usual and not wish.expedited else None,
            chase_on=day,
        )
        self.practice.requests[payer.name].append(patient.request)
        self.practice.tally.after_renew_by += day > wish.latest
        self._send(patient, patient.request, day)
        return True

    def _send(self, patient: SimulatedPatient, request: Request, day: date) -> None:
        request.sent_on = day
        self._chase_after(patient, request, day + timedelta(days=5 if request.expedited else 17))
        answer = request.first_answer()
        if answer is None:
            self.practice.happened(Disturbance.LOST_FAX)
        else:
            self.practice.expect(patient, answer[0], Happening.ANSWERED, (request, answer[1]))
            request.arrived = True
        self.practice.expect_look(patient, day)

    def _chase_after(self, patient: SimulatedPatient, request: Request, day: date) -> None:
        request.chase_on = day
        self._expect(Job.CHASE, patient, day, add_business_days(day, WITHIN))

    def _chase(self, patient: SimulatedPatient, day: date) -> bool:
        """Ask after a silent request; one the payer never received is sent again."""
        request = patient.request
        if request is None or request.decided_on or day < request.chase_on:
            return False
        if request.arrived:
            self._chase_after(patient, request, day + timedelta(days=10))
        else:
            self._send(patient, request, day)
        return True

    def _give_information(self, patient: SimulatedPatient, day: date) -> bool:
        request = patient.request
        if request is None or request.decided_on:
            return False
        self._await(patient, request, request.answer_after_information(day))
        return True

    def _call_or_appeal(self, patient: SimulatedPatient, day: date) -> bool:
        request = patient.request
        if request is None:
            return False
        self._await(patient, request, request.answer_to_appeal(day))
        return True

    def _await(self, patient: SimulatedPatient, request: Request, answer: tuple[date, Step]) -> None:
        self.practice.expect(patient, answer[0], Happening.ANSWERED, (request, answer[1]))

    def _verify(self, patient: SimulatedPatient, day: date) -> bool:
        coverage = patient.case.coverage
        verified = coverage.verified_on if coverage else None
        if verified is not None and verified >= date(day.year, 1, 1):
            return False
        enter_plan(self.practice, patient, day)
        return True

    def decided(self, request: Request, day: date) -> None:
        """Note the first decision, and whether it came within the time promised."""
        if request.decided_on is not None:
            return
        request.decided_on = day
        waited = day - request.first_sent_on
        if waited > SLOW and not request.expedited:
            self.practice.happened(Disturbance.SLOW_PAYER)
        if request.promised_days is not None:
            self.practice.tally.promised += 1
            self.practice.tally.promises_met += waited.days <= request.promised_days


def stretches(
    sent: list[tuple[Item, date]], capacity: int, days: frozenset[date]
) -> Iterator[list[tuple[Item, date, date]]]:
    """Lay all requests out anew, first due first; yield each stretch as items, the day they were sent and the day laid out for."""
    coming = sorted(sent, key=lambda one: one[0].opens)
    waiting: list[tuple[Item, date]] = []
    stretch: list[tuple[Item, date, date]] = []
    place, day = 0, coming[0][0].opens if coming else date.min
    while place < len(coming) or waiting:
        if not waiting:
            if stretch:
                yield stretch
            stretch, day = [], max(day, coming[place][0].opens)
        while place < len(coming) and coming[place][0].opens <= day:
            heappush(waiting, coming[place])
            place += 1
        for _ in range(min(capacity, len(waiting)) if day in days else 0):
            item, was_done = heappop(waiting)
            stretch.append((item, was_done, day))
        day += ONE_DAY
    if stretch:
        yield stretch
