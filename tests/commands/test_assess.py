"""Assessing a case from a file or the store, on the terminal and as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date

import pytest

from flows.settings import ROOT
from priorauth.intake import read_folder
from priorauth.knowledge import load_knowledge
from priorauth.verification import verify
from schemas.assessment import Assessment
from tests.commands.conftest import AS_OF, SAMPLES


pytestmark = pytest.mark.slow  # reads the knowledge and opens stores


def test_every_sample_is_assessed_as_json_without_a_database(sample, run, home):
    knowledge = load_knowledge(ROOT / "knowledge")
    (referred,) = read_folder(sample, knowledge).cases

    result = run("assess", sample, "--as-of", AS_OF, "--json")

    assert result.exit_code == 0
    assert Assessment.model_validate_json(result.stdout) == verify(
        referred.case, as_of=date.fromisoformat(AS_OF), knowledge=knowledge
    )
    assert not home.exists()


def test_every_sample_is_assessed_in_words_that_wrap(sample, run):
    result = run("assess", sample, "--as-of", AS_OF)

    assert result.exit_code == 0
    words = " ".join(result.stdout.split())
    assert "not yet compared with the payer's text" in words or "none found that governs" in words
    assert max(map(len, result.stdout.splitlines())) <= 110
    assert "None" not in result.stdout
    assert "\x1b" not in result.stdout


def test_reasons_work_list_and_deciding_sets_are_shown(run):
    shown = run("assess", SAMPLES / "08_renewal_no_baseline", "--as-of", AS_OF).stdout

    for words in (
        "Information missing",
        "What decides",
        "Improvement from baseline on the objective measure",
        "before sending  Neurology note on dose-finding",
        "Any one of these would decide the policy",
        "maintenance: 80 g over 1 day, every 21 days, 160 units (vials: 2 × 40 g)",
    ):
        assert words in shown


def test_findings_that_are_met_are_shown_on_request(run):
    words = "NPI and direct telephone line of the prescriber"

    assert words not in run("assess", SAMPLES / "01_cidp_initial", "--as-of", AS_OF).stdout
    assert words in run("assess", SAMPLES / "01_cidp_initial", "--as-of", AS_OF, "--all").stdout


def test_a_stored_case_is_assessed_as_its_file_is_and_moves_on(run):
    run("intake", SAMPLES / "01_cidp_initial")
    from_file = json.loads(run("assess", SAMPLES / "01_cidp_initial", "--as-of", AS_OF, "--json").stdout)

    stored = json.loads(run("assess", from_file["case_id"], "--as-of", AS_OF, "--json").stdout)
    (listed,) = json.loads(run("cases", "--json").stdout)

    assert stored == from_file
    assert (listed["status"], listed["recommendation"]) == ("ready", "approve_expected")


def test_a_case_id_may_be_typed_in_lower_case(run):
    run("intake", SAMPLES / "01_cidp_initial")

    assert run("assess", "pa-36prfkrk", "--as-of", AS_OF).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("PA-00000000",), 1, "no case is stored under PA-00000000"),
        (("nothing.yaml",), 2, "nothing.yaml: found no such file"),
        ((SAMPLES,), 1, "holds 19 referrals; name one of them"),
    ],
)
def test_what_cannot_be_assessed_is_said_in_one_line(arguments, status, words, run):
    result = run("assess", *arguments)

    assert result.exit_code == status
    assert result.stdout == ""
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("day", ["2026-02-30", "20261123", "tomorrow"])
def test_a_day_that_is_none_is_refused(day, run):
    assert run("assess", SAMPLES / "01_cidp_initial", "--as-of", day).exit_code == 2


def test_a_command_on_a_file_does_not_load_the_database():
    loaded = (
        "import sys, flows.commands.subjects, flows.commands.mistakes; print('sqlalchemy' in sys.modules)"
    )

    said = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)

    assert said.stdout == "False\n"
