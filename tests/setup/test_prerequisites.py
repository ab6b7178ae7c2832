"""What the machine must have, and the line that installs it."""

import sys

import pytest

from flows import prerequisites
from flows.prerequisites import LIBRARIES, TEST_TOOLS, VENV, Prerequisite, install_command


@pytest.mark.parametrize("need", [*LIBRARIES, VENV, *TEST_TOOLS], ids=lambda need: need.name)
def test_every_prerequisite_has_a_package_for_every_installer(need):
    assert set(need.packages) == {"apt", "brew", "dnf", "apk"}


def test_a_library_under_no_known_name_is_missing():
    nonsense = Prerequisite("nonsense", "does nothing", ("libnonsense.so.0", "libnonsense.0.dylib"), {})

    assert not prerequisites.library_loads(nonsense)


def test_one_known_name_is_enough():
    c_library = "libc.so.6" if sys.platform == "linux" else "libSystem.B.dylib"

    assert prerequisites.library_loads(Prerequisite("c", "runs", ("libnonsense.so.0", c_library), {}))


def test_a_tool_is_found_under_any_of_its_names(monkeypatch, tmp_path):
    program = tmp_path / "google-chrome"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    found = {tool.name: prerequisites.tool_path(tool) for tool in TEST_TOOLS}

    assert found["chromium"] == str(program)
    assert found["qpdf"] is None


@pytest.mark.parametrize(
    ("installer", "as_root", "line"),
    [
        (
            "apt",
            False,
            "sudo apt-get update && sudo apt-get install --yes libharfbuzz-subset0 libpango-1.0-0",
        ),
        ("apt", True, "apt-get update && apt-get install --yes libharfbuzz-subset0 libpango-1.0-0"),
        ("dnf", False, "sudo dnf install --assumeyes harfbuzz pango"),
        ("apk", True, "apk add harfbuzz-subset pango"),
        ("brew", False, "brew install harfbuzz pango"),
        (None, False, "with the package installer of this system: pango, harfbuzz-subset"),
    ],
)
def test_the_line_to_install_names_each_package_once(installer, as_root, line):
    missing = [library for library in LIBRARIES if library.name in {"gobject", "pango", "harfbuzz-subset"}]
    if installer is None:
        missing = missing[1:]

    assert install_command(missing, installer, as_root=as_root) == line
