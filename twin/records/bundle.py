"""A referral as an electronic record would export it: a FHIR R4 collection Bundle shaped like US Core.

A bundle holds less than a case file: results, diagnoses, the order and the documents themselves, but not what the
notes say in words nor the table of the nerve study.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from schemas.chart import Fact
from schemas.treatment import DoseOrder
from twin.records.fhir_elements import US_CORE, Json, coding, reference, resource, url
from twin.records.fhir_people import people
from twin.records.source import CompiledReferral, read_source
from twin.records.treatment import BRANDS, ndc_on_paper


CODES = Path(__file__).parents[2] / "knowledge" / "fhir"
LABORATORY, VITAL_SIGNS = "laboratory", "vital-signs"
UCUM = "http://unitsofmeasure.org"


def bundle_of(referral: CompiledReferral, documents: Mapping[str, bytes]) -> bytes:
    """Return the bundle as JSON; ``documents`` are the bytes of the record documents by document id."""
    resources = [*people(referral), *_conditions(referral), *_observations(referral), _order(referral)]
    resources += [_document(referral, document, content) for document, content in documents.items()]
    bundle = {
        "resourceType": "Bundle",
        "meta": {"tag": [{"system": "urn:synthetic", "code": "SYNTHETIC", "display": "not a real patient"}]},
        "identifier": {"system": referral.referral.system, "value": referral.referral.identifier},
        "type": "collection",
        "timestamp": f"{referral.referral.received_on}T09:00:00Z",
        "entry": [{"fullUrl": url(referral, each["id"]), "resource": each} for each in resources],
    }
    return (json.dumps(bundle, ensure_ascii=False, indent=1, default=_number) + "\n").encode()


def _number(value: Any) -> float | int | str:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


def _conditions(referral: CompiledReferral) -> list[Json]:
    clinical = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    return [
        resource(
            "Condition",
            f"condition-{number}",
            "condition-problems-health-concerns",
            clinicalStatus={"coding": [coding(clinical, "active")]},
            category=[
                {
                    "coding": [
                        coding(
                            "http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item"
                        )
                    ]
                }
            ],
            code={
                "coding": [
                    coding("http://hl7.org/fhir/sid/icd-10-cm", diagnosis.code, diagnosis.description)
                ],
                "text": diagnosis.description,
            },
            subject=reference(referral, "patient"),
            recordedDate=str(diagnosis.dated),
            recorder=reference(referral, "prescriber"),
        )
        for number, diagnosis in enumerate(referral.chart.diagnoses, start=1)
    ]


def _observations(referral: CompiledReferral) -> list[Json]:
    """Write the facts that have a LOINC code; the first code listed for a fact is the usual one."""
    table = read_source(CODES / "observations.yaml")
    loinc: dict[str, Json] = {}
    for entry in table["codes"]:
        loinc.setdefault(entry["fact"], entry)
    ucum = {ours: theirs for theirs, ours in reversed(table["units"].items())}
    coded = [fact for fact in referral.chart.facts if fact.fact in loinc and isinstance(fact.value, Decimal)]
    return [
        _observation(referral, number, fact, loinc[fact.fact], ucum)
        for number, fact in enumerate(coded, start=1)
    ]


def _observation(
    referral: CompiledReferral, number: int, fact: Fact, entry: Json, ucum: Mapping[str, str]
) -> Json:
    unit = (fact.unit or "").replace("1.73 m²", "{1.73_m2}").replace("µ", "u")
    category = VITAL_SIGNS if fact.fact in ("weight", "height") else LABORATORY
    profile = {"weight": "body-weight", "height": "body-height"}.get(fact.fact, "observation-lab")
    code = ucum.get(unit, unit)
    return resource(
        "Observation",
        f"observation-{number}",
        profile,
        status="final",
        category=[
            {"coding": [coding("http://terminology.hl7.org/CodeSystem/observation-category", category)]}
        ],
        code={"coding": [coding("http://loinc.org", entry["code"], entry["name"])], "text": entry["name"]},
        subject=reference(referral, "patient"),
        effectiveDateTime=str(fact.dated),
        valueQuantity={"value": fact.value, "unit": unit, "system": UCUM, "code": code},
    )


def _order(referral: CompiledReferral) -> Json:
    request = referral.request
    if request is None or request.product is None:
        raise ValueError(f"{referral.name}: a bundle needs a request that names its product")
    brand = BRANDS[request.product]
    codes = []
    if request.ndc:
        codes.append(coding("http://hl7.org/fhir/sid/ndc", ndc_on_paper(request.ndc), brand))
    if request.hcpcs:
        codes.append(coding("http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", request.hcpcs))
    return resource(
        "MedicationRequest",
        "order",
        "medicationrequest",
        status="active",
        intent="order",
        priority="routine",
        medicationCodeableConcept={"coding": codes, "text": f"{brand} (immune globulin intravenous, human)"},
        subject=reference(referral, "patient"),
        authoredOn=str(request.requested_on),
        requester=reference(referral, "prescriber-role"),
        reasonReference=[reference(referral, "condition-1")],
        dosageInstruction=[_dosage(order) for order in request.orders],
        dispenseRequest={"validityPeriod": {"start": str(request.starts), "end": str(request.ends)}},
    )


def _dosage(order: DoseOrder) -> Json:
    """A loading dose is so much on each of so many days; a maintenance dose is one amount each so many weeks."""
    per_kg, days = order.grams_per_kg or Decimal(0), order.over_days or 1
    if order.every_days is None:
        each, repeat = per_kg / days, {"frequency": 1, "period": 1, "periodUnit": "d", "count": days}
    else:
        each, repeat = per_kg, {"frequency": 1, "period": order.every_days // 7, "periodUnit": "wk"}
    rate = order.rate_mg_per_kg_min
    amount: Json = {"doseQuantity": {"value": each, "unit": "g/kg", "system": UCUM, "code": "g/kg"}}
    if rate:
        amount["rateQuantity"] = {"value": rate, "unit": "mg/kg/min", "system": UCUM, "code": "mg/kg/min"}
    return {
        "text": f"{order.phase.value}: {per_kg} g/kg, {order.grams} g",
        "timing": {"repeat": repeat},
        "route": {"coding": [coding("http://snomed.info/sct", "47625008", "Intravenous route")]},
        "doseAndRate": [amount],
    }


def _document(referral: CompiledReferral, name: str, content: bytes) -> Json:
    document = next(paper.document for paper in referral.papers if paper.document.document == name)
    types = {entry["kind"]: entry for entry in reversed(read_source(CODES / "document_types.yaml")["types"])}
    known = types.get(document.kind.value)
    coded = {"coding": [coding("http://loinc.org", known["code"], known["name"])]} if known else {}
    return resource(
        "DocumentReference",
        name,
        "documentreference",
        status="current",
        type={**coded, "text": document.title},
        category=[{"coding": [coding(f"{US_CORE}documentreference-category", "clinical-note")]}],
        subject=reference(referral, "patient"),
        date=f"{document.dated or referral.referral.received_on}T12:00:00Z",
        author=[reference(referral, "prescriber")],
        content=[
            {
                "attachment": {
                    "contentType": document.media_type,
                    "title": document.title,
                    "creation": str(document.dated or referral.referral.received_on),
                    "data": base64.b64encode(content).decode(),
                }
            }
        ],
    )
