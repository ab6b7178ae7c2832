"""The infusion record as a letter tells it: from when to when, how many doses on how many days, which reactions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from priorauth.dosing import dose_starts
from priorauth.letters.witnesses import Evidence
from priorauth.rendering.filters import quoted
from schemas.assessment import CitedFact
from schemas.chart import GivenInfusion


_NO_REACTION = ("no", "none", "no reaction", "nil")


@dataclass(frozen=True, slots=True)
class InfusionRecord:
    """What was given, up to the day of the letter. A dose split over days is one dose; ``ground`` cites first and last."""

    ground: Evidence
    first: date
    last: date
    doses: int
    days: int
    reactions: tuple[Evidence, ...]


def infusion_record(given: Sequence[GivenInfusion]) -> InfusionRecord | None:
    """Sum up the infusions given; None where none is documented."""
    if not given:
        return None
    ordered = sorted(given, key=lambda entry: entry.on)
    days = sorted({entry.on for entry in ordered})
    words = f"{len(days)} infusion days"
    cited = dict.fromkeys(_cited(entry, words) for entry in (ordered[0], ordered[-1]))
    return InfusionRecord(
        ground=Evidence(words, words, tuple(cited)),
        first=days[0],
        last=days[-1],
        doses=len(dose_starts(days)),
        days=len(days),
        reactions=tuple(_reactions(ordered)),
    )


def _reactions(given: Sequence[GivenInfusion]) -> list[Evidence]:
    by_words: dict[str, list[GivenInfusion]] = {}
    for entry in given:
        if entry.reaction and entry.reaction.strip(" .").lower() not in _NO_REACTION:
            by_words.setdefault(entry.reaction, []).append(entry)
    return [
        Evidence(quoted(words), words, tuple(_cited(entry, words) for entry in entries))
        for words, entries in by_words.items()
    ]


def _cited(entry: GivenInfusion, words: str) -> CitedFact:
    return CitedFact(
        key="infusions",
        label="Infusions given",
        value=f"{words}, on {entry.on}",
        dated=entry.on,
        source=entry.source,
    )
