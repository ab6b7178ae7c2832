"""Each flow, run for real: what it leaves in the store and on disk, how its run ends, and that twice is once."""

import asyncio
import shutil
import sqlite3
from datetime import date

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import StateType

from flows.boundary import case_task
from flows.determine import record_determination
from flows.forms import CaseForm, DeterminationForm, PrepareManyForm, SweepForm, TakeInForm, WatchForm
from flows.prepare import prepare_request, prepare_requests
from flows.renew import sweep_renewals
from flows.sweeping import SWEEP
from flows.take_in import take_in_referrals
from flows.verify import verify_case
from flows.watch import watch_sweep
from priorauth.lifecycle import CaseStatus
from priorauth.store.errors import StoreBusy
from schemas.base import Phase
from schemas.renewal import CourseStatus
from schemas.treatment import DeterminationOutcome
from tests.flows.conftest import SAMPLES


pytestmark = pytest.mark.workbench

AS_OF = "2026-11-23"
APPROVED = {
    "authorization_number": "A-2026-0042",
    "starts": "2026-12-16",
    "ends": "2027-06-15",
    "units": 1092,
}


def artifacts(key):
    async def read():
        async with get_client() as client:
            return await client.read_artifacts(
                artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key]))
            )

    return asyncio.run(read())


def run_record(state):
    async def read():
        async with get_client() as client:
            return await client.read_flow_run(state.state_details.flow_run_id)

    return asyncio.run(read())


def damage(work, case_id):
    """Leave a record behind that no version of the product wrote."""
    with sqlite3.connect(work.settings.home / "priorauth.db") as database:
        database.execute("UPDATE cases SET content = '{}' WHERE case_id = ?", [case_id])


def decision(case_id, **fields):
    given = {"case_id": case_id, "decided_on": "2026-11-20", "recorded_by": "AL", "decision": APPROVED}
    return DeterminationForm.model_validate(given | fields)


def test_taking_the_same_folder_in_twice_gives_each_case_once(run, work, case_of, inbox):
    case_of("04_mmn_continuation")

    state = run(take_in_referrals, TakeInForm(folder=str(inbox)))

    assert (state.name, state.message) == ("Completed", "0 created, 0 updated, 1 unchanged")
    assert len(work.store.list_cases()) == 1


def test_a_file_that_cannot_be_read_is_counted_by_code_and_stops_no_other(run, work, case_of, inbox):
    case_of("04_mmn_continuation")
    (inbox / "Mr Doe.json").write_text('{"resourceType": "Bundle", "entry": [')

    state = run(take_in_referrals, TakeInForm(folder=str(inbox)))

    assert state.name == "SomeUnreadable"
    assert state.message == (
        "0 created, 0 updated, 1 unchanged; not taken in: 1 truncated. See: priorauth intake --faults"
    )
    assert [fault.name for fault in work.store.list_faults()] == ["Mr Doe.json"]


def test_a_course_that_arrives_without_cover_has_its_task_before_any_sweep(run, work, inbox):
    shutil.copytree(SAMPLES / "10_expired_authorization", inbox / "lapsed")

    state = run(take_in_referrals, TakeInForm(folder=str(inbox), as_of=AS_OF))

    assert run_record(state).name == f"referrals as of {AS_OF}"
    assert work.store.last_sweep("renewals") is None
    assert [(task.kind, str(task.raised_on)) for task in work.store.list_exceptions()] == [("renewal", AS_OF)]


def test_a_folder_that_is_not_there_fails_by_code(run, inbox):
    state = run(take_in_referrals, TakeInForm(folder=str(inbox / "none")))

    assert state.is_failed()
    assert "folder_missing: the folder of referrals does not exist" in state.message


def test_a_verified_case_ends_in_a_state_a_tag_and_a_report(run, work, case_of):
    case_id = case_of("07_missing_nerve_study")

    state = run(verify_case, CaseForm(case_id=case_id, as_of=AS_OF))

    assert state.name == "NeedsInformation"
    assert state.message == "1 to do before sending"
    record = run_record(state)
    assert (record.name, record.tags) == (f"verify {case_id} as of {AS_OF}", ["needs-information"])
    (report,) = artifacts(f"case-{case_id.lower()}")
    assert f"# {case_id}: Information missing" in report.data
    assert "EMG/NCS report with nerve-by-nerve values" in report.data
    assert work.store.case_summary(case_id).status is CaseStatus.DRAFT


