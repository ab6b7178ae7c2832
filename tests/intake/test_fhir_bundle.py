"""FHIR bundles: what is there is read with its source, what is not is named, and nothing is guessed."""

from __future__ import annotations

import base64
import copy
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from priorauth.formats.fhir_bundle import read_bundle
from priorauth.formats.fhir_codes import load_fhir_codes
from priorauth.formats.unreadable import FaultCode, Unreadable
from priorauth.intake import read_referral
from priorauth.knowledge import load_knowledge
from schemas.base import ConditionId, LineOfBusiness, Phase, Route
from schemas.case import Case, DocumentKind, Sex
from schemas.treatment import DosePhase, TreatmentRequest
from tests.intake import bundles
from tests.intake.bundles import (
    bundle,
    concept,
    condition,
    coverage,
    dosage,
    infusion,
    observation,
    order,
    patient,
    referral,
)


KNOWLEDGE = load_knowledge(Path(__file__).parents[2] / "knowledge")


def read(*resources: bundles.Json, **fields: Any) -> Case:
    case, _ = read_bundle(bundle(*resources, **fields), "bundle.json", KNOWLEDGE)
    return case


def notes(case: Case) -> dict[str, str]:
    return {note.where: note.found for note in case.intake_notes if note.where != "missing"}


def missing(case: Case) -> list[str]:
    return [note.found for note in case.intake_notes if note.where == "missing"]


def request_of(*orders: bundles.Json) -> TreatmentRequest:
    case = read(patient(), condition(), *orders)
    assert case.request is not None, case.intake_notes
    return case.request


def test_a_complete_referral_is_read_whole(two_pages: bytes) -> None:
    referred = read_referral(bundle(*referral(two_pages)), KNOWLEDGE, name="bundle.json")
    case = referred.case

    assert case.condition is ConditionId.CIDP
    assert (case.patient.given_name, case.patient.family_name, case.patient.born, case.patient.sex) == (
        "Zoë M.",
        "Abara",
        date(1960, 2, 3),
        Sex.FEMALE,
    )
    assert case.patient.record_number == "MRN-1"
    assert case.coverage is not None
    assert (
        case.coverage.payer,
        case.coverage.member_id,
        case.coverage.group_number,
        case.coverage.plan_name,
    ) == ("aetna", "W1234567", "G-9", "Open Choice")
    assert case.coverage.active is None, "a bundle is no eligibility answer"
    assert case.prescriber is not None
    assert (case.prescriber.name, case.prescriber.npi, case.prescriber.taxonomy) == (
        "Maren Lindqvist, MD",
        "1234567893",
        "2084N0400X",
    )
    assert case.practice is not None
    assert case.practice.name == "River Neurology"
    assert [(fact.fact, fact.value, fact.unit, fact.dated) for fact in case.chart.facts] == [
        ("weight", Decimal("81.5"), "kg", date(2026, 11, 10)),
        ("iga", Decimal(190), "mg/dL", date(2026, 11, 10)),
    ]
    assert [(one.document, one.kind, one.pages) for one in case.documents] == [
        ("doc_1", DocumentKind.VISIT_NOTE, 2)
    ]
    assert list(referred.files.values()) == [two_pages]
    assert missing(case) == []
    assert set(notes(case)) == {"MedicationRequest/m1 phase", "MedicationRequest/m1 route"} - {
        "MedicationRequest/m1 route"
    }


def test_the_order_is_read_with_its_loading_and_maintenance_dose() -> None:
    request = request_of(order())

    assert (request.product, request.icd10, request.route, request.phase) == (
        "privigen",
        "G61.81",
        Route.INTRAVENOUS,
        Phase.INITIATION,
    )
    loading, maintenance = request.orders
    assert (loading.phase, loading.grams_per_kg, loading.over_days, loading.every_days) == (
        DosePhase.LOADING,
        Decimal(2),
        5,
        None,
    )
    assert (maintenance.phase, maintenance.grams_per_kg, maintenance.every_days) == (
        DosePhase.MAINTENANCE,
        Decimal(1),
        21,
    )


