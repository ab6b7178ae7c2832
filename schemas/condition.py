"""The three conditions, what imitates them, and the antibodies that change the answer."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PositiveInt, StringConstraints

from schemas.base import ConditionId, Exact, GramsPerKilogram, Line, Model, Slug, Text
from schemas.codes import Icd10Code
from schemas.provenance import Day, Sourced
from schemas.references import MeasureId, MimicId, PublicationId, RuleSetId


CriterionId = Annotated[str, StringConstraints(pattern=r"^[A-Z]+[0-9]*(-[A-Z0-9]+)+$", max_length=40)]


def _is_quoted(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError(f"found the unquoted value {value!r}, expected a code in quotes")
    return value


Icd10Pattern = Annotated[
    str,
    BeforeValidator(_is_quoted),
    StringConstraints(
        pattern=r"^[A-TV-Z][0-9][0-9AB](\.([0-9A-Z]{1,4}|[0-9A-Z]{0,3}\*))?$|^[A-TV-Z][0-9][0-9AB]\*$"
    ),
]
"""An ICD-10-CM code, or its beginning followed by ``*`` for everything below it."""


def icd10_matches(pattern: str, code: str) -> bool:
    """Whether a code falls under a pattern such as 'E11.42' or 'G12.2*'."""
    if pattern.endswith("*"):
        return code.startswith(pattern[:-1].rstrip("."))
    return code == pattern


class CodeUse(StrEnum):
    """What a payer makes of a diagnosis code on a request for immunoglobulin."""

    TARGET = "target"
    WEAK = "weak"
    SEQUELA = "sequela"
    OTHER_CONDITION = "other_condition"


class DiagnosisCode(Sourced):
    """One ICD-10-CM code of the inflammatory polyneuropathies and what follows from it."""

    id: Slug
    code: Icd10Code
    meaning: Line
    use: CodeUse
    condition: ConditionId | None = None
    effective_from: Day | None = None
    earlier_code: Icd10Code | None = None
    remark: Text | None = None


class ConditionVariant(Model):
    """A recognised variant of a condition."""

    id: Slug
    name: Line
    old_name: Line | None = None
    pattern: Text
    remark: Text | None = None


class ClinicalCriterion(Model):
    """One criterion a neurologist establishes at the bedside, or one supportive or excluding finding."""

    id: CriterionId
    words: Text
    remark: Text | None = None


class TimeRule(Model):
    """How long the disease takes to develop, which separates the conditions."""

    at_least_weeks: Exact | None = Field(None, gt=0)
    at_most_weeks: Exact | None = Field(None, gt=0)
    more_than_months: Exact | None = Field(None, gt=0)
    words: Text


class InductionDose(Model):
    """The guideline's first course."""

    grams_per_kg: GramsPerKilogram
    grams_per_kg_per_day: GramsPerKilogram | None = None
    days_min: PositiveInt
    days_max: PositiveInt
    remark: Text | None = None


class MaintenanceOption(Model):
    """One maintenance regimen the guideline names."""

    id: Slug
    grams_per_kg_min: GramsPerKilogram
    grams_per_kg_max: GramsPerKilogram
    interval_weeks_min: Exact = Field(gt=0)
    interval_weeks_max: Exact = Field(gt=0)
    remark: Text | None = None


class GuidelineDosing(Model):
    """What the guideline says of dose, independent of any label."""

    induction: InductionDose | None = None
    maintenance: tuple[MaintenanceOption, ...] = ()
    no_maintenance: Text | None = Field(None, description="why none is given, where the guideline gives none")
    doses_before_non_response_min: PositiveInt | None = None
    doses_before_non_response_max: PositiveInt | None = None
    assess: Text | None = None
    taper: Text | None = None
    publications: tuple[PublicationId, ...] = ()


class Position(StrEnum):
    """Where guidelines place a treatment."""

    FIRST_LINE = "first_line"
    SECOND_LINE = "second_line"
    MAINTENANCE_ONLY = "maintenance_only"
    INDIVIDUAL = "individual"
    NOT_RECOMMENDED = "not_recommended"


class TreatmentPosition(Model):
    """A treatment and its place."""

    treatment: Slug
    position: Position
    words: Text
    publications: tuple[PublicationId, ...] = ()


class TargetCode(Model):
    """A diagnosis code that names the condition itself."""

    code: Icd10Code
    effective_from: Day | None = None
    remark: Text | None = None


class Condition(Sourced):
    """One immune neuropathy: codes, criteria, rule sets, doses and treatments."""

    id: Slug
    name: Line
    abbreviation: Line
    icd10: tuple[TargetCode, ...] = Field(min_length=1)
    time_rule: TimeRule
    variants: tuple[ConditionVariant, ...] = ()
    criteria: tuple[ClinicalCriterion, ...] = Field(min_length=1)
    supportive: tuple[ClinicalCriterion, ...] = ()
    exclusions: tuple[ClinicalCriterion, ...] = Field(
        (), description="findings that exclude the diagnosis or cast doubt on it"
    )
    rule_sets: tuple[RuleSetId, ...] = ()
    dosing: GuidelineDosing
    treatments: tuple[TreatmentPosition, ...] = ()
    measures: tuple[MeasureId, ...] = ()
    publications: tuple[PublicationId, ...] = ()
    epidemiology: Mapping[Slug, Text] = Field(default_factory=dict)
    remarks: tuple[Text, ...] = ()


class IvigAnswer(StrEnum):
    """What is known of IVIG in a condition that is not one of the three."""

    NOT_INDICATED = "not_indicated"
    POOR_RESPONSE = "poor_response"
    INDIVIDUAL = "individual"
    AS_CIDP = "as_cidp"


class MimicGroup(StrEnum):
    """Why it is on the list."""

    IMMUNE_DIFFERENT = "immune_different"
    NOT_IMMUNE = "not_immune"


class Mimic(Sourced):
    """A neuropathy, or a disease of another kind, that can be taken for one of the three."""

    id: Slug
    name: Line
    group: MimicGroup
    icd10: tuple[Icd10Pattern, ...] = ()
    icd10_remark: Line | None = None
    imitates: tuple[ConditionId, ...] = ()
    clues: Text | None = Field(None, description="what tells it apart")
    ivig: IvigAnswer
    ivig_words: Text
    excludes_by_itself: bool = Field(
        description="false where the condition may coexist, so that its code alone settles nothing, as diabetes beside CIDP"
    )
    remark: Text | None = None
    publications: tuple[PublicationId, ...] = ()


class Antibody(Sourced):
    """An antibody and what a positive or negative result changes."""

    id: Slug
    name: Line
    entity: MimicId | None = Field(None, description="the entity a positive result points to")
    condition: ConditionId | None = Field(None, description="the condition a positive result supports")
    ivig: IvigAnswer | None = None
    positive_means: Text
    negative_means: Text | None = None
    when_to_test: Text | None = None
    publications: tuple[PublicationId, ...] = ()
