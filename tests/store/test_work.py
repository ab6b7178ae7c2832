"""Assessments, sendings, decisions, courses and faults in the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, update

from priorauth.formats.unreadable import Fault, FaultCode
from priorauth.lifecycle import SOFTWARE, CaseStatus, MoveRefused, Reason
from priorauth.store import Store, open_store
from priorauth.store.errors import NoSuchRecord
from priorauth.store.records import (
    CourseState,
    CourseStatus,
    Opened,
    Put,
    RenewalException,
    SubmissionState,
    SweepRun,
)
from priorauth.store.tables import intake_faults
from schemas.assessment import Assessment, PolicyPin, Recommendation
from schemas.case import Case
from schemas.treatment import Authorization, Determination
from tests.store.people import ANN, NOON


SHA = "a" * 64
MakeCase = Callable[..., Case]


@pytest.fixture
def case_id(store: Store, case: MakeCase) -> str:
    store.put_case(case(), at=NOON)
    return case().case_id


def assessed(case_id: str, because: str, **fields: Any) -> Assessment:
    return Assessment(
        case_id=case_id,
        assessed_on=date(2026, 11, 23),
        recommendation=Recommendation.INFORMATION_MISSING,
        because=because,
        findings=(),
        case_sha256=SHA,
        engine="test",
        **fields,
    )


def authorization(number: str, **fields: Any) -> Authorization:
    return Authorization.model_validate({
        "number": number, "payer": "aetna", "hcpcs": "J1459", "starts": date(2026, 12, 1), "ends": date(2027, 5, 31),
        "units": 840, "source": {"recorded_by": "Ann Lee"}, **fields,
    })  # fmt: skip


def approval(number: str = "A-1") -> Determination:
    return Determination.model_validate({
        "outcome": "approved", "decided_on": date(2026, 11, 23), "authorization": authorization(number), "recorded_by": "Ann Lee",
    })  # fmt: skip


def test_assessments_are_appended_and_the_newest_is_the_latest(store: Store, case_id: str) -> None:
    pin = PolicyPin(
        payer="aetna",
        policy="immune_globulin",
        version="2026-01",
        sha256=SHA,
        modelled_on="a bulletin",
        confirmed=False,
    )
    first, second = assessed(case_id, "first", policy=pin), assessed(case_id, "second")

    assert store.latest_assessment(case_id) is None
    ids = [store.put_assessment(one, at=NOON) for one in (first, first, second, first)]

    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert store.list_assessments(case_id) == (first, second, first)
    assert store.latest_assessment(case_id) == first


def test_an_assessment_of_a_case_that_is_not_stored_is_refused(store: Store) -> None:
    with pytest.raises(NoSuchRecord):
        store.put_assessment(assessed("PA-00000000", "none"), at=NOON)


def test_letters_and_packets_are_kept_once_with_their_bytes(store: Store, case_id: str) -> None:
    for _ in range(2):
        store.put_outgoing(case_id, b"%PDF letter", kind="letter", at=NOON, pages=2)
    store.put_outgoing(case_id, b"%PDF packet", kind="packet", at=NOON, pages=12)

    made = store.list_outgoing(case_id)

    assert [(one.kind, one.pages, one.draft) for one in made] == [("letter", 2, True), ("packet", 12, True)]
    assert store.read_document(made[1].sha256) == b"%PDF packet"


def test_only_one_claim_of_a_packet_is_fresh(store: Store, case_id: str) -> None:
    claims = [
        store.claim_submission(case_id, channel="fax", packet_sha256=SHA, by=ANN, at=NOON) for _ in range(3)
    ]

    assert [claim.fresh for claim in claims] == [True, False, False]
    assert len({claim.submission_id for claim in claims}) == 1


def test_confirming_a_submission_moves_its_case_once(store: Store, case_id: str) -> None:
    claim = store.claim_submission(case_id, channel="fax", packet_sha256=SHA, by=ANN, at=NOON)

    for _ in range(2):
        store.confirm_submission(claim.submission_id, by=ANN, at=NOON, acknowledgement="fax 17")

    assert store.case_summary(case_id).status is CaseStatus.SUBMITTED
    assert [(one.state, one.acknowledgement) for one in store.list_submissions(case_id)] == [
        (SubmissionState.CONFIRMED, "fax 17")
    ]
    assert [event.event for event in store.audit_trail(case_id)].count("case_moved") == 1


def test_an_approval_moves_the_case_and_brings_its_authorization(store: Store, case_id: str) -> None:
    store.move(case_id, CaseStatus.SUBMITTED, by=ANN, at=NOON, reason=Reason.SENT_OUTSIDE)

    assert [store.record_determination(case_id, approval(), by=ANN, at=NOON) for _ in range(2)] == [
        Put.CREATED,
        Put.UNCHANGED,
    ]

    assert store.case_summary(case_id).status is CaseStatus.APPROVED
    assert store.get_case(case_id).course.authorizations == (authorization("A-1"),)
    assert store.list_determinations(case_id) == (approval(),)


@pytest.fixture
def sent(store: Store, case_id: str) -> str:
    store.move(case_id, CaseStatus.SUBMITTED, by=ANN, at=NOON, reason=Reason.SENT_OUTSIDE)
    return case_id


def denial(**fields: Any) -> Determination:
    return Determination.model_validate({
        "outcome": "denied", "decided_on": date(2026, 11, 23), "denial_reasons": ("no baseline",), "recorded_by": "Ann Lee",
    } | fields)  # fmt: skip


def granting(**fields: Any) -> Determination:
    return approval().model_copy(update={"authorization": authorization("A-1", **fields)})


def test_a_decision_taken_back_can_be_recorded_again(store: Store, sent: str) -> None:
    puts = [
        store.record_determination(sent, granting(units=units), by=ANN, at=NOON)
        for units in (720, 702, 720, 720)
    ]

    assert puts == [Put.CREATED, Put.CREATED, Put.CREATED, Put.UNCHANGED]
    assert store.get_case(sent).course.authorizations == (authorization("A-1", units=720),)
    assert len(store.list_determinations(sent)) == 3


def test_a_denial_takes_out_the_authorization_of_the_approval_it_corrects(store: Store, sent: str) -> None:
    store.record_determination(sent, approval(), by=ANN, at=NOON)
    store.record_determination(sent, denial(), by=ANN, at=NOON)

    assert store.case_summary(sent).status is CaseStatus.DENIED
    assert store.get_case(sent).course.authorizations == ()

    store.record_determination(sent, approval(), by=ANN, at=NOON)
    assert store.get_case(sent).course.authorizations == (authorization("A-1"),)
    assert len(store.list_determinations(sent)) == 3


def test_a_denial_of_a_later_notice_ends_what_was_authorized(store: Store, sent: str) -> None:
    store.record_determination(sent, approval(), by=ANN, at=NOON)
    store.record_determination(sent, denial(decided_on=date(2027, 1, 15)), by=ANN, at=NOON)

    (left,) = store.get_case(sent).course.authorizations
    assert left.ends == date(2027, 1, 14)


def test_a_denied_renewal_leaves_the_authorization_in_force(store: Store, sent: str) -> None:
    store.record_determination(sent, approval(), by=ANN, at=NOON)
    for to, reason in (
        (CaseStatus.DRAFT, Reason.RENEWAL_OPENED),
        (CaseStatus.SUBMITTED, Reason.SENT_OUTSIDE),
    ):
        store.move(sent, to, by=ANN, at=NOON, reason=reason)

    assert store.record_determination(sent, approval(), by=ANN, at=NOON) is Put.UNCHANGED
    store.record_determination(sent, denial(), by=ANN, at=NOON)

    assert store.get_case(sent).course.authorizations == (authorization("A-1"),)


def test_a_number_entered_by_mistake_falls(store: Store, sent: str) -> None:
    store.record_determination(sent, approval("A-17"), by=ANN, at=NOON)
    wrong = authorization("A-17")

    puts = [
        store.record_determination(sent, approval("A-71"), by=ANN, at=NOON, instead_of=wrong)
        for _ in range(2)
    ]

    assert puts == [Put.CREATED, Put.UNCHANGED]
    assert store.get_case(sent).course.authorizations == (authorization("A-71"),)


def test_a_decision_on_a_case_that_was_never_sent_leaves_no_trace(store: Store, case_id: str) -> None:
    with pytest.raises(MoveRefused, match="draft cannot become approved"):
        store.record_determination(case_id, approval(), by=ANN, at=NOON)

    assert store.list_determinations(case_id) == ()
    assert store.get_case(case_id).course.authorizations == ()


def test_an_authorization_recorded_again_corrects_the_one_of_its_number(store: Store, case_id: str) -> None:
    store.record(case_id, authorization("A-1"), authorization("A-2"), by=ANN, at=NOON)
    store.record(case_id, authorization("A-1", units=800), by=ANN, at=NOON)

    assert store.get_case(case_id).course.authorizations == (
        authorization("A-1", units=800),
        authorization("A-2"),
    )


def test_a_course_is_due_when_its_record_changes_and_again_when_the_sweep_says(
    store: Store, case_id: str
) -> None:
    today = NOON.date()
    assert store.due_courses(today) == ()

    store.record(case_id, authorization("A-1"), by=ANN, at=NOON)
    assert [course.case_id for course in store.due_courses(today)] == [case_id]

    found = CourseState(
        case_id,
        CourseStatus.RENEWAL_DUE,
        renew_by=date(2027, 5, 1),
        next_action_on=today + timedelta(days=30),
    )
    store.put_courses([found], at=NOON)
    assert store.due_courses(today + timedelta(days=29)) == ()
    assert store.due_courses(today + timedelta(days=30)) == (found,)

    store.record(case_id, authorization("A-2"), by=ANN, at=NOON)
    assert [course.case_id for course in store.due_courses(today)] == [case_id]
    assert [course.case_id for course in store.due_courses(today - timedelta(days=365))] == [case_id]


def test_due_courses_can_be_read_in_pieces(store: Store, case: MakeCase) -> None:
    for number in range(5):
        store.put_case(case(str(number), course={"authorizations": [authorization("A")]}), at=NOON)
    today = NOON.date()

    first = store.due_courses(today, limit=3)
    rest = store.due_courses(today, after=first[-1], limit=3)

    assert (len(first), len(rest)) == (3, 2)
    assert first + rest == store.due_courses(today)


def test_sqlite_finds_due_courses_by_their_day_and_not_by_looking_at_all(
    sqlite: Callable[[bool], str], tmp_path: Path
) -> None:
    """PostgreSQL plans by the size of a table, so that an empty one shows nothing."""
    store = open_store(sqlite(True), tmp_path / "documents")
    asked: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    from_here = CourseState("PA-00000000", CourseStatus.ACTIVE, next_action_on=NOON.date())
    store.due_courses(NOON.date(), after=from_here, limit=10)

    question = next(statement for statement in asked if "FROM courses" in statement)
    values = ("2026-11-23", "2026-11-23", "PA-00000000", 10, 0)
    with store.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {question}", values).all()
    store.close()
    assert ["ix_courses_next_action_on" in str(step) for step in plan] == [True]


def lapse(case_id: str, **fields: Any) -> RenewalException:
    return replace(
        RenewalException(
            f"lapse:{case_id}", case_id, "uncovered_infusion", "coordinator", NOON.date(), date(2026, 12, 1)
        ),
        **fields,
    )


def test_an_exception_is_open_once_however_often_it_is_found(store: Store, case_id: str) -> None:
    later = lapse(case_id, raised_on=date(2026, 11, 24), level=1, owner="supervisor")

    assert [store.open_exception(lapse(case_id)), store.open_exception(later)] == [
        Opened.OPENED,
        Opened.STANDING,
    ]

    assert store.list_exceptions(case_id=case_id) == (replace(later, raised_on=NOON.date()),)
    assert store.list_exceptions(owner="coordinator") == ()


def test_a_closed_exception_that_comes_back_is_opened_again(store: Store, case_id: str) -> None:
    store.open_exception(lapse(case_id))

    assert store.close_exception(lapse(case_id).key, on=date(2026, 11, 25), because="covered")
    assert not store.close_exception(lapse(case_id).key, on=date(2026, 11, 26), because="covered")
    assert store.list_exceptions() == ()
    assert [one.closed_because for one in store.list_exceptions(closed=True)] == ["covered"]

    again = lapse(case_id, raised_on=date(2027, 1, 1))
    assert store.open_exception(again) is Opened.REOPENED
    assert store.list_exceptions() == (again,)


def test_closing_an_exception_that_never_was_is_an_error(store: Store) -> None:
    with pytest.raises(NoSuchRecord, match="lapse:PA-00000000"):
        store.close_exception("lapse:PA-00000000", on=NOON.date(), because="covered")


def test_the_heartbeat_tells_the_last_sweep_that_succeeded(store: Store) -> None:
    good = SweepRun(
        "renewals", NOON.date(), NOON, NOON + timedelta(seconds=2), succeeded=True, looked_at=3, opened=1
    )
    bad = SweepRun("renewals", NOON.date(), NOON, NOON + timedelta(days=1), succeeded=False, failed=1)
    for run in (good, bad):
        store.record_sweep(run)

    assert store.last_sweep("renewals") == good
    assert store.last_sweep("renewals", succeeded=False) == bad
    assert store.last_sweep("policies") is None


def test_a_fault_stands_until_its_file_can_be_read(store: Store) -> None:
    fault = Fault("a.yaml", FaultCode.TRUNCATED, "a.yaml:1: found the end of the file")

    ids = {store.put_faults([fault], at=NOON), store.put_faults([fault], at=NOON + timedelta(days=1))}

    assert len(ids) == 1
    standing = store.list_faults()
    assert [(one.code, one.first_seen_at, one.last_seen_at) for one in standing] == [
        ("truncated", NOON, NOON + timedelta(days=1))
    ]
    store.clear_faults(["a.yaml"], name="a.yaml", at=NOON)
    assert store.list_faults() == ()


def test_files_of_one_name_in_two_folders_have_faults_of_their_own(store: Store) -> None:
    faults = [
        Fault("case.yaml", FaultCode.TRUNCATED, "case.yaml:1: found the end", f"/in/{number}/case.yaml")
        for number in (1, 2)
    ]

    assert len(set(store.put_faults(faults, at=NOON))) == 2
    store.clear_faults(["/in/1/case.yaml"], name="case.yaml", at=NOON)

    assert [(fault.name, fault.path) for fault in store.list_faults()] == [("case.yaml", "/in/2/case.yaml")]


def test_a_fault_kept_by_the_first_version_goes_by_its_name(store: Store) -> None:
    store.put_faults([Fault("case.yaml", FaultCode.TRUNCATED, "case.yaml:1: found the end")], at=NOON)
    with store.transaction() as connection:
        connection.execute(update(intake_faults).values(path=None))

    store.clear_faults(["/in/1/other.yaml"], name="other.yaml", at=NOON)
    assert len(store.list_faults()) == 1
    store.clear_faults(["/in/1/case.yaml"], name="case.yaml", at=NOON)
    assert store.list_faults() == ()


def test_a_time_without_a_zone_is_refused(store: Store, case: MakeCase) -> None:
    with pytest.raises(Exception, match="without a zone"):
        store.put_case(case(), at=NOON.replace(tzinfo=None))


def test_software_cannot_close_a_case(store: Store, case_id: str) -> None:
    with pytest.raises(MoveRefused, match="it takes one of: coordinator, prescriber, supervisor"):
        store.move(case_id, CaseStatus.CLOSED, by=SOFTWARE, at=NOON, reason=Reason.NOT_REQUIRED)
