"""Letters, packets and exports."""

from __future__ import annotations

import json
import sqlite3

import pikepdf
import pytest

from flows.casework import open_casework
from flows.settings import ROOT
from priorauth.intake import read_folder, read_referral
from priorauth.knowledge import load_knowledge
from tests.commands.conftest import AS_OF, SAMPLES
from tests.letters.occasions import confirmed_knowledge


pytestmark = pytest.mark.slow  # reads the knowledge and opens stores


@pytest.mark.rendering
def test_a_packet_is_made_of_every_sample_without_a_database(sample, run, home, tmp_path):
    place = tmp_path / "packet.pdf"

    result = run("packet", sample, "-o", place, "--as-of", AS_OF, "--json")

    written = json.loads(result.stdout)
    with pikepdf.open(place) as packet:
        assert len(packet.pages) == written["pages"]
    assert written["draft"] is True
    assert written["refused"] == []
    assert not home.exists()


@pytest.mark.rendering
def test_letter_and_packet_of_a_stored_case_go_to_the_output_folder(run, home):
    run("intake", SAMPLES / "01_cidp_initial")

    written = json.loads(run("packet", "PA-36PRFKRK", "--as-of", AS_OF, "--json").stdout)

    folder = home / "output" / "PA-36PRFKRK"
    assert {written["letter"], written["packet"]} == {str(path) for path in folder.glob("*.pdf")}
    assert json.loads(run("cases", "--json").stdout)[0]["status"] == "in_review"


@pytest.mark.rendering
def test_a_letter_to_a_place_of_ones_own_stores_nothing(run, home, tmp_path):
    run("intake", SAMPLES / "01_cidp_initial")

    result = run("letter", "PA-36PRFKRK", "-o", tmp_path / "letter.pdf", "--as-of", AS_OF)

    assert result.exit_code == 0
    assert (tmp_path / "letter.pdf").read_bytes().startswith(b"%PDF")
    assert not list((home / "output").iterdir())
    assert json.loads(run("cases", "--json").stdout)[0]["recommendation"] is None


@pytest.mark.rendering
def test_the_fax_version_is_another_file_of_as_many_pages(run, tmp_path):
    run("packet", SAMPLES / "17_nonpreferred_product", "-o", tmp_path / "packet.pdf", "--as-of", AS_OF)
    run("packet", SAMPLES / "17_nonpreferred_product", "-o", tmp_path / "fax.pdf", "--fax", "--as-of", AS_OF)

    with pikepdf.open(tmp_path / "packet.pdf") as packet, pikepdf.open(tmp_path / "fax.pdf") as fax:
        assert len(fax.pages) == len(packet.pages)


@pytest.mark.rendering
def test_a_packet_over_the_payers_limit_comes_in_parts(run, tmp_path):
    result = run(
        *("packet", SAMPLES / "17_nonpreferred_product", "-o", tmp_path / "packet.pdf"),
        *("--max-pages", 9, "--as-of", AS_OF, "--json"),
    )

    written = json.loads(result.stdout)
    assert sorted(map(str, tmp_path.iterdir())) == written["parts"]
    assert written["packet"].endswith("packet-part-1-of-2.pdf")
    assert {entry["part"] for entry in written["index"]} == {1, 2}
    pages = []
    for path in written["parts"]:
        with pikepdf.open(path) as part:
            pages.append(len(part.pages))
    assert max(pages) <= 9
    assert sum(pages) == written["pages"]
    checked = run("verify-letter", *written["parts"])
    assert "parts 1 and 2 of 2" in " ".join(checked.stdout.split())


@pytest.mark.rendering
@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--max-pages", 4), "alone have"),
        (("--max-megabytes", "0.01"), "alone have"),
    ],
)
def test_a_limit_that_cannot_be_kept_is_said(option, words, run, tmp_path):
    place = tmp_path / "packet.pdf"

    result = run("packet", SAMPLES / "17_nonpreferred_product", "-o", place, *option, "--as-of", AS_OF)

    assert result.exit_code == 1
    assert words in " ".join(result.stderr.split())
    assert not list(tmp_path.iterdir())


def test_megabytes_that_are_no_number_are_refused(run, tmp_path):
    result = run(
        "packet", SAMPLES / "17_nonpreferred_product", "-o", tmp_path / "p.pdf", "--max-megabytes", "many"
    )

    assert result.exit_code == 2
    assert "expected megabytes" in " ".join(result.stderr.split())


@pytest.mark.parametrize("command", ["letter", "packet"])
def test_a_case_from_a_file_needs_a_place_for_its_pdf(command, run):
    result = run(command, SAMPLES / "01_cidp_initial", "--as-of", AS_OF)

    assert result.exit_code == 1
    assert "-o PATH" in result.stderr


def test_a_letter_that_cannot_be_written_says_what_the_case_lacks(run, tmp_path):
    (tmp_path / "case.yaml").write_text("referral: {system: fax, identifier: '1'}\npatient: {}\n")

    result = run("letter", tmp_path / "case.yaml", "-o", tmp_path / "letter.pdf", "--as-of", AS_OF)

    assert result.exit_code == 1
    assert "no request" in result.stderr
    assert not (tmp_path / "letter.pdf").exists()


