"""The small parts every FHIR resource of a bundle is made of."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from twin.records.source import CompiledReferral


Json = dict[str, Any]
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"


def url(referral: CompiledReferral, name: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'{referral.referral.system}/{referral.referral.identifier}/{name}')}"


def reference(referral: CompiledReferral, name: str) -> Json:
    return {"reference": url(referral, name)}


def resource(kind: str, name: str, profile: str, /, **content: Any) -> Json:
    return {"resourceType": kind, "id": name, "meta": {"profile": [US_CORE + profile]}, **content}


def coding(system: str, code: str, display: str | None = None) -> Json:
    return {"system": system, "code": code} | ({"display": display} if display else {})


def telecom(phone: str | None, fax: str | None) -> list[Json]:
    return [
        {"system": system, "value": value, "use": "work"}
        for system, value in (("phone", phone), ("fax", fax))
        if value
    ]
