"""What would decide an open policy: its second opinion, the smallest sets of missing facts, and what dooms it."""

from __future__ import annotations

from collections.abc import Sequence

from priorauth.completions import MOST_SETS, TooManyUnknowns, completions
from priorauth.facts.context import Context
from priorauth.logic import status_of
from priorauth.wording import listed
from schemas.assessment import DecidingSet, Outlook, Status
from schemas.base import FactKey
from schemas.policy import AllOf, Criterion, Effect, Question


def outlook(proved: Sequence[tuple[Criterion, Status]], context: Context) -> Outlook:
    """Look together at the criteria of a policy that apply, each with its status; those that only advise are left out."""
    deciding = [(criterion, status) for criterion, status in proved if _decides(criterion, status)]
    if not deciding:
        return Outlook(status=Status.MET)

    def known(question: Question) -> Status:
        return status_of(question, context)

    doomed = tuple(criterion.id for criterion, status in deciding if status is Status.NOT_MET)
    try:
        table = completions(
            AllOf.model_construct(all_of=tuple(criterion.require for criterion, _ in deciding)),
            known,
            context.knowledge.vocabulary,
        )
    except TooManyUnknowns as bound:
        return Outlook(
            status=Status.UNDOCUMENTED if not doomed else Status.NOT_MET, doomed_by=doomed, bounded=str(bound)
        )
    sets = sorted(
        (_deciding_set(facts, context) for facts in table.smallest_sets()),
        key=lambda found: (found.effort, len(found.facts), found.facts),
    )
    bounded = f"the {MOST_SETS} easiest of {len(sets)} sets are shown" if len(sets) > MOST_SETS else None
    return Outlook(status=table.status, doomed_by=doomed, sets=tuple(sets[:MOST_SETS]), bounded=bounded)


def _decides(criterion: Criterion, status: Status) -> bool:
    """Whether a criterion can change the recommendation; what only advises while it is undocumented does not yet."""
    if criterion.if_not_met is Effect.ADVISE:
        return False
    return status is not Status.UNDOCUMENTED or criterion.if_undocumented is not Effect.ADVISE


def _deciding_set(facts: tuple[FactKey, ...], context: Context) -> DecidingSet:
    definitions = [context.definition(fact) for fact in facts]
    asks = list(dict.fromkeys(definition.ask for definition in definitions))
    # Two facts that one document shows cost one request.
    effort = sum(
        max(definition.effort for definition in definitions if definition.ask == ask) for ask in asks
    )
    return DecidingSet(facts=facts, asks=tuple(asks), effort=effort, words=listed(asks))
