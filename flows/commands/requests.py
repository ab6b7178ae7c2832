"""Commands on one case: assess it, write its letter and packet, export it."""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.options import (
    NOT_DONE,
    AsJson,
    AsOf,
    CaseArgument,
    MatterFile,
    Output,
    answering,
    megabytes,
)


if TYPE_CHECKING:
    from flows.commands.making import Written


@answering
def assess(
    case: CaseArgument,
    as_of: AsOf = None,
    as_json: AsJson = False,
    every: Annotated[bool, typer.Option("--all", help="Show the findings that are met as well.")] = False,
) -> None:
    """Verify a case: what is met, not met and not documented, and what to get.

    A stored case keeps the assessment and moves to where it now stands.

    [bold]Examples[/]

    priorauth assess examples/referrals/07_missing_nerve_study

    priorauth assess PA-36PRFKRK --as-of 2026-11-23 --json
    """
    from flows.casework import keep_assessment
    from flows.clock import now
    from flows.commands.subjects import open_subject
    from flows.terminal import say, say_json, worded

    subject = open_subject(case)
    assessment = subject.assess(as_of)
    if subject.work is not None:
        keep_assessment(subject.work, assessment, at=now(subject.work.settings))
    if as_json:
        say_json(assessment)
        return
    say(worded("assessment.txt.j2", a=assessment, case=subject.case, every=every))


@answering
def letter(
    case: CaseArgument,
    output: Output = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind", metavar="KIND", help="Another letter, such as first_level_appeal or patient_letter."
        ),
    ] = None,
    matter: MatterFile = None,
    reviewed_by: Annotated[
        str | None,
        typer.Option(
            "--reviewed-by", metavar="NAME", help="Write the final that this person has read and released."
        ),
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Write a letter as a PDF: the letter of medical necessity, or one of another kind.

    It is a draft until a named person has reviewed it; a final with gaps is refused, and every gap is named.

    With -o the letter is written there and nothing is stored. Without it the request of a stored case is prepared:
    letter and packet go to the output folder and to the store.

    What a letter of another kind is about stands in a file of its own. examples/matters has one of each, explained:
    denial.yaml (first_level_appeal, external_review), inquiry.yaml (information_reply), exception.yaml
    (step_therapy_exception, nonpreferred_product_exception, site_of_care_exception), dose_change.yaml, route_change.yaml
    (subcutaneous_switch) and call.yaml (peer_to_peer_brief).

    [bold]Examples[/]

    priorauth letter examples/referrals/01_cidp_initial -o letter.pdf

    priorauth letter PA-36PRFKRK --kind first_level_appeal --matter examples/matters/denial.yaml -o appeal.pdf
    """
    from flows.commands.making import LetterWanted, prepare, written_letter

    special = kind or matter or reviewed_by
    if special and output is None:
        raise typer.BadParameter("a letter of another kind, or a final, needs a place: add -o letter.pdf")
    wanted = LetterWanted(kind, matter, reviewed_by)
    written = written_letter(case, output, as_of, wanted=wanted) if output else prepare(case, as_of)
    _tell(written, as_json=as_json)


@answering
def packet(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command
    case: CaseArgument,
    output: Output = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    fax: Annotated[bool, typer.Option("--fax", help="Black and white, as a fine fax carries it.")] = False,
    max_pages: Annotated[
        int | None,
        typer.Option("--max-pages", min=3, metavar="N", help="Split into parts of at most so many pages."),
    ] = None,
    max_megabytes: Annotated[
        Decimal | None,
        typer.Option(
            "--max-megabytes",
            parser=megabytes,
            metavar="MB",
            help="Split into parts of at most so many million bytes.",
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind",
            metavar="KIND",
            help="With another letter, such as first_level_appeal or information_reply.",
        ),
    ] = None,
    matter: MatterFile = None,
) -> None:
    """Assemble the packet: cover, index, letter and exhibits in one PDF.

    Where the payer takes no file so large, it comes in parts: packet-part-1-of-3.pdf and so on, each with cover and
    index. The limits are those of the payer's profile, or the ones given here.

    With -o the packet is written there and nothing is stored. Without it the request of a stored case is prepared:
    letter and packet go to the output folder and to the store, and a complete request moves to review.

    [bold]Examples[/]

    priorauth packet examples/referrals/01_cidp_initial -o packet.pdf

    priorauth packet PA-36PRFKRK --max-pages 50

    priorauth packet PA-36PRFKRK --kind first_level_appeal --matter examples/matters/denial.yaml
    """
    from flows.commands.making import LetterWanted, prepare, written_packet
    from priorauth.packets.model import SizeLimits

    if fax and output is None:
        raise typer.BadParameter("a fax version needs a place: add -o fax.pdf")
    given = max_pages is not None or max_megabytes is not None
    limits = SizeLimits(pages=max_pages, megabytes=max_megabytes) if given else None
    wanted = LetterWanted(kind, matter)
    if output:
        written = written_packet(case, output, as_of, fax=fax, limits=limits, wanted=wanted)
    else:
        written = prepare(case, as_of, limits=limits, wanted=wanted)
    _tell(written, as_json=as_json)


@answering
def prepare(
    cases: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CASE_ID...", help="Stored cases; if left out, every unsent one without a final to send."
        ),
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Prepare many requests over all processors: draft letters and packets of every case that has not been sent.

    A case whose final packet was released and waits to be sent is left out. What would come out the same is not
    made again. A case that cannot be prepared stops no other; its reasons are named at the end, and the exit status is then 1.

    [bold]Example[/]

    priorauth prepare --as-of 2026-11-23
    """
    from flows.commands.batch import prepare_many
    from flows.terminal import complain, say, say_json, worded

    done = prepare_many([case.upper() for case in cases or []], as_of)
    if as_json:
        say_json(done)
    else:
        say(worded("prepared.txt.j2", p=done))
    for case_id, lines in done.refused.items():
        for line in lines:
            complain(f"{case_id}: {line}")
    if done.refused:
        raise typer.Exit(NOT_DONE)


@answering
def export(
    case: CaseArgument,
    output: Output = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    assessment: Annotated[
        bool, typer.Option("--assessment", help="Export the assessment, as JSON, in place of the case.")
    ] = False,
) -> None:
    """Export a case as a case file, YAML or JSON, that reads back as the same case; or its assessment.

    Documents are named by the hash of their content and are not part of it.

    [bold]Examples[/]

    priorauth export examples/referrals/19_fhir_bundle -o case.yaml

    priorauth export PA-36PRFKRK --assessment
    """
    from flows.commands.subjects import open_subject
    from flows.terminal import as_json_bytes
    from priorauth.formats.case_file import write_case_file
    from priorauth.writing import write_whole

    subject = open_subject(case)
    if assessment:
        content = as_json_bytes(subject.assess(as_of))
    elif as_json:
        content = as_json_bytes(
            subject.case.model_dump(mode="json", exclude_defaults=True, exclude={"case_id"})
        )
    else:
        content = write_case_file(subject.case)
    if output:
        write_whole(output, content)
    else:
        sys.stdout.write(content.decode())


def _tell(written: Written, *, as_json: bool) -> None:
    from flows.terminal import say, say_json, worded

    if as_json:
        say_json(written)
    else:
        say(worded("written.txt.j2", w=written))
