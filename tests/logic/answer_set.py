"""A policy as an answer set program: a second, independent judge for policies too large to try every completion."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, product

import clingo

from schemas.assessment import Status
from schemas.policy import AllOf, AnyOf, AtLeast, Not, Question, Requirement
from tests.logic.brute_force import Value, Values
from tests.logic.random_policies import holds


class Program:
    """Known facts are facts, unknown ones are free choices; ``holds`` is true in the worlds that meet the policy."""

    def __init__(
        self,
        requirement: Requirement,
        known: Values,
        unknown: list[str],
        values: dict[str, tuple[Value, ...]],
    ) -> None:
        self._values = {
            **{fact: (value,) for fact, value in known.items()},
            **{f: values[f] for f in unknown},
        }
        self._numbers = count()
        lines = [
            f"1 {{ {'; '.join(f'value({fact},{place})' for place in range(len(self._values[fact])))} }} 1."
            for fact in self._values
        ]
        top = self._node(requirement, lines)
        lines.append(f"holds :- {top}.")
        self._control = clingo.Control(["--warn=none"])
        self._control.add("base", [], "\n".join(lines))
        self._control.ground([("base", [])])

    def _node(self, requirement: Requirement, lines: list[str]) -> str:
        name = f"node({next(self._numbers)})"
        match requirement:
            case AllOf():
                lines.append(
                    f"{name} :- {', '.join(self._node(part, lines) for part in requirement.all_of)}."
                )
            case AnyOf():
                lines += [f"{name} :- {self._node(part, lines)}." for part in requirement.any_of]
            case AtLeast():
                parts = "; ".join(
                    f"{place} : {self._node(part, lines)}" for place, part in enumerate(requirement.of)
                )
                lines.append(f"{name} :- #count {{ {parts} }} >= {requirement.at_least}.")
            case Not():
                lines.append(f"{name} :- not {self._node(requirement.not_, lines)}.")
            case Question():
                lines += [
                    f"{name} :- value({requirement.fact},{place})."
                    for place, value in enumerate(self._values[requirement.fact])
                    if holds(requirement, {requirement.fact: value})
                ]
        return name

    def _possible(self, outcome: bool, chosen: dict[str, int] | None = None) -> bool:
        """Whether some world with the chosen values has the outcome."""
        fixed = [
            (clingo.Function("value", [clingo.Function(fact), clingo.Number(place)]), True)
            for fact, place in (chosen or {}).items()
        ]
        return bool(
            self._control.solve(assumptions=[(clingo.Function("holds"), outcome), *fixed]).satisfiable
        )

    def verdict(self) -> Status:
        if not self._possible(False):
            return Status.MET
        return Status.UNDOCUMENTED if self._possible(True) else Status.NOT_MET

    def is_enough(self, facts: frozenset[str]) -> bool:
        """Whether some values of the facts leave no world in which the policy is not met."""
        return any(not self._possible(False, chosen) for chosen in self._choices(facts))

    def _choices(self, facts: frozenset[str]) -> Iterator[dict[str, int]]:
        names = sorted(facts)
        for places in product(*(range(len(self._values[fact])) for fact in names)):
            yield dict(zip(names, places, strict=True))
