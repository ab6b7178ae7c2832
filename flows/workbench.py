"""The workbench: Prefect's server and UI, the deployments and a worker, started and stopped as one.

`python -m flows.workbench` runs it until Ctrl-C; `workbench_running` lends it to the demo and the tests.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, get_current_settings, temporary_settings
from prefect.workers.process import ProcessWorker

from flows.casework import open_casework
from flows.clock import now
from flows.heartbeat import check_heartbeat
from flows.janitor import close_orphans
from flows.publishing import work_list_page
from flows.settings import ROOT, Settings, SettingsFault, prepare_home, read_settings
from flows.terminal import say, worded


HOST = "127.0.0.1"
WORK_POOL = "practice"
WORKER = "workbench"
SECONDS_TO_START = 180
SECONDS_TO_STOP = 8


class WorkbenchFault(Exception):
    """The workbench cannot start or has stopped; the message says why and what to do."""


@dataclass(frozen=True)
class Part:
    """One process of the workbench and the file that takes what it says."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def has_ended(self) -> bool:
        return self.process.poll() is not None


@dataclass(frozen=True)
class Workbench:
    address: str
    environment: dict[str, str]
    server: Part
    worker: Part

    @property
    def api_url(self) -> str:
        return f"{self.address}/api"

    def link(self, page: str) -> str:
        """Where a page of the UI is; links without /v2/ open the older interface."""
        return f"{self.address}/v2/{page}"


@contextlib.contextmanager
def workbench_running(settings: Settings, *, port: int = 0, deploy: bool = True) -> Iterator[Workbench]:
    """The workbench for the length of a `with` block, in which Prefect's client of this process talks to it.

    Port 0 takes a free one. `deploy=False` leaves out what prefect.yaml declares.
    """
    prepare_home(settings)
    address = f"http://{HOST}:{_claim(port)}"
    environment = _environment(settings, address)
    with (
        temporary_settings({PREFECT_API_URL: f"{address}/api", PREFECT_HOME: settings.prefect_home}),
        _running("server", _server_command(address), environment, settings) as server,
    ):
        asyncio.run(_answering(server))
        asyncio.run(_prepare_pool())
        with _running("worker", _worker_command(), environment, settings) as worker:
            if deploy and (ROOT / "prefect.yaml").exists():
                _deploy(environment, settings)
            yield Workbench(address, environment, server, worker)


def _claim(port: int) -> int:
    async def listen() -> int:
        server = await asyncio.start_server(lambda *_: None, HOST, port)
        async with server:
            found: int = server.sockets[0].getsockname()[1]
            return found

    try:
        return asyncio.run(listen())
    except OSError:
        raise WorkbenchFault(
            f"Port {port} is already in use, perhaps by a workbench that is running: http://{HOST}:{port}/v2/\n"
            f"Stop that one, or take another port: PREFECT_SERVER_API_PORT={port + 10} make up"
        ) from None


def _environment(settings: Settings, address: str) -> dict[str, str]:
    """What the server, the worker and the runs it starts inherit."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        # A person who also uses Prefect elsewhere must not send runs there from here.
        if name not in {"PREFECT_API_KEY", "PREFECT_PROFILE"}
    }
    programs = str(Path(sys.executable).parent)
    return inherited | {
        "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PREFECT_API_URL": f"{address}/api",
        "PREFECT_HOME": str(settings.prefect_home),
        # Both UIs ask the server for its address; a free port is not the one in prefect.toml.
        "PREFECT_UI_URL": address,
        "PREFECT_UI_API_URL": f"{address}/api",
        "PRIORAUTH_HOME": str(settings.home),
    }


def _server_command(address: str) -> list[str]:
    port = address.rpartition(":")[2]
    return [
        *(sys.executable, "-m", "uvicorn", "--factory", "flows.server:create_app"),
        *("--host", HOST, "--port", port, "--log-level", "warning", "--timeout-graceful-shutdown", "2"),
    ]


def _worker_command() -> list[str]:
    at_once = str(max(2, os.cpu_count() or 2))
    return [
        *(sys.executable, "-m", "prefect", "--no-prompt", "worker", "start"),
        *("--pool", WORK_POOL, "--type", "process", "--name", WORKER, "--limit", at_once),
    ]


@contextlib.contextmanager
def _running(
    name: str, command: list[str], environment: dict[str, str], settings: Settings
) -> Iterator[Part]:
    log = settings.prefect_home / f"{name}.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            # Away from the terminal's Ctrl-C, so that the worker goes first and can still reach the server.
            start_new_session=True,
        )
    try:
        yield Part(name, process, log)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.send_signal(signal.SIGINT)
        process.wait(SECONDS_TO_STOP)
    # What it started belongs to the same session and may have outlived it.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


async def _answering(server: Part) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    async with get_client() as client:
        while await client.api_healthcheck() is not None:
            if server.has_ended() or time.monotonic() > deadline:
                raise WorkbenchFault(f"Prefect's server did not start.\n{_last_words(server.log)}")
            await asyncio.sleep(0.1)


async def _prepare_pool() -> None:
    """Closes what an earlier worker left behind and sets up the pool as this version of the product wants it."""
    template = ProcessWorker.get_default_base_job_template()
    variables = template["variables"]["properties"]
    # Named outright, the command saves a second process per run that would only work out where the code is.
    variables["command"]["default"] = "python -m prefect.engine"
    variables["working_dir"]["default"] = str(ROOT)
    async with get_client() as client:
        await client.create_work_pool(
            WorkPoolCreate(name=WORK_POOL, type="process", base_job_template=template), overwrite=True
        )
    await close_orphans(WORK_POOL, WORKER)


def _deploy(environment: dict[str, str], settings: Settings) -> None:
    log = settings.prefect_home / "deploy.log"
    with log.open("wb") as file:
        outcome = subprocess.run(
            [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if outcome.returncode != 0:
        raise WorkbenchFault(f"The deployments of prefect.yaml were refused.\n{_last_words(log)}")


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-12:]
    return "\n".join([f"The end of {log}:", *(f"  {line}" for line in lines)])


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        settings = read_settings()
        print("Starting the workbench ...", flush=True)
        with workbench_running(settings, port=get_current_settings().server.api.port) as workbench:
            _greet(workbench, settings)
            return _watch(workbench)
    except (WorkbenchFault, SettingsFault) as fault:
        print(f"\n{fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nThe workbench has stopped.")
        return 0


def _greet(workbench: Workbench, settings: Settings) -> None:
    print(
        f"""
  Start a task      {workbench.link("deployments")}
  Watch the runs    {workbench.link("runs")}
  Work list         {workbench.link(asyncio.run(work_list_page()))}

  Documents         {settings.output}
  Logs              {settings.prefect_home}

Ctrl-C stops all of it.
""",
        flush=True,
    )
    say(worded("heartbeat.txt.j2", beat=check_heartbeat(open_casework(settings), at=now(settings))))
    sys.stdout.flush()


def _watch(workbench: Workbench) -> int:
    parts = (workbench.server, workbench.worker)
    while not any(part.has_ended() for part in parts):
        time.sleep(0.5)
    ended = next(part for part in parts if part.has_ended())
    raise WorkbenchFault(f"The {ended.name} has stopped by itself.\n{_last_words(ended.log)}")


if __name__ == "__main__":
    sys.exit(main())
