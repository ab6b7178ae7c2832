"""Letters: their kinds, their sentences with witnesses, and what is kept of a finished one."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Self

from pydantic import Field, model_validator

from schemas.assessment import CitedFact
from schemas.base import CaseId, Line, Model, Slug, Words
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
    about: str = Field("", max_length=600, description="head of the table row it stands in")
    text: Words
    values: tuple[Words, ...] = Field(
        (), description="values and dates of its witnesses that it prints word for word"
    )
    witnesses: tuple[Witness, ...] = Field(min_length=1)


class ExhibitEntry(Model):
    """An exhibit of a letter: its letter and the document behind it."""

    label: Line
    document: Document


class Citation(Model):
    """A publication in the list of references, with the identifiers that were verified."""

    number: int = Field(gt=0)
    publication: Slug
    identifiers: tuple[Line, ...] = Field(min_length=1)


class LetterRecord(Model):
    """What is kept of a letter beside its PDF, and embedded in it: the sentences, their witnesses, and what was left out."""

    case_id: CaseId
    kind: LetterKind
    written_on: date
    draft: bool
    review: Review | None = Field(None, description="who released it; empty on a draft")
    title: Line
    running_head: Line
    lines: tuple[str, ...] = Field(
        description="all that the letter says, one sentence or table row to a line"
    )
    claims: tuple[Claim, ...]
    left_out: tuple[Words, ...] = Field(
        (), description="sentences that could not be written, by what was missing"
    )
    exhibits: tuple[ExhibitEntry, ...] = ()
    references: tuple[Citation, ...] = ()
    case_sha256: Line
    policy_sha256: Line | None = None


class SealedLetter(Model):
    """The file embedded in the PDF: the record, the text of each page as it was made, and a hash over both.

    The hash finds a slip and an edit by hand. Who rewrites the whole file can make a new one; that the file is the
    one the practice made is shown by the hash of the PDF in the practice's store.
    """

    record: LetterRecord
    pages: tuple[str, ...] = Field(min_length=1)
    sha256: Line

    @classmethod
    def of(cls, record: LetterRecord, pages: tuple[str, ...]) -> Self:
        """Seal a record together with the pages."""
        return cls(record=record, pages=pages, sha256=_seal(record, pages))

    @property
    def intact(self) -> bool:
        """Whether record and pages are those that were sealed."""
        return self.sha256 == _seal(self.record, self.pages)


def _seal(record: LetterRecord, pages: tuple[str, ...]) -> str:
    digest = sha256(record.model_dump_json().encode())
    for page in pages:
        digest.update(sha256(page.encode()).digest())
    return digest.hexdigest()
