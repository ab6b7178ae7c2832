"""From a draft to what went out: a named person releases what they read, and only that can be recorded as sent."""

import asyncio
import json
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pikepdf
import pytest
from prefect.client.orchestration import get_client

from flows import review, send
from flows.forms import ReviewForm, SendingForm
from flows.preparing import prepare_request
from flows.publishing import deployment_ids, work_list
from flows.releasing import record_sending, release, send_back
from flows.versions import (
    NotReleased,
    VersionPassed,
    final_packets,
    letter_in_review,
    to_prepare,
    version_of,
)
from priorauth.letters.checking import check_letter
from priorauth.letters.refusals import FinalRefused
from priorauth.letters.sealing import sealed_record
from priorauth.lifecycle import Actor, CaseStatus, MoveRefused, Reason, Role
from priorauth.store.records import Put
from schemas.assessment import Recommendation
from schemas.chart import Fact, Source
from tests.flows.conftest import NOON
from tests.flows.test_links import LINK
from tests.letters.occasions import confirmed_knowledge


pytestmark = pytest.mark.rendering

AS_OF = date(2026, 11, 23)
ANN = Actor(Role.COORDINATOR, "AL")


@pytest.fixture
def practice(work):
    """A practice that has compared every profile with the plan's text."""
    return replace(work, knowledge=confirmed_knowledge())


@pytest.fixture
def case_id(practice, case_of):
    case_id = case_of("01_cidp_initial")
    prepare_request(practice, case_id, as_of=AS_OF, at=NOON)
    return case_id


@pytest.fixture
def version(practice, case_id):
    return version_of(letter_in_review(practice.store, case_id))


def released(practice, case_id, version, **given):
    return release(practice, case_id, version, **{"reviewed_on": AS_OF, "by": ANN, "at": NOON} | given)


def test_a_release_makes_the_final_letter_and_packet_of_the_version_that_was_read(practice, case_id, version):
    done = released(practice, case_id, version)

    record = sealed_record(done.letter.read_bytes())
    assert (record.draft, record.review.reviewed_on) == (False, AS_OF)
    assert record.review.reviewer == practice.store.get_case(case_id).prescriber.name
    assert [path.name for path in done.packets] == ["packet-final.pdf"]
    assert not check_letter(done.packets[0].read_bytes()).problems
    kept = {(made.kind, made.draft) for made in practice.store.list_outgoing(case_id)}
    assert kept == {("letter", True), ("packet", True), ("letter", False), ("packet", False)}
    assert practice.store.case_summary(case_id).status is CaseStatus.IN_REVIEW


def test_the_audit_trail_says_which_version_became_which_final(practice, case_id, version):
    released(practice, case_id, version)

    (event,) = [one for one in practice.store.audit_trail(case_id) if one.event == "letter_released"]
    final = next(
        made for made in practice.store.list_outgoing(case_id) if made.kind == "letter" and not made.draft
    )
    assert (event.actor, event.detail) == ("AL", f"version {version}, final {final.sha256}")


def test_releasing_twice_is_releasing_once_byte_for_byte(practice, case_id, version):
    first = released(practice, case_id, version)
    content = first.letter.read_bytes(), first.packets[0].read_bytes()
    second = released(practice, case_id, version, at=NOON + timedelta(hours=1))

    assert (first.put, second.put) == (Put.CREATED, Put.UNCHANGED)
    assert (second.letter.read_bytes(), second.packets[0].read_bytes()) == content
    assert [one.event for one in practice.store.audit_trail(case_id)].count("letter_released") == 1


def test_a_reviewer_other_than_the_prescriber_is_named_in_the_final(practice, case_id, version):
    done = released(practice, case_id, version, reviewer="Ottoline Vance, MD")

    assert sealed_record(done.letter.read_bytes()).review.reviewer == "Ottoline Vance, MD"


def test_a_record_that_changed_since_it_was_read_takes_the_letter_out_of_review(practice, case_id, version):
    fact = Fact(fact="anti_iga_antibodies", value=False, dated=AS_OF, source=Source(recorded_by="Ann Lee"))
    practice.store.record(case_id, fact, by=ANN, at=NOON)

    with pytest.raises(MoveRefused, match="no letter in review"):
        released(practice, case_id, version)


def test_a_policy_that_changed_since_it_was_read_keeps_the_letter_from_release(
    work, practice, case_id, version
):
    with pytest.raises(VersionPassed, match="the record or the policy has changed"):
        released(work, case_id, version)


def test_words_that_changed_since_it_was_read_are_not_released(practice, case_id, version, monkeypatch):
    record = sealed_record(practice.store.read_document(letter_in_review(practice.store, case_id).sha256))
    monkeypatch.setattr(
        "flows.releasing.sealed_record", lambda _: record.model_copy(update={"claims": record.claims[1:]})
    )

    with pytest.raises(VersionPassed, match="say something else than was read"):
        released(practice, case_id, version)


