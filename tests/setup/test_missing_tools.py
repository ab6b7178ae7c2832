"""A test without its program is skipped and named at the end; on the build machine it fails."""

import os
import subprocess
import sys

import pytest

from flows.settings import ROOT


pytestmark = pytest.mark.slow

A_TEST = """
import pytest

@pytest.mark.needs_tool("qpdf")
def test_of_a_packet():
    raise AssertionError("ran without qpdf")
"""


@pytest.fixture
def run_without_programs(tmp_path):
    def run(**variables):
        (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
        (tmp_path / "test_packet.py").write_text(A_TEST)
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-c", str(ROOT / "pyproject.toml"), "--rootdir", ".", "."],
            cwd=tmp_path,
            env={name: value for name, value in os.environ.items() if name != "REQUIRE_TEST_TOOLS"}
            | {"PATH": str(tmp_path)}
            | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_the_end_of_the_run_names_what_was_not_tested(run_without_programs):
    outcome = run_without_programs()

    assert outcome.returncode == 0
    assert "qpdf (Debian: qpdf): test_packet.py::test_of_a_packet" in outcome.stdout


def test_the_build_machine_accepts_no_such_skip(run_without_programs):
    outcome = run_without_programs(REQUIRE_TEST_TOOLS="1")

    assert outcome.returncode == 1
    assert "needs the program qpdf" in outcome.stdout
