"""One simulated patient: the case as the practice has recorded it, and what is true beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from priorauth.course_days import code_on, units_of
from priorauth.deadlines import business_day_on_or_after
from priorauth.formats.case_file import case_id_for
from schemas.base import ConditionId, LineOfBusiness, Phase, SiteOfCare
from schemas.case import Case, Coverage, Patient, Referral
from schemas.chart import Chart, Fact, GivenInfusion, Source
from schemas.product import Product
from schemas.renewal import RenewalPlan, TaskKind
from schemas.treatment import Authorization, Course, DoseOrder, DosePhase, PlannedInfusion, TreatmentRequest
from twin.simulation.judging import Foresight
from twin.simulation.odds import PAYERS
from twin.simulation.requests import Account, Days, Granted, Request


RECORDED = Source(recorded_by="coordinator")
PRODUCTS = ("privigen", "gamunex_c", "octagam_10", "gammagard_liquid")
SITES = (SiteOfCare.OFFICE, SiteOfCare.HOME)
SMALLEST_VIAL = Decimal(5)


@dataclass(slots=True)
class Task:
    """A task as the store keeps it, in memory."""

    key: str
    kind: str
    level: int
    due: date
    raised_on: date
    case_id: str
    detail: str = ""


@dataclass(slots=True)
class Wish:
    """What the practice has noticed that it must ask for, and on which day it means to."""

    submit_on: date
    opens: date
    """First day on which it could be sent: of its window, and not before it was known."""
    window_starts: date
    infusion: date
    kinds: tuple[TaskKind, ...]
    latest: date
    expedited: bool = False


@dataclass(slots=True)
class SimulatedPatient:
    """A patient in treatment. ``case`` is the record; what the payers really hold is in ``account``."""

    number: int
    case: Case
    plan: str
    kilograms: Decimal
    grams_per_kg: Decimal
    interval: int
    over_days: int
    ahead: int
    account: Account
    rng: Random
    tasks: dict[str, Task] = field(default_factory=dict)
    request: Request | None = None
    requests_sent: int = 0
    wish: Wish | None = None
    renewal: RenewalPlan | None = None
    """The plan of the last look, where the practice makes one."""
    stakes: dict[str, date] = field(default_factory=dict)
    """For every kind of task, the first infusion it stands for."""
    expected_on: set[date] = field(default_factory=set)
    visited_on: date | None = None
    """The last day on which the patient was expected, whether or not an infusion was given."""
    not_entered: dict[date, tuple[PlannedInfusion, Days]] = field(default_factory=dict)
    """Infusions that were given and are not on record yet, by the day they were planned for."""
    mistyped: dict[date, tuple[Granted, int]] = field(default_factory=dict)
    unit_slips: int = 0
    look_on: date | None = None
    verify_on: date | None = None
    unrecorded: tuple[date, ...] = ()
    foresight: Foresight = field(default_factory=Foresight)
    waiting_since: date | None = None
    ended: bool = False

    @property
    def product(self) -> str:
        request = self.case.request
        assert request is not None  # noqa: S101 - every simulated case has one
        assert request.product is not None  # noqa: S101
        return request.product

    @property
    def site(self) -> SiteOfCare | None:
        return self.case.request.site_of_care if self.case.request else None

    @property
    def planned(self) -> tuple[PlannedInfusion, ...]:
        return self.case.course.planned

    def next_planned(self) -> PlannedInfusion | None:
        return min((one for one in self.planned if one.held is None), key=lambda one: one.on, default=None)

    def record_course(self, **changes: Any) -> None:
        self.case = self.case.model_copy(update={"course": self.case.course.model_copy(update=changes)})

    def record_request(self, **changes: Any) -> None:
        request = self.case.request
        assert request is not None  # noqa: S101
        self.case = self.case.model_copy(update={"request": request.model_copy(update=changes)})

    def record_coverage(self, **changes: Any) -> None:
        coverage = self.case.coverage
        assert coverage is not None  # noqa: S101
        self.case = self.case.model_copy(update={"coverage": coverage.model_copy(update=changes)})

    def record_given(self, entries: Sequence[GivenInfusion]) -> None:
        """Enter what was given."""
        chart = self.case.chart
        self.case = self.case.model_copy(
            update={"chart": chart.model_copy(update={"infusions": (*chart.infusions, *entries)})}
        )

    def record_weight(self, on: date) -> None:
        chart = self.case.chart
        kilograms = self.kilograms.quantize(Decimal("0.1"))
        fact = Fact(fact="weight", value=kilograms, unit="kg", dated=on, source=RECORDED)
        self.case = self.case.model_copy(
            update={"chart": chart.model_copy(update={"facts": (*chart.facts, fact)})}
        )

    def dose(self) -> Decimal:
        """Dose on the weight of today, in whole vials."""
        vials = (self.grams_per_kg * self.kilograms / SMALLEST_VIAL).to_integral_value()
        return max(vials, Decimal(1)) * SMALLEST_VIAL

    def fill_calendar(self, grams: Decimal, *, after: date) -> None:
        """Plan the next infusions at the interval of the course, on working days."""
        planned = list(self.planned)
        last = max((one.on for one in planned), default=after)
        while len(planned) < self.ahead and not self.ended:
            last = business_day_on_or_after(last + timedelta(days=self.interval))
            planned.append(
                PlannedInfusion(on=last, product=self.product, grams=grams, over_days=self.over_days)
            )
        self.record_course(planned=tuple(planned))


def units_for(patient: SimulatedPatient, grams: Decimal, products: dict[str, Product], on: date) -> int:
    """Count the billing units of a dose of the patient's product."""
    units = units_of(grams, code_on(products, patient.product, on))
    assert units is not None  # noqa: S101 - the products above all have a unit size
    return units


