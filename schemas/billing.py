"""Billing codes beside the drug's own: modifiers, administration, places of service, revenue codes."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.base import Line, Model, SiteOfCare, Slug, Text
from schemas.provenance import Day, Sourced


class CodeSystem(StrEnum):
    """Who keeps the code."""

    CPT = "cpt"
    HCPCS = "hcpcs"
    MODIFIER = "modifier"
    PLACE_OF_SERVICE = "place_of_service"
    REVENUE = "revenue"


class Rate(Model):
    """What is paid for one unit of the code in a calendar year."""

    year: int = Field(ge=2020, le=2100)
    dollars: Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[0-9]{2}$")]


class BillingCode(Sourced):
    """One code, what it stands for, and when it is used for immunoglobulin."""

    id: Slug
    system: CodeSystem
    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{2,5}$")]
    meaning: Line
    when: Text | None = Field(
        None, description="when it is used for immunoglobulin, where the meaning does not say"
    )
    sites: tuple[SiteOfCare, ...] = Field((), description="sites of care that bill a place of service code")
    rates: tuple[Rate, ...] = ()
    effective_from: Day | None = Field(None, description="empty: since before the product's data begin")
    effective_to: Day | None = Field(None, description="last day; empty: still in force")
    open_question: Line | None = None

    def in_force_on(self, day: date) -> bool:
        """Whether a claim for this date of service may carry the code."""
        begun = self.effective_from is None or self.effective_from <= day
        return begun and (self.effective_to is None or day <= self.effective_to)
