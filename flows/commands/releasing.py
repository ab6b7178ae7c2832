"""Commands on a letter that is written: release it or send it back, record what came of it, close the case and open it again."""

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
        case,
        version,
        by=by,
        reviewer=reviewed_by,
        on=on,
        reasons=tuple(send_back or ()),
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


@answering
def decided(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command
    case: CaseId,
    by: Initials,
    on: Annotated[
        date | None,
        typer.Option("--on", parser=day, metavar="DATE", help="The date of the notice; today, if left out."),
    ] = None,
    approved: Annotated[
        str | None,
        typer.Option("--approved", metavar="NUMBER", help="Approved, under this number of an authorization."),
    ] = None,
    starts: Annotated[
        date | None, typer.Option("--from", parser=day, metavar="DATE", help="First day authorized.")
    ] = None,
    ends: Annotated[
        date | None, typer.Option("--until", parser=day, metavar="DATE", help="Last day authorized.")
    ] = None,
    units: Annotated[
        int | None, typer.Option("--units", metavar="N", help="HCPCS billing units granted.")
    ] = None,
    visits: Annotated[
        int | None,
        typer.Option("--visits", metavar="N", help="Visits granted, where the notice counts visits."),
    ] = None,
    instead_of: Annotated[
        str | None,
        typer.Option(
            "--instead-of",
            metavar="NUMBER",
            help="A number that was entered by mistake: its authorization falls.",
        ),
    ] = None,
    no_limit: Annotated[
        bool, typer.Option("--no-limit", help="The notice names neither units nor visits.")
    ] = False,
    modified: Annotated[
        list[str] | None,
        typer.Option(
            "--modified",
            metavar="WHAT",
            help="Approved in part: in what it differs from the request (units, dates, product, site_of_care, other); "
            "may be repeated.",
        ),
    ] = None,
    code: Annotated[
        str | None,
        typer.Option("--code", metavar="HCPCS", help="The code granted, where it is another than asked for."),
    ] = None,
    product: Annotated[
        str | None,
        typer.Option(
            "--product", metavar="PRODUCT", help="The product granted, where it is another than asked for."
        ),
    ] = None,
    site: Annotated[
        list[str] | None,
        typer.Option(
            "--site", metavar="SITE", help="A site of care granted, where it was changed; may be repeated."
        ),
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="The practice takes what was granted in part: closes its task.")
    ] = False,
    denied: Annotated[
        list[str] | None,
        typer.Option("--denied", metavar="REASON", help="Denied, for this reason; may be repeated."),
    ] = None,
    asked: Annotated[
        list[str] | None,
        typer.Option("--asked", metavar="WHAT", help="The payer asks for this first; may be repeated."),
    ] = None,
    respond_by: Annotated[
        date | None,
        typer.Option("--respond-by", parser=day, metavar="DATE", help="Until when the payer waits for it."),
    ] = None,
    reference: Annotated[
        str | None, typer.Option("--reference", metavar="NUMBER", help="The payer's reference.")
    ] = None,
    sent_outside: Annotated[
        bool,
        typer.Option(
            "--sent-outside", help="The request went out by fax, mail or portal and is not on record as sent."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Record what the payer decided; an approval becomes an authorization that the renewals watch.

    What was granted in part leaves a task until the rest is granted or --accept takes it. What the payer asks for leaves
    one until it is sent (priorauth packet, review, sent).

    To correct a decision, record what the notice says; the newest record of it counts. A denial takes out the
    authorization of the approval it corrects, and --instead-of that of a number mistyped.

    [bold]Examples[/]

    priorauth decided PA-36PRFKRK --by AL --approved A-4711 --from 2026-12-07 --until 2027-06-06 --units 720

    priorauth decided PA-36PRFKRK --by AL --approved A-4711 --from 2026-12-07 --until 2027-06-06 --units 720
    --modified site_of_care --site home

    priorauth decided PA-36PRFKRK --by AL --accept

    priorauth decided PA-36PRFKRK --by AL --denied nerve_study_missing

    priorauth decided PA-36PRFKRK --by AL --asked chart_notes --respond-by 2026-12-18
    """
    from flows.commands.deciding import recorded_decision
    from flows.terminal import say, say_json, worded

    decision = {
        "authorization_number": approved,
        "starts": starts,
        "ends": ends,
        "units": units,
        "visits": visits,
        "instead_of": instead_of,
        "no_limit": no_limit,
        "modified": modified,
        "hcpcs": code,
        "product": product,
        "sites": site,
        "accepted": accept,
        "reasons": denied,
        "asked": asked,
        "respond_by": respond_by,
    }
    result = recorded_decision(case, decision, on=on, by=by, reference=reference, sent_outside=sent_outside)
    if as_json:
        say_json(result)
    else:
        say(worded("decided.txt.j2", d=result))


@answering
def close(
    case: CaseId,
    by: Initials,
    reason: Annotated[
        str,
        typer.Option(
            "--reason",
            metavar="REASON",
            help="not_required, withdrawn, duplicate, course_completed, discontinued, coverage_ended or patient_died.",
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Close a case that needs nothing more; its open tasks end with it, and its course is watched no more.

    [bold]Example[/]

    priorauth close PA-36PRFKRK --by AL --reason duplicate
    """
    from flows.commands.reviewing import closed
    from flows.terminal import say, say_json, worded

    result = closed(case, reason, by=by)
    if as_json:
        say_json(result)
    else:
        say(worded("closed.txt.j2", c=result))


@answering
def reopen(case: CaseId, by: Initials, as_json: AsJson = False) -> None:
    """Open a case again that was closed by mistake: it stands where it stood, and its course is watched again.

    [bold]Example[/]

    priorauth reopen PA-36PRFKRK --by AL
    """
    from flows.commands.reviewing import reopened
    from flows.terminal import say, say_json, worded

    result = reopened(case, by=by)
    if as_json:
        say_json(result)
    else:
        say(worded("reopened.txt.j2", r=result))
