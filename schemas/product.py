"""Immunoglobulin products: what is on the label, in the vial and on the claim."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, PositiveInt, StringConstraints, model_validator

from schemas.base import ConditionId, Days, Exact, Grams, GramsPerKilogram, Line, Model, Route, Slug, Text
from schemas.codes import HcpcsCode, NdcStem
from schemas.provenance import Day, Sourced
from schemas.references import KnownFact


PartialDate = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]
"""A year, a month or a day, as exact as the source gives it; in quotes."""


def _without_hyphen(value: Any) -> Any:
    """Pad a stem as printed on the carton, '0944-2700', to the nine digits of the billing form."""
    if not isinstance(value, str) or "-" not in value:
        return value
    labeler, _, product = value.partition("-")
    return labeler.zfill(5) + product.zfill(4)


PrintedStem = Annotated[NdcStem, BeforeValidator(_without_hyphen)]


class Form(StrEnum):
    """How the product comes in the vial."""

    LIQUID = "liquid"
    LYOPHILISED = "lyophilised"


class Stabiliser(StrEnum):
    """The excipient that decides several contraindications."""

    GLYCINE = "glycine"
    PROLINE = "proline"
    MALTOSE = "maltose"
    SORBITOL = "sorbitol"
    SUCROSE = "sucrose"


class IgaContent(Model):
    """IgA content, where known. ``low`` says that the product is chosen for its low content."""

    at_most_micrograms_per_ml: Exact | None = None
    low: bool | None = None


class HcpcsAssignment(Model):
    """A billing code and the period in which it is the right one for the product."""

    code: HcpcsCode
    unit_mg: PositiveInt | None = Field(None, description="mg of immunoglobulin in one billing unit")
    effective_from: Day | None = Field(None, description="empty: since before the product's data begin")
    effective_to: Day | None = Field(None, description="last day; empty: still in force")
    remark: Line | None = None

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.effective_from and self.effective_to and self.effective_to < self.effective_from:
            raise ValueError(
                f"{self.code}: effective_to {self.effective_to} is before effective_from {self.effective_from}"
            )
        return self

    def in_force_on(self, day: date) -> bool:
        """Whether a claim for this date of service carries the code."""
        begun = self.effective_from is None or self.effective_from <= day
        return begun and (self.effective_to is None or day <= self.effective_to)


class NdcProduct(Model):
    """Labeler and product part of an NDC; the package part is read off the carton, never guessed."""

    stem: PrintedStem
    vial_grams: Grams | None = None
    remark: Line | None = None


class LabelledIndication(Model):
    """Whether the US label names one of the three conditions."""

    labelled: bool
    since: PartialDate | None = None
    population: Line | None = None
    minimum_age_years: int | None = Field(None, ge=0, le=120)
    remark: Text | None = None


class Loading(Model):
    """The label's first dose, given once over consecutive days."""

    grams_per_kg: GramsPerKilogram
    days_min: PositiveInt
    days_max: PositiveInt


class DoseBasis(StrEnum):
    """What a maintenance amount is counted over."""

    CYCLE = "cycle"
    MONTH = "month"
    WEEK = "week"


class Maintenance(Model):
    """The label's continuing dose, as g/kg for each ``basis``."""

    grams_per_kg_min: GramsPerKilogram
    grams_per_kg_max: GramsPerKilogram
    basis: DoseBasis
    interval_weeks_min: Exact | None = Field(None, gt=0)
    interval_weeks_max: Exact | None = Field(None, gt=0)
    days_min: PositiveInt = 1
    days_max: PositiveInt = 1

    @model_validator(mode="after")
    def _least_comes_first(self) -> Self:
        if self.grams_per_kg_max < self.grams_per_kg_min:
            raise ValueError(
                f"grams_per_kg_max {self.grams_per_kg_max} is below grams_per_kg_min {self.grams_per_kg_min}"
            )
        if (self.interval_weeks_min is None) != (self.interval_weeks_max is None):
            raise ValueError("expected both interval_weeks_min and interval_weeks_max, or neither")
        return self


class IntravenousRate(Model):
    """Infusion rates in mg of immunoglobulin per kg per minute."""

    initial_mg_per_kg_min: Exact = Field(gt=0, le=20)
    maximum_mg_per_kg_min: Exact = Field(gt=0, le=20)
    at_risk_maximum_mg_per_kg_min: Exact | None = Field(
        None, gt=0, le=20, description="for patients at risk of renal failure or thrombosis"
    )


class SubcutaneousLimits(Model):
    """Limits for each injection site."""

    first_ml_per_hour_per_site: Exact | None = Field(None, gt=0)
    later_ml_per_hour_per_site: Exact | None = Field(None, gt=0)
    maximum_ml_per_site: Exact | None = Field(None, gt=0)


