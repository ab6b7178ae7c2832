"""Every completion of a policy, tried one by one, and every set of facts, without any of the product's evaluation.

A requirement becomes one Python expression over the unknown facts, and a comprehension runs it for every combination of
their values. The row of outcomes is kept as a whole number; which sets decide is read off it with the definition alone:
a set is enough when some values of its facts leave only good outcomes, whatever the other facts are.
"""

from __future__ import annotations

from decimal import Decimal

from schemas.assessment import Status
from schemas.policy import AllOf, AnyOf, AtLeast, Not, Question, Requirement


Value = bool | Decimal | str
Values = dict[str, Value]
_SIGNS = {"at_least": ">=", "more_than": ">", "at_most": "<=", "less_than": "<"}


def expression(requirement: Requirement, known: Values) -> str:
    """Write a requirement as a Python expression; known facts stand in it as their values."""
    match requirement:
        case AllOf():
            return f"({' and '.join(expression(part, known) for part in requirement.all_of)})"
        case AnyOf():
            return f"({' or '.join(expression(part, known) for part in requirement.any_of)})"
        case AtLeast():
            counted = " + ".join(expression(part, known) for part in requirement.of)
            return f"({counted} >= {requirement.at_least})"
        case Not():
            return f"(not {expression(requirement.not_, known)})"
        case Question():
            return _leaf(requirement, known)


def _leaf(question: Question, known: Values) -> str:
    value = repr(known[question.fact]) if question.fact in known else question.fact
    if question.is_ is not None:
        return f"({value} == {question.is_!r})"
    if question.is_one_of:
        return f"({value} in {question.is_one_of!r})"
    if question.is_none_of:
        return f"({value} not in {question.is_none_of!r})"
    name, sign = next((name, sign) for name, sign in _SIGNS.items() if getattr(question, name) is not None)
    return f"({value} {sign} {getattr(question, name)!r})"


def outcomes(
    requirement: Requirement, known: Values, unknown: list[str], values: dict[str, tuple[Value, ...]]
) -> list[bool]:
    """Return the outcome of every completion; the first unknown fact changes slowest."""
    loops = " ".join(f"for {fact} in values[{fact!r}]" for fact in unknown)
    source = f"[bool({expression(requirement, known)}) {loops or 'for _ in (0,)'}]"
    return eval(source, {"values": values, "Decimal": Decimal})  # noqa: S307 - written above from our own data


def verdict(found: list[bool]) -> Status:
    """Met or not met when every completion says so."""
    if all(found):
        return Status.MET
    return Status.UNDOCUMENTED if any(found) else Status.NOT_MET


def smallest_sets(
    found: list[bool], unknown: list[str], values: dict[str, tuple[Value, ...]]
) -> set[frozenset[str]]:
    """Return every set of facts that is enough and has no smaller one inside it; none for a decided policy."""
    if verdict(found) is not Status.UNDOCUMENTED:
        return set()
    row = sum(1 << place for place, outcome in enumerate(reversed(found)) if outcome)
    enough = _enough({row}, len(found), [(fact, len(values[fact])) for fact in unknown], frozenset())
    smallest: set[frozenset[str]] = set()
    for facts in sorted(enough, key=len):
        if not any(smaller <= facts for smaller in smallest):
            smallest.add(facts)
    return smallest


def _enough(
    rows: set[int], size: int, left: list[tuple[str, int]], chosen: frozenset[str]
) -> list[frozenset[str]]:
    """Go through all sets: a fact is in the set, and then each value has its own row, or every value must be good."""
    rows = rows - {0}
    if not rows:
        return []
    if not left:
        return [chosen]
    (fact, choices), *others = left
    part = size // choices
    mask = (1 << part) - 1
    fixed, whatever = set(), set()
    for row in rows:
        parts = [row >> (part * place) & mask for place in range(choices)]
        fixed.update(parts)
        common = mask
        for one in parts:
            common &= one
        whatever.add(common)
    return _enough(fixed, part, others, chosen | {fact}) + _enough(whatever, part, others, chosen)
