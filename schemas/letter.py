"""Letters: their kinds, their sentences with witnesses, and what is kept of a finished one."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from schemas.assessment import CitedFact
from schemas.base import CaseId, Line, Model, Slug, Text
from schemas.case import Document


class LetterKind(StrEnum):
    """What is written; each has a template of the same name in templates/letters."""

    INITIATION = "initiation"
    CONTINUATION = "continuation"
    DOSE_CHANGE = "dose_change"
    SUBCUTANEOUS_SWITCH = "subcutaneous_switch"
    EXPEDITED_REQUEST = "expedited_request"
    STEP_THERAPY_EXCEPTION = "step_therapy_exception"
    NONPREFERRED_PRODUCT_EXCEPTION = "nonpreferred_product_exception"
    SITE_OF_CARE_EXCEPTION = "site_of_care_exception"
    FIRST_LEVEL_APPEAL = "first_level_appeal"
    EXTERNAL_REVIEW = "external_review"
    PEER_TO_PEER_BRIEF = "peer_to_peer_brief"
    INFORMATION_REPLY = "information_reply"
    FAX_COVER = "fax_cover"
    PORTAL_SHEET = "portal_sheet"
    PATIENT_LETTER = "patient_letter"
    CASE_SUMMARY = "case_summary"


class Review(Model):
    """A named person has read the letter against the record and released it."""

    reviewer: Line
    reviewed_on: date


class Witness(Model):
    """What a sentence rests on: an entry of the chart with its exhibit, or a publication."""

    fact: CitedFact | None = None
    exhibit: Line | None = Field(
        None, description="exhibit letter of the document, where it is in the packet"
    )
    publication: Slug | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.fact is None) == (self.publication is None):
            raise ValueError("a witness is either a fact of the chart or a publication")
        return self


class Claim(Model):
    """One factual sentence as printed, with everything it rests on."""

    number: int = Field(gt=0)
    text: Text
    witnesses: tuple[Witness, ...] = Field(min_length=1)


class ExhibitEntry(Model):
    """An exhibit of a letter: its letter and the document behind it."""

    label: Line
    document: Document


class LetterRecord(Model):
    """What is kept of a letter beside its PDF, and embedded in it: the sentences, their witnesses, and what was left out."""

    case_id: CaseId
    kind: LetterKind
    written_on: date
    draft: bool
    review: Review | None = Field(None, description="who released it; empty on a draft")
    title: Line
    claims: tuple[Claim, ...]
    left_out: tuple[Text, ...] = Field(
        (), description="sentences that could not be written, by what was missing"
    )
    exhibits: tuple[ExhibitEntry, ...] = ()
    references: tuple[Slug, ...] = ()
    case_sha256: Line
    policy_sha256: Line | None = None
