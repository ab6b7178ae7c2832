"""One workbench for all tests of this folder, and a case store of its own for each test."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prefect import Flow
from prefect.client.schemas.objects import State
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker

from flows.casework import Casework, open_casework, take_in
from flows.forms import Form
from flows.settings import ROOT, Settings, read_settings
from flows.workbench import Workbench, workbench_running


SAMPLES = ROOT / "examples" / "referrals"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def workbench_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return read_settings({"PRIORAUTH_HOME": str(tmp_path_factory.mktemp("practice"))})


@pytest.fixture(scope="session")
def workbench(workbench_settings: Settings) -> Iterator[Workbench]:
    """Server, worker and deployments. What runs in the process of the test is recorded there as well."""
    before = os.umask(0o022)
    with workbench_running(workbench_settings) as running:
        yield running
        _send_what_is_left()
    os.umask(before)


def _send_what_is_left() -> None:
    """Prefect sends logs and events in the background, and would wait a minute for a server that has gone."""
    for worker in (APILogWorker, EventsWorker):
        worker.drain_all(timeout=20, at_exit=False)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The settings that flows of this test read from the environment."""
    monkeypatch.setenv("PRIORAUTH_HOME", str(tmp_path / "var"))
    before = os.umask(0o022)
    yield read_settings()
    os.umask(before)


@pytest.fixture
def work(settings: Settings) -> Iterator[Casework]:
    opened = open_casework(settings)
    yield opened
    opened.store.close()
    open_casework.cache_clear()


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def case_of(work: Casework, inbox: Path) -> Callable[[str], str]:
    """Take one of the samples in and return its case id."""

    def take_in_sample(name: str) -> str:
        shutil.copytree(SAMPLES / name, inbox / name)
        taken = take_in(work, inbox / name, at=NOON)
        (case_id,) = taken.cases
        return case_id

    return take_in_sample


@pytest.fixture
def run(workbench: Workbench, settings: Settings) -> Callable[[Flow[Any, Any], Form], State[Any]]:
    """Run a flow to its end here, and return the state that Prefect keeps of it."""

    def run_here(flow: Flow[Any, Any], form: Form) -> State[Any]:
        return asyncio.run(flow(form, return_state=True))

    return run_here
