"""Second opinion on an undecided policy: what holds however the unknown facts turn out, and what would decide it.

Kleene logic answers "undocumented" to "diabetic or not diabetic". Supervaluation asks every completion: a policy
that is met whatever the unknown facts turn out to be is met. The same table of completions gives the smallest
sets of facts that could settle the policy: a set is enough when some answers to it leave nothing else to matter.

A fact counts as one variable. Its possible values are put into cells, one for each different row of answers to
the questions asked of it, so that thresholds on the same number stay consistent with one another. Derived facts
count as independent of each other.

The table is one whole number with a bit for every completion; quantifying over a fact is shifting and masking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache, reduce
from itertools import pairwise

from priorauth.logic import answer
from schemas.assessment import Status
from schemas.base import FactKey
from schemas.policy import AllOf, AnyOf, AtLeast, Not, Question, Requirement, questions
from schemas.vocabulary import FactDefinition, FactKind


# 2^16 completions are a whole number of 8 KiB; past this the search is bounded and says so.
MOST_BITS = 16
MOST_SETS = 64

Known = Callable[[Question], Status]
"""Answers a question from the record: met, not met, or undocumented."""


@dataclass(frozen=True, slots=True)
class Variable:
    """An unknown fact with its cells: for each cell, the answers to the questions asked of the fact."""

    fact: FactKey
    asked: tuple[Question, ...]
    cells: tuple[tuple[bool, ...], ...]

    @property
    def bits(self) -> int:
        return max(1, (len(self.cells) - 1).bit_length())


@dataclass(frozen=True)
class Completions:
    """The table of a requirement over all completions of its unknown facts."""

    variables: tuple[Variable, ...]
    table: int
    size: int

    @property
    def status(self) -> Status:
        """Met or not met when every completion agrees, else undocumented."""
        if self.table == self.everything:
            return Status.MET
        return Status.NOT_MET if self.table == 0 else Status.UNDOCUMENTED

    @property
    def everything(self) -> int:
        return (1 << self.size) - 1

    @cached_property
    def offsets(self) -> Mapping[FactKey, range]:
        """The positions of every fact's bits in the number of a completion."""
        positions: dict[FactKey, range] = {}
        start = 0
        for variable in self.variables:
            positions[variable.fact] = range(start, start + variable.bits)
            start += variable.bits
        return positions

    def whatever(self, table: int, fact: FactKey) -> int:
        """Keep the completions that hold whatever the value of one fact is."""
        for position in self.offsets[fact]:
            low = _mask(position, self.size, set_=False)
            both = table & (table >> (1 << position)) & low
            table = both | (both << (1 << position))
        return table

    def smallest_sets(self) -> tuple[tuple[FactKey, ...], ...]:
        """Return all minimal sets of facts for which some answers make the requirement met, whatever the others are."""
        if self.status is not Status.UNDOCUMENTED:
            return ()
        facts = [variable.fact for variable in self.variables]
        everything = (1 << len(facts)) - 1
        # A set of facts is a number with a bit for each. Every set is worked out once, whichever way it is reached.
        enough = {everything: True}
        found: list[int] = []
        waiting = [(everything, self.table)]
        while waiting:
            kept, table = waiting.pop()
            smaller = [(place, kept ^ 1 << place) for place in range(len(facts)) if kept >> place & 1]
            for place, rest in smaller:
                if rest not in enough:
                    reduced = self.whatever(table, facts[place])
                    enough[rest] = reduced != 0
                    if reduced:
                        waiting.append((rest, reduced))
            if not any(enough[rest] for _, rest in smaller):
                found.append(kept)
        sets = [tuple(fact for place, fact in enumerate(facts) if kept >> place & 1) for kept in found]
        return tuple(sorted(sets, key=lambda chosen: (len(chosen), chosen)))


class TooManyUnknowns(ValueError):
    """More unknown facts than the exact search is made for."""


