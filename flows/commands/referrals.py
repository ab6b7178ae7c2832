"""Commands on the inbox and the store: take referrals in, and list the cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.options import NOT_READ, AsJson, AsOf, answering


if TYPE_CHECKING:
    from priorauth.store.records import StoredFault


@answering
def intake(
    sources: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FOLDER|FILE...", help="Folders of referrals, or single files."),
    ] = None,
    faults: Annotated[
        bool, typer.Option("--faults", help="List what could not be read so far, and stop.")
    ] = False,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Take referrals in: case files (YAML or JSON) and FHIR bundles, with their documents.

    The same referral taken in twice is one case. A course that lacks cover gets its task at once. What cannot be read is named in one line each, and the rest is
    taken in all the same; the exit status is then 2.

    [bold]Examples[/]

    priorauth intake examples/referrals

    priorauth intake --faults
    """
    from flows.casework import open_casework
    from flows.commands.receiving import receive
    from flows.commands.subjects import day_or_today
    from flows.settings import read_settings
    from flows.terminal import complain, say, say_json, worded

    if not sources and not faults:
        raise typer.BadParameter("name a folder or file to take in, or ask for --faults")
    work = open_casework(read_settings())
    if faults:
        _tell_faults(work.store.list_faults(), as_json=as_json)
        return
    received = receive(work, sources or [], as_of=day_or_today(as_of))
    if as_json:
        say_json(received)
    elif received.cases:
        say(worded("received.txt.j2", received=received))
    for fault in received.faults:
        complain(fault.line)
    if received.faults:
        raise typer.Exit(NOT_READ)


@answering
def cases(
    status: Annotated[
        str | None, typer.Option("--status", metavar="STATUS", help="Only those, such as draft or in_review.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the stored cases: where each stands, what is expected of it and how much is to get.

    [bold]Examples[/]

    priorauth cases

    priorauth cases --status draft --json
    """
    from flows.casework import open_casework
    from flows.commands.listing import case_table, listed_cases, status_named
    from flows.settings import read_settings
    from flows.terminal import say, say_json

    work = open_casework(read_settings())
    found = listed_cases(work, status=status_named(status) if status else None)
    if as_json:
        say_json(found)
        return
    say(case_table(found) if found else "No case is stored; take referrals in: priorauth intake FOLDER")


def _tell_faults(faults: tuple[StoredFault, ...], *, as_json: bool) -> None:
    from flows.terminal import say, say_json, worded

    if as_json:
        say_json(faults)
    elif faults:
        say(worded("faults.txt.j2", faults=faults))
    else:
        say("Everything that arrived could be read.")
