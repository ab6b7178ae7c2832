"""What a letter is about beyond the case: the change asked for, the denial answered, the question of the plan.

Each kind of letter that needs more than the case takes one of these models and nothing else.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from schemas.base import BillingUnits, Days, DocumentId, Exact, FactKey, Grams, Line, Model, SiteOfCare
from schemas.chart import Source
from schemas.codes import PlaceOfService
from schemas.treatment import Determination, DeterminationOutcome, DosePhase


class Stated(Model):
    """Something a document or a person states that is no entry of the chart, such as why a dose is to change."""

    words: Line
    dated: date
    source: Source


class DoseUntilNow(Model):
    """The dose given until now, in the numbers of its authorization or record."""

    grams: Grams
    every_days: Days
    units: BillingUnits | None = None
    weight_kg: Exact | None = Field(None, gt=0, description="the weight it was dosed on")


class DoseChange(Model):
    """A change of dose, interval or product within a course."""

    before: Stated = Field(description="what was given until now, such as '1 g/kg every 21 days'")
    was: DoseUntilNow | None = Field(
        None, description="the same in numbers, to be set beside what is asked for"
    )
    why: Stated


class RouteChange(Model):
    """A switch from infusions into a vein to infusions under the skin."""

    before: Stated
    was: DoseUntilNow | None = Field(None, description="the same in numbers, to compare the weekly amounts")
    why: Stated
    why_another_amount: Stated | None = Field(
        None, description="why the weekly amount is to differ from that given into the vein"
    )
    training: Stated | None = Field(None, description="who trains the patient, and where it will be given")


class TriedProduct(Model):
    """A preferred product that was given, and what happened."""

    product: Line
    lot: Line | None = None
    given_on: date
    reaction: Line
    measures: Line | None = Field(None, description="what was done about it, such as a slower rate")
    source: Source


class ExceptionGrounds(Model):
    """A requirement of the plan from which the patient is to be excepted, and on what grounds."""

    requirement: Line = Field(description="such as 'trial of a corticosteroid first'")
    criteria: tuple[Line, ...] = Field(
        (), description="ids of the criteria that hold the requirement, where the profile has them"
    )
    grounds: tuple[Stated, ...] = Field(min_length=1)
    tried: tuple[TriedProduct, ...] = ()
    duration: Line | None = Field(
        None, description="for how long, where not for the whole period: 'the first two infusions'"
    )
    doses: tuple[DosePhase, ...] = Field(
        (), description="the doses of the order it is for, where it is for all of one and none of another"
    )
    site_after: SiteOfCare | None = Field(
        None, description="where the rest of the course is given, in an exception of site for part of it"
    )
    place_of_service_after: PlaceOfService | None = None


class Answer(Model):
    """What answers one reason of a denial: criteria the record meets, or statements, each with its page."""

    criteria: tuple[Line, ...] = ()
    statements: tuple[Stated, ...] = ()
    clause: Line | None = Field(None, description="the clause of the plan's policy the reason rests on")

    @model_validator(mode="after")
    def _answers(self) -> Self:
        if not self.criteria and not self.statements:
            raise ValueError(
                "expected criteria or statements: a reason of a denial left unanswered is conceded"
            )
        return self


class ReviewLevel(StrEnum):
    """Who made the decision that is contested."""

    INITIAL = "initial"
    INTERNAL_APPEAL = "internal_appeal"


class Denial(Model):
    """A denial to be appealed, with an answer to each of its reasons, in their order."""

    determination: Determination
    source: Source = Field(description="the notice of denial")
    answers: tuple[Answer, ...] = Field(min_length=1)
    history: tuple[Stated, ...] = Field((), description="what happened before, oldest first")
    level: ReviewLevel = ReviewLevel.INITIAL
    file_by: date | None = Field(None, description="last day to file, as the notice states it")

    @model_validator(mode="after")
    def _answers_every_reason(self) -> Self:
        outcome, reasons = self.determination.outcome, self.determination.denial_reasons
        if outcome not in (DeterminationOutcome.DENIED, DeterminationOutcome.PARTIALLY_APPROVED):
            raise ValueError(
                f"found the outcome {outcome.value}; only a denial, whole or in part, is appealed"
            )
        if len(self.answers) != len(reasons):
            raise ValueError(
                f"found {len(self.answers)} answers to {len(reasons)} reasons; answer each reason, in order"
            )
        return self


class Delivery(Model):
    """What is sent in answer to one question of the plan."""

    documents: tuple[DocumentId, ...] = ()
    facts: tuple[FactKey, ...] = ()
    statements: tuple[Stated, ...] = ()

    @model_validator(mode="after")
    def _delivers(self) -> Self:
        if not (self.documents or self.facts or self.statements):
            raise ValueError(
                "expected documents, facts or statements: a question has to be answered with something"
            )
        return self


class Inquiry(Model):
    """A request of the plan for more information, with what answers each of its questions, in their order."""

    determination: Determination
    source: Source = Field(description="the plan's request")
    answers: tuple[Delivery, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _answers_every_question(self) -> Self:
        outcome, asked = self.determination.outcome, self.determination.information_asked
        if outcome is not DeterminationOutcome.MORE_INFORMATION:
            raise ValueError(
                f"found the outcome {outcome.value}, expected {DeterminationOutcome.MORE_INFORMATION.value}"
            )
        if len(self.answers) != len(asked):
            raise ValueError(
                f"found {len(self.answers)} answers to {len(asked)} questions; answer each, in order"
            )
        return self


class Call(Model):
    """A peer-to-peer call: what it is about and what may be settled for."""

    determination: Determination | None = None
    source: Source | None = Field(None, description="the notice, where there is one")
    reviewer: Line | None = Field(None, description="the plan's physician")
    window: Line | None = Field(None, description="when the call is possible, as the plan said")
    phone: Line | None = Field(None, description="the number to call for the peer-to-peer line")
    criteria: tuple[Line, ...] = Field(
        (), description="ids of the criteria that answer the denial, best first"
    )
    cautions: tuple[Stated, ...] = Field((), description="what the reviewer will ask, and the answer")
    fallback: Stated | None = Field(None, description="what the prescriber would accept instead")

    @model_validator(mode="after")
    def _names_its_notice(self) -> Self:
        if self.determination is not None and self.source is None:
            raise ValueError(
                "found a determination without the source of its notice; name the document and page"
            )
        return self


Matter = DoseChange | RouteChange | ExceptionGrounds | Denial | Inquiry | Call