def test_a_report_that_says_the_same_gets_no_new_version(run, case_of):
    case_id = case_of("10_expired_authorization")
    form = CaseForm(case_id=case_id, as_of=AS_OF)

    run(verify_case, form)
    run(verify_case, form)

    assert len(artifacts(f"case-{case_id.lower()}")) == 1


def test_an_unknown_case_fails_by_code(run):
    state = run(verify_case, CaseForm(case_id="PA-00000000"))

    assert state.is_failed()
    assert "no_such_case: no case is stored under this id" in state.message


def test_a_prepared_request_lies_in_the_output_folder_once(run, work, case_of):
    case_id = case_of("04_mmn_continuation")
    form = CaseForm(case_id=case_id, as_of=AS_OF)

    first = run(prepare_request, form)
    folder = work.settings.output / case_id
    written = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    second = run(prepare_request, form)

    assert first.name == second.name
    assert set(written) == {"letter-continuation.pdf", "packet.pdf", "made-from.json"}
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == written
    assert [made.kind for made in work.store.list_outgoing(case_id)] == ["letter", "packet"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_one_case_that_cannot_be_prepared_stops_no_other(run, work, case_of):
    good, bad = case_of("04_mmn_continuation"), case_of("07_missing_nerve_study")
    damage(work, bad)

    state = run(prepare_requests, PrepareManyForm(as_of=AS_OF))

    assert (state.name, state.message) == (
        "SomeFailed",
        f"1 prepared; not prepared: {bad} record_contradicts",
    )
    assert (work.settings.output / good / "packet.pdf").exists()


def test_with_nothing_to_prepare_the_run_says_so(run):
    assert run(prepare_requests, PrepareManyForm()).name == "NothingToDo"


def test_a_sweep_opens_tasks_once_and_leaves_its_heartbeat(run, work, case_of):
    case_id = case_of("10_expired_authorization")
    form = SweepForm(every_course=True, as_of=AS_OF)

    first = run(sweep_renewals, form)
    tasks = work.store.list_exceptions()
    second = run(sweep_renewals, form)

    assert first.message.startswith(f"1 looked at, 0 skipped, {len(tasks)} opened")
    assert second.message.startswith("1 looked at, 0 skipped, 0 opened")
    assert {task.case_id for task in tasks} == {case_id}
    assert work.store.list_exceptions() == tasks
    beat = work.store.last_sweep(SWEEP)
    assert (str(beat.as_of), beat.succeeded) == (AS_OF, True)


def test_a_renewal_that_is_due_is_opened_once_and_its_draft_is_written(run, work, case_of):
    case_id = case_of("02_cidp_continuation")
    run(record_determination, decision(case_id, sent_outside=True))
    before = work.store.get_case(case_id)
    due = SweepForm(every_course=True, as_of="2027-05-24")

    early = run(sweep_renewals, SweepForm(every_course=True, as_of="2027-01-11"))
    assert work.store.case_summary(case_id).status is CaseStatus.APPROVED
    opened = run(sweep_renewals, due)
    again = run(sweep_renewals, due)

    assert "renewal" not in early.message
    assert opened.message.endswith("; 1 renewal opened")
    assert "renewal" not in again.message
    after = work.store.get_case(case_id)
    assert work.store.case_summary(case_id).status is CaseStatus.DRAFT
    assert after.request.phase is Phase.CONTINUATION
    assert after.request.starts > before.request.ends
    assert after.course == before.course, "what is authorized stays until the new authorization is recorded"
    assert (work.settings.output / case_id / "letter-continuation.pdf").exists()


def test_a_silent_sweep_is_red_among_the_runs_and_on_top_of_the_work_list(run, case_of):
    case_of("10_expired_authorization")

    silent = run(watch_sweep, WatchForm())
    warned = artifacts("work-list")[0].data
    run(sweep_renewals, SweepForm())
    alive = run(watch_sweep, WatchForm())

    assert (silent.type, silent.name) == (StateType.FAILED, "SweepSilent")
    assert "![red]" in warned
    assert "**The renewal sweep is silent: no sweep has succeeded yet.**" in warned
    assert alive.name == "SweepAlive"
    assert "![red]" not in artifacts("work-list")[0].data


def test_a_course_that_cannot_be_planned_fails_the_sweep_and_hides_no_other(run, work, case_of):
    good, bad = case_of("10_expired_authorization"), case_of("04_mmn_continuation")
    damage(work, bad)

    state = run(sweep_renewals, SweepForm(every_course=True, as_of=AS_OF))

    assert state.name == "SomeFailed"
    assert state.message.endswith(f"0 failed, 1 unreadable: {bad}")
    by_case = {(task.case_id, task.kind) for task in work.store.list_exceptions()}
    assert (bad, "sweep_failed") in by_case
    assert any(case_id == good for case_id, _ in by_case)
    assert work.store.last_sweep("renewals", succeeded=False).failed == 1


def test_a_course_that_can_be_planned_again_closes_the_task_of_its_failure(run, work, case_of):
    case_id = case_of("10_expired_authorization")
    content = work.store.get_case(case_id).model_dump_json(exclude_defaults=True)
    damage(work, case_id)
    run(sweep_renewals, SweepForm(every_course=True, as_of=AS_OF))
    with sqlite3.connect(work.settings.home / "priorauth.db") as database:
        database.execute("UPDATE cases SET content = ? WHERE case_id = ?", [content, case_id])

    state = run(sweep_renewals, SweepForm(as_of=AS_OF))

    assert state.name == "Completed"
    assert "sweep_failed" not in {task.kind for task in work.store.list_exceptions()}


def test_an_approval_becomes_an_authorization_and_is_recorded_once(run, work, case_of):
    case_id = case_of("04_mmn_continuation")
    form = decision(case_id, sent_outside=True)

    first, second = run(record_determination, form), run(record_determination, form)

    assert (first.name, first.message) == ("Approved", "the case is now approved")
    assert second.name == "AlreadyRecorded"
    numbers = [grant.number for grant in work.store.get_case(case_id).course.authorizations]
    assert numbers.count("A-2026-0042") == 1
    assert work.store.course(case_id).status is CourseStatus.ACTIVE, "looked at without a sweep"


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({**APPROVED, "modified": ["units"]}, DeterminationOutcome.PARTIALLY_APPROVED),
        ({"reasons": ["no_baseline", "other"]}, DeterminationOutcome.DENIED),
        ({"asked": ["nerve_study"], "respond_by": "2026-12-04"}, DeterminationOutcome.MORE_INFORMATION),
    ],
)
def test_each_kind_of_decision_is_recorded_as_what_it_is(run, work, case_of, given, outcome):
    case_id = case_of("04_mmn_continuation")

    run(record_determination, decision(case_id, sent_outside=True, decision=given))

    (recorded,) = work.store.list_determinations(case_id)
    assert recorded.outcome is outcome
    assert recorded.decided_on == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "move_refused"),
        ({"sent_outside": True, "decided_on": "2026-02-30"}, "no_such_day"),
        ({"sent_outside": True, "decision": {**APPROVED, "ends": "2026-12-15"}}, "no_such_day"),
    ],
    ids=["not sent yet", "a day no calendar has", "an end before the start"],
)
def test_a_decision_that_cannot_be_is_refused_and_leaves_nothing(run, work, case_of, fields, code):
    case_id = case_of("04_mmn_continuation")

    state = run(record_determination, decision(case_id, **fields))

    assert state.is_failed()
    assert f"{code}:" in state.message
    assert work.store.list_determinations(case_id) == ()
    assert work.store.case_summary(case_id).status is CaseStatus.DRAFT


@pytest.mark.parametrize(("error", "tries"), [(StoreBusy("locked"), 3), (ValueError("wrong"), 1)])
def test_a_busy_store_is_tried_again_and_any_other_error_is_not(workbench, error, tries):
    tried = []

    @case_task("try")
    async def fail_twice():
        tried.append(error)
        if len(tried) < 3:
            raise error

    @flow
    async def try_it():
        await fail_twice.with_options(retry_delay_seconds=0)(return_state=True)

    asyncio.run(try_it())

    assert len(tried) == tries
