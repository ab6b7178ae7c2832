"""The command that says what is there and what is missing."""

from __future__ import annotations

import typer

from flows.commands.options import NOT_DONE, AsJson


def doctor(as_json: AsJson = False) -> None:
    """Check this installation: libraries, fonts, knowledge, folders, database, workbench; each with its mend.

    The exit status is 1 when something must be mended before the work can be done.

    [bold]Example[/]

    priorauth doctor
    """
    from flows.doctor import run_checks
    from flows.settings import SettingsFault, read_settings
    from flows.terminal import complain, say, say_json, worded

    try:
        checks = run_checks(read_settings())
    except SettingsFault as fault:
        complain(str(fault))
        raise typer.Exit(NOT_DONE) from None
    if as_json:
        say_json(checks)
    else:
        say(worded("doctor.txt.j2", checks=checks))
    if not all(check.ok for check in checks):
        raise typer.Exit(NOT_DONE)