def test_infusions_before_the_order_make_it_a_continuation_and_say_so() -> None:
    case = read(patient(), condition(), order(), infusion("2026-10-20"), infusion("2026-09-29", 35))

    assert case.request is not None
    assert case.request.phase is Phase.CONTINUATION
    assert [(given_one.on, given_one.grams) for given_one in case.chart.infusions] == [
        (date(2026, 9, 29), Decimal(35)),
        (date(2026, 10, 20), Decimal(70)),
    ]
    assert (
        notes(case)["MedicationRequest/m1 phase"]
        == "not stated; taken as continuation, since 2 earlier infusions are recorded"
    )


@pytest.mark.parametrize(
    ("medication", "product"),
    [
        ({"text": "PRIVIGEN 10 % 100 mL"}, "privigen"),
        ({"text": "Gammagard Liquid ERC"}, "gammagard_liquid_erc"),
        ({"text": "Gammagard Liquid 10%"}, "gammagard_liquid"),
        ({"text": "Gamunex-C"}, "gamunex_c"),
        ({"text": "Gammaplex 5% solution"}, "gammaplex_5"),
        ({"text": "Gammaplex"}, None),
        ({"text": "immune globulin (human) IV"}, None),
        (concept(bundles.HCPCS, "J1459"), "privigen"),
        (concept(bundles.HCPCS, "J1561"), None),
        (concept(bundles.NDC, "13533-0800-24"), "gamunex_c"),
        (concept(bundles.NDC, "1353308002"), None),
    ],
)  # fmt: skip
def test_a_product_is_recognized_only_where_it_can_be_no_other(
    medication: bundles.Json, product: str | None
) -> None:
    case = read(patient(), condition(), order(medicationCodeableConcept=medication))

    if case.request is None:
        assert product is None
        assert any("not immunoglobulin" in found for found in notes(case).values())
    else:
        assert case.request.product == product
        assert ("MedicationRequest/m1" in notes(case)) is (product is None)


@pytest.mark.parametrize(
    "name",
    ["Rho(D) immune globulin", "Hepatitis B immune globulin", "acetaminophen", "tetanus immunoglobulin"],
)
def test_other_medications_are_named_and_not_taken_for_an_order(name: str) -> None:
    case = read(patient(), order(medicationCodeableConcept={"text": name}))

    assert case.request is None
    assert notes(case)["MedicationRequest"].startswith(name)


@pytest.mark.parametrize(
    "instruction",
    [
        {"text": "2 g/kg over 5 days"},
        dosage(30, "mL", 1, "wk"),
        dosage(1, "g/kg", 1, "mo"),
        dosage(0.4, "g/kg", 1, "d"),
        dosage(1, "g/kg", 3, "wk", frequency=2),
        dosage(0, "g/kg", 3, "wk"),
    ],
)
def test_a_dose_that_is_not_coded_is_left_to_a_person(instruction: bundles.Json) -> None:
    case = read(patient(), condition(), order(dosageInstruction=[instruction]))

    assert case.request is not None
    assert case.request.orders == ()
    assert "MedicationRequest/m1 dosageInstruction[0]" in notes(case)
    assert "the dose is not in the bundle" in missing(case)


def test_only_the_newest_live_order_is_taken_and_the_others_are_named() -> None:
    older = order(id="m0", authoredOn="2026-01-05", medicationCodeableConcept={"text": "Octagam 10%"})
    stopped = order(id="m2", status="stopped", authoredOn="2026-11-20")

    case = read(patient(), condition(), older, stopped, order())

    assert case.request is not None
    assert case.request.product == "privigen"
    assert {"MedicationRequest/m0", "MedicationRequest/m2"} <= set(notes(case))


