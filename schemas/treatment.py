"""What is asked for and what is granted: orders, requests, courses, determinations, authorizations."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from schemas.base import (
    BenefitChannel,
    BillingUnits,
    Day,
    Days,
    Exact,
    Grams,
    GramsPerKilogram,
    GrantEnd,
    Line,
    Model,
    OpenEnd,
    Phase,
    Route,
    SiteOfCare,
    Slug,
    Text,
    Urgency,
)
from schemas.chart import Source
from schemas.codes import HcpcsCode, Icd10Code, Ndc11, Npi, PlaceOfService, Tin


class DosePhase(StrEnum):
    """Loading (induction) or maintenance."""

    LOADING = "loading"
    MAINTENANCE = "maintenance"


class DoseOrder(Model):
    """One line of the prescription, as the prescriber wrote it.

    ``grams`` and ``units`` are those stated in the order for one dose (the whole loading dose, or one maintenance
    cycle); verification recomputes them from ``grams_per_kg`` and the dosing weight and never overwrites them.
    """

    phase: DosePhase
    grams_per_kg: GramsPerKilogram | None = None
    grams: Grams | None = None
    units: BillingUnits | None = None
    over_days: Days | None = Field(None, description="consecutive days one dose is split over")
    every_days: Days | None = Field(None, description="interval between doses; empty for a single dose")
    doses: int | None = Field(None, gt=0, le=60, description="number of doses, where the order states it")
    rate_mg_per_kg_min: Exact | None = Field(None, gt=0, le=20, description="maximum rate ordered")

    @model_validator(mode="after")
    def _says_how_much(self) -> Self:
        if self.grams_per_kg is None and self.grams is None:
            raise ValueError("expected grams_per_kg or grams: an order without an amount cannot be verified")
        return self


class TreatmentRequest(Model):
    """What the practice asks the plan to pay for."""

    phase: Phase
    requested_on: Day | None = Field(None, description="the day the request is, or is to be, submitted")
    urgency: Urgency = Urgency.STANDARD
    urgency_reason: Text | None = None
    product: Slug | None = None
    route: Route = Route.INTRAVENOUS
    hcpcs: HcpcsCode | None = None
    ndc: Ndc11 | None = None
    icd10: Icd10Code | None = Field(None, description="the diagnosis code on the order")
    orders: tuple[DoseOrder, ...] = ()
    starts: Day | None = Field(None, description="first date of service asked for")
    ends: OpenEnd | None = Field(None, description="last date of service asked for")
    site_of_care: SiteOfCare | None = None
    place_of_service: PlaceOfService | None = None
    benefit: BenefitChannel = BenefitChannel.MEDICAL
    infusion_provider: Line | None = None
    infusion_provider_npi: Npi | None = None
    infusion_provider_tin: Tin | None = None
    follow_up: Line | None = Field(None, description="when and how response will be judged")
    next_assessment: Day | None = Field(
        None, description="day of the next assessment, where the order names it"
    )
    goals: tuple[Line, ...] = ()
    stopping_rule: Line | None = None
    source: Source | None = None

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.starts and self.ends and self.ends < self.starts:
            raise ValueError(f"the request ends on {self.ends}, before it starts on {self.starts}")
        return self

    @property
    def going_on(self) -> tuple[DoseOrder, ...]:
        """The orders of a course that goes on: maintenance, without the number of doses meant for this period."""
        return tuple(
            order.model_copy(update={"doses": None})
            for order in self.orders
            if order.phase is DosePhase.MAINTENANCE and order.every_days is not None
        )


class Authorization(Model):
    """What an approval grants. Units are HCPCS billing units for the whole period."""

    number: Line
    payer: Slug
    product: Slug | None = Field(None, description="set where the approval names one brand")
    hcpcs: HcpcsCode
    starts: Day
    ends: GrantEnd
    units: BillingUnits | None = Field(None, description="empty where the approval counts visits instead")
    visits: int | None = Field(None, gt=0, le=1000)
    units_per_visit: BillingUnits | None = None
    sites: tuple[SiteOfCare, ...] = Field((), description="allowed sites; empty means any")
    dosing_weight_kg: Exact | None = Field(
        None, gt=0, description="weight the approved dose was computed from"
    )
    source: Source

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.ends < self.starts:
            raise ValueError(
                f"authorization {self.number} ends on {self.ends}, before it starts on {self.starts}"
            )
        return self


class WithdrawnAuthorization(Model):
    """An authorization that was recorded by mistake, or taken back by the payer: none of that number stands."""

    payer: Slug
    number: Line
    source: Source


class PlannedInfusion(Model):
    """An infusion on the calendar: one dose, possibly split over consecutive days from ``on``."""

    on: Day
    product: Slug
    grams: Grams
    over_days: Days = 1
    site_of_care: SiteOfCare | None = None
    held: Line | None = Field(None, description="reason, where the infusion is on hold")
    missed: Line | None = Field(None, description="reason, where its day has passed and it was not given")

    @model_validator(mode="after")
    def _held_or_missed(self) -> Self:
        if self.held and self.missed:
            raise ValueError(
                f"infusion of {self.on}: found both held and missed, expected one of them: held may still be given, missed will not"
            )
        return self

    @property
    def stands(self) -> bool:
        """Whether it is to be given as planned."""
        return self.held is None and self.missed is None


class Course(Model):
    """The series of planned infusions of one case; given ones are in the chart, which documents them."""

    planned: tuple[PlannedInfusion, ...] = ()
    authorizations: tuple[Authorization, ...] = ()
    discontinued_on: date | None = None
    discontinued_because: Line | None = None


class DeterminationOutcome(StrEnum):
    """The payer's decision."""

    APPROVED = "approved"
    PARTIALLY_APPROVED = "partially_approved"
    DENIED = "denied"
    MORE_INFORMATION = "more_information"
    WITHDRAWN = "withdrawn"


class Determination(Model):
    """The payer's decision on one submission, as its notice states it."""

    outcome: DeterminationOutcome
    decided_on: date
    reference: Line | None = None
    authorization: Authorization | None = None
    denial_reasons: tuple[Text, ...] = ()
    clause_cited: Line | None = None
    information_asked: tuple[Text, ...] = ()
    respond_by: date | None = None
    recorded_by: Line

    @model_validator(mode="after")
    def _carries_what_its_outcome_needs(self) -> Self:
        granted = self.outcome in (DeterminationOutcome.APPROVED, DeterminationOutcome.PARTIALLY_APPROVED)
        if granted and self.authorization is None:
            raise ValueError(
                f"an outcome of {self.outcome.value} needs the authorization it grants (number, dates, units)"
            )
        if not granted and self.authorization is not None:
            raise ValueError(f"an outcome of {self.outcome.value} cannot grant an authorization")
        if self.outcome is DeterminationOutcome.DENIED and not self.denial_reasons:
            raise ValueError(
                "a denial needs the reason the notice gives, word for word, to be answered in an appeal"
            )
        if self.outcome is DeterminationOutcome.MORE_INFORMATION and not self.information_asked:
            raise ValueError("a request for information needs what the payer asks for")
        return self
