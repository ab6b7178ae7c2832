"""A FHIR R4 Bundle shaped like US Core as a case. Nothing is guessed: what is absent or cannot be read is named on the case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from pydantic import ValidationError

from priorauth.formats.case_file import case_id_for
from priorauth.formats.fhir_chart import read_diagnoses, read_facts
from priorauth.formats.fhir_codes import FhirCodes, load_fhir_codes
from priorauth.formats.fhir_documents import read_documents
from priorauth.formats.fhir_order import Order, find_order, read_infusions, read_request
from priorauth.formats.fhir_people import read_coverage, read_patient, read_prescriber
from priorauth.formats.fhir_resources import Bundle, open_bundle
from priorauth.formats.fhir_values import objection, words
from priorauth.formats.plain_values import read_plain
from priorauth.formats.unreadable import FaultCode, unreadable
from priorauth.knowledge import Knowledge
from priorauth.yaml_source import YamlFile
from schemas.base import ConditionId
from schemas.case import Case, IntakeNote, Referral
from schemas.chart import Chart, Diagnosis
from schemas.condition import CodeUse


_READ = frozenset(
    {
        "Patient",
        "Coverage",
        "Practitioner",
        "PractitionerRole",
        "Organization",
        "Condition",
        "Observation",
        "Medication",
        "MedicationRequest",
        "MedicationAdministration",
        "DocumentReference",
        "Binary",
        "Encounter",
    }
)


def read_bundle(content: bytes, name: str, knowledge: Knowledge) -> tuple[Case, Mapping[str, bytes]]:
    """Read a bundle as a case and the bytes of its documents by document id; Unreadable says why it cannot be one."""
    return case_from_bundle(read_plain(content, name), knowledge)


def case_from_bundle(
    file: YamlFile, knowledge: Knowledge, codes: FhirCodes | None = None
) -> tuple[Case, Mapping[str, bytes]]:
    """Make a case of the plain values of a bundle."""
    codes = codes or load_fhir_codes()
    bundle = open_bundle(file)
    try:
        return _case(bundle, knowledge, codes)
    except ValidationError as error:
        raise unreadable(
            FaultCode.WRONG_VALUES,
            file.name,
            found=objection(error),
            expected="values that fit a case",
            mend="Correct the bundle, or enter the referral as a case file.",
        ) from None


def _case(bundle: Bundle, knowledge: Knowledge, codes: FhirCodes) -> tuple[Case, Mapping[str, bytes]]:
    _note_what_is_not_read(bundle)
    order = find_order(bundle, knowledge)
    infusions = read_infusions(bundle, knowledge)
    diagnoses = read_diagnoses(bundle)
    facts = read_facts(bundle, codes, knowledge.vocabulary)
    documents, content = read_documents(bundle, codes)
    payers = {policy.payer for policy in knowledge.policies.values()}
    prescriber, practice = read_prescriber(bundle, order.resource) if order else (None, None)
    request = read_request(bundle, order, infusions, knowledge) if order else None
    referral = _referral(bundle, order)
    case = Case(
        case_id=case_id_for(referral),
        referral=referral,
        condition=_condition(bundle, request.icd10 if request else None, diagnoses, knowledge),
        patient=read_patient(bundle),
        coverage=read_coverage(bundle, codes, payers),
        prescriber=prescriber,
        practice=practice,
        request=request,
        chart=Chart(facts=facts, diagnoses=diagnoses, infusions=infusions),
        documents=documents,
    )
    missing = _missing(case)
    return case.model_copy(update={"intake_notes": (*missing, *bundle.notes)}), content


def _referral(bundle: Bundle, order: Order | None) -> Referral:
    """Name the referral: by the bundle's own identifier, else by the patient and the order, else by the patient."""
    value = words(bundle.identifier.get("value"))
    if value:
        return Referral(system=words(bundle.identifier.get("system")) or "fhir", identifier=value)
    parts = [bundle.patient.name, *([order.resource.name] if order else [])]
    return Referral(system="fhir", identifier=" ".join(parts)[:300])


def _condition(
    bundle: Bundle, ordered_for: str | None, diagnoses: tuple[Diagnosis, ...], knowledge: Knowledge
) -> ConditionId | None:
    """Take the condition from the order, else from the one diagnosis that names one of the three."""
    codes = [ordered_for] if ordered_for else [diagnosis.code for diagnosis in diagnoses]
    found = {
        known.condition
        for code in codes
        if (known := knowledge.diagnosis_code(code)) and known.use is CodeUse.TARGET and known.condition
    }
    if len(found) > 1:
        named = ", ".join(sorted(found))
        bundle.notes.append(
            IntakeNote(where="Condition", found=f"diagnoses of {named}", expected="the one the order is for")
        )
    return found.pop() if len(found) == 1 else None


def _note_what_is_not_read(bundle: Bundle) -> None:
    unread = Counter(
        resource.kind
        for resource in bundle.resources
        if resource.kind not in _READ
        and not (resource.kind == "DiagnosticReport" and resource.content.get("presentedForm"))
    )
    bundle.notes.extend(
        IntakeNote(where=kind[:300], found=f"{count} resources of a kind that is not read")
        for kind, count in sorted(unread.items())
    )


def _missing(case: Case) -> list[IntakeNote]:
    """List what a request needs and the bundle does not hold, first things first."""
    entered = {fact.fact for fact in case.chart.facts}
    needed = (
        (
            case.condition is None,
            "the condition",
            "a diagnosis of CIDP (G61.81), GBS (G61.0) or MMN (G61.82)",
        ),
        (case.request is None, "the request", "a MedicationRequest for an immunoglobulin product"),
        (case.request is not None and not case.request.orders, "the dose", "a coded dose with its interval"),
        (case.patient.born is None, "the date of birth", "Patient.birthDate"),
        (case.coverage is None, "the coverage", "a Coverage with payer and member number"),
        (
            case.coverage is not None and case.coverage.payer is None,
            "the payer",
            "a payer that has a policy profile",
        ),
        (
            case.coverage is not None and case.coverage.member_id is None,
            "the member number",
            "Coverage.subscriberId",
        ),
        (case.prescriber is None, "the prescriber", "the requester of the order"),
        (case.practice is None, "the practice", "the organization of the prescriber's role"),
        ("weight" not in entered, "the weight", "an Observation of body weight"),
        (
            not case.documents,
            "documents",
            "DocumentReferences with notes, nerve study and laboratory reports",
        ),
    )
    return [
        IntakeNote(
            where="missing",
            found=f"{what} is not in the bundle" if what != "documents" else "no documents are in the bundle",
            expected=expected,
        )
        for absent, what, expected in needed
        if absent
    ]
