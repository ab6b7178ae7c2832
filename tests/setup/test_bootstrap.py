"""`bootstrap.py`: quiet when all is there, clear when something is not."""

import ast
import importlib.util
import subprocess
import sys
from types import ModuleType

import pytest

from flows.settings import ROOT


@pytest.fixture
def bootstrap() -> ModuleType:
    specification = importlib.util.spec_from_file_location("bootstrap", ROOT / "bootstrap.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def program(monkeypatch, tmp_path):
    """Puts a program of this name on an otherwise empty PATH, which prints the text and ends with the status."""

    def make(name, text, status=0):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\necho '{text}'\nexit {status}\n")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        return str(path)

    return make


def test_a_python_that_does_not_fit_is_refused_with_what_to_install(bootstrap, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "OLDEST_PYTHON", (3, 98))
    monkeypatch.setattr(bootstrap, "NEWEST_PYTHON", (3, 99))

    with pytest.raises(SystemExit) as end:
        bootstrap.use_a_supported_python()

    assert end.value.code == 1
    assert "Python 3.98 to 3.99 is needed" in capsys.readouterr().err


def test_old_pythons_can_read_the_file_to_be_refused():
    source = (ROOT / "bootstrap.py").read_text()

    ast.parse(source, feature_version=(3, 7))


def test_a_uv_that_works_is_used(bootstrap, program):
    uv = program("uv", "uv 0.13.9 (x86_64-unknown-linux-gnu)")

    assert bootstrap.find_uv() == uv


@pytest.mark.parametrize(
    ("says", "status"),
    [("uv 0.4.30", 0), ("pyenv: uv: command not found", 127), ("uv 1.2", 1)],
    ids=["too old", "a shim that leads nowhere", "broken"],
)
def test_a_uv_that_would_not_do_is_passed_by(bootstrap, program, monkeypatch, tmp_path, says, status):
    monkeypatch.setattr(bootstrap, "PRIVATE_UV", tmp_path / "none")
    program("uv", says, status)

    assert bootstrap.find_uv() is None


def test_a_changed_lock_file_asks_for_a_new_environment(bootstrap, monkeypatch, tmp_path):
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    (tmp_path / "pyproject.toml").write_text("[project]")
    (tmp_path / "uv.lock").write_text("version = 1")
    before = bootstrap.fingerprint()

    assert bootstrap.fingerprint() == before
    (tmp_path / "uv.lock").write_text("version = 2")
    assert bootstrap.fingerprint() != before


def test_the_certificates_of_the_hospital_network_are_used_unless_told_otherwise(bootstrap, monkeypatch):
    monkeypatch.setenv("UV_SYSTEM_CERTS", "0")

    assert bootstrap.uv_environment()["UV_SYSTEM_CERTS"] == "0"


@pytest.mark.parametrize("sudo_status", [1, None], ids=["sudo asks for a password", "no sudo"])
def test_nothing_is_installed_where_that_would_need_a_password(bootstrap, program, monkeypatch, sudo_status):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    program("apt-get", "this must not run")
    if sudo_status is not None:
        program("sudo", "sudo: a password is required", sudo_status)

    assert bootstrap.apt_command() is None
    assert "needs root or sudo" in bootstrap.apt_install(["libpango-1.0-0"])


def test_with_everything_in_place_it_says_and_does_nothing():
    first, second = (
        subprocess.run(
            [sys.executable, "bootstrap.py"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        for _ in range(2)
    )

    assert first.returncode == 0
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
