"""The Prefect UI as a coordinator uses it, in a real browser: find a task, open it filled in, run it, stay in the house."""

import asyncio
import contextlib
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import TimeoutError as PageTimeoutError
from playwright.sync_api import expect, sync_playwright
from prefect.client.orchestration import get_client

from flows.casework import open_casework, take_in
from flows.publishing import deployment_ids, step_links
from tests.flows.conftest import NOON, SAMPLES


pytestmark = [pytest.mark.workbench, pytest.mark.needs_tool("chromium")]

# Chromium itself would look for updates and a login page of the network.
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PATIENCE = 120_000
"""Milliseconds; the first page loads some megabytes of script, and a busy machine answers late."""


@pytest.fixture
def page(tool_path):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=tool_path("chromium"), args=QUIET)
        page = browser.new_page(viewport={"width": 1360, "height": 1400})
        page.set_default_timeout(PATIENCE)
        yield page
        browser.close()


@pytest.fixture
def hosts(page):
    """The hosts that answered the browser."""
    seen = set()
    page.on("response", lambda response: seen.add(urlsplit(response.url).hostname))
    return seen


@pytest.fixture
def case_id(workbench, workbench_settings):
    work = open_casework(workbench_settings)
    taken = take_in(work, SAMPLES / "07_missing_nerve_study", at=NOON)
    (case_id,) = taken.cases
    return case_id


@pytest.fixture
def form_link(case_id):
    """The address behind "Verify" in the work list; asked for before the browser takes the event loop."""

    async def read():
        async with get_client() as client:
            return step_links(await deployment_ids(client), case_id, ["Verify"])["Verify"]

    return asyncio.run(read())


def test_a_case_is_verified_from_a_link_of_the_work_list(workbench, case_id, form_link, page, hosts):
    page.goto(workbench.link("deployments"))
    for name in ("Take in referrals", "Verify a case", "Prepare a request", "Record a determination"):
        expect(page.get_by_role("link", name=name)).to_be_visible(timeout=PATIENCE)

    page.goto(f"{workbench.address}{form_link}")
    expect(page.get_by_label("Case id")).to_have_value(case_id, timeout=PATIENCE)
    expect(page.get_by_text('Property is type "None"')).to_have_count(0)
    submit(page)
    reload_until(page, workbench.link("runs"), page.get_by_text("NeedsInformation"))
    page.get_by_role("link", name=f"verify {case_id}").first.click()
    expect(page.get_by_text("1 to do before sending").first).to_be_visible(timeout=PATIENCE)
    assert hosts == {"127.0.0.1"}


def submit(page):
    """Press again where a press led nowhere, as happened once on a busy machine."""
    button = page.get_by_role("button", name="Submit")
    for _ in range(4):
        button.click()
        with contextlib.suppress(PageTimeoutError):
            page.wait_for_url("**?tab=Runs", timeout=30_000)
            return
    pytest.fail(f"the form was not submitted; the page reads:\n{page.locator('body').inner_text()}")


def reload_until(page, address, shown):
    """The list of runs is only as new as the page."""
    for _ in range(40):
        page.goto(address)
        with contextlib.suppress(AssertionError):
            expect(shown).to_be_visible(timeout=3000)
            return
    pytest.fail(f"{shown} did not appear on {address}")
