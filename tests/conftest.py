"""What every test relies on: programs it may need, a Prefect that belongs to nobody, repeatable examples."""

import gc
import os
import tempfile
from collections.abc import Callable

import hypothesis
import pytest


# Before anything imports Prefect: a developer's own server and profile are not for tests to touch.
for _name in [name for name in os.environ if name.startswith(("PREFECT_", "PRIORAUTH_"))]:
    del os.environ[_name]
os.environ["PREFECT_HOME"] = tempfile.mkdtemp(prefix="priorauth-tests-")

from flows import prerequisites  # noqa: E402 - its package must not be imported before the lines above


TOOLS = {tool.name: tool for tool in prerequisites.TEST_TOOLS}
REQUIRE_TOOLS = os.environ.get("REQUIRE_TEST_TOOLS") == "1"
MISSING_TOOL = "needs the program "

# The same examples on every run: a build that fails must fail again on the developer's machine.
hypothesis.settings.register_profile("house", derandomize=True, deadline=None, print_blob=False)
# For a first look while writing: a quarter of the examples. `make test` draws all of them.
hypothesis.settings.register_profile("brief", hypothesis.settings.get_profile("house"), max_examples=25)
hypothesis.settings.load_profile("house")


def pytest_collection_finish() -> None:
    # Thousands of collected tests live to the end; without this the garbage collector walks them again and again.
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs_tool"):
        for name in marker.args:
            if name not in TOOLS:
                pytest.fail(f"needs_tool({name!r}): known are {', '.join(TOOLS)}", pytrace=False)
            if prerequisites.tool_path(TOOLS[name]) is None:
                _without(name)


def _without(name: str) -> None:
    reason = f"{MISSING_TOOL}{name} (Debian: {TOOLS[name].packages['apt']})"
    if REQUIRE_TOOLS:
        pytest.fail(f"{reason}, and REQUIRE_TEST_TOOLS=1 allows no such skip", pytrace=False)
    pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [
        (report.longrepr[2].removeprefix(f"Skipped: {MISSING_TOOL}"), report.nodeid)
        for report in terminalreporter.getreports("skipped")
        if isinstance(report.longrepr, tuple) and MISSING_TOOL in report.longrepr[2]
    ]
    if not skipped:
        return
    terminalreporter.section("not tested, because a program is missing", yellow=True)
    for tool, test in sorted(skipped):
        terminalreporter.line(f"{tool}: {test}")


@pytest.fixture(scope="session")
def tool_path() -> Callable[[str], str]:
    """Where a program is; for tests that are marked `needs_tool`."""

    def path(name: str) -> str:
        found = prerequisites.tool_path(TOOLS[name])
        assert found is not None, f"mark the test with needs_tool({name!r})"
        return found

    return path
