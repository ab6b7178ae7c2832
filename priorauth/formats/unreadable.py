"""The one error that reading a referral raises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from priorauth.yaml_problems import Problem


class FaultCode(StrEnum):
    """Why a file was not taken in; says nothing of what is in it, so that it may appear in Prefect."""

    NOT_FOUND = "not_found"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_TEXT = "not_text"
    NOT_A_REFERRAL = "not_a_referral"
    TRUNCATED = "truncated"
    WRONG_VALUES = "wrong_values"
    NO_PATIENT = "no_patient"
    DOCUMENT_REFUSED = "document_refused"
    UNCLAIMED = "unclaimed"
    REPEATED = "repeated"
    RECORD_CONTRADICTS = "record_contradicts"


class Unreadable(Exception):
    """A file that cannot become a case. ``problems`` holds every mistake found; the message is the first, in one line."""

    def __init__(self, code: FaultCode, problems: Sequence[Problem]) -> None:
        self.code = code
        self.problems = tuple(problems)
        super().__init__(self.line)

    @property
    def line(self) -> str:
        """The first mistake in one line, and how many more there are."""
        more = len(self.problems) - 1
        rest = f" ({more} more {'mistake' if more == 1 else 'mistakes'} in this file.)" if more else ""
        return in_one_line(self.problems[0]) + rest


def in_one_line(problem: Problem) -> str:
    """Word a mistake; line 0 stands for a file whose lines are not known."""
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    where = f"{place}, {problem.key}" if problem.key else place
    return " ".join(f"{where}: found {problem.found}; expected {problem.expected}. {problem.mend}".split())


def unreadable(
    code: FaultCode, name: str, *, found: str, expected: str, mend: str, key: str = ""
) -> Unreadable:
    """Make the error for a file that fails as a whole or in one place."""
    return Unreadable(code, [Problem(name, 0, key, found, expected, mend)])


@dataclass(frozen=True)
class Fault:
    """One file, or one document of a case, that was not taken in; everything but the code may hold patient data.

    ``name`` is how the file is spoken of. ``path`` is where it lies, which tells files of one name apart; it is empty for
    what came without a file.
    """

    name: str
    code: FaultCode
    line: str
    path: str | None = None
