"""The code tables of ``knowledge/fhir``, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from priorauth.yaml_records import load_record
from schemas.base import FactKey, LineOfBusiness
from schemas.case import DocumentKind
from schemas.fhir_codes import CoverageTypes, DocumentTypes, ObservationCodes


FOLDER = Path(__file__).resolve().parents[2] / "knowledge" / "fhir"

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
ICD10 = frozenset({"http://hl7.org/fhir/sid/icd-10-cm", "urn:oid:2.16.840.1.113883.6.90"})
HCPCS = frozenset(
    {"http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "urn:oid:2.16.840.1.113883.6.285"}
)
NDC = frozenset({"http://hl7.org/fhir/sid/ndc", "urn:oid:2.16.840.1.113883.6.69"})
NPI = "http://hl7.org/fhir/sid/us-npi"
MBI = "http://hl7.org/fhir/sid/us-mbi"


@dataclass(frozen=True)
class FhirCodes:
    """What each code means: a fact by LOINC code, a unit by UCUM code, a kind of document, a line of business."""

    facts: Mapping[str, FactKey]
    units: Mapping[str, str]
    document_kinds: Mapping[str, DocumentKind]
    document_words: Mapping[str, DocumentKind]
    coverage_system: str
    lines_of_business: Mapping[str, LineOfBusiness]


@cache
def load_fhir_codes(folder: Path = FOLDER) -> FhirCodes:
    """Read the tables; YamlMistakes says what is wrong with them."""
    observations = load_record(folder / "observations.yaml", ObservationCodes)
    coverage = load_record(folder / "coverage_types.yaml", CoverageTypes)
    documents = load_record(folder / "document_types.yaml", DocumentTypes)
    return FhirCodes(
        facts={entry.code: entry.fact for entry in observations.codes},
        units=observations.units,
        document_kinds={entry.code: entry.kind for entry in documents.types},
        document_words=documents.words,
        coverage_system=coverage.system,
        lines_of_business={entry.code: entry.line_of_business for entry in coverage.types},
    )
