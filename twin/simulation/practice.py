"""One practice over years: the world happens, the scheduler looks, infusions are given, the staff works."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum
from heapq import heappop, heappush
from random import Random
from typing import Any

from priorauth.knowledge import Knowledge
from priorauth.payer_history import SentRequest, UsualTime, usual_time
from schemas.product import Product
from schemas.renewal import TaskKind
from twin.simulation.days import days_of, next_in, sweep_days, working_days
from twin.simulation.granting import authorization_for
from twin.simulation.habits import Habit
from twin.simulation.happenings import Happening, life
from twin.simulation.infusing import give_infusion, record_infusion, reschedule
from twin.simulation.odds import BY_NAME, PAYERS, Odds
from twin.simulation.patients import PRODUCTS, SITES, SimulatedPatient, a_patient
from twin.simulation.requests import Request, Step
from twin.simulation.results import Tally


STARTS = date(2026, 11, 23)
KNOWN_AHEAD = timedelta(days=14)
"""Changes of product, site and interval are known this long before they take effect."""


class Job(StrEnum):
    """What the staff does for a request, each one item of work."""

    SUBMIT = "submit"
    ANSWER = "answer"
    CHASE = "chase"
    APPEAL = "appeal"
    VERIFY = "verify"


class Practice:
    """A practice with its patients; ``run`` lets the years pass."""

    def __init__(
        self, seed: int, habit: Habit, *, knowledge: Knowledge, patients: int, years: int, odds: Odds
    ) -> None:
        self.seed, self.habit, self.odds = seed, habit, odds
        self.products: dict[str, Product] = dict(knowledge.products)
        self.ends = STARTS + timedelta(days=years * 365)
        rng = Random(seed)  # noqa: S311 - a simulation, not a secret
        self.sweep_days = sweep_days(STARTS, self.ends, odds, rng)
        self.working_days = working_days(STARTS, self.ends, odds, rng)
        self.capacity = max(2, patients // 12)
        self.patients: list[SimulatedPatient] = []
        self.happenings: list[tuple[date, int, int, Happening, Any]] = []
        self.visits: list[tuple[date, int]] = []
        self.looks: list[tuple[date, int]] = []
        self.jobs: list[tuple[date, date, Job, int]] = []
        self.history: defaultdict[str, list[SentRequest]] = defaultdict(list)
        self.tally = Tally(years=patients * years)
        self._sequence = 0
        self._usual: dict[tuple[str, int], UsualTime | None] = {}
        for _ in range(patients):
            self._admit(STARTS)

    def run(self) -> Tally:
        for day in days_of(STARTS, self.ends):
            while self.happenings and self.happenings[0][0] <= day:
                _, number, _, happening, payload = heappop(self.happenings)
                self._happen(self.patients[number], happening, payload, day)
            if day in self.sweep_days:
                self._look(day)
            while self.visits and self.visits[0][0] <= day:
                _, number = heappop(self.visits)
                self.patients[number].expected_on.discard(day)
                give_infusion(self, self.patients[number], day)
            if day in self.working_days:
                self._work(day)
        return self.tally

    def _admit(self, day: date) -> None:
        number = len(self.patients)
        seed = f"{self.seed}/{number}"
        patient = a_patient(number, seed=seed, starts=day, products=self.products)
        self.patients.append(patient)
        for on, happening in life(seed, day, self.ends, self.odds):
            self.expect(patient, on, happening)
        self.changed(patient, day)
        self.await_visit(patient)

    def expect(self, patient: SimulatedPatient, on: date, happening: Happening, payload: Any = None) -> None:
        """Let something happen to a patient on a day."""
        self._sequence += 1
        heappush(self.happenings, (on, patient.number, self._sequence, happening, payload))

    def await_visit(self, patient: SimulatedPatient) -> None:
        for planned in patient.planned:
            if planned.on not in patient.expected_on and planned.held is None:
                patient.expected_on.add(planned.on)
                heappush(self.visits, (planned.on, patient.number))

    def changed(self, patient: SimulatedPatient, day: date) -> None:
        """Send a course whose record changed to the next sweep, as the store does."""
        patient.look_on = day
        heappush(self.looks, (day, patient.number))

    def surprise(self, patient: SimulatedPatient, day: date) -> None:
        """Remember a change that could not have been acted on earlier."""
        patient.surprised_on = day
        self.changed(patient, day)

    def first_sweep_after(self, day: date) -> date:
        return next_in(self.sweep_days, day, until=self.ends)

    def _look(self, day: date) -> None:
        while self.looks and self.looks[0][0] <= day:
            on, number = heappop(self.looks)
            patient = self.patients[number]
            if patient.look_on != on:
                continue
            self.habit.look(patient, day, self._usual_time(patient, day))
            self.tally.looks += 1
            if patient.look_on is not None:
                heappush(self.looks, (patient.look_on, number))
            self.plan_jobs(patient, day)

    def plan_jobs(self, patient: SimulatedPatient, day: date) -> None:
        if patient.wish is not None and patient.request is None:
            heappush(self.jobs, (patient.wish.submit_on, patient.wish.latest, Job.SUBMIT, patient.number))
        verify = patient.verify_on
        if verify is not None and f"{patient.case.case_id}/{TaskKind.VERIFY_COVERAGE.value}" in patient.tasks:
            ready = max(day, date(verify.year, 1, 1))
            heappush(self.jobs, (ready, verify, Job.VERIFY, patient.number))

    def _usual_time(self, patient: SimulatedPatient, day: date) -> UsualTime | None:
        payer = patient.case.coverage.payer if patient.case.coverage else None
        key = (payer or "", day.toordinal() // 14)
        if key not in self._usual:
            self._usual[key] = usual_time(self.history[key[0]], as_of=day)
        return self._usual[key]

    def _happen(self, patient: SimulatedPatient, happening: Happening, payload: Any, day: date) -> None:
        if patient.ended:
            return
        match happening:
            case Happening.RECORDED:
                record_infusion(self, patient, payload, day)
            case Happening.ANSWERED:
                request, step = payload
                self._answered(patient, request, step, day)
            case Happening.PLAN_CHANGES | Happening.PLAN_CHANGE_TOLD:
                others = [payer.name for payer in PAYERS if payer.name != patient.plan]
                patient.plan = patient.rng.choice(others)
                if happening is Happening.PLAN_CHANGE_TOLD:
                    self._enter_plan(patient, day)
            case Happening.NEW_YEAR:
                if not self.habit.asks_for_verification:
                    ready = day + timedelta(days=patient.rng.randrange(1, 12))
                    heappush(self.jobs, (ready, ready, Job.VERIFY, patient.number))
            case Happening.DISCONTINUED:
                self.end(patient, day)
            case Happening.DIED:
                record = patient.case.patient.model_copy(update={"died": day})
                patient.case = patient.case.model_copy(update={"patient": record})
                self.end(patient, day)
            case _:
                self._change_of_order(patient, happening, day)

    def _change_of_order(self, patient: SimulatedPatient, happening: Happening, day: date) -> None:
        soon = day + KNOWN_AHEAD
        match happening:
            case Happening.PRODUCT_SHORT:
                product = patient.rng.choice([name for name in PRODUCTS if name != patient.product])
                patient.record_request(product=product)
                patient.record_course(
                    planned=tuple(
                        one.model_copy(update={"product": product}) if one.on >= soon else one
                        for one in patient.planned
                    )
                )
            case Happening.SITE_CHANGES:
                before = patient.site
                patient.record_course(
                    planned=tuple(
                        one if one.on >= soon else one.model_copy(update={"site_of_care": before})
                        for one in patient.planned
                    )
                )
                patient.record_request(site_of_care=next(site for site in SITES if site != before))
            case Happening.INTERVAL_CHANGES:
                self._change_interval(patient, soon)
            case Happening.HELD:
                self._hold(patient, day)
            case Happening.RELEASED:
                held = next((one for one in patient.planned if one.held), None)
                if held is not None:
                    reschedule(self, patient, held, max(day + KNOWN_AHEAD, held.on), day=day)
        self.surprise(patient, day)
        if happening in (Happening.PRODUCT_SHORT, Happening.SITE_CHANGES) and not self._covered_next(patient):
            self.habit.noticed(patient, day, TaskKind.CORRECTION)
            self.plan_jobs(patient, day)

    def _covered_next(self, patient: SimulatedPatient) -> bool:
        """Whether an authorization of the new product and site is on file anyway."""
        after = [one for one in patient.planned if one.product == patient.product and not one.site_of_care]
        planned = min(after, key=lambda one: one.on, default=None)
        code = self.products[patient.product].hcpcs_on(planned.on) if planned else None
        return code is not None and any(
            grant.hcpcs == code.code and (not grant.sites or patient.site in grant.sites)
            for grant in patient.case.course.authorizations
        )

    def _change_interval(self, patient: SimulatedPatient, soon: date) -> None:
        patient.interval = patient.rng.choice([days for days in (14, 21, 28) if days != patient.interval])
        assert patient.case.request is not None  # noqa: S101
        order = patient.case.request.orders[0].model_copy(update={"every_days": patient.interval})
        patient.record_request(orders=(order,))
        kept = tuple(one for one in patient.planned if one.on < soon) or patient.planned[:1]
        grams = patient.planned[-1].grams if patient.planned else patient.dose()
        patient.record_course(planned=kept)
        patient.fill_calendar(grams, after=soon)

    def _hold(self, patient: SimulatedPatient, day: date) -> None:
        following = patient.next_planned()
        if following is None or any(one.held for one in patient.planned):
            return
        held = following.model_copy(update={"held": "infection"})
        patient.record_course(planned=tuple(held if one is following else one for one in patient.planned))
        self.expect(patient, day + timedelta(days=patient.rng.randrange(14, 43)), Happening.RELEASED)
        self.await_visit(patient)

    def end(self, patient: SimulatedPatient, day: date) -> None:
        """End a course; a new patient takes the place."""
        patient.ended = True
        patient.record_course(discontinued_on=day, planned=())
        patient.request = None
        patient.wish = None
        self.changed(patient, day)
        if day < self.ends - timedelta(days=60):
            self._admit(day + timedelta(days=1))

    def _enter_plan(self, patient: SimulatedPatient, day: date) -> None:
        coverage = patient.case.coverage
        changed = coverage is not None and coverage.payer != patient.plan
        patient.record_coverage(payer=patient.plan, verified_on=day)
        self.changed(patient, day)
        if changed:
            # A request that lies with the former plan is of no use any more.
            patient.request = None
            self.surprise(patient, day)
            self.habit.noticed(patient, day, TaskKind.PLAN_CHANGE)
            self.plan_jobs(patient, day)

    def _answered(self, patient: SimulatedPatient, request: Request, step: Step, day: date) -> None:
        if patient.request is not request:
            return
        if step is Step.ASKS:
            heappush(self.jobs, (day, day, Job.ANSWER, patient.number))
            return
        self._decided(request, day)
        match step:
            case Step.DENIES:
                heappush(self.jobs, (day, day, Job.APPEAL, patient.number))
            case Step.REFUSES:
                self.end(patient, day)
            case Step.GRANTS:
                grant = authorization_for(
                    patient,
                    request.payer,
                    request.rng,
                    kinds=request.kinds,
                    decided_on=day,
                    products=self.products,
                )
                patient.request = patient.wish = None
                if grant is not None:
                    patient.account.add(grant, on=day)
                    patient.record_course(authorizations=(*patient.case.course.authorizations, grant))
                if not self.habit.asks_for_verification:
                    patient.tasks.clear()
                self.surprise(patient, day)
                self._visit_soon(patient, day)

    def _visit_soon(self, patient: SimulatedPatient, day: date) -> None:
        """A patient who waits for cover is given the next free day."""
        planned = patient.next_planned()
        if patient.waiting_since is not None and planned is not None and planned.on > day:
            reschedule(self, patient, planned, day + timedelta(days=1), day=day)

    def _decided(self, request: Request, day: date) -> None:
        if request.decided:
            return
        request.decided = True
        if not request.expedited:
            log = self.history[request.payer.name]
            log.append(SentRequest(request.first_sent_on, day))
        if request.promised_days is not None:
            self.tally.promised += 1
            self.tally.promises_met += (day - request.first_sent_on).days <= request.promised_days

    def _work(self, day: date) -> None:
        ready: list[tuple[date, Job, int]] = []
        while self.jobs and self.jobs[0][0] <= day:
            _, latest, job, number = heappop(self.jobs)
            ready.append((latest, job, number))
        done = sent = 0
        doing: dict[Job, Callable[[SimulatedPatient, date], bool]] = {
            Job.SUBMIT: self._submit,
            Job.ANSWER: self._answer,
            Job.CHASE: self._chase,
            Job.APPEAL: self._appeal,
            Job.VERIFY: self._verify,
        }
        for latest, job, number in sorted(set(ready)):
            if done >= self.capacity:
                heappush(self.jobs, (day + timedelta(days=1), latest, job, number))
            elif not self.patients[number].ended and doing[job](self.patients[number], day):
                done += 1
                sent += job is Job.SUBMIT
        self._keep_records(day)
        self.tally.working_days += 1
        self.tally.work_items += done
        self.tally.submissions += sent
        self.tally.busiest = max(self.tally.busiest, sent)
        self.tally.over_capacity += done > self.capacity

    def _keep_records(self, day: date) -> None:
        for patient in self.patients:
            if patient.unrecorded and not patient.ended:
                late = next((one for one in patient.planned if one.on in patient.unrecorded), None)
                patient.unrecorded = ()
                if late is not None and late.on in patient.not_entered:
                    record_infusion(self, patient, late.on, day)
                elif late is not None:
                    reschedule(self, patient, late, day + timedelta(days=1), day=day)
            if patient.unit_slips and not patient.ended:
                self._correct_units(patient, day)

    def _correct_units(self, patient: SimulatedPatient, day: date) -> None:
        """Correct mistyped units in the record and in the claim, which gives the payer's account its units back."""
        patient.unit_slips = 0
        right = []
        for entry in patient.case.chart.infusions:
            granted, extra = patient.mistyped.pop(entry.on, (None, 0))
            if granted is not None and granted.units_left is not None:
                granted.units_left += extra
            right.append(entry.model_copy(update={"units": (entry.units or 0) - extra}) if extra else entry)
        chart = patient.case.chart.model_copy(update={"infusions": tuple(right)})
        patient.case = patient.case.model_copy(update={"chart": chart})
        self.changed(patient, day)

    def _submit(self, patient: SimulatedPatient, day: date) -> bool:
        wish = patient.wish
        if wish is None or patient.request is not None or wish.submit_on > day:
            return False
        patient.requests_sent += 1
        payer = BY_NAME[patient.case.coverage.payer or ""] if patient.case.coverage else PAYERS[0]
        usual = self._usual_time(patient, day)
        patient.request = Request(
            sent_on=day,
            first_sent_on=day,
            kinds=wish.kinds,
            expedited=wish.expedited,
            payer=payer,
            rng=Random(f"{self.seed}/{patient.number}/{patient.requests_sent}"),  # noqa: S311
            promised_days=usual.days if usual and not wish.expedited else None,
            chase_on=day,
        )
        self.tally.after_renew_by += day > wish.latest
        self._send(patient, patient.request, day)
        return True

    def _send(self, patient: SimulatedPatient, request: Request, day: date) -> None:
        request.sent_on = day
        request.chase_on = day + timedelta(days=5 if request.expedited else 17)
        heappush(self.jobs, (request.chase_on, request.chase_on, Job.CHASE, patient.number))
        answer = request.first_answer()
        if answer is not None:
            self.expect(patient, answer[0], Happening.ANSWERED, (request, answer[1]))
            request.sendings = -1
        self.changed(patient, day)

    def _answer(self, patient: SimulatedPatient, day: date) -> bool:
        request = patient.request
        if request is None or request.decided:
            return False
        on, step = request.answer_after_information(day)
        self.expect(patient, on, Happening.ANSWERED, (request, step))
        return True

    def _chase(self, patient: SimulatedPatient, day: date) -> bool:
        """Ask after a silent request; one the payer never received is sent again."""
        request = patient.request
        if request is None or request.decided or day < request.chase_on:
            return False
        if request.sendings > 0:
            self._send(patient, request, day)
        else:
            request.chase_on = day + timedelta(days=10)
            heappush(self.jobs, (request.chase_on, request.chase_on, Job.CHASE, patient.number))
        return True

    def _appeal(self, patient: SimulatedPatient, day: date) -> bool:
        request = patient.request
        if request is None:
            return False
        on, step = request.answer_to_appeal(day)
        self.expect(patient, on, Happening.ANSWERED, (request, step))
        return True

    def _verify(self, patient: SimulatedPatient, day: date) -> bool:
        coverage = patient.case.coverage
        verified = coverage.verified_on if coverage else None
        if verified is not None and verified >= date(day.year, 1, 1):
            return False
        self._enter_plan(patient, day)
        return True