@pytest.mark.parametrize(
    ("diagnoses", "expected"),
    [(["G61.0"], ConditionId.GBS), (["G61.82"], ConditionId.MMN), (["G61.81", "E11.42"], ConditionId.CIDP), (["E11.42"], None), (["G61.81", "G61.82"], None), (["G62.9"], None), ([], None)],
)  # fmt: skip
def test_without_an_order_the_condition_is_the_one_diagnosis_that_names_it(
    diagnoses: list[str], expected: ConditionId | None
) -> None:
    case = read(patient(), *(condition(code, id=f"c{number}") for number, code in enumerate(diagnoses)))

    assert case.condition is expected
    assert [diagnosis.code for diagnosis in case.chart.diagnoses] == diagnoses


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (observation("x", "29463-7", None, "kg"), "no number under valueQuantity for weight"),
        (observation("x", "29463-7", "81", "kg"), "no number under valueQuantity for weight"),
        (observation("x", "29463-7", 81, "stone"), "the unit 'stone' for 'weight'"),
        (observation("x", "29463-7", 81, "kg", status="preliminary"), "an Observation that is preliminary"),
        (observation("x", "29463-7", 81, "kg", status="entered-in-error"), "a resource that was retracted or refuted"),
        (observation("x", "2458-8", 7, "mg/dL", valueQuantity={"value": 7, "code": "mg/dL", "comparator": "<"}), "the result < 7 mg/dL for iga"),
        (observation("x", "29463-7", 81, "kg", subject={"reference": "Patient/p2"}), "a resource about Patient/p2, another patient"),
    ],
)  # fmt: skip
def test_a_result_that_cannot_be_taken_in_is_named_and_kept(made: bundles.Json, said: str) -> None:
    case = read(patient(), made)

    assert case.chart.facts == ()
    assert notes(case)["Observation/x"] == said


def test_results_that_stand_for_no_fact_are_named_once_for_each_code() -> None:
    case = read(patient(), *(observation(str(number), "39156-5", 31, "kg/m2") for number in range(40)))

    assert notes(case) == {"Observation 39156-5": "40 of them, which stand for no fact that is asked for"}


def test_a_day_is_the_day_as_written_and_a_year_alone_is_no_day() -> None:
    late = observation("a", "29463-7", 80, "kg", effectiveDateTime="2026-11-10T23:59:00-08:00")
    year = observation("b", "29463-7", 80, "kg", effectiveDateTime="2026")

    assert [fact.dated for fact in read(patient(), late, year).chart.facts] == [date(2026, 11, 10), None]


def test_an_end_that_stands_for_no_end_is_noted_and_left_out() -> None:
    period = {"start": "2026-12-01", "end": "9999-12-31"}
    case = read(bundles.patient(), bundles.order(dispenseRequest={"validityPeriod": period}))

    assert case.request is not None
    assert (case.request.starts, case.request.ends) == (date(2026, 12, 1), None)
    (note,) = [note for note in case.intake_notes if "validityPeriod" in note.where]
    assert note.where.endswith("validityPeriod.end")
    assert (note.found, note.expected) == (
        "9999-12-31",
        "a day from 1900 to 2100, or none; it was left out",
    )


def test_an_infusion_on_a_day_out_of_reach_is_noted_and_left_out() -> None:
    case = read(
        bundles.patient(), bundles.order(), bundles.infusion("9999-12-31"), bundles.infusion("2026-10-01")
    )

    assert [infusion.on for infusion in case.chart.infusions] == [date(2026, 10, 1)]
    assert any("found 9999-12-31, expected a day" in note.found for note in case.intake_notes)


def test_the_source_of_a_result_names_who_and_which_resource() -> None:
    laboratory = {"resourceType": "Organization", "id": "lab", "name": "North Lab"}
    result = observation("w", "29463-7", 80, "kg", performer=[{"reference": "Organization/lab"}])

    assert [fact.source.recorded_by for fact in read(patient(), laboratory, result).chart.facts] == [
        "North Lab (FHIR Observation/w)"
    ]


@pytest.mark.parametrize(
    ("fields", "line_of_business"),
    [
        ({"type": concept("https://nahdo.org/sopt", "11")}, LineOfBusiness.MEDICARE_ADVANTAGE),
        ({"type": concept("https://nahdo.org/sopt", "5")}, None),
        ({"type": {"text": "private"}}, None),
        ({}, None),
    ],
)
def test_the_line_of_business_comes_from_a_code_that_settles_it_or_stays_open(
    fields: bundles.Json, line_of_business: LineOfBusiness | None
) -> None:
    found = read(patient(), coverage(**fields)).coverage

    assert found is not None
    assert found.line_of_business is line_of_business


