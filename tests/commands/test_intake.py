"""Taking referrals in: one clear line for each file that cannot be read, and everything else is taken in."""

from __future__ import annotations

import base64
import json
import random
import shutil

import pytest

from tests.commands.conftest import SAMPLES


pytestmark = pytest.mark.slow  # reads the knowledge and opens stores


@pytest.fixture
def broken_inbox(tmp_path):
    """A sound referral beside every kind of broken one."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    bundle = (SAMPLES / "19_fhir_bundle" / "bundle.json").read_bytes()
    (inbox / "truncated.json").write_bytes(bundle[: len(bundle) // 2])
    (inbox / "types.json").write_text('{"referral": 3, "patient": []}')
    (inbox / "noise.json").write_bytes(random.Random(5).randbytes(10_000_000))  # noqa: S311 - noise, no secret
    (inbox / "nobody.json").write_text('{"resourceType": "Bundle", "type": "collection", "entry": []}')
    shutil.copytree(SAMPLES / "13_iga_anaphylaxis", inbox / "false_pdf")
    (inbox / "false_pdf" / "documents" / "order_2026-11-10.pdf").write_text("not a PDF")
    (inbox / "false.pdf").write_bytes(random.Random(6).randbytes(20_000))  # noqa: S311 - noise, no secret
    (inbox / "false_attachment.json").write_text(_with_a_false_attachment(bundle))
    shutil.copytree(SAMPLES / "01_cidp_initial", inbox / "sound")
    return inbox


def _with_a_false_attachment(bundle):
    content = json.loads(bundle) | {"identifier": {"system": "elsewhere", "value": "2"}}
    document = next(
        entry["resource"]
        for entry in content["entry"]
        if entry["resource"]["resourceType"] == "DocumentReference"
    )
    document["content"][0]["attachment"]["data"] = base64.b64encode(b"not a PDF").decode()
    return json.dumps(content)


BROKEN = (
    "false.pdf",
    "false_attachment.json",
    "false_pdf/case.yaml",
    "nobody.json",
    "noise.json",
    "truncated.json",
    "types.json",
)


def test_each_broken_file_gets_one_clear_line_and_the_rest_is_taken_in(broken_inbox, run):
    result = run("intake", broken_inbox)

    lines = result.stderr.splitlines()
    assert result.exit_code == 2
    assert sorted(line.split(":")[0].split(",")[0] for line in lines) == sorted(BROKEN)
    assert all("found" in line and "expected" in line for line in lines)
    assert "3 created" in result.stdout


def test_the_program_itself_says_the_same(broken_inbox, run_program):
    done = run_program("intake", broken_inbox)

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == len(BROKEN)
    assert "3 created" in done.stdout


def test_broken_files_named_one_by_one_get_their_lines_too(broken_inbox, run):
    names = [broken_inbox / name for name in ("noise.json", "truncated.json", "types.json", "nobody.json")]
    false_pdf = broken_inbox / "false_pdf" / "documents" / "order_2026-11-10.pdf"

    result = run("intake", *names, false_pdf, broken_inbox / "sound")

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 5
    assert "1 created" in result.stdout


def test_what_could_not_be_read_is_listed_until_it_can(broken_inbox, run):
    run("intake", broken_inbox)
    before = json.loads(run("intake", "--faults", "--json").stdout)

    shutil.copy(SAMPLES / "19_fhir_bundle" / "bundle.json", broken_inbox / "truncated.json")
    run("intake", broken_inbox)
    after = json.loads(run("intake", "--faults", "--json").stdout)

    assert sorted(fault["name"] for fault in before) == sorted(BROKEN)
    assert sorted(fault["name"] for fault in after) == sorted(set(BROKEN) - {"truncated.json"})


def test_taking_the_samples_in_twice_makes_no_duplicates(run):
    first = json.loads(run("intake", SAMPLES, "--json").stdout)
    second = json.loads(run("intake", SAMPLES, "--json").stdout)

    assert {case["put"] for case in first["cases"]} == {"created"}
    assert {case["put"] for case in second["cases"]} == {"unchanged"}
    assert len(json.loads(run("cases", "--json").stdout)) == len(first["cases"])


def test_an_empty_folder_is_told(tmp_path, run):
    (tmp_path / "empty").mkdir()

    result = run("intake", tmp_path / "empty")

    assert result.exit_code == 1
    assert "holds no referral" in result.stderr


def test_nothing_to_take_in_is_a_mistake_in_the_command(run):
    assert run("intake").exit_code == 2


def test_a_status_that_does_not_exist_is_answered_with_those_that_do(run):
    result = run("cases", "--status", "open")

    assert result.exit_code == 1
    assert "expected draft, ready, in_review" in result.stderr


def test_settings_that_cannot_be_used_are_named(run, monkeypatch):
    monkeypatch.setenv("PRIORAUTH_TIME_ZONE", "Mars")

    result = run("cases")

    assert result.exit_code == 1
    assert "PRIORAUTH_TIME_ZONE" in result.stderr
