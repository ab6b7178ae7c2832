"""The command line as a person uses it, in a home of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.commands import app
from flows.settings import ROOT


SAMPLES = ROOT / "examples" / "referrals"
AS_OF = "2026-11-23"

Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def run(home: Path) -> Run:
    """Runs a command in this process; the exit status and both outputs are in the result."""

    def runs(*arguments: object) -> Result:
        environment = {"PRIORAUTH_HOME": str(home), "COLUMNS": "110", "NO_COLOR": None}
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], env=environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return runs


@pytest.fixture
def run_program(home: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the installed program as a process of its own."""

    def runs(*arguments: object) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).with_name("priorauth")
        environment = {**os.environ, "PRIORAUTH_HOME": str(home)}
        return subprocess.run(
            [program, *map(str, arguments)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return runs


@pytest.fixture(params=sorted(path.name for path in SAMPLES.iterdir() if path.is_dir()))
def sample(request: pytest.FixtureRequest) -> Path:
    return SAMPLES / str(request.param)