def test_a_payer_of_a_similar_name_is_not_taken_for_the_one_with_a_profile() -> None:
    found = read(patient(), coverage(payor=[{"display": "Aetna Better Health"}])).coverage

    assert found is not None
    assert (found.payer, found.payer_name) == (None, "Aetna Better Health")


def test_codes_with_a_slip_are_left_out_by_name_and_the_rest_is_kept() -> None:
    doctor, role, practice = bundles.people()
    doctor["identifier"][0]["value"] = "1234567890"

    case = read(patient(), condition(), order(), doctor, role, practice, coverage(subscriberId="?"))

    assert case.prescriber is not None
    assert (case.prescriber.name, case.prescriber.npi) == ("Maren Lindqvist, MD", None)
    assert case.coverage is not None
    assert case.coverage.member_id is None
    assert "check digit is wrong" in notes(case)["Practitioner/d1 NPI"]
    assert "Coverage/v1 subscriberId" in notes(case)


def test_a_chart_without_neurology_is_read_and_says_what_is_missing() -> None:
    cold = {
        "resourceType": "Condition",
        "id": "c9",
        "subject": bundles.SUBJECT,
        "code": concept("http://snomed.info/sct", "195662009", "Acute viral pharyngitis"),
    }
    claim = {"resourceType": "Claim", "id": "k1", "patient": bundles.SUBJECT}

    case = read(patient(), cold, claim, claim | {"id": "k2"}, type="searchset")

    assert (case.condition, case.request) == (None, None)
    assert missing(case) == [
        "the condition is not in the bundle", "the request is not in the bundle", "the coverage is not in the bundle",
        "the prescriber is not in the bundle", "the practice is not in the bundle", "the weight is not in the bundle", "no documents are in the bundle",
    ]  # fmt: skip
    assert notes(case) == {
        "Claim": "2 resources of a kind that is not read",
        "Condition/c9": "the condition 'Acute viral pharyngitis' without an ICD-10-CM code",
    }


def test_a_document_is_read_from_a_binary_of_the_bundle_and_from_a_report(two_pages: bytes) -> None:
    data = base64.b64encode(two_pages).decode()
    binary = {"resourceType": "Binary", "id": "b1", "data": data}
    linked = bundles.document(
        b"", id="D 2", type={"text": "Nerve conduction study"}, content=[{"attachment": {"url": "Binary/b1"}}]
    )
    report = {
        "resourceType": "DiagnosticReport",
        "id": "lab",
        "subject": bundles.SUBJECT,
        "code": {"text": "Laboratory report"},
        "presentedForm": [{"data": data}],
    }

    case, content = read_bundle(bundle(patient(), binary, linked, report), "bundle.json", KNOWLEDGE)

    assert [(one.document, one.kind) for one in case.documents] == [
        ("d-2", DocumentKind.NERVE_STUDY),
        ("lab", DocumentKind.LABORATORY),
    ]
    assert set(content.values()) == {two_pages}


@pytest.mark.parametrize(
    ("attachment", "said"),
    [({"url": "https://elsewhere.example/1"}, "no data for the document at 'https://elsewhere.example/1'"), ({"data": "???"}, "data that is not base64"), ({}, "no data")],
)  # fmt: skip
def test_a_document_without_its_bytes_is_named(attachment: bundles.Json, said: str) -> None:
    case = read(patient(), bundles.document(b"", content=[{"attachment": attachment}]))

    assert case.documents == ()
    assert said in notes(case)["DocumentReference/doc_1"]


@pytest.mark.parametrize("attachment", [{"url": "Binary/none"}, {"data": "???"}])
def test_a_document_whose_bytes_cannot_be_had_is_a_fault_of_its_own(attachment: bundles.Json) -> None:
    content = [{"attachment": {"contentType": "application/pdf", **attachment}}]
    sent = bundle(patient(), bundles.document(b"", content=content))

    referred = read_referral(sent, KNOWLEDGE, name="bundle.json")

    assert [fault.code for fault in referred.faults] == [FaultCode.DOCUMENT_REFUSED]
    assert referred.faults[0].line.startswith("bundle.json, DocumentReference/doc_1: found ")
    assert "; expected the document as base64 data" in referred.faults[0].line


