"""The command on renewals: the calendar, one course in full, the sweep, and the dead man's switch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import NOT_DONE, AsJson, AsOf, answering


@answering
def renewals(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command
    case: Annotated[
        str | None,
        typer.Option("--case", metavar="FILE|CASE_ID", help="One course in full, with its reasons."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Show courses that have ended as well.")] = False,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Sweep what is due first: open, escalate and close tasks.")
    ] = False,
    ics: Annotated[
        Path | None, typer.Option("--ics", metavar="PATH", help="Write the calendar as a feed with alarms.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the calendar as CSV.")] = False,
    pdf: Annotated[
        Path | None,
        typer.Option(
            "--pdf",
            metavar="PATH",
            help="Write a page to print: with --case what to measure at the next visit, else the month.",
        ),
    ] = None,
    check_heartbeat: Annotated[
        float | None,
        typer.Option(
            "--check-heartbeat",
            metavar="HOURS",
            min=0,
            help="Only check that a sweep succeeded within this time.",
        ),
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show the renewal calendar: until when each course is covered, and by when to renew it.

    The most pressing course comes first. Units and days show how much of the authorization is gone.

    --check-heartbeat is for a monitor outside: its exit status is 1 when no sweep has succeeded in time.

    [bold]Examples[/]

    priorauth renewals

    priorauth renewals --case examples/referrals/10_expired_authorization

    priorauth renewals --sweep --ics renewals.ics

    priorauth renewals --case examples/referrals/10_expired_authorization --pdf visit.pdf

    priorauth renewals --check-heartbeat 26
    """
    from flows.commands import calendars
    from flows.commands.subjects import day_or_today
    from flows.terminal import say, say_json, worded

    if check_heartbeat is not None:
        beat = calendars.heartbeat(check_heartbeat)
        say_json(beat) if as_json else say(worded("heartbeat.txt.j2", beat=beat))
        if not beat.alive:
            raise typer.Exit(NOT_DONE)
        return
    failed = calendars.swept(as_of) if sweep else ()
    calendar = calendars.one_course(case, as_of) if case else calendars.every_course(as_of, ended=every)
    if ics:
        calendars.write_feed(ics, calendar)
    if pdf and case:
        calendars.write_visit_sheet(pdf, case, calendar)
    elif pdf:
        calendars.write_month(pdf, day_or_today(as_of), calendar)
    if as_json:
        say_json(calendar.plans[0] if case and calendar.plans else calendar.rows)
    elif as_csv:
        calendars.say_csv(calendar.rows)
    elif case:
        plan = calendar.plans[0] if calendar.plans else None
        say(worded("renewal.txt.j2", plan=plan, named=case, tasks=calendars.open_tasks(case)))
    else:
        say(calendars.shown(calendar, ended=every))
    if failed or calendar.failed:
        raise typer.Exit(NOT_DONE)
