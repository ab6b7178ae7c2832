"""Patient, coverage, prescriber and practice as a FHIR Bundle gives them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pydantic import TypeAdapter

from priorauth.formats.fhir_codes import MBI, NPI, FhirCodes
from priorauth.formats.fhir_resources import Bundle, Resource
from priorauth.formats.fhir_values import Json, codings, concept_words, day, many, one, texts, valid, words
from schemas.case import Address, Coverage, IntakeNote, Patient, Practice, Prescriber, Sex
from schemas.chart import Source
from schemas.codes import Mbi, MemberId, Npi, StateCode


_NPI: TypeAdapter[str] = TypeAdapter(Npi)
_MBI: TypeAdapter[str] = TypeAdapter(Mbi)
_MEMBER_ID: TypeAdapter[str] = TypeAdapter(MemberId)
_STATE: TypeAdapter[str] = TypeAdapter(StateCode)


def read_patient(bundle: Bundle) -> Patient:
    """Read the patient; what is missing stays empty."""
    content = bundle.patient.content
    name = _best(many(content.get("name")), "official")
    born = day(content.get("birthDate"))
    if born is None and content.get("birthDate") is not None:
        found = words(content.get("birthDate")) or "no date"
        bundle.notes.append(
            IntakeNote(
                where=f"{bundle.patient.name} birthDate", found=found, expected="a whole date of birth"
            )
        )
    sex = words(content.get("gender"))
    return Patient(
        given_name=" ".join(texts(name.get("given"))) or None,
        family_name=words(name.get("family")) or words(name.get("text")) or None,
        born=born,
        sex=Sex(sex) if sex in set(Sex) else Sex.UNKNOWN,
        record_number=_typed_identifier(content, "MR"),
        died=day(content.get("deceasedDateTime")),
    )


def read_coverage(bundle: Bundle, codes: FhirCodes, payers: Collection[str]) -> Coverage | None:
    """Read the coverage to ask. Whether it is active is for benefit verification to say, not for a bundle."""
    found = [
        resource
        for resource in bundle.of_kind("Coverage")
        if words(resource.content.get("status")) in ("active", "")
    ]
    if not found:
        return None
    found.sort(key=lambda resource: _order(resource.content))
    for other in found[1:]:
        bundle.notes.append(
            IntakeNote(
                where=other.name,
                found="a further coverage",
                expected="one coverage; the first in order was taken",
            )
        )
    chosen = found[0]
    payer_name = _payer_name(bundle, chosen)
    member_id = words(chosen.content.get("subscriberId")) or _typed_identifier(chosen.content, "MB")
    mbi = (
        _identifier(chosen.content, MBI)
        or _identifier(bundle.patient.content, MBI)
        or _typed_identifier(bundle.patient.content, "MC")
    )
    period = one(chosen.content.get("period"))
    starts, ends = day(period.get("start")), day(period.get("end"))
    if starts and ends and ends < starts:
        bundle.notes.append(
            IntakeNote(
                where=chosen.name, found=f"a period from {starts} to {ends}", expected="dates in order"
            )
        )
        starts = ends = None
    return Coverage(
        payer=_payer_id(payer_name, payers),
        payer_name=payer_name or None,
        plan_name=_class(chosen.content, "plan", "name"),
        line_of_business=next(
            (
                codes.lines_of_business[coding.code]
                for coding in codings(chosen.content.get("type"))
                if coding.system == codes.coverage_system and coding.code in codes.lines_of_business
            ),
            None,
        ),
        member_id=valid(_MEMBER_ID, member_id, f"{chosen.name} subscriberId", bundle.notes)
        if member_id
        else None,
        group_number=_class(chosen.content, "group", "value"),
        medicare_beneficiary_id=valid(_MBI, mbi, f"{chosen.name} Medicare number", bundle.notes)
        if mbi
        else None,
        starts=starts,
        ends=ends,
        source=Source(recorded_by=f"FHIR {chosen.name}"),
    )


def read_prescriber(bundle: Bundle, order: Resource) -> tuple[Prescriber | None, Practice | None]:
    """Read who ordered the immunoglobulin and for which practice."""
    requester = order.content.get("requester")
    role = bundle.resolve(requester, "PractitionerRole")
    person = bundle.resolve(role.content.get("practitioner") if role else requester, "Practitioner")
    if person is None:
        return None, None
    role = role or _role_of(bundle, person)
    name = _person_name(person.content)
    npi = _identifier(person.content, NPI)
    specialties = many(role.content.get("specialty")) if role else []
    taxonomy = next(
        (coding.code for concept in specialties for coding in codings(concept) if "nucc" in coding.system),
        None,
    )
    telecom = (role.content if role else {}).get("telecom") or person.content.get("telecom")
    prescriber = Prescriber(
        name=name or person.name,
        npi=valid(_NPI, npi, f"{person.name} NPI", bundle.notes) if npi else None,
        specialty=next((text for concept in specialties if (text := concept_words(concept))), None),
        taxonomy=taxonomy,
        phone=_telecom(telecom, "phone"),
        fax=_telecom(telecom, "fax"),
    )
    organization = bundle.resolve(role.content.get("organization"), "Organization") if role else None
    return prescriber, _practice(bundle, organization) if organization else None


def _practice(bundle: Bundle, organization: Resource) -> Practice:
    npi = _identifier(organization.content, NPI)
    return Practice(
        name=words(organization.content.get("name")) or organization.name,
        npi=valid(_NPI, npi, f"{organization.name} NPI", bundle.notes) if npi else None,
        address=_address(bundle, organization),
        phone=_telecom(organization.content.get("telecom"), "phone"),
        fax=_telecom(organization.content.get("telecom"), "fax"),
    )


def _address(bundle: Bundle, organization: Resource) -> Address | None:
    found = _best(many(organization.content.get("address")), "work")
    lines = texts(found.get("line"))[:3]
    city, state, code = (words(found.get(key)) for key in ("city", "state", "postalCode"))
    known_state = valid(_STATE, state, f"{organization.name} address", bundle.notes) if state else None
    if not (lines and city and known_state and code):
        return None
    return Address(lines=tuple(lines), city=city, state=known_state, postal_code=code)


def who(bundle: Bundle, resource: Resource, *fields: str) -> str:
    """Name who recorded a resource: the person or organization it names, and always the resource itself."""
    named: list[Any] = [reference for name in fields for reference in many(resource.content.get(name))]
    encounter = bundle.resolve(resource.content.get("encounter"), "Encounter")
    if encounter is not None:
        named.append(encounter.content.get("serviceProvider"))
    for reference in named:
        name = _name_behind(bundle, reference) or words(one(reference).get("display"))
        if name:
            return f"{name[:120]} (FHIR {resource.name})"[:300]
    return f"FHIR {resource.name}"[:300]


def _name_behind(bundle: Bundle, reference: Any) -> str:
    found = bundle.resolve(reference, "Practitioner", "PractitionerRole", "Organization")
    if found is not None and found.kind == "PractitionerRole":
        found = bundle.resolve(found.content.get("practitioner"), "Practitioner")
    if found is None:
        return ""
    return words(found.content.get("name")) if found.kind == "Organization" else _person_name(found.content)


def _person_name(content: Json) -> str:
    name = _best(many(content.get("name")), "official")
    if words(name.get("text")):
        return words(name["text"])
    full = " ".join([*texts(name.get("given")), *texts(name.get("family"))])
    return ", ".join(part for part in [full, *texts(name.get("suffix"))] if part)


def _role_of(bundle: Bundle, person: Resource) -> Resource | None:
    return next(
        (
            role
            for role in bundle.of_kind("PractitionerRole")
            if bundle.resolve(role.content.get("practitioner")) == person
        ),
        None,
    )


def _best(entries: list[Json], use: str) -> Json:
    return next((entry for entry in entries if entry.get("use") == use), entries[0] if entries else {})


def _identifier(content: Json, system: str) -> str:
    return next(
        (
            words(entry.get("value"))
            for entry in many(content.get("identifier"))
            if entry.get("system") == system
        ),
        "",
    )


def _typed_identifier(content: Json, code: str) -> str | None:
    for entry in many(content.get("identifier")):
        if any(coding.code == code for coding in codings(entry.get("type"))):
            return words(entry.get("value")) or None
    return None


def _telecom(telecom: Any, system: str) -> str | None:
    return next(
        (words(entry.get("value")) or None for entry in many(telecom) if entry.get("system") == system), None
    )


def _order(content: Json) -> int:
    order = content.get("order")
    return order if isinstance(order, int) else 1


def _class(content: Json, kind: str, field: str) -> str | None:
    for entry in many(content.get("class")):
        if any(coding.code == kind for coding in codings(entry.get("type"))):
            return words(entry.get(field)) or words(entry.get("value")) or None
    return None


def _payer_name(bundle: Bundle, coverage: Resource) -> str:
    for reference in many(coverage.content.get("payor")):
        organization = bundle.resolve(reference, "Organization")
        name = words(organization.content.get("name")) if organization else words(reference.get("display"))
        if name:
            return name
    return ""


def _payer_id(name: str, payers: Collection[str]) -> str | None:
    """Recognize a payer by its whole name only: two plans of similar name have different rules."""
    plain = "".join(character for character in name.lower() if character.isalnum())
    return next((payer for payer in payers if payer.replace("_", "") == plain), None)