def test_a_version_nobody_has_made_is_refused(practice, case_id):
    with pytest.raises(VersionPassed):
        released(practice, case_id, "0" * 12)


def test_a_final_with_gaps_is_refused_by_name_and_nothing_is_kept(work, case_of):
    case_id = case_of("01_cidp_initial")
    prepare_request(work, case_id, as_of=AS_OF, at=NOON)
    version = version_of(letter_in_review(work.store, case_id))

    with pytest.raises(FinalRefused, match=r"policy\.confirmation"):
        released(work, case_id, version)

    assert all(made.draft for made in work.store.list_outgoing(case_id))


def test_a_letter_that_is_sent_back_gives_the_case_back_with_the_reasons(practice, case_id, version):
    send_back(practice, case_id, version, reasons=["wording", "fact_missing"], by=ANN, at=NOON)

    assert practice.store.case_summary(case_id).status is CaseStatus.READY
    (event,) = [one for one in practice.store.audit_trail(case_id) if one.event == "letter_sent_back"]
    assert event.detail == f"version {version}: wording, fact_missing"
    with pytest.raises(MoveRefused, match="no letter in review"):
        released(practice, case_id, version)


def test_only_what_was_released_can_be_recorded_as_sent(practice, case_id, version):
    draft = next(made for made in practice.store.list_outgoing(case_id) if made.kind == "packet")

    with pytest.raises(NotReleased):
        record_sending(practice, case_id, version_of(draft), channel="fax", reference=None, by=ANN, at=NOON)

    assert practice.store.list_submissions(case_id) == ()


def test_a_sending_is_recorded_once_and_moves_the_case(practice, case_id, version):
    released(practice, case_id, version)
    (final,) = final_packets(practice.store, case_id)

    puts = [
        record_sending(practice, case_id, version_of(final), channel="fax", reference="4711", by=ANN, at=NOON)
        for _ in range(2)
    ]

    assert puts == [Put.CREATED, Put.UNCHANGED]
    (sending,) = practice.store.list_submissions(case_id)
    assert (sending.packet_sha256, sending.acknowledgement) == (final.sha256, "4711")
    assert practice.store.case_summary(case_id).status is CaseStatus.SUBMITTED


@pytest.fixture
def renewed(practice, case_id, version):
    """A case that was sent and approved, and whose renewal has been opened; the final packet is of the last period."""
    released(practice, case_id, version)
    (final,) = final_packets(practice.store, case_id)
    record_sending(practice, case_id, version_of(final), channel="fax", reference=None, by=ANN, at=NOON)
    for to, reason in ((CaseStatus.APPROVED, Reason.DECIDED), (CaseStatus.DRAFT, Reason.RENEWAL_OPENED)):
        practice.store.move(case_id, to, by=ANN, at=NOON + timedelta(days=120), reason=reason)
    return final


def test_the_packet_of_the_last_period_is_not_sent_again_for_the_next(practice, case_id, renewed):
    assert final_packets(practice.store, case_id) == ()
    sending = {"channel": "portal", "reference": None, "by": ANN, "at": NOON + timedelta(days=121)}

    with pytest.raises(MoveRefused, match="a case that is draft has nothing to send"):
        record_sending(practice, case_id, version_of(renewed), **sending)
    for to, reason in ((CaseStatus.READY, Reason.VERIFIED), (CaseStatus.IN_REVIEW, Reason.PACKET_PREPARED)):
        practice.store.move(case_id, to, by=ANN, at=NOON + timedelta(days=121), reason=reason)
    with pytest.raises(VersionPassed, match="of an earlier request"):
        record_sending(practice, case_id, version_of(renewed), **sending)

    assert len(practice.store.list_submissions(case_id)) == 1
    assert practice.store.case_summary(case_id).status is CaseStatus.IN_REVIEW


def test_a_sending_that_is_recorded_already_moves_no_renewal(practice, case_id, renewed):
    put = record_sending(
        practice, case_id, version_of(renewed), channel="fax", reference=None, by=ANN, at=NOON
    )

    assert put is Put.UNCHANGED
    assert practice.store.case_summary(case_id).status is CaseStatus.DRAFT