def a_patient(number: int, *, seed: str, starts: date, products: dict[str, Product]) -> SimulatedPatient:
    """Make a patient whose course has just been authorized, with everything drawn from the seed."""
    rng = Random(seed)  # noqa: S311 - a simulation, not a secret
    payer = rng.choice(PAYERS)
    interval = rng.choice((14, 21, 21, 28))
    kilograms = Decimal(rng.randrange(50, 110))
    grams_per_kg = Decimal(rng.choice(("0.4", "0.5", "1", "1")))
    referral = Referral(system="simulation", identifier=seed)
    product = rng.choice(PRODUCTS)
    order = DoseOrder(
        phase=DosePhase.MAINTENANCE, grams_per_kg=grams_per_kg, every_days=interval, over_days=1
    )
    case = Case(
        case_id=case_id_for(referral),
        referral=referral,
        condition=rng.choice((ConditionId.CIDP, ConditionId.MMN)),
        patient=Patient(),
        coverage=Coverage(
            payer=payer.name,
            line_of_business=LineOfBusiness.COMMERCIAL_SELF_FUNDED,
            active=True,
            verified_on=starts,
        ),
        request=TreatmentRequest(
            phase=Phase.CONTINUATION,
            product=product,
            orders=(order,),
            site_of_care=rng.choice(SITES),
        ),
        chart=Chart(facts=(Fact(fact="weight", value=kilograms, unit="kg", dated=starts, source=RECORDED),)),
        course=Course(),
    )
    patient = SimulatedPatient(
        number=number,
        case=case,
        plan=payer.name,
        kilograms=kilograms,
        grams_per_kg=grams_per_kg,
        interval=interval,
        over_days=rng.choice((1, 1, 1, 2)),
        ahead=rng.choice((1, 4, 4, 6)),
        account=Account(),
        rng=rng,
    )
    patient.look_on = starts
    dose = patient.dose()
    patient.fill_calendar(dose, after=starts - timedelta(days=rng.randrange(interval)))
    units = units_for(patient, dose, products, starts)
    code = code_on(products, product, starts)
    assert code is not None  # noqa: S101
    months = rng.choice(payer.months)
    first = Authorization(
        number="A0",
        payer=payer.name,
        product=None,
        hcpcs=code.code,
        starts=starts,
        ends=starts + timedelta(days=rng.randrange(20, months * 30)),
        units=units * (months * 30 // interval + 1),
        dosing_weight_kg=kilograms,
        source=RECORDED,
    )
    patient.account.add(first, on=starts)
    patient.record_course(authorizations=(first,))
    return patient
