"""Reasons of findings as a letter says them: American dates, full months, the strongest features of a nerve study, no caveats.

The reason of a finding is written for the practice and holds everything, doubts about cut-offs included. A letter
says the result and what carries it; the doubts are printed for the practice, at the end of a draft.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

from priorauth.electrodiagnosis.study import KEY as NERVE_STUDY
from priorauth.letters.conduction import features
from priorauth.rendering.filters import longdate, quoted, shortdate
from schemas.assessment import CitedFact


# What the record says of these decides; a bare "yes" does not.
_QUOTED = frozenset({"lowest_effective_dose", "corticosteroid_outcome", "symptom_onset"})
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_MONTHS = re.compile(r"\b([1-9]\d*)\.\d+ months")
_UNSETTLED = re.compile(r"; (a change of [^;()]* is clinically important \(smallest change not \w+\))")
_CAVEAT = re.compile(r"\.\s+(?:Cut-offs not verified|Caution): .*", re.DOTALL)


def spoken(reason: str, facts: Sequence[CitedFact] = ()) -> str:
    """Return the reason for a sentence of prose."""
    return _american(_shortened(reason, facts), longdate)


def tabled(reason: str, facts: Sequence[CitedFact] = ()) -> str:
    """Return the reason for a row of a table."""
    return _american(_shortened(reason, facts), shortdate)


def mentioned(reason: str, facts: Sequence[CitedFact]) -> tuple[CitedFact, ...]:
    """Return the facts that the reason names, so that a sentence cites what it says and no more.

    A nerve study is cited whole: the result rests on every finding, the few that are told and the others.
    """
    low = reason.lower()
    named = tuple(fact for fact in facts if fact.key == NERVE_STUDY or fact.label.lower() in low)
    return named or tuple(facts)


def caveats(reason: str) -> str:
    """Return what a letter leaves out of a reason; empty where there is nothing to doubt."""
    found = _CAVEAT.search(reason)
    left_out = [found[0].lstrip(". ")] if found else []
    unsettled = dict.fromkeys(_UNSETTLED.findall(reason))
    return ". ".join(
        [*left_out, *([f"Left out of the letter: {'; '.join(unsettled)}."] if unsettled else [])]
    )


def _shortened(reason: str, facts: Sequence[CitedFact]) -> str:
    if found := features(facts, caveats(reason)):
        return f"{reason.partition('. ')[0]}. {found}"
    reason = _UNSETTLED.sub("", reason)
    return _CAVEAT.sub("", _in_its_own_words(reason, facts)).replace(": yes (", " (")


def _in_its_own_words(reason: str, facts: Sequence[CitedFact]) -> str:
    for fact in facts:
        if fact.key in _QUOTED and fact.note:
            stated = f"{fact.label}: {fact.value}"
            own = quoted(fact.note)
            words = f"{fact.label}: {own}" if fact.value == "yes" else f"{stated}, {own}"
            reason = reason.replace(stated, words)
    return reason


def _american(words: str, written: Callable[[date], str]) -> str:
    dated = _ISO_DATE.sub(lambda found: written(date(*map(int, found.groups()))), words)
    return _MONTHS.sub(r"\1 full months", dated).replace(" %", "%")
