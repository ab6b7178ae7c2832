"""How results are shown on a terminal: words from templates, long sentences wrapped, colours where they can be seen.

A template line may hold one ``¦``: what stands left of it is the margin, and the text right of it is wrapped
against that margin. Values are cleaned and escaped, since text of a chart may hold anything.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic_core import to_json
from rich.console import Console, Group, RenderableType
from rich.constrain import Constrain
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from flows.reports import LEVEL_WORDS, RECOMMENDATION_WORDS
from flows.settings import ROOT
from priorauth.rendering.record_text import clean
from priorauth.wording import plain, slug_words
from schemas import renewal
from schemas.assessment import Assessment, Recommendation, Status
from schemas.policy import Effect
from schemas.provenance import Confidence
from schemas.renewal import CalendarRow, CourseStatus


WIDEST = 110
"""Columns of running text. Longer lines are hard to read, however wide the window."""

UNSEEN = 132
"""Columns where the output is no terminal."""

MARGIN = "¦"

RECOMMENDATION_STYLES = {
    Recommendation.APPROVE_EXPECTED: "green",
    Recommendation.MODIFY: "yellow",
    Recommendation.INFORMATION_MISSING: "yellow",
    Recommendation.DENIAL_EXPECTED: "red",
    Recommendation.NOT_REQUIRED: "green",
    Recommendation.ESCALATE: "bold red",
}
STATUS_STYLES = {Status.MET: "green", Status.NOT_MET: "red", Status.UNDOCUMENTED: "yellow"}
STATUS_MARKS = {Status.MET: "✓", Status.NOT_MET: "✗", Status.UNDOCUMENTED: "?"}
COURSE_STYLES = {
    CourseStatus.ACTIVE: "green",
    CourseStatus.AUTHORIZATION_DUE: "yellow",
    CourseStatus.RENEWAL_DUE: "yellow",
    CourseStatus.RENEWAL_SUBMITTED: "cyan",
    CourseStatus.LAPSED: "bold red",
    CourseStatus.HELD: "cyan",
    CourseStatus.ENDED: "dim",
}


EFFECT_WORDS = {
    Effect.ADVISE: "a remark",
    Effect.MODIFY: "a change is needed",
    Effect.PEND: "the request waits",
    Effect.DENY: "denial expected",
    Effect.ESCALATE: "a clinician decides",
}


def say(shown: RenderableType = "") -> None:
    """Print to the standard output; text is printed as it is, one line however long."""
    console = _console()
    with console.capture() as captured:
        console.print(Text(shown) if isinstance(shown, str) else shown, soft_wrap=isinstance(shown, str))
    # Layout fills lines up with blanks, which are in the way of whoever reads a file or a pipe.
    sys.stdout.write("\n".join(line.rstrip() for line in captured.get().split("\n")))


def complain(line: str) -> None:
    """Print one line to the standard error, never wrapped, so that a line stays a line."""
    sys.stderr.write(" ".join(clean(line).split()) + "\n")


def say_json(result: Any) -> None:
    """Print a result as JSON."""
    sys.stdout.write(as_json_bytes(result).decode())


def as_json_bytes(result: Any) -> bytes:
    """Write a result with the keys of its schema; decimals become strings, so that no digit is lost."""
    return to_json(result, by_alias=True, indent=2) + b"\n"


def worded(template: str, **values: Any) -> RenderableType:
    """Fill in a template of templates/reports and lay its lines out."""
    text = _environment().get_template(template).render(**values, **_WORDS)
    return Constrain(Group(*(_line(line) for line in text.rstrip().splitlines())), WIDEST)


def progress(work: Iterable[Any], doing: str, *, total: int) -> Iterator[Any]:
    """Yield the items of long work, with a bar on the standard error where that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield from bar.track(work, total=total, description=doing)


def case_line(assessment: Assessment, *, pdf: Path | None = None) -> RenderableType:
    """One case: id, condition, payer profile, recommendation, what is missing, where the PDF is.

    On a terminal a paragraph; elsewhere a single line, for whatever reads line by line.
    """
    if sys.stdout.isatty():
        return worded("case_line.txt.j2", assessment=assessment, pdf=pdf)
    line = _environment().get_template("case_line.txt.j2").render(assessment=assessment, pdf=pdf, **_WORDS)
    return Text.from_markup(line.strip().replace(MARGIN, "")).plain


