"""The resources of one Bundle by kind and by reference, and those that speak of another patient left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from priorauth.formats.fhir_values import Json, many, one, words
from priorauth.formats.unreadable import FaultCode, unreadable
from priorauth.yaml_source import YamlFile
from schemas.case import IntakeNote


_RETRACTED = frozenset({"entered-in-error", "cancelled", "nullified"})


@dataclass(frozen=True)
class Resource:
    """One resource; ``name`` is how notes and sources call it."""

    kind: str
    id: str
    content: Json
    url: str = ""

    @property
    def name(self) -> str:
        return f"{self.kind}/{self.id}"


@dataclass(frozen=True)
class Bundle:
    """The resources of a bundle, in its order."""

    name: str
    identifier: Json
    patient: Resource
    resources: tuple[Resource, ...]
    by_reference: Mapping[str, Resource]
    notes: list[IntakeNote] = field(default_factory=list)

    def of_kind(self, *kinds: str) -> list[Resource]:
        """Return the resources of some kinds."""
        return [resource for resource in self.resources if resource.kind in kinds]

    def resolve(self, reference: Any, *kinds: str) -> Resource | None:
        """Return the resource that a Reference leads to inside the bundle."""
        found = self.by_reference.get(words(one(reference).get("reference")))
        return found if found and (not kinds or found.kind in kinds) else None


def open_bundle(file: YamlFile) -> Bundle:
    """Find the resources of a bundle about one patient; Unreadable where there is none."""
    kind = words(file.value.get("resourceType"))
    if kind != "Bundle":
        raise unreadable(
            FaultCode.NOT_A_REFERRAL,
            file.name,
            key="resourceType",
            found=f"a FHIR {kind or 'resource without a type'}",
            expected="a FHIR Bundle",
            mend="Export the patient's record as one Bundle.",
        )
    resources = [
        resource
        for number, entry in enumerate(many(file.value.get("entry")))
        if (resource := _resource(entry, number)) is not None
    ]
    patients = [resource for resource in resources if resource.kind == "Patient"]
    if len(patients) != 1:
        raise unreadable(
            FaultCode.NO_PATIENT,
            file.name,
            key="entry",
            found=f"{len(patients) or 'no'} Patient resources among {len(resources)}",
            expected="one Patient",
            mend="Export one bundle for each patient, with the Patient in it.",
        )
    notes: list[IntakeNote] = []
    kept = tuple(resource for resource in resources if _belongs(resource, patients[0], notes))
    by_reference = {
        reference: resource for resource in kept for reference in (resource.url, resource.name) if reference
    }
    return Bundle(file.name, one(file.value.get("identifier")), patients[0], kept, by_reference, notes)


def _resource(entry: Json, number: int) -> Resource | None:
    content = one(entry.get("resource"))
    kind = words(content.get("resourceType"))
    if not kind:
        return None
    url = words(entry.get("fullUrl"))
    return Resource(
        kind,
        words(content.get("id")) or url.rsplit("/", 1)[-1].rsplit(":", 1)[-1] or f"entry-{number}",
        content,
        url,
    )


def _belongs(resource: Resource, patient: Resource, notes: list[IntakeNote]) -> bool:
    """Whether a resource speaks of the patient and was not taken back; what does not is noted by name."""
    if resource is patient:
        return True
    other = _other_patient(resource, patient)
    if other:
        notes.append(
            IntakeNote(
                where=resource.name[:300],
                found=f"a resource about {other}, another patient",
                expected=f"the patient of this bundle, {patient.name}",
            )
        )
        return False
    if words(resource.content.get("status")) in _RETRACTED or _refuted(resource.content):
        notes.append(IntakeNote(where=resource.name[:300], found="a resource that was retracted or refuted"))
        return False
    return True


def _other_patient(resource: Resource, patient: Resource) -> str:
    """Return the reference to whoever else the resource is about, or an empty string."""
    content = resource.content
    subject = content.get("subject") or content.get("patient") or content.get("beneficiary")
    target = words(one(subject).get("reference"))
    if target in (patient.name, patient.url) or target.endswith(f"/{patient.name}"):
        return ""
    another_urn = target.startswith("urn:") and patient.url.startswith("urn:")
    return target if another_urn or "Patient/" in target else ""


def _refuted(content: Json) -> bool:
    verification = one(content.get("verificationStatus"))
    return any(
        words(coding.get("code")) in ("refuted", "entered-in-error")
        for coding in many(verification.get("coding"))
    )