def test_a_document_that_is_no_pdf_is_refused_and_its_case_is_read() -> None:
    referred = read_referral(bundle(*referral(b"no pdf")), KNOWLEDGE, name="bundle.json")

    assert [fault.code for fault in referred.faults] == [FaultCode.DOCUMENT_REFUSED]
    assert referred.case.documents[0].sha256 is None


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (bundle(), FaultCode.NO_PATIENT, "found no Patient resources among 0; expected one Patient"),
        (bundle(observation("w", "29463-7", 80, "kg")), FaultCode.NO_PATIENT, "found no Patient resources among 1"),
        (bundle(patient(), patient(id="p2")), FaultCode.NO_PATIENT, "found 2 Patient resources"),
        (json.dumps(patient()).encode(), FaultCode.NOT_A_REFERRAL, "found a FHIR Patient; expected a FHIR Bundle"),
        (b'{"resourceType": 7}', FaultCode.NOT_A_REFERRAL, "found a FHIR resource without a type"),
        (b'{"resourceType": "Bundle", "entry": "none"}', FaultCode.NO_PATIENT, "no Patient"),
    ],
)  # fmt: skip
def test_a_bundle_that_is_about_nobody_is_refused_in_one_line(
    content: bytes, code: FaultCode, said: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        read_bundle(content, "bundle.json", KNOWLEDGE)

    assert refused.value.code is code
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("fields", "resources", "expected"),
    [
        ({"identifier": {"system": "urn:ehr", "value": "R-7"}}, [patient()], ("urn:ehr", "R-7")),
        ({"identifier": {"value": "R-7"}}, [patient()], ("fhir", "R-7")),
        ({}, [patient(), order()], ("fhir", "Patient/p1 MedicationRequest/m1")),
        ({}, [patient()], ("fhir", "Patient/p1")),
    ],
)  # fmt: skip
def test_a_referral_is_named_by_its_bundle_else_by_patient_and_order(
    fields: bundles.Json, resources: list[bundles.Json], expected: tuple[str, str]
) -> None:
    case = read(*resources, **fields)

    assert (case.referral.system, case.referral.identifier) == expected


def test_the_same_bundle_read_twice_is_the_same_case(two_pages: bytes) -> None:
    content = bundle(*referral(two_pages))

    assert read_referral(content, KNOWLEDGE) == read_referral(content, KNOWLEDGE)


def test_every_code_that_is_read_stands_for_a_fact_that_can_be_entered() -> None:
    codes = load_fhir_codes()

    assert {fact for fact in codes.facts.values() if KNOWLEDGE.vocabulary[fact].derived} == set()
    units = {
        unit
        for definition in KNOWLEDGE.vocabulary.values()
        for unit in (definition.unit, *definition.also_in)
    }
    assert set(codes.units.values()) <= units


JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        10**30,
        2.5,
        "",
        "x",
        "\x00",
        "2026-13-45",
        [],
        [None],
        [[]],
        {},
        {"coding": "x"},
        {"reference": 7},
        [{"value": []}],
    ]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return [path, *(place for key, item in below for place in places(item, (*path, key)))]


PLAIN = json.loads(bundle(*referral(b"x"), infusion("2026-10-20")))
PLACES = places(PLAIN)[1:]


@settings(max_examples=400)
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=3))
def test_no_damage_to_a_bundle_raises_anything_but_unreadable(
    changes: list[tuple[tuple[Any, ...], Any]],
) -> None:
    damaged = copy.deepcopy(PLAIN)
    for path, junk in changes:
        target = damaged
        try:
            for step in path[:-1]:
                target = target[step]
            target[path[-1]] = junk
        except (TypeError, KeyError, IndexError):
            continue
    try:
        case, _ = read_bundle(json.dumps(damaged).encode(), "bundle.json", KNOWLEDGE)
    except Unreadable:
        return

    assert Case.model_validate(case.model_dump()) == case
