"""prefect.yaml: every deployment can be run, says what it does, and is given what its form takes."""

import zoneinfo

import pytest
from prefect import Flow
from prefect.utilities.importtools import import_object
from ruamel.yaml import YAML

from flows.demo import AS_OF, _steps
from flows.forms import FORMS
from flows.publishing import DEPLOYMENTS
from flows.settings import ROOT
from flows.workbench import WORK_POOL


pytestmark = pytest.mark.workbench

DECLARED = {each["name"]: each for each in YAML(typ="safe").load(ROOT / "prefect.yaml")["deployments"]}


@pytest.mark.parametrize("name", DECLARED)
def test_every_entry_point_is_a_flow_with_a_form(name):
    declared = DECLARED[name]

    flow = import_object(declared["entrypoint"])

    assert isinstance(flow, Flow)
    assert flow.name == declared["entrypoint"].rpartition(".")[2]
    assert list(flow.parameters.properties) == ["form"]
    assert flow.persist_result is False


@pytest.mark.parametrize("name", DECLARED)
def test_every_deployment_explains_itself(name):
    declared = DECLARED[name]

    assert len(declared["description"]) > 80
    assert declared["tags"]
    assert declared["work_pool"]["name"] == WORK_POOL


@pytest.mark.parametrize("name", DECLARED)
def test_what_a_deployment_is_given_fits_its_form(name):
    declared = DECLARED[name]
    given = declared.get("parameters", {}).get("form")
    form = FORMS[declared["entrypoint"].rpartition(".")[2]]

    if given is not None:
        form.model_validate(given)


def test_every_flow_is_deployed_and_every_link_leads_to_a_deployment():
    names = {f"{each['entrypoint'].rpartition('.')[2]}/{name}" for name, each in DECLARED.items()}

    assert {name.partition("/")[0] for name in names} == set(FORMS)
    assert set(DEPLOYMENTS.values()) <= names


def test_the_sweep_runs_each_morning_and_never_twice_at_once():
    sweep = DECLARED["Sweep renewals"]
    (schedule,) = sweep["schedules"]
    minute, hour, *rest = schedule["cron"].split()

    assert rest == ["*", "*", "*"]
    assert not 1 <= int(hour) < 3, "the change to daylight saving time skips or repeats an hour"
    assert schedule["timezone"] in zoneinfo.available_timezones()
    assert schedule["slug"]
    assert sweep["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
    assert "as_of" not in sweep["parameters"]["form"], "every sweep would look from that one day"
    assert minute.isdigit()


def test_the_steps_of_the_demo_are_deployed_and_look_from_the_day_of_the_samples():
    for step in _steps(["PA-36PRFKRK"]):
        flow_name, _, name = step.deployment.partition("/")
        form = FORMS[flow_name].model_validate(step.form)

        assert name in DECLARED
        assert getattr(form, "as_of", AS_OF.isoformat()) == AS_OF.isoformat()
