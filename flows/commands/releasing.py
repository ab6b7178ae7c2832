"""Commands on what a person decides of a letter: release it or send it back, and record that it went out."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from flows.commands.options import AsJson, answering, day


Version = Annotated[
    str | None,
    typer.Option("--version", metavar="HEX", help="Which version; the newest, if left out."),
]
Initials = Annotated[
    str, typer.Option("--by", metavar="INITIALS", help="Who records it, two to five letters.")
]
CaseId = Annotated[str, typer.Argument(metavar="CASE_ID", help="A stored case.")]


@answering
def review(
    case: CaseId,
    by: Initials,
    reviewed_by: Annotated[
        str | None,
        typer.Option(
            "--reviewed-by", metavar="NAME", help="Who has read it; the prescriber of the case, if left out."
        ),
    ] = None,
    on: Annotated[
        date | None,
        typer.Option("--on", parser=day, metavar="DATE", help="The day it was read; today, if left out."),
    ] = None,
    send_back: Annotated[
        list[str] | None,
        typer.Option(
            "--send-back", metavar="REASON", help="Do not release it, for this reason; may be repeated."
        ),
    ] = None,
    version: Version = None,
    as_json: AsJson = False,
) -> None:
    """Record that a person has read the letter in review: the final letter and packet are made, or the case goes back.

    A final with gaps is refused, and every gap is named. So is one that would not say what was read.

    [bold]Examples[/]

    priorauth review PA-36PRFKRK --by AL --reviewed-by "Rosalind Quillfeather, MD"

    priorauth review PA-36PRFKRK --by AL --send-back wording
    """
    from flows.commands.reviewing import Reviewed, reviewed
    from flows.terminal import say, say_json, worded

    result: Reviewed = reviewed(
        case, version, by=by, reviewer=reviewed_by, on=on, reasons=tuple(send_back or ())
    )
    if as_json:
        say_json(result)
    else:
        say(worded("reviewed.txt.j2", r=result))


@answering
def sent(
    case: CaseId,
    by: Initials,
    channel: Annotated[str, typer.Option("--channel", metavar="CHANNEL", help="fax, portal, mail or other.")],
    reference: Annotated[
        str | None, typer.Option("--reference", metavar="NUMBER", help="The number of the confirmation.")
    ] = None,
    version: Version = None,
    as_json: AsJson = False,
) -> None:
    """Record that the final packet went to the payer; the case then waits for the decision.

    [bold]Example[/]

    priorauth sent PA-36PRFKRK --by AL --channel fax --reference 4711
    """
    from flows.commands.reviewing import recorded_sending
    from flows.terminal import say, say_json, worded

    result = recorded_sending(case, version, by=by, channel=channel, reference=reference)
    if as_json:
        say_json(result)
    else:
        say(worded("sent.txt.j2", s=result))
