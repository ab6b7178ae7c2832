"""The work list: what to mend, gravest first; then what to get, as documents and measurements, easiest first."""

from __future__ import annotations

from collections.abc import Sequence

from priorauth.knowledge import Knowledge
from schemas.assessment import Finding, Status, WorkItem, WorkKind
from schemas.base import FactKey
from schemas.policy import Effect


def work_items(findings: Sequence[Finding], knowledge: Knowledge) -> tuple[WorkItem, ...]:
    """Group the missing facts by the document that would show them, and add what has to be mended."""
    asks: dict[str, dict[FactKey, list[Finding]]] = {}
    for finding in findings:
        if finding.status is not Status.UNDOCUMENTED:
            continue
        for key in finding.missing:
            asks.setdefault(knowledge.vocabulary[key].ask, {}).setdefault(key, []).append(finding)
    to_get = [_item(ask, by_fact, knowledge) for ask, by_fact in asks.items()]
    to_get.sort(key=lambda item: (not item.blocking, item.effort, -len(item.criteria), item.ask))
    return (*_mends(findings), *to_get)


def _mends(findings: Sequence[Finding]) -> list[WorkItem]:
    """What is documented and wrong: the way out that the criterion names, once for all criteria that name it."""
    ways: dict[str, list[str]] = {}
    for effect in reversed(Effect):
        for finding in findings:
            if (
                finding.effect is effect is not Effect.ADVISE
                and finding.status is Status.NOT_MET
                and finding.mend is not None
            ):
                ways.setdefault(finding.mend, []).append(finding.criterion)
    return [
        WorkItem(kind=WorkKind.MEND, ask=mend, criteria=tuple(criteria), effort=1, blocking=True)
        for mend, criteria in ways.items()
    ]


def _item(ask: str, by_fact: dict[FactKey, list[Finding]], knowledge: Knowledge) -> WorkItem:
    settled = [finding for group in by_fact.values() for finding in group]
    return WorkItem(
        ask=ask,
        facts=tuple(sorted(by_fact)),
        criteria=tuple(dict.fromkeys(finding.criterion for finding in settled)),
        effort=min(knowledge.vocabulary[key].effort for key in by_fact),
        blocking=any(finding.effect not in (None, Effect.ADVISE) for finding in settled),
    )
