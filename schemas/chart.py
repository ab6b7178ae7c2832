"""The chart: what the record documents about one patient, each entry with its date and its source.

Nothing here is required to be present. What the record does not say is simply not in the chart, and whoever
reads the chart must treat that as undocumented, never as absent.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, PositiveInt, StrictBool, StringConstraints, model_validator

from schemas.base import Day, DocumentId, Exact, FactKey, Grams, Line, Model, Side, Slug, Text
from schemas.codes import Icd10Code


FactValue = Annotated[StrictBool | Exact | date | Line, Field(union_mode="left_to_right")]


class Source(Model):
    """Where an entry comes from: a page of a document, or the person who recorded it."""

    document: DocumentId | None = None
    page: PositiveInt | None = None
    recorded_by: Line | None = None

    @model_validator(mode="after")
    def _names_one_origin(self) -> Self:
        if (self.document is None) == (self.recorded_by is None):
            raise ValueError(
                "expected either a document (with its page) or the person who recorded it, and not both"
            )
        if self.page is not None and self.document is None:
            raise ValueError("found a page without a document; name the document the page belongs to")
        return self


class Entry(Model):
    """What every chart entry has. ``dated`` may be missing in the record; then no criterion can rest on it."""

    dated: date | None = Field(None, description="the day the finding was made or the sample taken")
    source: Source


class Fact(Entry):
    """One documented statement under a key of the vocabulary (``knowledge/facts.yaml``).

    ``value: false`` means that it was looked for and not found. Numbers are decimals in ``unit``.
    """

    fact: FactKey
    value: FactValue
    unit: Line | None = None
    note: Text | None = Field(None, description="the record's own wording, where it helps a reviewer")


class Measurement(Entry):
    """One result of an outcome measure (``knowledge/measures``)."""

    measure: Slug
    value: Exact
    out_of: Exact | None = Field(None, description="denominator, for scales that exist in several lengths")
    side: Side | None = None
    unit: Line | None = None
    examiner: Line | None = None


def _grade_in_words(value: Any) -> Any:
    """Take a bare 4 of a case file for the grade it is."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


MrcGrade = Annotated[
    str,
    BeforeValidator(_grade_in_words),
    StringConstraints(pattern=r"^([0-4][+-]?|5-?)$"),
    Field(description="MRC grade 0 to 5, with plus or minus where the record has one"),
]


class MuscleStrength(Entry):
    """The strength of one muscle or movement on one or both sides: a row of the examination's table."""

    muscle: Line = Field(description="muscle or movement as the record names it, such as ankle dorsiflexion")
    right: MrcGrade | None = None
    left: MrcGrade | None = None

    @model_validator(mode="after")
    def _has_a_grade(self) -> Self:
        if self.right is None and self.left is None:
            raise ValueError("expected a grade for the right or the left side")
        return self


class Response(StrEnum):
    """What became of an earlier treatment."""

    IMPROVED = "improved"
    NO_RESPONSE = "no_response"
    INSUFFICIENT = "insufficient"
    INTOLERANT = "intolerant"
    CONTRAINDICATED = "contraindicated"
    UNKNOWN = "unknown"


class Therapy(Entry):
    """An earlier or concurrent treatment: drug or procedure, from when to when, and its outcome."""

    treatment: Slug = Field(description="such as prednisone, plasma_exchange, rituximab, or a product id")
    started: date | None = None
    stopped: date | None = None
    dose: Line | None = None
    response: Response = Response.UNKNOWN
    reason_stopped: Line | None = None

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.started and self.stopped and self.stopped < self.started:
            raise ValueError(f"stopped on {self.stopped}, before it started on {self.started}")
        return self


class Diagnosis(Entry):
    """A coded diagnosis as the record gives it."""

    code: Icd10Code
    description: Line | None = None
    principal: bool = False


class NerveKind(StrEnum):
    """Whether motor or sensory fibres were studied."""

    MOTOR = "motor"
    SENSORY = "sensory"


class NerveSegment(Model):
    """One row of the nerve conduction table: one stimulation site or segment of one nerve.

    Latency ms, velocity m/s, motor amplitude mV (sensory µV), area mV·ms, duration ms; ``upper``/``lower`` are
    the laboratory's limits of normal. Amplitude, area and duration belong to the response at this site.
    """

    segment: Line = Field(
        description="stimulation site or segment, such as wrist, elbow, forearm, ankle, below knee"
    )
    distal: bool = Field(False, description="the most distal stimulation site of this nerve")
    latency_ms: Exact | None = None
    latency_upper_ms: Exact | None = None
    velocity_m_s: Exact | None = None
    velocity_lower_m_s: Exact | None = None
    amplitude: Exact | None = None
    amplitude_lower: Exact | None = None
    area: Exact | None = None
    duration_ms: Exact | None = None
    entrapment_site: bool = Field(
        False, description="a common site of compression, which block rules leave out"
    )


class NerveRecording(Model):
    """All that was measured in one nerve on one side."""

    nerve: Slug = Field(description="median, ulnar, radial, fibular, tibial, sural, superficial_fibular, …")
    side: Side
    kind: NerveKind
    segments: tuple[NerveSegment, ...] = Field(min_length=1)
    f_wave_ms: Exact | None = None
    f_wave_upper_ms: Exact | None = None
    f_wave_absent: bool | None = Field(None, description="None: not tested or not stated")
    muscle: Line | None = None


class NerveStudy(Entry):
    """A nerve conduction study with its raw values, from which the criteria are computed."""

    recordings: tuple[NerveRecording, ...] = ()
    temperature_arm_c: Exact | None = None
    temperature_leg_c: Exact | None = None
    low_frequency_filter_hz: Exact | None = None
    performed_by: Line | None = None
    interpretation: Text | None = Field(
        None, description="the report's own conclusion, quoted; never decisive"
    )


class GivenInfusion(Entry):
    """An infusion that was given: one day, one product."""

    on: Day
    product: Slug
    grams: Grams
    units: int | None = Field(None, gt=0, description="HCPCS billing units charged")
    wasted_grams: Exact = Decimal(0)
    authorization: Line | None = Field(None, description="number of the authorization that the claim names")
    lot: Line | None = None
    reaction: Line | None = None


class Chart(Model):
    """The documented facts of one case."""

    facts: tuple[Fact, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    muscle_strength: tuple[MuscleStrength, ...] = ()
    nerve_studies: tuple[NerveStudy, ...] = ()
    therapies: tuple[Therapy, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    infusions: tuple[GivenInfusion, ...] = ()
