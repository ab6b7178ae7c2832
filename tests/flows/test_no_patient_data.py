"""Prefect sees ids, never people: every flow through the worker, in success and in failure, on a case full of canaries."""

import asyncio
import sqlite3
import time

import pytest
from prefect.deployments import arun_deployment

from flows.casework import open_casework
from tests.flows.canaries import plant_canaries


pytestmark = pytest.mark.workbench

AS_OF = "2026-11-23"
GRANT = {
    "authorization_number": "A-1",
    "starts": "2026-12-16",
    "ends": "2027-06-15",
    "units": 100,
}


def run_all(*runs):
    """Run deployments side by side in the worker, and return how each ended."""

    async def run(deployment, form):
        return await arun_deployment(
            deployment, parameters={"form": form}, timeout=120, poll_interval=0.3, as_subflow=False
        )

    async def gather():
        return await asyncio.gather(*(run(*each) for each in runs))

    return [run.state for run in asyncio.run(gather())]


def everything_kept_in(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def work(workbench_settings):
    return open_casework(workbench_settings)


@pytest.fixture
def canaries(work, inbox):
    (inbox / "Canary9999x Doe.json").write_text('{"resourceType": "Bundle", "patient": "Canary9998x')
    return plant_canaries(inbox, work.knowledge) | {"Canary9999x", "Canary9998x", "Canary9997x"}


def test_no_name_and_no_word_of_a_chart_reaches_prefect(workbench, workbench_settings, work, inbox, canaries):
    (taken,) = run_all(("take_in_referrals/Take in referrals", {"folder": str(inbox)}))
    (case_id,) = [case.case_id for case in work.store.list_cases()]
    # A scan that finds nothing proves nothing unless there was something to find.
    stored = work.store.get_case(case_id).model_dump_json()
    assert sum(canary in stored for canary in canaries) > 100
    one = {"case_id": case_id, "as_of": AS_OF}
    steps = [
        ("verify_case/Verify a case", one),
        ("prepare_request/Prepare a request", one),
        ("prepare_requests/Prepare all requests", {"case_ids": [case_id], "as_of": AS_OF}),
        ("sweep_renewals/Sweep renewals", {"every_course": True, "as_of": AS_OF}),
    ]
    decision = {"case_id": case_id, "decided_on": AS_OF, "recorded_by": "AL", "sent_outside": True}
    record = ("record_determination/Record a determination", {**decision, "decision": GRANT})
    done = run_all(*steps) + run_all(record)
    with sqlite3.connect(workbench_settings.home / "priorauth.db") as database:
        database.execute(
            "UPDATE cases SET content = replace(content, '\"record_number\":', '\"Canary9997x\":')"
        )
    missing = ("take_in_referrals/Take in referrals", {"folder": str(inbox / "none")})
    record = (record[0], {**decision, "decision": {"reasons": ["other"]}})
    failed = run_all(*steps, record, missing)
    time.sleep(3)  # Prefect's server writes events and task runs once a second.

    assert (taken.name, [state.name for state in done if not state.is_completed()]) == ("SomeUnreadable", [])
    assert [state.is_failed() for state in failed] == [True] * len(failed)
    kept = everything_kept_in(workbench_settings.prefect_home)
    assert any(case_id.encode() in content for path, content in kept.items() if path.name == "prefect.db")
    found = {
        (path.name, canary)
        for path, content in kept.items()
        for canary in canaries
        if canary.lower().encode() in content.lower()
    }
    assert found == set()
