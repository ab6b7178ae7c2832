"""Codes of FHIR resources and what they mean in the product's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.base import Line, LineOfBusiness, Model
from schemas.case import DocumentKind
from schemas.provenance import Sourced
from schemas.references import KnownFact


LoincCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,7}-[0-9]$")]


class ObservationCode(Model):
    """An Observation whose value is one fact of the vocabulary."""

    code: LoincCode
    fact: KnownFact
    name: Line


class ObservationCodes(Sourced):
    """The Observations that are read; ``units`` turns UCUM into the unit names of the vocabulary."""

    codes: tuple[ObservationCode, ...] = Field(min_length=1)
    units: Mapping[Line, Line]


class DocumentType(Model):
    """The kind of record that a DocumentReference type stands for."""

    code: LoincCode
    kind: DocumentKind
    name: Line


class DocumentTypes(Sourced):
    """The types of DocumentReference whose kind is known, by LOINC code or by their exact words in lower case."""

    types: tuple[DocumentType, ...] = Field(min_length=1)
    words: Mapping[Line, DocumentKind]


class CoverageType(Model):
    """A type of Coverage that settles the line of business."""

    code: Line
    line_of_business: LineOfBusiness
    name: Line


class CoverageTypes(Sourced):
    """The types of Coverage in one code system."""

    system: Line
    types: tuple[CoverageType, ...] = Field(min_length=1)