def completions(
    requirement: Requirement, known: Known, vocabulary: Mapping[FactKey, FactDefinition]
) -> Completions:
    """Tabulate a requirement over all completions of what is unknown; TooManyUnknowns beyond the exact bound."""
    variables = _variables(requirement, known, vocabulary)
    bits = sum(variable.bits for variable in variables)
    if bits > MOST_BITS:
        raise TooManyUnknowns(
            f"{len(variables)} facts are unknown; the smallest sets are searched for up to {MOST_BITS} yes-or-no facts"
        )
    size = 1 << bits
    tables: dict[Question, int] = {}
    start = 0
    for variable in variables:
        for place, question in enumerate(variable.asked):
            tables[question] = _question_table(variable, place, start, size)
        start += variable.bits
    everything = (1 << size) - 1

    def leaf(question: Question) -> int:
        if question in tables:
            return tables[question]
        return everything if known(question) is Status.MET else 0

    return Completions(variables, _table(requirement, leaf, everything), size)


def _table(requirement: Requirement, leaf: Callable[[Question], int], everything: int) -> int:
    match requirement:
        case Question():
            return leaf(requirement)
        case AllOf():
            return reduce(
                lambda left, right: left & right,
                (_table(part, leaf, everything) for part in requirement.all_of),
            )
        case AnyOf():
            return reduce(
                lambda left, right: left | right,
                (_table(part, leaf, everything) for part in requirement.any_of),
            )
        case AtLeast():
            return _at_least(
                requirement.at_least, [_table(part, leaf, everything) for part in requirement.of], everything
            )
        case Not():
            return everything ^ _table(requirement.not_, leaf, everything)


def _at_least(needed: int, tables: Sequence[int], everything: int) -> int:
    # reached[n]: completions in which at least n of the tables seen so far hold.
    reached = [everything] + [0] * needed
    for table in tables:
        for count in range(needed, 0, -1):
            reached[count] |= reached[count - 1] & table
    return reached[needed]


def _variables(
    requirement: Requirement, known: Known, vocabulary: Mapping[FactKey, FactDefinition]
) -> tuple[Variable, ...]:
    asked: dict[FactKey, dict[Question, None]] = {}
    for question in questions(requirement):
        if known(question) is Status.UNDOCUMENTED:
            asked.setdefault(question.fact, {})[question] = None
    return tuple(
        Variable(fact, tuple(group), _cells(tuple(group), vocabulary[fact]))
        for fact, group in sorted(asked.items())
    )


def _cells(asked: tuple[Question, ...], definition: FactDefinition) -> tuple[tuple[bool, ...], ...]:
    rows = (
        tuple(answer(question, value) for question in asked) for value in _sample_values(asked, definition)
    )
    return tuple(sorted(set(rows)))


def _sample_values(asked: Sequence[Question], definition: FactDefinition) -> Iterable[bool | Decimal | str]:
    """Return values of the fact that between them give every possible row of answers."""
    match definition.kind:
        case FactKind.YES_NO:
            return (False, True)
        case FactKind.CHOICE:
            return definition.choices
        case FactKind.NUMBER:
            bounds = sorted({bound for question in asked for bound in _bounds(question)})
            between = [(low + high) / 2 for low, high in pairwise(bounds)]
            return (bounds[0] - 1, *bounds, *between, bounds[-1] + 1)
        case FactKind.DATE | FactKind.TEXT:
            named = {
                word
                for question in asked
                for word in (question.is_, *question.is_one_of, *question.is_none_of)
                if isinstance(word, str)
            }
            return (*sorted(named), "something else")


def _bounds(question: Question) -> list[Decimal]:
    bounds = (question.at_least, question.more_than, question.at_most, question.less_than)
    return [bound for bound in bounds if bound is not None]


def _question_table(variable: Variable, place: int, start: int, size: int) -> int:
    """Tabulate one question: the completions in which the cell of its fact answers it with yes."""
    table = 0
    for code in range(1 << variable.bits):
        # Codes past the last cell repeat it, so that every completion stands for a possible value.
        if variable.cells[min(code, len(variable.cells) - 1)][place]:
            table |= reduce(
                lambda left, right: left & right,
                (_mask(start + bit, size, set_=bool(code >> bit & 1)) for bit in range(variable.bits)),
            )
    return table


@lru_cache(maxsize=1024)
def _mask(position: int, size: int, *, set_: bool) -> int:
    """Return the completions in which one bit is set, or is not."""
    block = (1 << (1 << position)) - 1
    period = 1 << (position + 1)
    pattern = block << (1 << position) if set_ else block
    while period < size:
        pattern |= pattern << period
        period *= 2
    return pattern
