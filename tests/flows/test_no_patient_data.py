"""Prefect sees ids, never people: every flow, in success and in failure, on a case full of canaries."""

import asyncio
import sqlite3
import time

import pytest
from prefect.deployments import arun_deployment

from flows.casework import open_casework
from flows.close import close_case
from flows.determine import record_determination
from flows.forms import FORMS
from flows.prepare import prepare_request, prepare_requests
from flows.renew import sweep_renewals
from flows.review import record_review
from flows.send import record_sending
from flows.take_in import take_in_referrals
from flows.verify import verify_case
from flows.versions import letter_in_review, version_of
from flows.watch import watch_sweep
from tests.flows.canaries import plant_canaries


pytestmark = pytest.mark.workbench

AS_OF = "2026-11-23"
GRANT = {"authorization_number": "A-1", "starts": "2026-12-16", "ends": "2027-06-15", "units": 9000}


@pytest.fixture
def work(workbench, workbench_settings, monkeypatch):
    monkeypatch.setenv("PRIORAUTH_HOME", str(workbench_settings.home))
    return open_casework(workbench_settings)


@pytest.fixture
def canaries(work, inbox):
    (inbox / "Canary9999x Doe.json").write_text('{"resourceType": "Bundle", "patient": "Canary9998x')
    return plant_canaries(inbox, work.knowledge) | {"Canary9999x", "Canary9998x", "Canary9997x"}


def run_here(*runs):
    return [
        asyncio.run(flow(FORMS[flow.name].model_validate(form), return_state=True)) for flow, form in runs
    ]


def run_in_worker(*runs):
    async def run(deployment, form):
        started = {"parameters": {"form": form}, "timeout": 120, "poll_interval": 0.3, "as_subflow": False}
        return (await arun_deployment(deployment, **started)).state

    async def gather():
        return await asyncio.gather(*(run(*each) for each in runs))

    return asyncio.run(gather())


def found_among(canaries, folder):
    files = {path: path.read_bytes().lower() for path in folder.rglob("*") if path.is_file()}
    return {
        (path.name, canary)
        for path, content in files.items()
        for canary in canaries
        if canary.lower().encode() in content
    }


def test_no_name_and_no_word_of_a_chart_reaches_prefect(work, inbox, canaries, caplog, capfd):
    take_in = (take_in_referrals, {"folder": str(inbox)})
    (taken,) = run_here(take_in)
    case_id = next(
        case.case_id
        for case in work.store.list_cases()
        if work.store.get_case(case.case_id).referral.system in canaries
    )
    one = {"case_id": case_id, "as_of": AS_OF}
    decision = {"case_id": case_id, "decided_on": AS_OF, "recorded_by": "AL", "sent_outside": True}
    steps = [
        (verify_case, one),
        (prepare_request, one),
        (prepare_requests, {"case_ids": [case_id], "as_of": AS_OF}),
        (sweep_renewals, {"every_course": True, "as_of": AS_OF}),
    ]
    by_worker = [("prepare_request/Prepare a request", one), ("sweep_renewals/Sweep renewals", {})]
    # A scan that finds nothing proves nothing unless there was something to find.
    stored = work.store.get_case(case_id).model_dump_json()
    assert sum(canary in stored for canary in canaries) > 100

    done = [*run_here(*steps), *run_in_worker(*by_worker)]
    letter = letter_in_review(work.store, case_id)
    assert letter
    read = {"case_id": case_id, "version": version_of(letter), "recorded_by": "AL"}
    reviews = [
        (record_review, {**read, "review": {"reviewed_on": AS_OF}}),
        (record_review, {**read, "review": {"reasons": ["wording"]}}),
        (record_sending, {**read, "channel": "fax", "reference": "4711"}),
    ]
    # The profile is not confirmed, so that no final can be made of this case; that it fails is what is looked at.
    refusable = (reviews[0], reviews[2])
    refused = run_here(*refusable)
    done += run_here((record_determination, {**decision, "decision": GRANT}))
    # What is approved has no letter in review, until the sweep opens the renewal.
    refused += run_here(reviews[1])
    done += run_here((sweep_renewals, {"every_course": True, "as_of": "2027-06-14"}))
    assert done[-1].message.endswith("1 renewal opened")
    run_here((watch_sweep, {}))
    closing = (close_case, {"case_id": case_id, "reason": "withdrawn", "recorded_by": "AL"})
    with sqlite3.connect(work.settings.home / "priorauth.db") as database:
        renamed = "UPDATE cases SET content = replace(content, ?, ?) WHERE case_id = ?"
        database.execute(renamed, ['"record_number":', '"Canary9997x":', case_id])
    failed = [
        *refused,
        *run_here(
            *steps, *refusable, (record_determination, {**decision, "decision": {"reasons": ["other"]}})
        ),
        *run_here(closing),
        *run_here((take_in_referrals, {"folder": str(inbox / "none")})),
        *run_in_worker(by_worker[0]),
    ]
    with sqlite3.connect(work.settings.home / "priorauth.db") as database:
        database.execute(renamed, ['"Canary9997x":', '"record_number":', case_id])
    done += run_here(closing)
    time.sleep(3)  # Prefect writes events and task runs once a second.

    assert (taken.name, [state.name for state in done if not state.is_completed()]) == ("SomeUnreadable", [])
    assert [state.name for state in failed if not state.is_failed()] == []
    assert found_among({case_id}, work.settings.prefect_home) != set()
    assert found_among(canaries, work.settings.prefect_home) == set()
    said = (caplog.text + "".join(capfd.readouterr())).lower()
    assert [canary for canary in canaries if canary.lower() in said] == []
