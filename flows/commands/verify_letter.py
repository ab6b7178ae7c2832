"""The command that checks a finished letter from its PDF alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import NOT_DONE, AsJson, answering


@answering
def verify_letter(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE.pdf",
            exists=True,
            dir_okay=False,
            help="A letter, a packet, or the parts of a packet.",
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Check a finished letter or packet: every sentence, its values, dates, exhibit pages and citations.

    It reads the PDF and nothing else. Of a packet in parts, name all parts. The exit status is 1 when something does not hold, such as a value edited by hand.

    [bold]Example[/]

    priorauth verify-letter letter.pdf
    """
    from flows.terminal import say, say_json, worded
    from priorauth.letters.checking import check_letter

    check = check_letter(*(file.read_bytes() for file in files))
    if as_json:
        say_json(check)
    else:
        say(worded("letter_check.txt.j2", check=check, file=files[0].name))
    if not check.sound:
        raise typer.Exit(NOT_DONE)
