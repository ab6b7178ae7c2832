"""Whether a fact as entered fits the vocabulary: known key, right kind, known choice, unit that converts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import NamedTuple

from schemas.chart import Fact
from schemas.vocabulary import FactDefinition, FactKind


class Misfit(NamedTuple):
    """What is wrong with one fact: the field of it, and the three parts of a message."""

    field: str
    found: str
    expected: str
    mend: str


def misfit(fact: Fact, vocabulary: Mapping[str, FactDefinition]) -> Misfit | None:
    """Return what keeps a fact from being used, or None."""
    definition = vocabulary.get(fact.fact)
    if definition is None:
        enterable = [key for key, known in vocabulary.items() if not known.derived]
        near = get_close_matches(fact.fact, enterable, n=1, cutoff=0.5)
        mend = f"Did you mean '{near[0]}'?" if near else "Look the key up in knowledge/facts.yaml."
        return Misfit("fact", f"the unknown fact '{fact.fact}'", "a key of knowledge/facts.yaml", mend)
    if definition.derived:
        return Misfit(
            "fact",
            f"the computed fact '{fact.fact}'",
            "a fact that the record states",
            f"Leave it out and enter what it is computed from: {definition.ask}.",
        )
    return _wrong_value(fact, definition) or _wrong_unit(fact, definition)


def _wrong_value(fact: Fact, definition: FactDefinition) -> Misfit | None:
    value = fact.value
    found = f"{_shown(value)} for '{fact.fact}'"
    match definition.kind:
        case FactKind.YES_NO if not isinstance(value, bool):
            return Misfit(
                "value",
                found,
                "true or false",
                "Write true where it was found, false where it was looked for and not found.",
            )
        case FactKind.NUMBER if isinstance(value, bool) or not isinstance(value, Decimal):
            return Misfit(
                "value",
                found,
                f"a number{f' in {definition.unit}' if definition.unit else ''}",
                "Write the number alone, and its unit under unit:.",
            )
        case FactKind.DATE if not isinstance(value, date):
            return Misfit("value", found, "a date such as 2026-01-31", "Write YYYY-MM-DD.")
        case FactKind.TEXT if not isinstance(value, str):
            return Misfit("value", found, "text", "Write it in words.")
        case FactKind.CHOICE if value not in definition.choices:
            near = get_close_matches(str(value), definition.choices, n=1, cutoff=0.4)
            mend = f"Did you mean '{near[0]}'?" if near else "Use one of these words."
            return Misfit("value", found, f"one of: {', '.join(definition.choices)}", mend)
        case _:
            return None


def _wrong_unit(fact: Fact, definition: FactDefinition) -> Misfit | None:
    if fact.unit is None or fact.unit == definition.unit or fact.unit in definition.also_in:
        return None
    if definition.unit is None:
        return Misfit("unit", f"the unit '{fact.unit}' for '{fact.fact}'", "no unit", "Remove the unit.")
    units = (definition.unit, *definition.also_in)
    return Misfit(
        "unit",
        f"the unit '{fact.unit}' for '{fact.fact}'",
        f"one of: {', '.join(units)}",
        "Convert the value, or correct the unit.",
    )


def _shown(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"the number {value}"
        case date():
            return f"the date {value}"
        case _:
            return f"'{str(value)[:60]}'"
