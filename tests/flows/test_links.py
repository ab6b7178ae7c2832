"""The work list: one artifact in place, whose links open the run form of the right deployment, filled in."""

import asyncio
import json
import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactCollectionFilter, ArtifactCollectionFilterKey

from flows.casework import verify_case
from flows.forms import FORMS
from flows.publishing import DEPLOYMENTS, deployment_ids, publish_work_list, work_list
from flows.sweeping import sweep
from tests.flows.conftest import NOON


pytestmark = pytest.mark.workbench

AS_OF = date(2026, 11, 23)
TO_ENTER = {"Close": {"reason": "duplicate", "recorded_by": "AL"}}
"""What a person enters into a form that a link opens."""

LINK = re.compile(r"\[([^]]+)\]\((/v2/deployments/[^)]+)\)")


def current_list(work):
    async def write():
        async with get_client() as client:
            return work_list(work, await deployment_ids(client), as_of=AS_OF)

    return asyncio.run(write())


def test_every_link_opens_a_form_that_would_be_accepted(workbench, work, case_of):
    case_id = case_of("07_missing_nerve_study")
    verify_case(work, case_id, as_of=AS_OF, at=NOON)

    links = LINK.findall(current_list(work))

    assert [step for step, _ in links] == ["Verify", "Prepare", "Close"]
    for step, address in links:
        place = urlsplit(address)
        deployment_id = place.path.removeprefix("/v2/deployments/deployment/").removesuffix("/run")
        (parameters,) = parse_qs(place.query)["parameters"]
        deployment = asyncio.run(read_deployment(deployment_id))
        flow_name = DEPLOYMENTS[step].partition("/")[0]
        assert deployment.name == DEPLOYMENTS[step].partition("/")[2]
        filled = json.loads(parameters)["form"] | TO_ENTER.get(step, {})
        assert FORMS[flow_name].model_validate(filled).case_id == case_id


async def read_deployment(deployment_id):
    async with get_client() as client:
        return await client.read_deployment(deployment_id)


def test_the_list_names_what_to_get_and_the_renewals_that_press(workbench, work, case_of):
    missing, lapsed = case_of("07_missing_nerve_study"), case_of("10_expired_authorization")
    verify_case(work, missing, as_of=AS_OF, at=NOON)
    sweep(work, as_of=AS_OF, every_course=True)

    lines = current_list(work).splitlines()

    request = next(line for line in lines if line.startswith(f"| [{missing}]("))
    assert "| CIDP, cigna | draft; information missing | EMG/NCS report with nerve-by-nerve values" in request
    renewals = lines[lines.index("## Tasks") : lines.index("## Requests")]
    assert any(lapsed in line for line in renewals)


def test_an_empty_practice_has_an_empty_list(workbench, work):
    assert "Nothing is waiting." in current_list(work)


def test_the_list_is_written_in_place(workbench, work, case_of):
    @flow
    async def publish():
        await publish_work_list(work, as_of=AS_OF)
        return await newest()

    async def newest():
        named = ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=["work-list"]))
        async with get_client() as client:
            (found,) = await client.read_latest_artifacts(artifact_filter=named)
            return found.latest_id, found.data

    before, _ = asyncio.run(publish())
    case_id = case_of("07_missing_nerve_study")
    after, text = asyncio.run(publish())

    assert after == before
    assert case_id in text
