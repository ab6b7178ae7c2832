"""The `priorauth` command: what the flows do, without Prefect, and what only a person asks for.

Each command loads what it needs when it runs, so that help comes at once.
"""

from __future__ import annotations

import sys

import typer

from flows.commands import doctor, policies, referrals, releasing, renewals, requests, verify_letter


app = typer.Typer(
    name="priorauth",
    help="""Prior authorization of immunoglobulin for CIDP, GBS and MMN: verify, write, assemble, renew.

    FILE may stand wherever CASE_ID does: a case file, a FHIR bundle or the folder of one. No database is then touched.

    Exit status: 0 done; 1 could not be done, or is not well; 2 something given could not be read.

    Example: priorauth assess examples/referrals/01_cidp_initial
    """,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)
app.command()(referrals.intake)
app.command()(referrals.cases)
app.command()(requests.assess)
app.command()(requests.letter)
app.command()(requests.packet)
app.command()(requests.prepare)
app.command()(releasing.review)
app.command()(releasing.sent)
app.command()(releasing.decided)
app.command()(releasing.close)
app.command()(releasing.reopen)
app.command()(requests.export)
app.command()(renewals.renewals)
app.add_typer(policies.app, name="policies")
app.command()(verify_letter.verify_letter)
app.command()(doctor.doctor)


def main() -> None:
    """Run the command line; what a terminal cannot show is replaced, never an error."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    app()
