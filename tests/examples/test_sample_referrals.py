"""The samples as a set: the situations they cover, the size of their files, identifiers that nobody has."""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from priorauth.intake import read_referral
from priorauth.knowledge import Knowledge
from schemas.case import Case, DocumentKind


REFERRALS = Path(__file__).parents[2] / "examples" / "referrals"
CaseOf = Callable[[str], Case]
RESERVED_FOR_FICTION = re.compile(r"^\d{3}-555-01\d{2}$")


def test_at_least_fourteen_referrals_and_one_bundle_are_shipped() -> None:
    assert len(list(REFERRALS.glob("*/case.yaml"))) >= 14
    assert len(list(REFERRALS.glob("*/bundle.json"))) == 1


def test_a_referral_is_taken_in_with_all_its_documents_and_no_complaint(
    referral: str, knowledge: Knowledge, case_of: CaseOf
) -> None:
    referred = read_referral(REFERRALS / referral / "case.yaml", knowledge)

    assert referred.case.intake_notes == ()
    assert referred.faults == ()
    assert len(referred.files) == len(case_of(referral).documents)


def test_the_bundle_is_taken_in_with_its_documents(knowledge: Knowledge) -> None:
    referred = read_referral(REFERRALS / "19_fhir_bundle" / "bundle.json", knowledge)
    case = referred.case
    request = case.request

    assert case.condition == "cidp"
    assert case.coverage is not None
    assert case.coverage.payer == "aetna"
    assert request is not None
    assert [(order.phase, order.grams_per_kg) for order in request.orders] == [
        ("loading", 2),
        ("maintenance", 1),
    ]
    assert {fact.fact for fact in case.chart.facts} >= {"weight", "iga", "creatinine", "csf_protein"}
    assert [document.kind for document in case.documents] == [
        DocumentKind.VISIT_NOTE,
        DocumentKind.NERVE_STUDY,
        DocumentKind.LABORATORY,
    ]


def test_files_are_small_and_the_folder_stays_below_four_megabytes() -> None:
    sizes = {path: path.stat().st_size for path in REFERRALS.rglob("*") if path.is_file()}

    assert {
        path.name: size for path, size in sizes.items() if path.suffix != ".json" and size >= 60_000
    } == {}
    assert sum(sizes.values()) < 4_000_000


def test_documents_come_on_every_kind_of_paper() -> None:
    suffixes = {path.suffix for path in REFERRALS.glob("*/documents/*")}

    assert suffixes == {".pdf", ".jpg", ".png", ".tif"}


def test_telephone_numbers_are_those_reserved_for_fiction(referral: str, case_of: CaseOf) -> None:
    case = case_of(referral)
    people = [person for person in (case.coverage, case.prescriber, case.practice) if person is not None]
    numbers = [number for person in people for number in (person.phone, person.fax) if number is not None]

    assert numbers != []
    assert [number for number in numbers if not RESERVED_FOR_FICTION.match(number)] == []


# Millimetres between two stimulation sites of an adult limb; short segments are those across a joint or to the axilla.
WHOLE_SEGMENT = {
    "median": (190, 270),
    "ulnar": (180, 270),
    "radial": (150, 260),
    "fibular": (270, 360),
    "tibial": (360, 450),
}
SHORT_SEGMENT = (70, 220)
SHORT_SITES = ("Above elbow", "Popliteal fossa", "Axilla", "Erb's point")


def test_velocities_and_latencies_fit_the_length_of_a_limb(referral: str, case_of: CaseOf) -> None:
    wrong = []
    for recording in (each for study in case_of(referral).chart.nerve_studies for each in study.recordings):
        for near, far in pairwise(recording.segments):
            if near.latency_ms and far.latency_ms and far.velocity_m_s:
                length = (far.latency_ms - near.latency_ms) * far.velocity_m_s
                joined = recording.nerve == "tibial" or far.segment not in SHORT_SITES
                shortest, longest = WHOLE_SEGMENT[recording.nerve] if joined else SHORT_SEGMENT
                if not shortest <= length <= longest:
                    wrong.append(
                        f"{recording.side} {recording.nerve} {near.segment}–{far.segment}: {length} mm"
                    )

    assert wrong == []


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("01_cidp_initial", {"csf_protein", "reflexes", "iga", "mitigation_plan"}),
        ("13_iga_anaphylaxis", {"anti_iga_antibodies", "prior_immunoglobulin_reaction"}),
        ("14_anti_mag", {"anti_mag", "paraprotein", "tremor"}),
    ],
)
def test_the_decisive_facts_are_documented(name: str, facts: set[str], case_of: CaseOf) -> None:
    assert facts <= {fact.fact for fact in case_of(name).chart.facts}


@pytest.mark.parametrize(
    ("name", "absent"),
    [
        ("03_mmn_initial", {"creatinine", "bun"}),
        ("07_missing_nerve_study", {"reflexes", "iga", "csf_protein"}),
        ("08_renewal_no_baseline", {"iga", "lowest_effective_dose"}),
    ],
)
def test_the_gaps_of_a_record_are_gaps_in_the_chart(name: str, absent: set[str], case_of: CaseOf) -> None:
    assert absent.isdisjoint({fact.fact for fact in case_of(name).chart.facts})


def test_the_renewal_without_a_baseline_has_no_outcome_measure_at_all(case_of: CaseOf) -> None:
    assert case_of("08_renewal_no_baseline").chart.measurements == ()


def test_the_missing_nerve_study_is_missing(case_of: CaseOf) -> None:
    case = case_of("07_missing_nerve_study")

    assert case.chart.nerve_studies == ()
    assert DocumentKind.NERVE_STUDY not in {document.kind for document in case.documents}


def test_a_note_that_contradicts_itself_gives_both_statements(case_of: CaseOf) -> None:
    said = [fact.value for fact in case_of("08_renewal_no_baseline").chart.facts if fact.fact == "weakness"]

    assert said == [False, True]
