"""The workbench starts and stops as one, and leaves nothing behind."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from uuid import UUID

import httpx
import psutil
import pytest
from prefect.client.orchestration import get_client
from prefect.deployments import run_deployment
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Paused, Running

from flows.janitor import close_orphans
from flows.settings import ROOT, read_settings
from flows.workbench import SECONDS_TO_STOP, WORK_POOL, WORKER, WorkbenchFault, workbench_running
from tests.setup import sample_runs


pytestmark = pytest.mark.workbench


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return read_settings({"PRIORAUTH_HOME": str(tmp_path_factory.mktemp("home"))})


@pytest.fixture(scope="module")
def workbench(settings):
    before = os.umask(0o022)
    with workbench_running(settings, deploy=False) as running:
        yield running
    os.umask(before)


async def deploy(flow) -> UUID:
    async with get_client() as client:
        return await client.create_deployment(
            flow_id=await client.create_flow(flow),
            name="test",
            work_pool_name=WORK_POOL,
            entrypoint=f"tests.setup.sample_runs.{flow.fn.__name__}",
            enforce_parameter_schema=False,
        )


def run_of(flow, **options):
    async def start():
        return await run_deployment(await deploy(flow), as_subflow=False, **options)

    return asyncio.run(start())


async def state_after(run, seconds: float, wanted: str):
    deadline = time.monotonic() + seconds
    async with get_client() as client:
        while True:
            state = (await client.read_flow_run(run.id)).state
            if state.name == wanted or time.monotonic() > deadline:
                return state.name
            await asyncio.sleep(0.2)


def test_a_run_that_is_asked_for_is_done_by_the_worker(workbench):
    run = run_of(sample_runs.finish, parameters={"case_id": "C-1"}, timeout=60, poll_interval=0.2)

    assert run.state.name == "Completed"


@pytest.mark.parametrize("page", ["v2/", "api/health", "api/no-such-page", "v2/no-such-page"])
def test_every_answer_carries_the_protective_headers(workbench, page):
    answer = httpx.get(f"{workbench.address}/{page}")

    assert "connect-src 'self' ws: wss:" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_port_that_is_taken_is_said_plainly(workbench, settings):
    port = int(workbench.address.rpartition(":")[2])

    with (
        pytest.raises(WorkbenchFault, match=f"Port {port} is already in use"),
        workbench_running(settings, port=port),
    ):
        pytest.fail("started on a port that is taken")


def test_the_janitor_closes_what_nothing_works_on_and_leaves_what_waits_for_a_person(workbench):
    async def promise():
        async with get_client() as client:
            orphan = await client.create_flow_run(
                sample_runs.finish, parameters={"case_id": "C-2"}, state=Running()
            )
            waiting = await client.create_flow_run(
                sample_runs.finish, parameters={"case_id": "C-3"}, state=Paused(timeout_seconds=3600)
            )
            closed = await close_orphans(WORK_POOL, WORKER)
            again = await close_orphans(WORK_POOL, WORKER)
            states = [(await client.read_flow_run(run.id)).state.name for run in (orphan, waiting)]
        return closed, again, states

    assert asyncio.run(promise()) == (1, 0, ["Crashed", "Paused"])


def test_the_janitor_touches_nothing_while_another_worker_is_there(workbench):
    async def promise():
        async with get_client() as client:
            run = await client.create_flow_run(
                sample_runs.finish, parameters={"case_id": "C-4"}, state=Running()
            )
            closed = await close_orphans(WORK_POOL, own_worker="somebody else")
            return closed, (await client.read_flow_run(run.id)).state.name

    assert asyncio.run(promise()) == (0, "Running")


def test_what_the_workbench_writes_is_for_its_owner_only(workbench, settings):
    readable = [path for path in settings.prefect_home.rglob("*") if path.stat().st_mode & 0o077]

    assert readable == []


def test_stopping_ends_every_process_and_the_next_start_closes_the_run(tmp_path, restored_umask):
    environment = os.environ | {"PRIORAUTH_HOME": str(tmp_path), "PREFECT_SERVER_API_PORT": "0"}
    with subprocess.Popen(
        [sys.executable, "-m", "flows.workbench"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        greeting = "".join(iter(process.stdout.readline, "Ctrl-C stops all of it.\n"))
        address = re.search(r"http://127[.0-9]+:\d+", greeting).group()
        with temporary_settings({PREFECT_API_URL: f"{address}/api"}):
            run = run_of(sample_runs.go_on_for_ever, timeout=0)
            assert asyncio.run(state_after(run, 30, "Running")) == "Running"

        asked = time.monotonic()
        process.send_signal(signal.SIGINT)
        status = process.wait(60)

    assert status == 0
    # Server and worker may each take their time to stop; on a busy machine they do.
    assert time.monotonic() - asked < 2 * SECONDS_TO_STOP + 10
    assert not is_answering(address)
    assert processes_with("PRIORAUTH_HOME", str(tmp_path)) == []
    with workbench_running(read_settings({"PRIORAUTH_HOME": str(tmp_path)}), deploy=False):
        assert asyncio.run(state_after(run, 0, "Crashed")) == "Crashed"


def is_answering(address: str) -> bool:
    try:
        return httpx.get(f"{address}/api/health").is_success
    except httpx.ConnectError:
        return False


def processes_with(variable: str, value: str) -> list[str]:
    return [
        process.name() for process in psutil.process_iter() if environment_of(process).get(variable) == value
    ]


def environment_of(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
        return {}
