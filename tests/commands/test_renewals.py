"""The renewal calendar in all its forms, the sweep, and the dead man's switch."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import icalendar
import pytest
from rich.console import Console

from flows.terminal import calendar_table
from schemas.renewal import CalendarRow, RenewalPlan
from tests.commands.conftest import AS_OF, SAMPLES


pytestmark = pytest.mark.slow  # reads the knowledge and opens stores

LAPSED = SAMPLES / "10_expired_authorization"


@pytest.fixture
def practice(run):
    """A store with courses that are lapsed, due and at ease."""
    folders = ("02_cidp_continuation", "10_expired_authorization", "15_units_slip", "06_diabetic_neuropathy")
    run("intake", *(SAMPLES / folder for folder in folders), "--as-of", "2026-11-02")
    return run


def test_the_calendar_puts_the_most_pressing_first(practice):
    rows = [
        CalendarRow.model_validate(row)
        for row in json.loads(practice("renewals", "--as-of", AS_OF, "--json").stdout)
    ]

    assert [(row.case_id, row.status.value) for row in rows] == [
        ("PA-YK429TZZ", "lapsed"),
        ("PA-T5RB84JT", "renewal_due"),
        ("PA-YJKYMWAN", "renewal_due"),
    ]


def test_the_table_shows_how_much_of_units_and_days_is_gone(practice):
    shown = practice("renewals", "--as-of", AS_OF).stdout

    assert "1280/1440" in shown
    assert "184/184" in shown
    assert "PA-BGG0A41W" not in shown


def test_no_number_is_cut_off_where_a_pipe_takes_the_table(monkeypatch):
    pipe = Console(highlight=False, width=132, record=True, file=io.StringIO())
    monkeypatch.setattr("flows.terminal._console", lambda: pipe)
    day = date(2026, 12, 20)
    row = CalendarRow(
        case_id="PA-YK429TZZ", status="authorization_due", covered_until=day, first_uncovered=day, submit_on=day,
        renew_by=day, days_left=-133, level=6, units={"done": 10840, "of": 14400}, days={"done": 184, "of": 184},
    )  # fmt: skip

    pipe.print(calendar_table([row]))

    shown = pipe.export_text()
    assert "10840/14400" in shown
    assert "184/184" in shown


def test_the_csv_has_one_flat_line_for_each_course(practice):
    text = practice("renewals", "--as-of", AS_OF, "--csv").stdout

    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["case_id"] for row in rows] == ["PA-YK429TZZ", "PA-T5RB84JT", "PA-YJKYMWAN"]
    assert (rows[0]["units_used"], rows[0]["units_granted"], rows[0]["days_left"]) == ("1280", "1440", "-33")


def test_a_stated_capacity_gives_each_renewal_its_day_and_names_the_days_that_are_over(practice, monkeypatch):
    monkeypatch.setenv("PRIORAUTH_SUBMISSIONS_PER_DAY", "1")
    shown = practice("renewals", "--as-of", AS_OF, "--json")
    rows = [CalendarRow.model_validate(row) for row in json.loads(shown.stdout)]
    one = practice("renewals", "--case", rows[-1].case_id, "--as-of", AS_OF, "--json")

    assert len({row.submit_on for row in rows}) == len(rows)
    assert "requests have to go out and there is room for 1" in shown.stderr
    assert RenewalPlan.model_validate_json(one.stdout).needs[0].submit_on == rows[-1].submit_on


def test_the_feed_is_a_calendar_with_alarms_and_no_names(practice, tmp_path):
    practice("renewals", "--as-of", AS_OF, "--ics", tmp_path / "renewals.ics")

    feed = icalendar.Calendar.from_ical((tmp_path / "renewals.ics").read_bytes())
    events = feed.walk("VEVENT")
    assert {str(event["summary"]).split(":")[0] for event in events} == {
        "PA-YK429TZZ",
        "PA-T5RB84JT",
        "PA-YJKYMWAN",
    }
    assert all(event.walk("VALARM") for event in events)


def test_one_course_is_planned_from_its_file_without_a_database(run, home):
    plan = RenewalPlan.model_validate_json(
        run("renewals", "--case", LAPSED, "--as-of", AS_OF, "--json").stdout
    )

    assert plan.status.value == "lapsed"
    assert not home.exists()


def test_one_course_is_shown_with_its_reasons_and_bars(run):
    shown = run("renewals", "--case", LAPSED, "--as-of", AS_OF).stdout

    for words in (
        "lapsed",
        "1280 of 1440",
        "█",
        "2026-11-27: the authorization ends on 2026-11-20",
        "submit now",
    ):
        assert words in shown


def test_a_case_without_a_course_says_so(run):
    assert (
        "has no course"
        in run("renewals", "--case", SAMPLES / "06_diabetic_neuropathy", "--as-of", AS_OF).stdout
    )


def test_courses_that_have_ended_are_folded_and_shown_on_request(run, tmp_path):
    exported = run("export", LAPSED).stdout.replace(
        "course:\n", "course:\n  discontinued_on: 2026-10-01\n", 1
    )
    (tmp_path / "case.yaml").write_text(exported)
    run("intake", tmp_path / "case.yaml")
    run("renewals", "--sweep", "--as-of", AS_OF)

    folded, unfolded = (run("renewals", "--as-of", AS_OF, *options).stdout for options in ((), ("--all",)))

    assert "PA-YK429TZZ" not in folded
    assert "PA-YK429TZZ  ended" in unfolded


def test_a_store_without_courses_says_so(run):
    assert "No course on therapy." in run("renewals", "--as-of", AS_OF).stdout


def test_the_sweep_runs_without_prefect_and_is_idempotent(practice):
    first = practice("renewals", "--sweep", "--as-of", AS_OF)
    second = practice("renewals", "--sweep", "--as-of", AS_OF)

    assert first.exit_code == 0
    assert "3 looked at, 1 opened, 2 escalated" in first.stderr
    assert "0 opened, 0 escalated" in second.stderr


def test_the_dead_mans_switch_fails_until_a_sweep_of_today_has_succeeded(practice):
    never = practice("renewals", "--check-heartbeat", 26)
    practice("renewals", "--sweep", "--as-of", "2020-01-01")
    of_another_day = practice("renewals", "--check-heartbeat", 26)
    practice("renewals", "--sweep")
    alive = practice("renewals", "--check-heartbeat", 26)
    too_strict = practice("renewals", "--check-heartbeat", 0)

    assert [each.exit_code for each in (never, of_another_day, alive, too_strict)] == [1, 1, 0, 1]
    assert "No sweep has succeeded yet" in never.stdout
    assert "looked from 2020-01-01" in of_another_day.stdout


@pytest.mark.rendering
@pytest.mark.parametrize("which", [(), ("--case", LAPSED)])
def test_a_visit_and_a_month_can_be_printed(practice, tmp_path, which):
    practice("renewals", *which, "--as-of", AS_OF, "--pdf", tmp_path / "page.pdf")

    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
