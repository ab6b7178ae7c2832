"""Arguments and options that several commands share, and how commands end."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import wraps
from inspect import cleandoc
from pathlib import Path
from typing import Annotated, ParamSpec

import typer


P = ParamSpec("P")

NOT_DONE, NOT_READ = 1, 2
"""Exit statuses besides 0."""

MOST_MEGABYTES = 10_000
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


def day(text: str) -> date:
    """Read a day written as YYYY-MM-DD."""
    if not _DAY.match(text):
        raise typer.BadParameter(f"found '{text}', expected a day as YYYY-MM-DD, such as 2026-11-23")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"found '{text}', which is in no calendar") from None


def megabytes(text: str) -> Decimal:
    """Read a size such as 10 or 7.5."""
    try:
        size = Decimal(text)
    except InvalidOperation:
        size = Decimal(0)
    if not 0 < size < MOST_MEGABYTES:
        raise typer.BadParameter(f"found '{text}', expected megabytes above 0, such as 10 or 7.5")
    return size


CaseArgument = Annotated[
    str,
    typer.Argument(metavar="FILE|CASE_ID", help="A case file, FHIR bundle or its folder; or a stored case."),
]
AsOf = Annotated[
    date | None,
    typer.Option("--as-of", parser=day, metavar="DATE", help="The day to look from; today, if left out."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="PATH", help="Where to write it.")]


MatterFile = Annotated[
    Path | None,
    typer.Option(
        "--matter", metavar="FILE", help="What it is about, in YAML, as examples/matters/denial.yaml."
    ),
]


def answering(command: Callable[P, None]) -> Callable[P, None]:
    """Turn the errors that a person can mend into lines on the standard error and an exit status."""

    @wraps(command)
    def answered(*args: P.args, **kwargs: P.kwargs) -> None:
        from flows.commands.mistakes import REFUSED, UNREADABLE, lines_of
        from flows.terminal import complain

        try:
            command(*args, **kwargs)
        except UNREADABLE as error:
            status, lines = NOT_READ, lines_of(error)
        except REFUSED as error:
            status, lines = NOT_DONE, lines_of(error)
        else:
            return
        for line in lines:
            complain(line)
        raise typer.Exit(status)

    answered.__doc__ = flowing(command.__doc__ or "")
    return answered


def flowing(text: str) -> str:
    """Join the lines of each paragraph: typer would keep their breaks, wherever the window breaks lines."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in cleandoc(text).split("\n\n"))
