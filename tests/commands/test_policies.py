"""Listing, showing, checking, comparing and confirming payer profiles."""

from __future__ import annotations

import json
import shutil

import pytest

from flows import comparing
from flows.commands import profiles
from flows.settings import ROOT
from priorauth.knowledge import load_knowledge
from tests.commands.conftest import AS_OF, SAMPLES


pytestmark = pytest.mark.slow  # reads the knowledge and opens stores

KNOWLEDGE = ROOT / "knowledge"
AETNA = "aetna/immune_globulin/2026-01-01"
CONFIRM = ("--by", "Dana Roe, PharmD", "--bulletin", "CPB 0206 of 2026-09-11", "--on", "2026-11-20")


@pytest.fixture
def own_knowledge(tmp_path, monkeypatch):
    """A copy of the knowledge that may be written to."""
    folder = shutil.copytree(KNOWLEDGE, tmp_path / "knowledge")
    monkeypatch.setattr(profiles, "KNOWLEDGE", folder)
    monkeypatch.setattr("flows.commands.subjects.KNOWLEDGE", folder)
    yield folder
    load_knowledge.cache_clear()


@pytest.fixture
def draft(tmp_path):
    """A new version of a profile that asks for three months of symptoms."""
    text = (KNOWLEDGE / "payers" / f"{AETNA}.yaml").read_text()
    file = tmp_path / "draft.yaml"
    file.write_text(
        text.replace("effective_from: 2026-01-01", "effective_from: 2027-01-01").replace(
            "{fact: symptom_duration_months, at_least: 2}", "{fact: symptom_duration_months, at_least: 36}"
        )
    )
    return file


def test_every_profile_is_listed_as_not_yet_compared(run):
    listed = json.loads(run("policies", "list", "--json").stdout)

    assert {profile["policy"] for profile in listed} == set(load_knowledge(KNOWLEDGE).policies)
    assert {profile["standing"] for profile in listed} == {"unconfirmed"}


def test_the_list_fits_on_a_line_for_each_profile(run):
    shown = run("policies", "list").stdout

    assert f"{AETNA}" in shown
    assert "not yet compared" in shown


@pytest.mark.parametrize("name", load_knowledge(KNOWLEDGE).policies)
def test_the_page_of_a_profile_has_every_clause_with_its_confidence(name, run):
    policy = load_knowledge(KNOWLEDGE).policies[name]
    criteria = [*policy.exclusions, *policy.site_of_care]
    for rules in policy.conditions.values():
        for part in (rules.initiation, rules.continuation):
            criteria += part.criteria if part else ()

    page = " ".join(run("policies", "show", name).stdout.split())

    assert policy.provenance.confidence.words in page
    for criterion in criteria:
        assert f"{criterion.id} {criterion.title} " in page
        assert not criterion.clause or " ".join(criterion.clause.split()) in page


def test_a_page_says_where_the_first_day_is_not_known_and_what_no_criterion_asks(run):
    page = run("policies", "show", "hcsc/immune_globulin").stdout

    assert "first day not known, taken as 2026-01-01" in page
    assert "A non-preferred product needs trial and failure" in page
    assert "from 2026-01-01" in run("policies", "show", "aetna/immune_globulin").stdout


def test_a_page_says_what_is_asked_in_words(run):
    page = run("policies", "show", "aetna/immune_globulin").stdout

    for words in (
        "not yet compared with the payer's text",
        "A1  Progressive or relapsing course for 2 months or more M?, CIDP, initial approval",
        "Duration of symptoms: at least 2 months",
        "denial expected if not met, the request waits if not documented",
        "Initiation: approved for 3 months",
        "not verified; wording, number or date could be off",
    ):
        assert words in page


def test_a_payer_stands_for_all_its_policies(run):
    pages = json.loads(run("policies", "show", "aetna", "--json").stdout)

    assert [page["name"] for page in pages] == [AETNA, "aetna/medicare_advantage/2024-01-01"]


