"""Decision timeframes, appeal windows and rights of continuity, by line of business, dated and cited."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field, PositiveInt, model_validator

from schemas.base import BenefitChannel, Line, LineOfBusiness, Model, Slug, Text
from schemas.codes import StateCode
from schemas.provenance import Day, Sourced


class RequestKind(StrEnum):
    """Drug clocks differ from item-and-service clocks, and immunoglobulin is a drug."""

    DRUG = "drug"
    ITEM_SERVICE = "item_service"


class ReviewUrgency(StrEnum):
    """Standard and expedited pre-service review, and review of a course already under way."""

    STANDARD = "standard"
    EXPEDITED = "expedited"
    CONCURRENT = "concurrent"


class TimeUnit(StrEnum):
    """What a period is counted in."""

    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    BUSINESS_DAYS = "business_days"
    MONTHS = "months"


class Period(Model):
    """A length of time as the rule states it; hours are never turned into days."""

    amount: PositiveInt
    unit: TimeUnit


class Regulation(Sourced):
    """What every dated rule has."""

    id: Slug
    lines_of_business: tuple[LineOfBusiness, ...] = Field(min_length=1)
    state: StateCode | None = Field(
        None, description="state law reaches state-regulated plans only, never a self-funded one"
    )
    citation: Line | None = None
    effective_from: Day | None = Field(
        None, description="empty: in force since before the product's data begin"
    )
    effective_to: Day | None = Field(None, description="last day; empty: still in force")
    remark: Text | None = None
    open_question: Line | None = Field(
        None, description="what has to be asked, where the rule could not be confirmed"
    )

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.effective_from and self.effective_to and self.effective_to < self.effective_from:
            raise ValueError(
                f"found effective_to {self.effective_to} before effective_from {self.effective_from}, expected the later date last"
            )
        return self

    def in_force_on(self, day: date) -> bool:
        """Whether the rule governs on a day."""
        begun = self.effective_from is None or self.effective_from <= day
        return begun and (self.effective_to is None or day <= self.effective_to)


class DecisionTimeframe(Regulation):
    """The time the payer has to decide. ``within`` is empty where no authorization exists or the rule is unknown."""

    kinds: tuple[RequestKind, ...] = Field(min_length=1)
    benefits: tuple[BenefitChannel, ...] = (BenefitChannel.MEDICAL, BenefitChannel.PHARMACY)
    urgencies: tuple[ReviewUrgency, ...] = Field(min_length=1)
    within: Period | None = None
    extension: Period | None = None
    extension_words: Text | None = None
    missing_information: Text | None = Field(
        None, description="what happens to the clock when the payer asks for more"
    )
    no_prior_authorization: bool = False
    counted_from: Line | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        said = [self.within is not None, self.no_prior_authorization, self.open_question is not None]
        if not any(said):
            raise ValueError(
                "found none of within, no_prior_authorization and open_question, expected one of them"
            )
        return self


class AppealWindow(Regulation):
    """One level of appeal: the time to file, and the time the decision may take."""

    level: PositiveInt
    name: Line
    benefits: tuple[BenefitChannel, ...] = (BenefitChannel.MEDICAL, BenefitChannel.PHARMACY)
    file_within: Period | None = None
    file_counted_from: Line | None = None
    decision_standard: Period | None = None
    decision_drug: Period | None = Field(
        None, description="where a drug has a shorter clock than an item or service"
    )
    decision_expedited: Period | None = None
    automatic: bool = Field(False, description="the payer forwards the case itself")
    continuing_benefits: Text | None = Field(
        None, description="how therapy goes on while the appeal is pending"
    )


class Concern(StrEnum):
    """What has to happen to a course for a rule of continuity to bear on it."""

    PLAN_CHANGE = "plan_change"
    CRITERIA_CHANGE = "criteria_change"
    APPROVAL_LENGTH = "approval_length"
    COURSE_CUT = "course_cut"
    PROVIDER_LEAVES_NETWORK = "provider_leaves_network"
    REVIEW_EXEMPTION = "review_exemption"
    UNKNOWN_STATE_LAW = "unknown_state_law"


class ContinuityRule(Regulation):
    """A right that keeps a course going: transition periods, length of approvals, notice before a cut."""

    title: Line
    concerns: Concern
    words: Text
    transition_days: PositiveInt | None = None
    approval_months: PositiveInt | None = None
    voluntary: bool = Field(False, description="a pledge, not a duty")
    exceptions_words: Text | None = None


class ConductRule(Regulation):
    """How a review is conducted: calls between prescriber and medical director, what makes it expedited."""

    title: Line
    words: Text


class Regulations(Model):
    """All dated rules."""

    decision_timeframes: tuple[DecisionTimeframe, ...] = ()
    appeal_windows: tuple[AppealWindow, ...] = ()
    continuity: tuple[ContinuityRule, ...] = ()
    conduct: tuple[ConductRule, ...] = ()
