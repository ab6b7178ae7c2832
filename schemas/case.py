"""The case: one patient, one coverage and one treatment request over its whole life."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from schemas.base import CaseId, ConditionId, DocumentId, Line, LineOfBusiness, Model, Slug, Text
from schemas.chart import Chart, Entry, Source
from schemas.codes import Mbi, MemberId, Npi, StateCode, Tin
from schemas.treatment import Authorization, Course, TreatmentRequest


class Sex(StrEnum):
    """Administrative sex, which ideal body weight and some reference ranges need."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Address(Model):
    """A postal address in the United States."""

    lines: tuple[Line, ...] = Field(min_length=1, max_length=3)
    city: Line
    state: StateCode
    postal_code: Line


class Patient(Model):
    """The person treated."""

    given_name: Line | None = None
    family_name: Line | None = None
    born: date | None = None
    sex: Sex = Sex.UNKNOWN
    record_number: Line | None = None
    died: date | None = None


class Coverage(Model):
    """The plan that is asked to pay, as benefit verification found it on ``verified_on``."""

    payer: Slug | None = Field(None, description="payer id of knowledge/payers, such as aetna")
    payer_name: Line | None = Field(None, description="as printed on the card")
    plan_name: Line | None = None
    line_of_business: LineOfBusiness | None = None
    member_id: MemberId | None = None
    group_number: Line | None = None
    medicare_beneficiary_id: Mbi | None = None
    starts: date | None = None
    ends: date | None = None
    plan_year_starts: date | None = None
    state: StateCode | None = Field(None, description="state that regulates the plan")
    department: Line | None = None
    fax: Line | None = None
    phone: Line | None = None
    address: Address | None = None
    verified_on: date | None = None
    active: bool | None = Field(None, description="what the eligibility answer said on verified_on")
    source: Source | None = None

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.starts and self.ends and self.ends < self.starts:
            raise ValueError(f"coverage ends on {self.ends}, before it starts on {self.starts}")
        return self


class Prescriber(Model):
    """The clinician who orders and signs."""

    name: Line
    npi: Npi | None = None
    specialty: Line | None = None
    taxonomy: Line | None = Field(None, description="NUCC taxonomy code, such as 2084N0400X")
    board_certified_in: Line | None = None
    phone: Line | None = Field(None, description="direct line for a peer-to-peer call")
    fax: Line | None = None


class Practice(Model):
    """The practice that sends the request."""

    name: Line
    npi: Npi | None = None
    tin: Tin | None = None
    address: Address | None = None
    phone: Line | None = None
    fax: Line | None = None
    tagline: Line | None = None


class DocumentKind(StrEnum):
    """What sort of record a document is; decides its place among the exhibits."""

    ORDER = "order"
    VISIT_NOTE = "visit_note"
    NERVE_STUDY = "nerve_study"
    LABORATORY = "laboratory"
    CSF = "csf"
    IMAGING = "imaging"
    BIOPSY = "biopsy"
    OUTCOME_MEASURES = "outcome_measures"
    INFUSION_RECORD = "infusion_record"
    INSURANCE_CARD = "insurance_card"
    AUTHORIZATION_LETTER = "authorization_letter"
    DENIAL_LETTER = "denial_letter"
    HOSPITAL_RECORD = "hospital_record"
    OTHER = "other"


class Document(Model):
    """A file of the record. Its bytes live in the document store under ``sha256``."""

    document: DocumentId
    title: Line
    kind: DocumentKind = DocumentKind.OTHER
    dated: date | None = None
    media_type: Line = "application/pdf"
    sha256: Line | None = Field(None, pattern=r"^[0-9a-f]{64}$")
    pages: int | None = Field(None, gt=0)
    file: Line | None = Field(
        None, description="path beside the case file; empty once the bytes are in the store"
    )


class IntakeNote(Model):
    """Something intake could not take in, or found missing; kept so that nothing is lost in silence."""

    where: Line
    found: Text
    expected: Text | None = None


class Referral(Model):
    """Where the case came from. The same system and identifier always give the same case."""

    system: Line
    identifier: Line
    received_on: date | None = None


class Case(Model):
    """All that is known of one request for treatment."""

    case_id: CaseId
    referral: Referral
    condition: ConditionId | None = Field(
        None, description="the immune neuropathy the request is for, where it names one"
    )
    patient: Patient
    coverage: Coverage | None = None
    prescriber: Prescriber | None = None
    practice: Practice | None = None
    request: TreatmentRequest | None = None
    chart: Chart = Chart()
    course: Course = Course()
    documents: tuple[Document, ...] = ()
    intake_notes: tuple[IntakeNote, ...] = ()

    @model_validator(mode="after")
    def _sources_exist(self) -> Self:
        known = [document.document for document in self.documents]
        repeated = sorted({name for name in known if known.count(name) > 1})
        if repeated:
            raise ValueError(f"the document ids {repeated} are used twice; give every document its own id")
        for where, source in cited_sources(self):
            if source.document is not None and source.document not in known:
                raise ValueError(
                    f"{where} cites the document '{source.document}', which is not listed under documents: {known}"
                )
        return self


def cited_sources(case: Case) -> list[tuple[str, Source]]:
    """List every source the case cites with the place that cites it, in the order of the file."""
    entries: list[tuple[str, tuple[Entry | Authorization, ...]]] = [
        *((f"chart.{name}", getattr(case.chart, name)) for name in Chart.model_fields),
        ("course.authorizations", case.course.authorizations),
    ]
    cited = [
        (f"{name}[{number}]", entry.source) for name, group in entries for number, entry in enumerate(group)
    ]
    for name, part in (("coverage", case.coverage), ("request", case.request)):
        if part is not None and part.source is not None:
            cited.append((name, part.source))
    return cited
