"""Intake and verification as flows and commands share them: what is stored, and where each case then stands."""

from datetime import date

import pytest

from flows.casework import take_in, verify_case
from priorauth.lifecycle import Actor, CaseStatus, Reason, Role
from priorauth.store.records import Put
from schemas.assessment import Recommendation
from tests.flows.conftest import NOON, SAMPLES


AS_OF = date(2026, 11, 23)
ANN = Actor(Role.COORDINATOR, "Ann Lee")


@pytest.mark.parametrize(
    ("sample", "recommendation", "status"),
    [
        ("01_cidp_initial", Recommendation.APPROVE_EXPECTED, CaseStatus.READY),
        ("12_dose_above_limit", Recommendation.MODIFY, CaseStatus.READY),
        ("10_expired_authorization", Recommendation.ESCALATE, CaseStatus.READY),
        ("13_iga_anaphylaxis", Recommendation.ESCALATE, CaseStatus.DRAFT),
        ("07_missing_nerve_study", Recommendation.INFORMATION_MISSING, CaseStatus.DRAFT),
        ("14_anti_mag", Recommendation.DENIAL_EXPECTED, CaseStatus.DRAFT),
        ("05_gbs_inpatient", Recommendation.NOT_REQUIRED, CaseStatus.DRAFT),
    ],
)
def test_what_can_be_sent_is_ready_and_the_rest_stays_a_draft(work, case_of, sample, recommendation, status):
    case_id = case_of(sample)

    verified = verify_case(work, case_id, as_of=AS_OF, at=NOON)

    assert verified.recommendation is recommendation
    assert work.store.case_summary(case_id).status is status


def test_verifying_again_on_the_same_day_keeps_one_assessment(work, case_of):
    case_id = case_of("01_cidp_initial")

    first, second = (verify_case(work, case_id, as_of=AS_OF, at=NOON) for _ in range(2))

    assert second == first
    assert len(work.store.list_assessments(case_id)) == 1


def test_a_case_before_the_signer_is_not_taken_from_there_by_verifying_it(work, case_of):
    case_id = case_of("01_cidp_initial")
    verify_case(work, case_id, as_of=AS_OF, at=NOON)
    work.store.move(case_id, CaseStatus.IN_REVIEW, by=ANN, at=NOON, reason=Reason.PACKET_PREPARED)

    verify_case(work, case_id, as_of=AS_OF, at=NOON)

    assert work.store.case_summary(case_id).status is CaseStatus.IN_REVIEW


def test_a_case_at_the_payer_stays_there(work, case_of):
    case_id = case_of("07_missing_nerve_study")
    work.store.move(case_id, CaseStatus.SUBMITTED, by=ANN, at=NOON, reason=Reason.SENT_OUTSIDE)

    verify_case(work, case_id, as_of=AS_OF, at=NOON)

    assert work.store.case_summary(case_id).status is CaseStatus.SUBMITTED


def test_the_samples_are_nineteen_cases_however_often_they_are_taken_in(work):
    first, second = (take_in(work, SAMPLES, at=NOON) for _ in range(2))

    assert (first.count(Put.CREATED), first.faults) == (19, ())
    assert (second.count(Put.UNCHANGED), second.faults) == (19, ())