class LabelDosing(Model):
    """Dosing the label gives for one condition by one route."""

    route: Route
    start: Text | None = Field(None, description="where the label does not begin with a loading dose")
    days_after_intravenous: Days | None = Field(
        None, description="from the last infusion into a vein to the first dose under the skin"
    )
    loading: Loading | None = None
    maintenance: Maintenance | None = None
    rate: IntravenousRate | None = None
    subcutaneous: SubcutaneousLimits | None = None
    remark: Text | None = None


class BoxedWarning(StrEnum):
    """What the boxed warning of the label is about. That of subcutaneous products is about thrombosis alone."""

    THROMBOSIS = "thrombosis"
    RENAL_FAILURE = "renal_failure"

    @property
    def words(self) -> str:
        """The warning as it begins a sentence."""
        return self.value.replace("_", " ").capitalize()


class ContraindicationFact(StrEnum):
    """What rules a product out. A new one needs a rule that recognises it in a chart, hence a closed list."""

    PRIOR_ANAPHYLAXIS_TO_IG = "prior_anaphylaxis_to_ig"
    IGA_DEFICIENCY_WITH_ANTI_IGA = "iga_deficiency_with_anti_iga"
    HYPERPROLINEMIA = "hyperprolinemia"
    HEREDITARY_FRUCTOSE_INTOLERANCE = "hereditary_fructose_intolerance"
    CORN_ALLERGY = "corn_allergy"
    HYALURONIDASE_HYPERSENSITIVITY = "hyaluronidase_hypersensitivity"


class Contraindication(Model):
    """Something documented that rules the product out."""

    fact: ContraindicationFact
    remark: Text | None = None


class Caution(Model):
    """Something to act on that does not rule the product out; ``fact`` names what makes it apply."""

    id: Slug
    advice: Text
    fact: KnownFact | None = None


class Product(Sourced):
    """One immunoglobulin product at one concentration."""

    id: Slug
    brand: Line
    manufacturer: Line
    form: Form = Form.LIQUID
    routes: tuple[Route, ...] = Field(min_length=1)
    concentrations_percent: tuple[Exact, ...] = ()
    stabiliser: Stabiliser | None = None
    iga: IgaContent = IgaContent()
    vials_grams: tuple[Grams, ...] = ()
    hcpcs: tuple[HcpcsAssignment, ...] = ()
    ndc: tuple[NdcProduct, ...] = ()
    labelled: Mapping[ConditionId, LabelledIndication]
    other_indications: tuple[Line, ...] = ()
    dosing: Mapping[ConditionId, LabelDosing] = Field(default_factory=dict)
    label_limits: tuple[Text, ...] = Field(
        (), description="limits of the evidence on the label, worth printing on renewal"
    )
    boxed_warning: tuple[BoxedWarning, ...] = ()
    contraindications: tuple[Contraindication, ...] = ()
    cautions: tuple[Caution, ...] = ()
    discontinued: bool = False
    open_questions: tuple[Line, ...] = Field((), description="what could not be confirmed and must be asked")

    @model_validator(mode="after")
    def _speaks_of_every_condition(self) -> Self:
        missing = [condition.value for condition in ConditionId if condition not in self.labelled]
        if missing:
            raise ValueError(
                f"labelled: found nothing for {', '.join(missing)}, expected every condition, with labelled: false where it is not on the label"
            )
        return self

    @model_validator(mode="after")
    def _doses_what_is_labelled(self) -> Self:
        for condition in self.dosing:
            if not self.labelled[condition].labelled:
                raise ValueError(
                    f"dosing: found {condition.value}, expected only conditions that the label names"
                )
        return self

    @model_validator(mode="after")
    def _one_code_a_day(self) -> Self:
        for one in self.hcpcs:
            for other in self.hcpcs:
                if (
                    one is not other
                    and one.effective_from is not None
                    and other.in_force_on(one.effective_from)
                ):
                    raise ValueError(
                        f"hcpcs: found both {one.code} and {other.code} in force on {one.effective_from}, expected one code a day"
                    )
        return self

    def hcpcs_on(self, day: date) -> HcpcsAssignment | None:
        """Return the billing code for a date of service, or None where none is known."""
        for code in self.hcpcs:
            if code.in_force_on(day):
                return code
        return None

    def hcpcs_in_force_on(self, day: date) -> tuple[HcpcsAssignment, ...]:
        """Return every code that may be right that day; more than one where the day of the change is not known."""
        return tuple(code for code in self.hcpcs if code.in_force_on(day))

    def is_labelled_for(self, condition: ConditionId) -> bool:
        """Whether the US label names the condition."""
        return self.labelled[condition].labelled


class AlternativeTherapy(Sourced):
    """A treatment that is not immunoglobulin but meets it in the same requests, as duplicate or as next step."""

    id: Slug
    brand: Line
    substance: Line
    route: Route
    hcpcs: tuple[HcpcsAssignment, ...] = ()
    labelled: Mapping[ConditionId, LabelledIndication]
    other_indications: tuple[Line, ...] = ()
    remark: Text | None = None