def calendar_table(rows: Sequence[CalendarRow]) -> RenderableType:
    """The renewal calendar; the number of ended courses left out is told below it."""
    shown = [row for row in rows if not row.folded]
    width = _console().width
    names = [name for name, needs in _CALENDAR_COLUMNS.items() if width >= needs]
    table = plain_table(
        *names, whole=("Case", "Submit on", "Renew by", "Not covered", "Covered until", "Left")
    )
    for row in shown:
        cells = _calendar_cells(row, bars=width >= _FOR_BARS)
        table.add_row(*(cells[name] for name in names))
    folded = len(rows) - len(shown)
    parts: list[RenderableType] = [table if shown else Text("No course on therapy.")]
    if folded:
        parts.append(Text(f"{folded} ended, not shown; --all shows them.", style="dim"))
    return Group(*parts)


def plain_table(*names: str, whole: Sequence[str] = ()) -> Table:
    """A table without lines; the columns of ``whole`` are never broken."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name, no_wrap=name in whole)
    return table


_CALENDAR_COLUMNS = {
    "Case": 0,
    "Status": 0,
    "Covered until": 118,
    "Not covered": 0,
    "Submit on": 96,
    "Renew by": 0,
    "Left": 0,
    "Units": 0,
    "Days": 0,
    "Now": 84,
}
"""The columns of the calendar, and how wide a terminal must be to show each."""

_FOR_BARS = 140
"""Columns from which on bars fit beside numbers of four digits; with fewer the numbers stand alone, never cut off."""


def _calendar_cells(row: CalendarRow, *, bars: bool) -> dict[str, RenderableType]:
    return {
        "Case": row.case_id,
        "Status": Text(slug_words(row.status.value), style=COURSE_STYLES[row.status]),
        "Covered until": _day(row.covered_until),
        "Not covered": _day(row.first_uncovered),
        "Submit on": _day(row.submit_on),
        "Renew by": _day(row.renew_by),
        "Left": "" if row.days_left is None else Text(f"{row.days_left} d", style=_pressing(row.days_left)),
        "Units": _used(row.units, bars=bars),
        "Days": _used(row.days, bars=bars),
        "Now": LEVEL_WORDS[row.level],
    }


def _used(used: renewal.Progress | None, *, bars: bool) -> RenderableType:
    """How much of an authorization is gone, in numbers and where there is room as a bar."""
    if used is None:
        return ""
    numbers = f"{used.done}/{used.of}"
    if not bars:
        return numbers
    grid = Table.grid(padding=(0, 1))
    grid.add_row(ProgressBar(total=used.of, completed=min(used.done, used.of), width=6), numbers)
    return grid


def _pressing(days_left: int) -> str:
    if days_left < 0:
        return "bold red"
    return "yellow" if days_left <= 14 else ""


def _day(day: Any) -> str:
    return day.isoformat() if day else ""


def _line(line: str) -> RenderableType:
    margin, mark, body = line.partition(MARGIN)
    if not mark:
        indent = len(line) - len(line.lstrip())
        return Padding(Text.from_markup(line.strip()), (0, 0, 0, indent))
    grid = Table.grid()
    left = Text.from_markup(margin)
    grid.add_column(width=left.cell_len)
    grid.add_column()
    grid.add_row(left, Text.from_markup(body))
    return grid


def _console() -> Console:
    # Made anew, because the standard output may have become another since.
    console = Console(highlight=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = UNSEEN
    return console


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates" / "reports"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_safe,
        autoescape=False,  # noqa: S701 - no HTML is written; _safe escapes what a terminal would obey
    )
    environment.filters |= {"words": slug_words, "plain": plain}
    return environment


def _safe(value: Any) -> str:
    if value is None or isinstance(value, bool):
        raise ValueError(f"a template printed {value}; test for the value with an if")
    return escape(clean(str(value)).replace(MARGIN, "|"))


_WORDS = {
    "recommendations": RECOMMENDATION_WORDS,
    "recommendation_styles": RECOMMENDATION_STYLES,
    "status_styles": STATUS_STYLES,
    "marks": STATUS_MARKS,
    "course_styles": COURSE_STYLES,
    "levels": LEVEL_WORDS,
    "effects": EFFECT_WORDS,
    "confidences": tuple(Confidence),
}
