"""The level of certainty of the diagnosis by the guideline of its condition, in one line."""

from __future__ import annotations

from dataclasses import dataclass

from priorauth.electrodiagnosis import brighton, ean_pns_2021, mmn
from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Narrowed
from schemas.base import ConditionId, FactKey
from schemas.provenance import provenance_of


_LEVELS: dict[ConditionId, tuple[FactKey, str]] = {
    ConditionId.CIDP: ("edx.ean_pns_2021_certainty", ean_pns_2021.RULE_SET),
    ConditionId.GBS: ("gbs.brighton_level", brighton.RULE_SET),
    ConditionId.MMN: ("edx.mmn_category", mmn.RULE_SET),
}


@dataclass(frozen=True, slots=True)
class Level:
    """A level reached, or the levels still possible: "CIDP by EAN/PNS 2021". ``verified`` is of the rule, not the case."""

    words: str
    verified: bool

    def __str__(self) -> str:
        return self.words if self.verified else f"{self.words} (levels of certainty not verified)"


def level_of_certainty(context: Context) -> Level | None:
    """Return the level by the guideline of the condition; None without a condition, or while nothing is decided."""
    condition = context.case.condition
    if condition is None:
        return None
    key, rule_set = _LEVELS[condition]
    level = context.resolve(key)
    if not isinstance(level, Known | Narrowed):
        return None
    mark = provenance_of(context.knowledge.rule_sets[rule_set], "levels").confidence
    return Level(level.reason.partition(". ")[0], not mark.needs_verifying)
