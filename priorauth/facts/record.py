"""Facts of the record as a whole: whether entries of one day contradict each other."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from priorauth.facts.context import Context, converted, fact_words, once
from priorauth.facts.resolution import Known, Resolution, Value
from schemas.base import FactKey
from schemas.chart import Fact


@once
def contradictions(context: Context) -> tuple[tuple[Fact, ...], ...]:
    """List the entries that say different things under one key on one day, up to the day assessed, newest first.

    An entry whose value is in no form the vocabulary knows contradicts nothing.
    """
    by_day: dict[tuple[date, FactKey], list[Fact]] = defaultdict(list)
    for key, entries in context.entries.items():
        for fact in entries:
            if fact.dated is not None and fact.dated <= context.as_of:
                by_day[fact.dated, key].append(fact)
    found = [
        _one_of_each_value(facts, context)
        for _, facts in sorted(by_day.items(), key=lambda item: (-item[0][0].toordinal(), item[0][1]))
    ]
    return tuple(facts for facts in found if len(facts) > 1)


def _one_of_each_value(facts: list[Fact], context: Context) -> tuple[Fact, ...]:
    definition = context.definition(facts[0].fact)
    # The place in the record breaks ties, so that the order of entry in the chart decides nothing.
    ordered = sorted(
        facts, key=lambda fact: (fact.source.document or "", fact.source.page or 0, str(fact.value))
    )
    by_value: dict[Value | None, Fact] = {}
    for fact in ordered:
        by_value.setdefault(converted(fact, definition), fact)
    return tuple(fact for value, fact in by_value.items() if value is not None)


def contradicts_itself(context: Context) -> Resolution:
    """Whether two entries of one day say different things of the same finding."""
    found = contradictions(context)
    if not found:
        return Known(False, "No two entries of one day contradict each other")
    reason = "; ".join(
        f"{context.definition(facts[0].fact).title} ({facts[0].dated}): "
        + " and ".join(_said(fact, context) for fact in facts)
        for facts in found
    )
    cited = tuple(
        context.cite(
            fact.fact,
            context.definition(fact.fact).title,
            fact_words(fact, context.definition(fact.fact)),
            fact,
        )
        for facts in found
        for fact in facts
    )
    return Known(True, reason, cited)


def _said(fact: Fact, context: Context) -> str:
    """Say an entry in the record's own wording, else its value."""
    return f"“{fact.note.strip(' .')}”" if fact.note else fact_words(fact, context.definition(fact.fact))


DERIVATIONS = {"record.contradicts_itself": contradicts_itself}
