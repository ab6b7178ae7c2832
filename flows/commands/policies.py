"""Commands on payer policies: list, show, check, compare and confirm the profiles."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import NOT_READ, AsJson, AsOf, answering, day, flowing


app = typer.Typer(
    name="policies",
    help=flowing("""The payer profiles: list, show, check, compare and confirm them.

    POLICY is a payer, payer/policy or payer/policy/version, such as aetna or aetna/immune_globulin/2026-01-01; or a
    policy file that is not part of the knowledge yet.

    [bold]Example[/]

    priorauth policies show cigna
    """),
    no_args_is_help=True,
    rich_markup_mode="rich",
)

PolicyArgument = Annotated[
    str, typer.Argument(metavar="POLICY|FILE", help="A payer, payer/policy, payer/policy/version, or a file.")
]


@app.command("list")
@answering
def list_profiles(as_of: AsOf = None, as_json: AsJson = False) -> None:
    """List the profiles: which version, from when to when, and whether somebody compared it with the payer's text.

    [bold]Example[/]

    priorauth policies list
    """
    from flows.commands.profiles import listed_profiles, profile_table
    from flows.commands.subjects import day_or_today
    from flows.terminal import say, say_json

    profiles = listed_profiles(day_or_today(as_of))
    if as_json:
        say_json(profiles)
    else:
        say(profile_table(profiles))


@app.command()
@answering
def show(policy: PolicyArgument, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Show a profile on a page, to be held against the payer's own text.

    Every line has its clause, what is asked in words, and the confidence of it.

    [bold]Example[/]

    priorauth policies show aetna/immune_globulin
    """
    from flows.commands.profiles import profile_pages
    from flows.commands.subjects import day_or_today
    from flows.terminal import say, say_json, worded

    pages = profile_pages(policy, day_or_today(as_of))
    if as_json:
        say_json([page.as_data() for page in pages])
        return
    for page in pages:
        say(worded("policy.txt.j2", page=page, p=page.policy))


@app.command()
@answering
def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE...]", help="Policy files; all of the knowledge, if left out."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check policy files, or all of the knowledge, and name every mistake where it stands.

    Each line says file, line and key, what was found, what is expected and how to mend it. The exit status is 2
    where there is any mistake.

    [bold]Examples[/]

    priorauth policies check

    priorauth policies check drafts/aetna-2027.yaml
    """
    from flows.commands.profiles import mistakes_in
    from flows.terminal import complain, say, say_json

    mistakes = mistakes_in(files or [])
    if as_json:
        say_json(mistakes)
    elif mistakes:
        for mistake in mistakes:
            complain(str(mistake))
    else:
        say("No mistake found.")
    if mistakes:
        raise typer.Exit(NOT_READ)


@app.command()
@answering
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The version in force: POLICY or FILE.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The version to come: POLICY or FILE.")],
    referrals: Annotated[
        Path | None,
        typer.Option(
            "--referrals", metavar="FOLDER", help="Look at the referrals of a folder, not at the store."
        ),
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Compare two versions clause by clause, and say which cases would change, on which criterion and from when.

    [bold]Example[/]

    priorauth policies diff unitedhealthcare/immune_globulin/2021-04-01 unitedhealthcare/immune_globulin/2022-01-01
    """
    from flows.commands.profiles import compare
    from flows.commands.subjects import day_or_today
    from flows.terminal import say, say_json, worded

    comparison = compare(old, new, referrals=referrals, as_of=day_or_today(as_of), quiet=as_json)
    if as_json:
        say_json(comparison)
    else:
        say(worded("policy_diff.txt.j2", c=comparison))


@app.command()
@answering
def confirm(
    policy: Annotated[
        str, typer.Argument(metavar="POLICY", help="payer/policy/version, as the list names it.")
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who compared it.")],
    bulletin: Annotated[
        str, typer.Option("--bulletin", metavar="TEXT", help="With which text of the payer.")
    ],
    on: Annotated[date, typer.Option("--on", parser=day, metavar="DATE", help="When.")],
    valid_until: Annotated[
        date | None,
        typer.Option(
            "--valid-until",
            parser=day,
            metavar="DATE",
            help="Until when it holds; the next review of the profile, or a year, if left out.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Record that somebody compared a profile with the payer's own text.

    The record stands in confirmations.yaml beside the payer's profiles and is bound to what the profile says today:
    once the profile is edited, it counts no more.

    [bold]Example[/]

    priorauth policies confirm aetna/immune_globulin/2026-01-01 --by "Dana Roe, PharmD" --bulletin "CPB 0206, last
    review 2026-09-11" --on 2026-11-20
    """
    from flows.commands.profiles import record_confirmation
    from flows.terminal import say, say_json, worded

    recorded = record_confirmation(policy, by=by, bulletin=bulletin, on=on, valid_until=valid_until)
    if as_json:
        say_json(recorded)
    else:
        say(worded("confirmed.txt.j2", recorded=recorded))
