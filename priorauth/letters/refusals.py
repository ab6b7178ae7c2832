"""Why a letter is not written: each reason names its field, so that somebody can mend it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing a final letter lacks: the field of the case or the criterion, and what to do about it."""

    field: str
    words: str

    def __str__(self) -> str:
        return f"{self.field}: {self.words}"


class LetterRefused(ValueError):
    """A letter that cannot be written: the message names what the case lacks."""


class FinalRefused(LetterRefused):
    """A letter that may be a draft, but not final; ``gaps`` are the reasons."""

    def __init__(self, gaps: tuple[Gap, ...]) -> None:
        self.gaps = gaps
        super().__init__(
            f"The letter cannot be final yet, for {len(gaps)} reason{'s' if len(gaps) > 1 else ''}: "
            + "; ".join(map(str, gaps))
        )