@pytest.mark.workbench
def test_the_work_list_leads_from_the_review_to_the_sending_to_the_decision(
    workbench, run, practice, case_id, version, monkeypatch
):
    for module in (review, send):
        monkeypatch.setattr(module, "open_casework", lambda _: practice)

    def links():
        async def read():
            async with get_client() as client:
                return work_list(practice, await deployment_ids(client), as_of=AS_OF)

        return dict(LINK.findall(asyncio.run(read())))

    before = links()
    assert version in before["Record review"]
    assert "Record sending" not in before
    reviewed = run(
        review.record_review,
        ReviewForm.model_validate(
            {
                "case_id": case_id,
                "version": version,
                "review": {"reviewed_on": "2026-11-23"},
                "recorded_by": "AL",
            }
        ),
    )
    (final,) = final_packets(practice.store, case_id)
    between = links()
    assert reviewed.name == "Released"
    assert version_of(final) in between["Record sending"]
    assert "Record review" not in between
    sent = run(
        send.record_sending,
        SendingForm.model_validate(
            {
                "case_id": case_id,
                "version": version_of(final),
                "channel": "portal",
                "reference": "REF 1",
                "recorded_by": "AL",
            }
        ),
    )
    assert (sent.name, sent.message) == ("Sent", "the case is now submitted")
    assert list(links()) == ["Record decision"]


@pytest.mark.workbench
@pytest.mark.parametrize(
    ("flow", "form", "code"),
    [
        (
            review.record_review,
            ReviewForm.model_validate(
                {
                    "case_id": "PA-36PRFKRK",
                    "version": "0" * 12,
                    "recorded_by": "AL",
                    "review": {"reviewed_on": "2026-11-23"},
                }
            ),
            "version_passed",
        ),
        (
            send.record_sending,
            SendingForm(case_id="PA-36PRFKRK", version="0" * 12, channel="fax", recorded_by="AL"),
            "not_released",
        ),
    ],
)
def test_what_cannot_be_recorded_fails_by_code(run, practice, case_id, flow, form, code):
    state = run(flow, form)

    assert case_id == form.case_id
    assert state.is_failed()
    assert f"{code}:" in state.message


def test_the_final_is_the_same_whoever_made_it_and_when(practice, case_id, version, tmp_path):
    done = released(practice, case_id, version)
    first = done.letter.read_bytes()
    done.letter.unlink()
    again = released(practice, case_id, version, at=NOON + timedelta(days=2))

    assert again.letter.read_bytes() == first
    with pikepdf.open(BytesIO(first)) as letter:
        embedded = json.loads(letter.attachments["witnesses.json"].get_file().read_bytes())
    assert embedded["record"]["written_on"] == "2026-11-23"


def test_a_released_final_stays_the_one_to_send_when_a_draft_is_made_later(practice, case_id, version):
    released(practice, case_id, version)
    final = final_packets(practice.store, case_id)
    later = AS_OF + timedelta(days=1)

    prepare_request(practice, case_id, as_of=later, at=NOON + timedelta(days=1))

    assert final_packets(practice.store, case_id) == final != ()
    (sendable,) = final
    put = record_sending(
        practice, case_id, version_of(sendable), channel="fax", reference=None, by=ANN, at=NOON
    )
    assert put is Put.CREATED


def test_preparing_all_leaves_a_case_with_a_final_to_send_as_it_is(practice, case_id, version):
    assert to_prepare(practice.store) == [case_id]

    released(practice, case_id, version)

    assert to_prepare(practice.store) == []


def test_a_final_whose_record_has_changed_is_not_the_one_to_send(practice, case_id, version):
    released(practice, case_id, version)
    fact = Fact(fact="anti_iga_antibodies", value=False, dated=AS_OF, source=Source(recorded_by="Ann Lee"))

    practice.store.record(case_id, fact, by=ANN, at=NOON)

    assert final_packets(practice.store, case_id) == ()
    assert to_prepare(practice.store) == [case_id]


def test_a_final_that_is_sent_back_is_not_the_one_to_send(practice, case_id, version):
    released(practice, case_id, version)

    send_back(practice, case_id, version, reasons=["wording"], by=ANN, at=NOON)

    assert final_packets(practice.store, case_id) == ()


def test_a_renewal_that_escalates_for_lack_of_cover_alone_is_released_and_sent(practice, case_of):
    case_id = case_of("10_expired_authorization")
    prepared = prepare_request(practice, case_id, as_of=AS_OF, at=NOON)
    assert prepared.recommendation is Recommendation.ESCALATE

    released(practice, case_id, version_of(letter_in_review(practice.store, case_id)))
    (final,) = final_packets(practice.store, case_id)
    record_sending(practice, case_id, version_of(final), channel="portal", reference=None, by=ANN, at=NOON)

    assert practice.store.case_summary(case_id).status is CaseStatus.SUBMITTED


def test_a_renewal_in_review_stays_there_when_its_infusion_comes_near(practice, case_of):
    case_id = case_of("02_cidp_continuation")
    prepare_request(practice, case_id, as_of=AS_OF, at=NOON)

    near = prepare_request(practice, case_id, as_of=date(2026, 12, 12), at=NOON + timedelta(days=19))

    assert near.recommendation is Recommendation.ESCALATE
    assert practice.store.case_summary(case_id).status is CaseStatus.IN_REVIEW
