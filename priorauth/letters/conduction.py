"""What a letter says of a nerve conduction study: the findings a reviewer looks for, each in the nerves that show it."""

from __future__ import annotations

from collections.abc import Sequence

from priorauth.electrodiagnosis.study import KEY as NERVE_STUDY
from priorauth.rendering.filters import listing, sentence_case
from schemas.assessment import CitedFact


MOST_KINDS = 3
"""A medical director looks at a few values; the table of the study has the rest."""
MOST_NERVES = 2
"""Criteria ask for a finding in two nerves."""

# The findings in the order in which they persuade. A block is what every reviewer knows.
_ORDER = (
    "block",
    "dispersion",
    "distal motor latency",
    "distal latency",
    "velocity",
    "duration",
    "absent f",
    "f-wave",
)
_BLOCK = "block"
_SENSORY = "Sensory conduction"
_GRADES = ("Definite ", "Probable ")


def is_feature(fact: CitedFact) -> bool:
    """Whether an entry is one finding in one nerve."""
    return fact.key == NERVE_STUDY and ", " in fact.label


def nerves_shown(facts: Sequence[CitedFact]) -> list[str]:
    """Name the nerves with a finding, each once."""
    return list(dict.fromkeys(_nerve(fact) for fact in facts if is_feature(fact)))


def features(facts: Sequence[CitedFact], doubts: str = "") -> str:
    """Name the findings, the most telling first, each in two nerves.

    ``doubts`` are the caveats of the result: a finding whose cut-off is named there is left out while another carries
    the result.
    """
    kinds: dict[str, dict[str, CitedFact]] = {}
    for fact in filter(is_feature, facts):
        # A nerve that shows a block of both grades is named once, with the higher, which comes first.
        kinds.setdefault(_kind(fact), {}).setdefault(_nerve(fact), fact)
    sure = [kind for kind in kinds if kind.lower() not in doubts.lower()]
    # The sort keeps what is found in two nerves before what is found in one.
    shown = sorted(sure or kinds, key=lambda kind: (len(kinds[kind]) < MOST_NERVES, _rank(kind)))[:MOST_KINDS]
    told = [_words(kind, list(kinds[kind].values())) for kind in shown]
    return "; ".join([*told[:1], *map(sentence_case, told[1:])])


def _words(kind: str, facts: list[CitedFact]) -> str:
    if kind == _SENSORY:
        return f"Abnormal in {listing(_nerve(fact) for fact in facts)}"
    # Each nerve with a block counts; of the others two are enough.
    shown = facts if _BLOCK in kind.lower() and "motor" in kind.lower() else facts[:MOST_NERVES]
    return f"{kind}: {_joined([_told(fact) for fact in shown])}"


def _joined(told: list[str]) -> str:
    return "; ".join(told) if any("," in one for one in told) else listing(told)


def _told(fact: CitedFact) -> str:
    # A block is told by its fall; how long the response lasts is in the table.
    value = fact.value.partition("; ")[0]
    if value == "absent":
        return _nerve(fact)
    return f"{_nerve(fact)}{' ' if value[:1].isdigit() else ', '}{value}"


def _kind(fact: CitedFact) -> str:
    kind = fact.label.partition(", ")[0]
    for grade in _GRADES:
        if kind.startswith(grade):
            return kind.removeprefix(grade).capitalize()
    return kind


def _nerve(fact: CitedFact) -> str:
    return fact.label.partition(", ")[2]


def _rank(kind: str) -> int:
    low = kind.lower()
    return next((place for place, word in enumerate(_ORDER) if word in low), len(_ORDER))
