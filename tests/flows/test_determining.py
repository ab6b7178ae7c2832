"""A payer's decision, recorded once, however often its form is run."""

import pytest

from flows.determining import record
from flows.forms import DeterminationForm
from priorauth.lifecycle import Actor, CaseStatus, Reason, Role
from priorauth.store.records import Put
from tests.flows.conftest import NOON


ANN = Actor(Role.COORDINATOR, "AL")


@pytest.fixture
def form(case_of):
    granted = {
        "authorization_number": "A-4711",
        "starts": "2026-12-20",
        "ends": "2027-06-19",
        "units": 910,
    }
    return DeterminationForm.model_validate(
        {
            "case_id": case_of("02_cidp_continuation"),
            "decided_on": "2026-11-20",
            "decision": granted,
            "recorded_by": "AL",
            "sent_outside": True,
        }
    )


def test_a_decision_that_is_recorded_already_moves_no_renewal(work, form):
    first = record(work, form)
    work.store.move(form.case_id, CaseStatus.DRAFT, by=ANN, at=NOON, reason=Reason.RENEWAL_OPENED)
    again = record(work, form)

    assert (first, again) == (Put.CREATED, Put.UNCHANGED)
    assert work.store.case_summary(form.case_id).status is CaseStatus.DRAFT


def test_another_decision_on_what_was_sent_outside_is_recorded(work, form):
    record(work, form)
    work.store.move(form.case_id, CaseStatus.DRAFT, by=ANN, at=NOON, reason=Reason.RENEWAL_OPENED)
    renewed = form.decision.model_copy(
        update={"authorization_number": "A-4712", "starts": "2027-06-20", "ends": "2027-12-19"}
    )

    put = record(work, form.model_copy(update={"decided_on": "2027-05-20", "decision": renewed}))

    assert put is Put.CREATED
    assert work.store.case_summary(form.case_id).status is CaseStatus.APPROVED
