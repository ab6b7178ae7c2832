"""A FHIR Bundle as a neurology practice would export it, made of small parts that tests change."""

from __future__ import annotations

import base64
import json
from typing import Any


Json = dict[str, Any]

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
NDC = "http://hl7.org/fhir/sid/ndc"
SUBJECT = {"reference": "Patient/p1"}


def concept(system: str, code: str, text: str = "") -> Json:
    return {"coding": [{"system": system, "code": code}], **({"text": text} if text else {})}


def patient(**fields: Any) -> Json:
    return {
        "resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1960-02-03",
        "name": [{"use": "official", "family": "Abara", "given": ["Zoë", "M."]}],
        "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": "MRN-1"}], **fields,
    }  # fmt: skip


def observation(identifier: str, code: str, value: Any, unit: str, **fields: Any) -> Json:
    return {
        "resourceType": "Observation", "id": identifier, "status": "final", "subject": SUBJECT, "code": concept(LOINC, code),
        "effectiveDateTime": "2026-11-10T09:30:00-05:00", "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit}, **fields,
    }  # fmt: skip


def condition(code: str = "G61.81", **fields: Any) -> Json:
    return {
        "resourceType": "Condition",
        "id": "c1",
        "subject": SUBJECT,
        "code": concept(ICD10, code, "CIDP"),
        "recordedDate": "2026-11-10",
        **fields,
    }


def dosage(value: float, unit: str, period: int, period_unit: str, **repeat: Any) -> Json:
    return {
        "text": f"{value} {unit}", "timing": {"repeat": {"frequency": 1, "period": period, "periodUnit": period_unit, **repeat}},
        "doseAndRate": [{"doseQuantity": {"value": value, "unit": unit, "code": unit}}],
    }  # fmt: skip


def order(**fields: Any) -> Json:
    return {
        "resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order", "subject": SUBJECT,
        "medicationCodeableConcept": {"text": "Privigen 10% (immune globulin intravenous)"}, "authoredOn": "2026-11-12",
        "requester": {"reference": "PractitionerRole/r1"}, "reasonReference": [{"reference": "Condition/c1"}],
        "dosageInstruction": [dosage(0.4, "g/kg", 1, "d", count=5), dosage(1, "g/kg", 3, "wk")], **fields,
    }  # fmt: skip


def infusion(on: str, grams: float = 70, **fields: Any) -> Json:
    return {
        "resourceType": "MedicationAdministration", "id": f"given-{on}", "status": "completed", "subject": SUBJECT,
        "medicationCodeableConcept": {"text": "Privigen"}, "effectiveDateTime": on, "dosage": {"dose": {"value": grams, "unit": "g", "code": "g"}}, **fields,
    }  # fmt: skip


def coverage(**fields: Any) -> Json:
    return {
        "resourceType": "Coverage", "id": "v1", "status": "active", "beneficiary": SUBJECT, "subscriberId": "W1234567",
        "payor": [{"display": "Aetna"}], "period": {"start": "2026-01-01", "end": "2026-12-31"},
        "class": [{"type": {"coding": [{"code": "group"}]}, "value": "G-9"}, {"type": {"coding": [{"code": "plan"}]}, "value": "P", "name": "Open Choice"}], **fields,
    }  # fmt: skip


def people() -> list[Json]:
    return [
        {"resourceType": "Practitioner", "id": "d1", "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}],
         "name": [{"family": "Lindqvist", "given": ["Maren"], "suffix": ["MD"]}]},
        {"resourceType": "PractitionerRole", "id": "r1", "practitioner": {"reference": "Practitioner/d1"}, "organization": {"reference": "Organization/o1"},
         "specialty": [{"coding": [{"system": "http://nucc.org/provider-taxonomy", "code": "2084N0400X", "display": "Neurology"}]}],
         "telecom": [{"system": "phone", "value": "555-0100"}]},
        {"resourceType": "Organization", "id": "o1", "name": "River Neurology",
         "address": [{"line": ["1 Main St"], "city": "Town", "state": "MA", "postalCode": "01842"}]},
    ]  # fmt: skip


def document(pdf: bytes, **fields: Any) -> Json:
    data = base64.b64encode(pdf).decode()
    return {
        "resourceType": "DocumentReference", "id": "doc_1", "status": "current", "subject": SUBJECT, "type": concept(LOINC, "11506-3"),
        "date": "2026-11-10T00:00:00Z", "content": [{"attachment": {"contentType": "application/pdf", "data": data, "title": "Visit note"}}], **fields,
    }  # fmt: skip


def bundle(*resources: Json, **fields: Any) -> bytes:
    entries = [
        {"fullUrl": f"https://ehr.example/fhir/{one['resourceType']}/{one['id']}", "resource": one}
        for one in resources
    ]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries, **fields}).encode()


def referral(document_content: bytes = b"") -> list[Json]:
    """All parts of a complete referral."""
    parts = [
        patient(),
        coverage(),
        *people(),
        condition(),
        order(),
        observation("w", "29463-7", 81.5, "kg"),
        observation("i", "2458-8", 190, "mg/dL"),
    ]
    return [*parts, document(document_content)] if document_content else parts
