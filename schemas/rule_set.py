"""Diagnostic rule sets as data: every cut-off by name, with its unit and its provenance.

The arithmetic that applies them is in Python and reads its numbers here, so that a corrected number needs no code.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.base import ConditionId, Exact, Line, Model, Slug, Text
from schemas.provenance import Provenance, Sourced, provenance_of
from schemas.references import PublicationId


ItemId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+([.-][A-Za-z0-9]+)*$", max_length=40)]


class Comparison(StrEnum):
    """How a measured value is held against a cut-off for the finding to be present."""

    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    AT_MOST = "at_most"
    LESS_THAN = "less_than"
    EQUALS = "equals"


class Cutoff(Model):
    """One number of a rule set. The finding is present when the measured value passes the comparison."""

    value: Exact
    unit: Line
    comparison: Comparison
    remark: Text | None = None

    def passed_by(self, measured: Decimal) -> bool:
        """Whether a measured value passes."""
        match self.comparison:
            case Comparison.AT_LEAST:
                return measured >= self.value
            case Comparison.MORE_THAN:
                return measured > self.value
            case Comparison.AT_MOST:
                return measured <= self.value
            case Comparison.LESS_THAN:
                return measured < self.value
            case Comparison.EQUALS:
                return measured == self.value


class CutoffTable(Model):
    """Cut-offs that depend on two things, such as the filter setting and the nerve."""

    rows: Line
    columns: Line
    unit: Line
    comparison: Comparison
    values: Mapping[Slug, Mapping[Slug, Exact]]
    remark: Text | None = None


class WayToMeet(Model):
    """One way in which an item is met: in how many nerves, and with what beside it."""

    nerves: int = Field(gt=0, description="nerves that must show the finding")
    with_other_findings: int = Field(0, ge=0, description="other demyelinating findings needed beside it")
    in_other_nerves: int = Field(0, ge=0, description="nerves, other than those counted, that must show them")
    not_counting: tuple[ItemId, ...] = Field((), description="items that do not count as the other finding")
    cutoffs: tuple[Slug, ...] = Field(
        (), description="cut-offs of this way, where they differ from the item's own"
    )


class RuleItem(Model):
    """One item of a rule set, in words, with the cut-offs it uses and the ways to meet it."""

    id: ItemId
    name: Line
    words: Text
    cutoffs: tuple[Slug, ...] = ()
    tables: tuple[Slug, ...] = ()
    ways: tuple[WayToMeet, ...] = ()
    nerves_left_out: tuple[Slug, ...] = ()


class CertaintyLevel(Model):
    """One level of certainty the rule set can reach, best first in the list."""

    id: Slug
    name: Line
    words: Text


class Accuracy(Model):
    """Published sensitivity and specificity of the rule set, in percent."""

    id: Slug
    level: Line
    sensitivity_percent: Exact | None = Field(None, ge=0, le=100)
    specificity_percent: Exact | None = Field(None, ge=0, le=100)
    publication: PublicationId | None = None


class RuleSet(Sourced):
    """A named, published set of diagnostic rules for one condition."""

    id: Slug
    title: Line
    condition: ConditionId | None = Field(
        None, description="empty for rules that hold for all three conditions"
    )
    cutoffs: Mapping[Slug, Cutoff] = Field(default_factory=dict)
    tables: Mapping[Slug, CutoffTable] = Field(default_factory=dict)
    items: tuple[RuleItem, ...] = ()
    levels: tuple[CertaintyLevel, ...] = ()
    accuracy: tuple[Accuracy, ...] = ()
    remarks: tuple[Text, ...] = ()
    publications: tuple[PublicationId, ...] = ()

    @model_validator(mode="after")
    def _items_use_what_exists(self) -> Self:
        item_ids = {item.id for item in self.items}
        for item in self.items:
            used = {*item.cutoffs, *(name for way in item.ways for name in way.cutoffs)}
            unknown = sorted((used - self.cutoffs.keys()) | (set(item.tables) - self.tables.keys()))
            if unknown:
                raise ValueError(
                    f"items: {item.id}: found {', '.join(unknown)}, expected names under cutoffs or tables"
                )
            strangers = sorted({other for way in item.ways for other in way.not_counting} - item_ids)
            if strangers:
                raise ValueError(
                    f"items: {item.id}: not_counting: found {', '.join(strangers)}, expected ids of items of this rule set"
                )
        return self

    def cutoff(self, name: str) -> Cutoff:
        """Return a cut-off by name."""
        try:
            return self.cutoffs[name]
        except KeyError:
            raise KeyError(
                f"found no cut-off '{name}' in the rule set {self.id}, expected one of: {', '.join(sorted(self.cutoffs))}"
            ) from None

    def cutoff_in(self, table: str, *, row: str, column: str) -> Cutoff | None:
        """Return the cut-off of a table for one row and column, or None where the table has none for them."""
        found = self.tables[table]
        value = found.values.get(row, {}).get(column)
        return None if value is None else Cutoff(value=value, unit=found.unit, comparison=found.comparison)

    def provenance_of_cutoff(self, name: str) -> Provenance:
        """Return where the number of a cut-off or a table comes from."""
        return provenance_of(self, f"cutoffs/{name}" if name in self.cutoffs else f"tables/{name}")
