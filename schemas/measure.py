"""Outcome measures: their scale, which way is better, and the smallest change that counts."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from schemas.base import ConditionId, Exact, Line, Model, Slug, Text
from schemas.provenance import Sourced
from schemas.references import PublicationId


class MeasureKind(StrEnum):
    """What is measured. Guidelines ask for one disability and one impairment measure."""

    DISABILITY = "disability"
    IMPAIRMENT = "impairment"
    SYMPTOM = "symptom"


class Direction(StrEnum):
    """Which end of the scale is the good one."""

    HIGHER_IS_BETTER = "higher_is_better"
    HIGHER_IS_WORSE = "higher_is_worse"


class ChangeRule(StrEnum):
    """Whether the smallest change that counts is in points of the scale or in percent of the earlier value."""

    ABSOLUTE = "absolute"
    PERCENT = "percent"
    EITHER = "either"


class SmallestChange(Model):
    """The minimal clinically important difference (MCID).

    The ``cautious`` amounts are the upper end where sources give a range; a change below them but at or above
    the plain amount counts for some reviewers only.
    """

    rule: ChangeRule
    absolute: Exact | None = Field(None, gt=0)
    percent: Exact | None = Field(None, gt=0, le=100)
    cautious_absolute: Exact | None = Field(None, gt=0)
    cautious_percent: Exact | None = Field(None, gt=0, le=100)
    remark: Text | None = None

    @model_validator(mode="after")
    def _has_what_its_rule_needs(self) -> Self:
        wants_absolute = self.rule in (ChangeRule.ABSOLUTE, ChangeRule.EITHER)
        wants_percent = self.rule in (ChangeRule.PERCENT, ChangeRule.EITHER)
        if (self.absolute is not None) != wants_absolute or (self.percent is not None) != wants_percent:
            raise ValueError(
                f"found rule {self.rule.value} with absolute {self.absolute} and percent {self.percent}, expected the amounts that the rule names and no other"
            )
        return self

    def amount_from(self, earlier: Decimal) -> Decimal:
        """Return the change in points of the scale that counts, given the earlier value; the smaller one if either does."""
        amounts = [self.absolute] if self.absolute is not None else []
        if self.percent is not None:
            amounts.append(abs(earlier) * self.percent / 100)
        return min(amounts)


class ScaleItem(Model):
    """One grade of an ordinal scale, paraphrased."""

    part: Slug | None = Field(None, description="such as arms or legs, where the score is a sum of parts")
    score: int
    meaning: Line


class Variant(Model):
    """The same measure on another scale. A value on it is compared only with values on the same scale."""

    id: Slug
    unit: Line
    minimum: Exact
    maximum: Exact | None = None
    direction: Direction
    smallest_change: SmallestChange | None = None
    remark: Text | None = None


class Measure(Sourced):
    """One outcome measure on its standard scale, with its variants."""

    id: Slug
    name: Line
    short_name: Line
    kind: MeasureKind
    unit: Line
    minimum: Exact
    maximum: Exact | None = Field(None, description="empty for an open scale such as seconds or kPa")
    direction: Direction
    smallest_change: SmallestChange | None = Field(None, description="empty where none could be confirmed")
    practice_evidence: Text | None = Field(
        None, description="what is known of the reliability of its MCID in practice"
    )
    tell_smallest_change: bool = Field(
        True, description="false where its value is too unsettled to be put before a reviewer"
    )
    variants: tuple[Variant, ...] = ()
    items: tuple[ScaleItem, ...] = ()
    conditions: tuple[ConditionId, ...] = ()
    accepted_alone: bool = Field(
        description="whether reviewers accept a change on it without a second measure"
    )
    per_side: bool = False
    patient_reported: bool = False
    ignores_arm_change_between_0_and_1: bool = False
    how: Text | None = Field(
        None, description="how it is taken, where that decides whether two values can be compared"
    )
    remarks: tuple[Text, ...] = ()
    publications: tuple[PublicationId, ...] = ()

    @model_validator(mode="after")
    def _items_lie_on_the_scale(self) -> Self:
        for item in self.items:
            if item.score < self.minimum or (self.maximum is not None and item.score > self.maximum):
                raise ValueError(
                    f"items: found the score {item.score}, expected one between {self.minimum} and {self.maximum}"
                )
        return self

    def scale_of(self, *, out_of: Decimal | None, unit: str | None) -> Measure | Variant | None:
        """Return the scale that a recorded value is on, or None where no scale of the measure fits.

        A value recorded without denominator and unit is taken to be on the standard scale.
        """
        scales: list[Measure | Variant] = [self, *self.variants]
        fitting = [
            scale
            for scale in scales
            if (out_of is None or out_of == scale.maximum) and (unit is None or unit == scale.unit)
        ]
        return fitting[0] if fitting else None
