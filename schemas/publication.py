"""The published evidence, each identifier with whether somebody has checked it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.base import ConditionId, Line, Model, Slug, Text
from schemas.provenance import Sourced


class Topic(StrEnum):
    """What a publication is about beside the three conditions."""

    TREATMENT = "treatment"
    DIAGNOSIS = "diagnosis"
    OUTCOME_MEASURE = "outcome_measure"
    MECHANISM = "mechanism"
    SAFETY = "safety"
    COVERAGE = "coverage"


class EvidenceLevel(StrEnum):
    """I: randomised trial or systematic review; II: cohort or other controlled; III: consensus or case; G: guideline."""

    I = "I"  # noqa: E741 - the name of the level in the literature
    II = "II"
    III = "III"
    GUIDELINE = "G"
    REVIEW = "review"
    PROTOCOL = "protocol"


class Doi(Model):
    """A digital object identifier. Only a verified one may be printed."""

    value: Annotated[str, StringConstraints(pattern=r"^10\.[0-9]{4,9}/\S+$")]
    verified: bool


class Pmid(Model):
    """A PubMed number. Only a verified one may be printed."""

    value: Annotated[str, StringConstraints(pattern=r"^[0-9]{5,8}$")]
    verified: bool


class RegistryNumber(Model):
    """A trial registration. Only a verified one may be printed."""

    value: Annotated[str, StringConstraints(pattern=r"^(NCT[0-9]{8}|ISRCTN[0-9]{8})$")]
    verified: bool


class Publication(Sourced):
    """One published work and what it showed, in our own words."""

    id: Slug
    authors: Line
    study: Line | None = Field(None, description="name the trial is known by")
    title: Line | None = None
    journal: Line | None = None
    year: int | None = Field(None, ge=1950, le=2100)
    volume: Line | None = None
    pages: Line | None = None
    conditions: tuple[ConditionId, ...] = ()
    topic: Topic = Topic.TREATMENT
    showed: Text
    design: Line
    level: EvidenceLevel
    doi: Doi | None = None
    other_doi: Doi | None = Field(None, description="of a second journal that printed the same work")
    pmid: Pmid | None = None
    registration: RegistryNumber | None = None
    open_question: Line | None = None

    def printable_identifiers(self) -> tuple[str, ...]:
        """Return the verified identifiers as they are printed; an unverified one never leaves this record."""
        labelled = (
            ("doi:", self.doi),
            ("doi:", self.other_doi),
            ("PMID ", self.pmid),
            ("", self.registration),
        )
        return tuple(
            f"{label}{identifier.value}"
            for label, identifier in labelled
            if identifier is not None and identifier.verified
        )
