"""The errors a person can mend: input that cannot be read, and work that is refused."""

from __future__ import annotations

from collections.abc import Sequence

from flows.settings import SettingsFault
from flows.versions import NotReleased, VersionPassed
from priorauth.formats.unreadable import Unreadable
from priorauth.letters.refusals import LetterRefused
from priorauth.lifecycle import MoveRefused
from priorauth.rendering.errors import RenderingRefused
from priorauth.store.errors import StoreError
from priorauth.writing import NotWritten
from priorauth.yaml_problems import YamlMistakes


class Refused(Exception):
    """A command that cannot do what was asked; the message says why and what to do."""


UNREADABLE = (Unreadable, YamlMistakes)
REFUSED = (
    Refused,
    SettingsFault,
    NotWritten,
    StoreError,
    LetterRefused,
    RenderingRefused,
    MoveRefused,
    VersionPassed,
    NotReleased,
)


def lines_of(error: Exception) -> Sequence[str]:
    """Word an error: a file that cannot be read as one line, a knowledge file with a line for every mistake."""
    match error:
        case YamlMistakes():
            return [str(problem) for problem in error.problems]
        case Unreadable():
            return [error.line]
        case _:
            return str(error).splitlines()