def test_a_policy_that_does_not_exist_is_answered_with_the_payers_there_are(run):
    result = run("policies", "show", "nobody")

    assert result.exit_code == 1
    assert "aetna, anthem" in result.stderr


def test_the_shipped_knowledge_has_no_mistake(run):
    result = run("policies", "check")

    assert (result.exit_code, result.stdout) == (0, "No mistake found.\n")


def test_a_draft_without_mistakes_passes(draft, run):
    assert run("policies", "check", draft).exit_code == 0


def test_every_mistake_of_a_draft_is_named_where_it_stands(draft, run):
    draft.write_text(
        draft.read_text()
        .replace("course_pattern, is_one_of", "course_patern, is_one_of", 1)
        .replace("approval_months: 3", "approval_moths: 3", 1)
    )

    result = run("policies", "check", draft)

    lines = result.stderr.splitlines()
    assert result.exit_code == 2
    assert len(lines) == 2
    assert any("approval_moths" in line for line in lines)
    assert any("Did you mean 'course_pattern'?" in line for line in lines)
    assert all(line.startswith(f"{draft}:") for line in lines)


def test_mistakes_of_the_knowledge_do_not_hide_those_of_a_draft(draft, run, own_knowledge):
    facts = own_knowledge / "facts.yaml"
    facts.write_text(facts.read_text().replace("title: Clinical course", "title: [Clinical course", 1))
    draft.write_text(draft.read_text().replace("approval_months: 3", "approval_moths: 3", 1))

    result = run("policies", "check", draft)

    first, second = result.stderr.splitlines()
    assert result.exit_code == 2
    assert first.startswith("knowledge/facts.yaml:")
    assert second.startswith(f"{draft}:")


def test_a_mistyped_value_of_a_draft_does_not_hide_its_other_mistakes(draft, run):
    draft.write_text(
        draft.read_text()
        .replace("approval_months: 3", "approval_months: 03", 1)
        .replace("course_pattern, is_one_of", "course_patern, is_one_of", 1)
    )

    result = run("policies", "check", draft)

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 2


def test_a_change_is_shown_clause_by_clause_and_case_by_case(draft, run):
    result = run("policies", "diff", AETNA, draft, "--referrals", SAMPLES, "--as-of", AS_OF)

    words = " ".join(result.stdout.split())
    assert (
        "CIDP, initiation, A1: Progressive or relapsing course for 2 months or more (requirement changed)"
        in words
    )
    assert "Duration of symptoms: at least 36 months" in words
    assert (
        "PA-36PRFKRK CIDP initiation, from 2027-01-01: Approval expected → Denial expected as it is" in words
    )
    assert "A1 Progressive or relapsing course for 2 months or more: met → not met" in words


def test_a_change_is_looked_at_over_the_stored_cases(draft, run):
    run("intake", SAMPLES / "01_cidp_initial", SAMPLES / "02_cidp_continuation", SAMPLES / "03_mmn_initial")

    compared = json.loads(run("policies", "diff", AETNA, draft, "--as-of", AS_OF, "--json").stdout)

    assert compared["looked_at"] == 2
    assert [(case["case_id"], case["findings"]) for case in compared["cases"]] == [
        (
            "PA-36PRFKRK",
            [
                {
                    "criterion": "A1",
                    "title": "Progressive or relapsing course for 2 months or more",
                    "before": "met",
                    "after": "not_met",
                }
            ],
        )
    ]


def test_many_cases_are_compared_by_several_processes_to_the_same_bytes(draft, run, monkeypatch):
    run("intake", SAMPLES)
    asked = ("policies", "diff", AETNA, draft, "--as-of", AS_OF, "--json")
    alone = run(*asked)

    monkeypatch.setattr(comparing, "WORTH_A_POOL", 1)
    monkeypatch.setattr(comparing, "BATCH", 2)
    together = run(*asked)

    assert json.loads(alone.stdout)["looked_at"] > 2
    assert (together.stdout, together.stderr) == (alone.stdout, "")