@pytest.mark.rendering
def test_a_letter_of_another_kind_is_written_from_its_matter(run, tmp_path):
    matter = tmp_path / "change.yaml"
    stated = "{words: %s, dated: 2026-11-12, source: {document: visit_note_2026-11-12, page: 1}}"
    matter.write_text(f"before: {stated % '1 g/kg every 21 days'}\nwhy: {stated % 'wears off in week 3'}\n")

    result = run(
        "letter",
        *(SAMPLES / "01_cidp_initial", "--kind", "dose_change", "--matter", matter),
        *("-o", tmp_path / "change.pdf", "--as-of", AS_OF, "--json"),
    )

    assert json.loads(result.stdout)["kind"] == "dose_change"
    assert (tmp_path / "change.pdf").exists()


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (("--kind", "novel"), 1, "expected initiation, continuation"),
        (("--kind", "first_level_appeal"), 1, "needs its matter"),
        (("--kind", "first_level_appeal", "--matter", "nothing.yaml"), 2, "nothing.yaml"),
        (("--matter", "nothing.yaml"), 1, "leave --matter out"),
        (("--reviewed-by", "Dana Roe, MD"), 1, "cannot be final yet"),
    ],
)
def test_a_letter_that_may_not_be_written_is_refused_with_the_reason(options, status, words, run, tmp_path):
    place = tmp_path / "letter.pdf"

    result = run("letter", SAMPLES / "07_missing_nerve_study", *options, "-o", place, "--as-of", AS_OF)

    assert result.exit_code == status
    assert words in result.stderr
    assert not place.exists()


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["yaml", "json"])
def test_an_exported_case_reads_back_as_the_same_case(options, sample, run):
    knowledge = load_knowledge(ROOT / "knowledge")
    (referred,) = read_folder(sample, knowledge).cases

    exported = run("export", sample, *options).stdout.encode()

    assert read_referral(exported, knowledge).case == referred.case


def test_an_exported_assessment_is_the_one_that_assess_prints(run, tmp_path):
    run("export", SAMPLES / "01_cidp_initial", "--assessment", "--as-of", AS_OF, "-o", tmp_path / "a.json")

    assert (tmp_path / "a.json").read_text() == run(
        "assess", SAMPLES / "01_cidp_initial", "--as-of", AS_OF, "--json"
    ).stdout


@pytest.mark.rendering
def test_every_unsent_case_is_prepared_and_one_that_cannot_be_stops_no_other(run, home):
    for name in ("17_nonpreferred_product", "04_mmn_continuation"):
        run("intake", SAMPLES / name)
    with sqlite3.connect(home / "priorauth.db") as database:
        ids = [row[0] for row in database.execute("SELECT case_id FROM cases ORDER BY case_id")]
        database.execute("UPDATE cases SET content = '{}' WHERE case_id = ?", ids[:1])

    result = run("prepare", "--as-of", AS_OF, "--json")

    done = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [one["case_id"] for one in done["prepared"]] == ids[1:]
    assert list(done["refused"]) == ids[:1]
    assert f"{ids[0]}: " in result.stderr
    assert (home / "output" / ids[1] / "packet.pdf").exists()


@pytest.mark.rendering
def test_a_letter_is_released_and_sent_from_the_command_line(run, home, monkeypatch):
    monkeypatch.setattr("flows.casework.load_knowledge", lambda _: confirmed_knowledge())
    open_casework.cache_clear()
    run("intake", SAMPLES / "01_cidp_initial")
    run("packet", "PA-36PRFKRK", "--as-of", AS_OF)

    refused = run("sent", "PA-36PRFKRK", "--by", "AL", "--channel", "fax")
    released = run(
        *("review", "PA-36PRFKRK", "--by", "AL", "--reviewed-by", "Ottoline Vance, MD"),
        *("--on", "2026-11-24", "--json"),
    )
    sent = run("sent", "PA-36PRFKRK", "--by", "AL", "--channel", "fax", "--reference", "4711", "--json")

    assert refused.exit_code == 1
    assert "record the review first" in refused.stderr
    assert json.loads(released.stdout)["letter"].endswith("letter-initiation-final.pdf")
    assert json.loads(sent.stdout)["status"] == "submitted"
    open_casework.cache_clear()


@pytest.mark.rendering
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--by", "Ann Lee"), "expected two to five letters"),
        (("--by", "AL", "--send-back", "ugly"), "expected fact_wrong"),
        (("--by", "AL"), "policy.confirmation"),
        (("--by", "AL", "--version", "0" * 12), "expected that of a draft letter"),
    ],
)
def test_a_review_that_cannot_be_recorded_says_why(options, words, run):
    run("intake", SAMPLES / "01_cidp_initial")
    run("packet", "PA-36PRFKRK", "--as-of", AS_OF)

    result = run("review", "PA-36PRFKRK", *options)

    assert result.exit_code == 1
    assert words in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("command", "place", "why"),
    [("export", ".", "it is a folder"), ("letter", "/proc/x.pdf", "no such file")],
)
def test_a_place_that_cannot_be_written_is_named(command, place, why, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    result = run(command, SAMPLES / "01_cidp_initial", "-o", place)

    assert result.exit_code == 1
    assert f"{place} cannot be written: {why}" in result.stderr


@pytest.mark.rendering
def test_the_packet_of_an_appeal_is_kept_for_a_stored_case(run):
    run("intake", SAMPLES / "01_cidp_initial")
    matter = ROOT / "examples" / "matters" / "denial.yaml"

    written = run("packet", "PA-36PRFKRK", "--kind", "first_level_appeal", "--matter", matter, "--json")
    refused = run("packet", "PA-36PRFKRK", "--matter", matter)

    assert json.loads(written.stdout)["kind"] == "first_level_appeal"
    assert "--matter needs --kind" in refused.stderr
