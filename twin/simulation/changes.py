"""What happens to a patient: plans, products, sites and intervals change, courses are held or end, payers answer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from schemas.renewal import TaskKind
from twin.simulation.granting import authorization_for
from twin.simulation.happenings import Disturbance, Happening
from twin.simulation.infusing import record_infusion, reschedule
from twin.simulation.judging import Cause
from twin.simulation.odds import PAYERS
from twin.simulation.patients import PRODUCTS, SITES, SimulatedPatient
from twin.simulation.requests import Request, Step


if TYPE_CHECKING:
    from twin.simulation.practice import Practice

KNOWN_AHEAD = timedelta(days=14)
"""Changes of product, site and interval are known this long before they take effect."""


def happen(
    practice: Practice, patient: SimulatedPatient, happening: Happening, payload: Any, day: date
) -> None:
    """Let one thing happen to a patient who is still in treatment."""
    if patient.ended:
        return
    match happening:
        case Happening.RECORDED:
            record_infusion(practice, patient, payload, day)
        case Happening.ANSWERED:
            request, step = payload
            _answered(practice, patient, request, step, day)
        case Happening.PLAN_CHANGES | Happening.PLAN_CHANGE_TOLD:
            _change_plan(practice, patient, day, told=happening is Happening.PLAN_CHANGE_TOLD)
        case Happening.NEW_YEAR:
            if not practice.habit.asks_for_verification:
                practice.staff.verify_on(patient, day + timedelta(days=patient.rng.randrange(1, 12)))
        case Happening.DISCONTINUED:
            practice.happened(Disturbance.DISCONTINUED)
            end(practice, patient, day)
        case Happening.DIED:
            practice.happened(Disturbance.DIED)
            record = patient.case.patient.model_copy(update={"died": day})
            patient.case = patient.case.model_copy(update={"patient": record})
            end(practice, patient, day)
        case _:
            _change_order(practice, patient, happening, day)


def end(practice: Practice, patient: SimulatedPatient, day: date) -> None:
    """End a course; a new patient takes the place."""
    patient.ended = True
    patient.record_course(discontinued_on=day, planned=())
    patient.request = None
    patient.wish = None
    practice.changed(patient, day, Cause.ENDED)
    if day < practice.ends - timedelta(days=60):
        practice.admit(day + timedelta(days=1))


def _change_plan(practice: Practice, patient: SimulatedPatient, day: date, *, told: bool) -> None:
    practice.happened(Disturbance.PLAN_CHANGE_TOLD if told else Disturbance.PLAN_CHANGED)
    patient.plan = patient.rng.choice([payer.name for payer in PAYERS if payer.name != patient.plan])
    if told:
        enter_plan(practice, patient, day)


def enter_plan(practice: Practice, patient: SimulatedPatient, day: date) -> None:
    """Record that coverage was verified, and by whom the patient is covered now."""
    coverage = patient.case.coverage
    changed = coverage is not None and coverage.payer != patient.plan
    patient.record_coverage(payer=patient.plan, verified_on=day)
    practice.changed(patient, day, Cause.PLAN)
    if changed:
        # What was asked of the former plan, or was to be, is of no use any more.
        patient.request = patient.wish = None
        practice.notice(patient, day, TaskKind.PLAN_CHANGE)


def _change_order(practice: Practice, patient: SimulatedPatient, happening: Happening, day: date) -> None:
    soon = day + KNOWN_AHEAD
    cause = Cause.ORDER
    match happening:
        case Happening.PRODUCT_SHORT:
            practice.happened(Disturbance.PRODUCT_SHORT)
            _change_product(patient, soon)
        case Happening.SITE_CHANGES:
            practice.happened(Disturbance.SITE_CHANGED)
            _change_site(patient, soon)
        case Happening.INTERVAL_CHANGES:
            practice.happened(Disturbance.INTERVAL_CHANGED)
            _change_interval(patient, soon)
        case Happening.HELD:
            cause = Cause.MOVED
            _hold(practice, patient, day)
        case Happening.RELEASED:
            held = next((one for one in patient.planned if one.held), None)
            if held is not None:
                reschedule(practice, patient, held, max(soon, held.on), day=day)
            return
    practice.changed(patient, day, cause)
    practice.await_visit(patient)
    if happening in (Happening.PRODUCT_SHORT, Happening.SITE_CHANGES) and not _covered_next(
        practice, patient
    ):
        practice.notice(patient, day, TaskKind.CORRECTION)


def _change_product(patient: SimulatedPatient, soon: date) -> None:
    product = patient.rng.choice([name for name in PRODUCTS if name != patient.product])
    patient.record_request(product=product)
    patient.record_course(
        planned=tuple(
            one.model_copy(update={"product": product}) if one.on >= soon else one for one in patient.planned
        )
    )


def _change_site(patient: SimulatedPatient, soon: date) -> None:
    before = patient.site
    patient.record_course(
        planned=tuple(
            one if one.on >= soon else one.model_copy(update={"site_of_care": before})
            for one in patient.planned
        )
    )
    patient.record_request(site_of_care=next(site for site in SITES if site != before))


def _covered_next(practice: Practice, patient: SimulatedPatient) -> bool:
    """Whether an authorization of the new product and site is on file anyway."""
    after = [one for one in patient.planned if one.product == patient.product and not one.site_of_care]
    planned = min(after, key=lambda one: one.on, default=None)
    code = practice.products[patient.product].hcpcs_on(planned.on) if planned else None
    return code is not None and any(
        grant.hcpcs == code.code and (not grant.sites or patient.site in grant.sites)
        for grant in patient.case.course.authorizations
    )


def _change_interval(patient: SimulatedPatient, soon: date) -> None:
    patient.interval = patient.rng.choice([days for days in (14, 21, 28) if days != patient.interval])
    assert patient.case.request is not None  # noqa: S101
    order = patient.case.request.orders[0].model_copy(update={"every_days": patient.interval})
    patient.record_request(orders=(order,))
    kept = tuple(one for one in patient.planned if one.on < soon) or patient.planned[:1]
    grams = patient.planned[-1].grams if patient.planned else patient.dose()
    patient.record_course(planned=kept)
    patient.fill_calendar(grams, after=soon)


def _hold(practice: Practice, patient: SimulatedPatient, day: date) -> None:
    following = patient.next_planned()
    if following is None or any(one.held for one in patient.planned):
        return
    practice.happened(Disturbance.HELD)
    held = following.model_copy(update={"held": "infection"})
    patient.record_course(planned=tuple(held if one is following else one for one in patient.planned))
    practice.expect(patient, day + timedelta(days=patient.rng.randrange(14, 43)), Happening.RELEASED)


def _answered(practice: Practice, patient: SimulatedPatient, request: Request, step: Step, day: date) -> None:
    if patient.request is not request:
        return
    if step is Step.ASKS:
        practice.happened(Disturbance.PENDED)
        practice.staff.answer(patient, day)
        return
    appealed = request.decided_on is not None
    practice.staff.decided(request, day)
    match step:
        case Step.DENIES:
            practice.happened(Disturbance.DENIED)
            practice.staff.appeal(patient, day)
        case Step.REFUSES:
            practice.happened(Disturbance.REFUSED)
            end(practice, patient, day)
        case Step.GRANTS:
            if appealed:
                practice.happened(Disturbance.OVERTURNED)
            _grant(practice, patient, request, day)


def _grant(practice: Practice, patient: SimulatedPatient, request: Request, day: date) -> None:
    grant = authorization_for(
        patient,
        request.payer,
        request.rng,
        kinds=request.kinds,
        decided_on=day,
        products=practice.products,
        happened=practice.happened,
    )
    patient.request = patient.wish = None
    if grant is not None:
        patient.account.add(grant, on=day)
        patient.record_course(authorizations=(*patient.case.course.authorizations, grant))
    if not practice.habit.asks_for_verification:
        patient.tasks.clear()
        patient.foresight.note_tasks(patient, day)
    practice.changed(patient, day, Cause.GRANTED)
    _visit_soon(practice, patient, day)


def _visit_soon(practice: Practice, patient: SimulatedPatient, day: date) -> None:
    """A patient who waits for cover is given the next free day."""
    planned = patient.next_planned()
    if patient.waiting_since is not None and planned is not None and planned.on > day:
        reschedule(practice, patient, planned, day + timedelta(days=1), day=day)