def test_two_policies_are_no_versions_of_one(run):
    result = run("policies", "diff", AETNA, "cigna/immune_globulin")

    assert result.exit_code == 1
    assert "expected two versions of one policy" in result.stderr


def test_a_comparison_is_recorded_and_shows_wherever_findings_appear(own_knowledge, run):
    before = run("assess", SAMPLES / "01_cidp_initial", "--as-of", AS_OF, "--json")

    confirmed = run("policies", "confirm", AETNA, *CONFIRM)
    load_knowledge.cache_clear()

    after = run("assess", SAMPLES / "01_cidp_initial", "--as-of", AS_OF, "--json")
    page = run("policies", "show", AETNA, "--as-of", AS_OF).stdout
    assert confirmed.exit_code == 0
    assert [json.loads(result.stdout)["policy"]["confirmed"] for result in (before, after)] == [False, True]
    assert "by Dana Roe, PharmD with CPB 0206 of 2026-09-11 on 2026-11-20, good until 2027-01-01" in page


def test_a_second_comparison_keeps_the_first_on_record(own_knowledge, run):
    run("policies", "confirm", AETNA, *CONFIRM)
    load_knowledge.cache_clear()
    run("policies", "confirm", "aetna/medicare_advantage/2024-01-01", *CONFIRM, "--valid-until", "2027-03-01")
    load_knowledge.cache_clear()

    standing = {
        profile["policy"]: profile["standing"]
        for profile in json.loads(run("policies", "list", "--as-of", AS_OF, "--json").stdout)
        if profile["policy"].startswith("aetna")
    }
    assert standing == {AETNA: "confirmed", "aetna/medicare_advantage/2024-01-01": "confirmed"}


def test_a_profile_edited_after_it_was_compared_is_not_confirmed(own_knowledge, run):
    run("policies", "confirm", AETNA, *CONFIRM)
    file = own_knowledge / "payers" / f"{AETNA}.yaml"
    file.write_text(file.read_text().replace("at_least: 2}", "at_least: 3}", 1))
    load_knowledge.cache_clear()

    page = " ".join(run("policies", "show", AETNA, "--as-of", AS_OF).stdout.split())

    assert "but the profile has been edited since: compare it again" in page


def test_a_comparison_that_ends_before_it_was_made_is_refused(own_knowledge, run):
    result = run("policies", "confirm", AETNA, *CONFIRM, "--valid-until", "2026-01-01")

    assert result.exit_code == 1
    assert "valid_until 2026-01-01 is before compared_on 2026-11-20" in result.stderr
    assert not (own_knowledge / "payers" / "aetna" / "confirmations.yaml").exists()


def test_a_comparison_by_nobody_names_the_option(own_knowledge, run):
    result = run("policies", "confirm", AETNA, "--by", "", "--bulletin", "CPB 0206", "--on", "2026-11-20")

    assert result.exit_code == 1
    assert result.stderr == "--by: expected something to stand there\n"


def test_a_comparison_is_not_recorded_before_it_was_made(own_knowledge, run):
    result = run("policies", "confirm", AETNA, "--by", "Ann", "--bulletin", "CPB 0206", "--on", "2099-11-20")

    assert "--on: found 2099-11-20, after today" in result.stderr


VERSIONS = ("unitedhealthcare/immune_globulin/2021-04-01", "unitedhealthcare/immune_globulin/2022-01-01")


def test_a_folder_of_referrals_that_is_not_there_is_named(run, tmp_path):
    result = run("policies", "diff", *VERSIONS, "--referrals", tmp_path / "none")

    assert result.exit_code == 1
    assert f"found no folder {tmp_path / 'none'}" in result.stderr


def test_a_referral_that_could_not_be_compared_is_named(run, tmp_path):
    (tmp_path / "broken.yaml").write_text("condition: [", encoding="utf-8")

    result = run("policies", "diff", *VERSIONS, "--referrals", tmp_path)

    assert "broken.yaml" in result.stderr
