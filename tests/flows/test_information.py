"""A request for information: its task with the payer's day, the answer that is made while the case is pended, and its sending."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from flows.determining import check_days, record
from flows.forms import DeterminationForm, FormMistake
from flows.preparing import prepare_request
from flows.publishing import work_list
from flows.releasing import record_sending, release, send_back
from flows.versions import final_packets, letter_in_review, version_of
from priorauth.lifecycle import Actor, CaseStatus, Reason, Role
from priorauth.store.records import Put
from tests.flows.conftest import NOON
from tests.letters.occasions import confirmed_knowledge


pytestmark = pytest.mark.rendering

AS_OF = date(2026, 11, 23)
LATER = NOON + timedelta(days=1)
ANN = Actor(Role.COORDINATOR, "AL")
ASKED = {"asked": ["chart_notes", "weight"], "respond_by": "2026-12-04"}


@pytest.fixture
def practice(work):
    """A practice that has compared every profile with the plan's text."""
    return replace(work, knowledge=confirmed_knowledge())


def sent(practice, case_id, *, channel="fax", at=NOON):
    (final,) = final_packets(practice.store, case_id)
    return record_sending(
        practice, case_id, version_of(final), channel=channel, reference=None, by=ANN, at=at
    )


def released(practice, case_id, *, on=AS_OF, at=NOON):
    prepare_request(practice, case_id, as_of=on, at=at)
    version = version_of(letter_in_review(practice.store, case_id))
    return release(practice, case_id, version, reviewed_on=on, by=ANN, at=at)


def answered(practice, case_id, decision, decided_on="2026-11-23"):
    form = {"case_id": case_id, "decided_on": decided_on, "decision": decision, "recorded_by": "AL"}
    return record(practice, DeterminationForm.model_validate(form))


@pytest.fixture
def pended(practice, case_of):
    case_id = case_of("01_cidp_initial")
    released(practice, case_id)
    sent(practice, case_id)
    answered(practice, case_id, ASKED)
    return case_id


def test_a_request_for_information_is_a_task_due_on_the_day_of_the_payer(practice, pended):
    (task,) = [one for one in practice.store.list_exceptions(case_id=pended) if one.kind == "information"]

    assert (task.owner, task.due) == ("coordinator", date(2026, 12, 4))
    assert task.detail == "the payer asks for chart notes and weight"


def test_the_same_packet_by_the_same_channel_again_is_an_answer(practice, pended):
    puts = [sent(practice, pended, at=LATER) for _ in range(2)]

    assert puts == [Put.CREATED, Put.UNCHANGED]
    summary = practice.store.case_summary(pended)
    assert (summary.status, summary.reason) == (CaseStatus.SUBMITTED, Reason.INFORMATION_SENT)
    assert "information" not in {task.kind for task in practice.store.list_exceptions(case_id=pended)}


def test_an_answer_is_prepared_released_and_sent_while_the_case_is_pended(practice, pended):
    first = final_packets(practice.store, pended)
    released(practice, pended, on=AS_OF + timedelta(days=1), at=LATER)
    second = final_packets(practice.store, pended)

    assert practice.store.case_summary(pended).status is CaseStatus.PENDED
    assert first != second
    assert sent(practice, pended, at=LATER) is Put.CREATED
    assert practice.store.case_summary(pended).status is CaseStatus.SUBMITTED


def test_an_answer_that_is_sent_back_leaves_the_case_pended_and_nothing_to_send(practice, pended):
    released(practice, pended, on=AS_OF + timedelta(days=1), at=LATER)
    version = version_of(letter_in_review(practice.store, pended))
    send_back(practice, pended, version, reasons=["wording"], by=ANN, at=LATER)

    assert practice.store.case_summary(pended).status is CaseStatus.PENDED
    assert final_packets(practice.store, pended) == ()

    release(practice, pended, version, reviewed_on=AS_OF + timedelta(days=1), by=ANN, at=LATER)
    assert final_packets(practice.store, pended) != ()


def test_a_decision_closes_the_task(practice, pended):
    answered(practice, pended, {"reasons": ["other"]})

    assert "information" not in {task.kind for task in practice.store.list_exceptions(case_id=pended)}
    (closed,) = practice.store.list_exceptions(case_id=pended, closed=True)
    assert closed.closed_because == "the payer answered: denied"


def test_the_work_list_says_what_each_task_is_about(practice, pended):
    page = work_list(practice, {}, as_of=AS_OF)

    assert "| information | the payer asks for chart notes and weight | coordinator |" in page


def test_who_accepted_a_partial_approval_and_when_is_kept(practice, case_of):
    case_id = case_of("01_cidp_initial")
    released(practice, case_id)
    sent(practice, case_id)
    granted = {"authorization_number": "A-1", "starts": "2026-12-01", "ends": "2027-05-31", "units": 100}
    answered(practice, case_id, granted | {"modified": ["units"]})
    (task,) = practice.store.list_exceptions(case_id=case_id)
    assert task.kind == "partial_approval"

    answered(practice, case_id, {"accepted": True}, "2026-11-24")

    (closed,) = practice.store.list_exceptions(case_id=case_id, closed=True)
    assert (closed.closed_on, closed.closed_because) == (
        date(2026, 11, 24),
        "what was granted is accepted, AL",
    )
    event = practice.store.audit_trail(case_id)[-1]
    assert (event.event, event.actor) == ("partial_approval_accepted", "AL")


def test_a_notice_from_before_the_sending_is_refused(practice, case_of):
    case_id = case_of("01_cidp_initial")
    released(practice, case_id)
    sent(practice, case_id)
    denied = {"case_id": case_id, "decision": {"reasons": ["other"]}, "recorded_by": "AL"}

    check_days(practice, DeterminationForm.model_validate({**denied, "decided_on": "2026-11-23"}))
    with pytest.raises(FormMistake, match="before the request was sent on 2026-11-23"):
        check_days(practice, DeterminationForm.model_validate({**denied, "decided_on": "2026-11-22"}))
