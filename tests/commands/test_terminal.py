"""What a terminal is shown: clean, wrapped, and coloured only where colours can be seen."""

from __future__ import annotations

import io
import sys

import pytest

from flows import terminal
from schemas.renewal import CalendarRow, CourseStatus, Level, Progress


ROWS = (
    CalendarRow(
        case_id="PA-00000001",
        status=CourseStatus.LAPSED,
        days_left=-3,
        level=Level.HOLD_DECISION,
        units=Progress(done=1280, of=1440),
        days=Progress(done=184, of=184),
    ),
    CalendarRow(case_id="PA-00000002", status=CourseStatus.ENDED, folded=True),
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def said(monkeypatch, screen: io.StringIO) -> str:
    monkeypatch.setattr(sys, "stdout", screen)
    terminal.say(terminal.calendar_table(ROWS))
    return screen.getvalue()


@pytest.fixture(autouse=True)
def colourful(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_colours_are_for_terminals_only(monkeypatch):
    assert "\x1b[" in said(monkeypatch, Terminal())
    assert "\x1b[" not in said(monkeypatch, io.StringIO())


def test_no_color_is_respected(monkeypatch):
    coloured = said(monkeypatch, Terminal())
    monkeypatch.setenv("NO_COLOR", "1")

    assert "\x1b[1;31mlapsed" in coloured
    assert "31m" not in said(monkeypatch, Terminal())


@pytest.mark.parametrize("columns", [80, 100, 120, 132, 200])
def test_the_calendar_fits_the_window_and_breaks_no_date_or_id(columns, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))

    terminal.say(terminal.calendar_table(ROWS))

    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= columns
    assert any(line.startswith("PA-00000001 ") and "1280/1440" in line for line in lines)


def test_ended_courses_are_counted_and_not_hidden(capsys):
    terminal.say(terminal.calendar_table(ROWS))

    shown = capsys.readouterr().out
    assert "PA-00000002" not in shown
    assert "1 ended, not shown; --all shows them." in shown


def test_text_of_a_chart_can_neither_colour_nor_obey(capsys):
    terminal.complain("a name: \x1b[2J\x07[red]Smith[/red]\nsecond line")

    assert capsys.readouterr().err == "a name: [2J[red]Smith[/red] second line\n"


def test_markup_in_values_of_a_template_is_printed_as_it_stands(capsys):
    beat = {"alive": False, "why": "[bold]because¦of\x1b[31m it[/]", "finished_at": None}

    terminal.say(terminal.worded("heartbeat.txt.j2", beat=beat))

    assert "[bold]because|of[31m it[/]" in capsys.readouterr().out


def test_a_template_that_prints_nothing_where_a_value_belongs_is_an_error():
    check = {"name": "fonts", "ok": True, "found": None, "mend": ""}

    with pytest.raises(ValueError, match="a template printed None"):
        terminal.worded("doctor.txt.j2", checks=[check])


def test_lines_are_not_filled_up_with_blanks(capsys):
    terminal.say(
        terminal.worded("heartbeat.txt.j2", beat={"alive": False, "why": "x" * 3, "finished_at": None})
    )

    assert all(line == line.rstrip() for line in capsys.readouterr().out.splitlines())
