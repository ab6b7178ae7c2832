"""The vocabulary of facts: every key a chart may hold and a criterion may ask for."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from schemas.base import Exact, FactKey, Line, Model, Slug, Text
from schemas.case import DocumentKind


class FactKind(StrEnum):
    """What sort of value a fact has."""

    YES_NO = "yes_no"
    CHOICE = "choice"
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"


class FactDefinition(Model):
    """One key of the vocabulary.

    ``derived`` facts are computed by the engine from other entries and may not be entered in a chart.
    ``ask`` names, in words a coordinator can send to a records office, what would document the fact.
    ``effort`` orders the work list: 1 a look into the chart or a phone call, 2 a request to another office,
    3 a blood sample or a measurement at a visit, 4 a test with its own appointment, 5 an invasive procedure.
    """

    title: Line
    kind: FactKind
    derived: bool = False
    choices: tuple[Slug, ...] = ()
    words: dict[Slug, Line] = Field({}, description="how a choice reads where its identifier is no words")
    unit: Line | None = None
    also_in: dict[Line, Exact] = Field({}, description="other units accepted, with the factor into `unit`")
    ask: Text
    document: DocumentKind = DocumentKind.VISIT_NOTE
    effort: int = Field(2, ge=1, le=5)
    fresh_for_days: int | None = Field(
        None, gt=0, description="older entries count as undocumented, unless a criterion says otherwise"
    )
    lasting: bool = Field(
        False, description="once documented it does not go stale or change, such as an antibody found"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.kind is FactKind.CHOICE) != bool(self.choices):
            raise ValueError("choices are needed for a fact of kind choice, and only there")
        if strange := sorted(set(self.words) - set(self.choices)):
            raise ValueError(f"words: found {', '.join(strange)}, expected only choices")
        if self.also_in and self.unit is None:
            raise ValueError("also_in needs a unit to convert into")
        if any(factor <= Decimal(0) for factor in self.also_in.values()):
            raise ValueError("conversion factors in also_in must be greater than zero")
        return self


Vocabulary = dict[FactKey, FactDefinition]
