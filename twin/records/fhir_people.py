"""Patient, practice, payer, prescriber and coverage of a referral as FHIR resources."""

from __future__ import annotations

from twin.records.fhir_elements import Json, coding, reference, resource, telecom
from twin.records.source import CompiledReferral


def people(referral: CompiledReferral) -> list[Json]:
    patient, coverage, prescriber, practice = (
        referral.patient,
        referral.coverage,
        referral.prescriber,
        referral.practice,
    )
    if not (coverage and prescriber and practice and practice.address):
        raise ValueError(
            f"{referral.name}: a bundle needs coverage, prescriber and a practice with its address"
        )
    given, _, family = prescriber.name.partition(",")[0].rpartition(" ")
    npi = "http://hl7.org/fhir/sid/us-npi"
    address = practice.address
    return [
        resource(
            "Patient",
            "patient",
            "patient",
            identifier=[{"system": "urn:synthetic:mrn", "value": patient.record_number}],
            name=[{"use": "official", "family": patient.family_name, "given": [patient.given_name]}],
            gender=patient.sex.value,
            birthDate=str(patient.born),
        ),
        resource(
            "Organization",
            "practice",
            "organization",
            active=True,
            identifier=[{"system": npi, "value": practice.npi}],
            name=practice.name,
            telecom=telecom(practice.phone, practice.fax),
            address=[
                {
                    "use": "work",
                    "line": list(address.lines),
                    "city": address.city,
                    "state": address.state,
                    "postalCode": address.postal_code,
                    "country": "US",
                }
            ],
        ),
        resource("Organization", "payer", "organization", active=True, name=coverage.payer_name),
        resource(
            "Practitioner",
            "prescriber",
            "practitioner",
            identifier=[{"system": npi, "value": prescriber.npi}],
            name=[{"use": "official", "text": prescriber.name, "family": family, "given": [given]}],
        ),
        resource(
            "PractitionerRole",
            "prescriber-role",
            "practitionerrole",
            practitioner=reference(referral, "prescriber"),
            organization=reference(referral, "practice"),
            specialty=[
                {
                    "coding": [coding("http://nucc.org/provider-taxonomy", prescriber.taxonomy or "")],
                    "text": prescriber.specialty,
                }
            ],
            telecom=telecom(prescriber.phone, prescriber.fax),
        ),
        resource(
            "Coverage",
            "coverage",
            "coverage",
            status="active",
            subscriberId=coverage.member_id,
            beneficiary=reference(referral, "patient"),
            relationship={
                "coding": [coding("http://terminology.hl7.org/CodeSystem/subscriber-relationship", "self")]
            },
            period={"start": str(coverage.starts)},
            payor=[reference(referral, "payer")],
            **{"class": [_class("group", coverage.group_number), _class("plan", coverage.plan_name)]},
        ),
    ]


def _class(kind: str, value: str | None) -> Json:
    system = "http://terminology.hl7.org/CodeSystem/coverage-class"
    return {"type": {"coding": [coding(system, kind)]}, "value": value, "name": value}
