"""A letter that came out of a fax machine: another program reads every code, number and date of it."""

import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from priorauth.letters.comparing import letter_lines
from priorauth.letters.compose import ComposedLetter, letter_pdf
from priorauth.packets.fax import fax_version
from schemas.letter import LetterKind
from tests.letters.occasions import REVIEW, written


pytestmark = [
    pytest.mark.rendering,
    pytest.mark.slow,
    pytest.mark.needs_tool("pdftoppm", "tesseract"),
]

_TOKEN = re.compile(r"[A-Za-z]*-?\d(?:[\w.,/-]*\w)?")
_TIMES = re.compile(r"(?<=[\s\d])%?[x×](?=[\s\d])")
_UNIT = re.compile(r"(?<=\d)(?=(?:g|mg|kg|mL|ms)\b)")
_TWICE = re.compile(r"\b([a-z])(?=[A-Z]\d)")
"""A capital before digits that is read twice, small and large: jJ1561."""
_RAISED = re.compile(r"<sup>[\d,]+</sup>")
_NAME_OF_A_TEST = "HBA1C"
"""A word with a digit in it; its value is looked for like every other."""


def tokens(lines: Iterable[str]) -> Counter[str]:
    """Count what has a digit in it. The letter O stands for the digit 0: no other digit looks like it, so none is excused."""
    text = _TIMES.sub(" x ", "\n".join(lines).replace("–", "-").replace("−", "-"))
    text = _TWICE.sub(lambda found: "" if text[found.end()].lower() == found[1] else found[1], text)
    text = _UNIT.sub(" ", text)
    return Counter(token.upper().replace("O", "0") for token in _TOKEN.findall(text))


def critical_tokens(letter: ComposedLetter) -> Counter[str]:
    """All tokens of the text and the tables. Not the raised numbers of references, and not the axes of the charts,
    whose values stand in a table beside them."""
    found = tokens(letter_lines(_RAISED.sub("", letter.html)))
    del found[_NAME_OF_A_TEST]
    return found


def read_by_machine(fax: bytes, folder: Path, tool_path: Callable[[str], str]) -> str:
    (folder / "fax.pdf").write_bytes(fax)
    pages = folder / "page"
    subprocess.run(
        [tool_path("pdftoppm"), "-r", "204", "-gray", "-png", folder / "fax.pdf", pages], check=True
    )
    return "\n".join(
        subprocess.run(
            [tool_path("tesseract"), picture, "-"],
            capture_output=True,
            text=True,
            check=True,
            # Its threads wait for each other longer than they read.
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        ).stdout
        for picture in sorted(folder.glob("page-*.png"))
    )


@pytest.mark.parametrize("kind", [LetterKind.INITIATION, LetterKind.CONTINUATION])
def test_a_machine_reads_every_code_number_and_date_of_a_faxed_letter(
    kind: LetterKind, tmp_path: Path, tool_path: Callable[[str], str]
) -> None:
    letter = written(kind, review=REVIEW)
    read = read_by_machine(fax_version(letter_pdf(letter)), tmp_path, tool_path)

    assert critical_tokens(letter) - tokens(read.splitlines()) == Counter()


@pytest.mark.parametrize(
    ("said", "read"),
    [("W000", "WOo0"), ("2 × 30 g", "2x30 g"), ("1 × 40 g", "1%x40g"), ("0–10", "0-10"), ("J1561", "jJ1561")],
)
def test_what_counts_as_the_same_token(said: str, read: str) -> None:
    assert tokens([said]) == tokens([read])


@pytest.mark.parametrize(("said", "read"), [("J1569", "J1589"), ("72", "7.2"), ("11/12/2026", "11/12/2028")])
def test_what_counts_as_another_token(said: str, read: str) -> None:
    assert tokens([said]) - tokens([read])
