"""Dated rules that would both govern the same request on the same day, so that chance would choose between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import combinations
from typing import TypeVar

from priorauth.yaml_source import Problem, YamlFile, YamlPath
from schemas.regulation import AppealWindow, DecisionTimeframe, Regulation


Places = Mapping[tuple[str, str], tuple[YamlFile, YamlPath]]
Rule = TypeVar("Rule", bound=Regulation)


def regulation_problems(
    places: Places, *, timeframes: Mapping[str, DecisionTimeframe], windows: Mapping[str, AppealWindow]
) -> list[Problem]:
    """Return every pair of rules that claim the same request on the same day."""
    return [
        *_clashes("decision_timeframes", timeframes, places=places, same_request=_same_clock),
        *_clashes("appeal_windows", windows, places=places, same_request=_same_level),
    ]


def _clashes(
    kind: str, rules: Mapping[str, Rule], *, places: Places, same_request: Callable[[Rule, Rule], bool]
) -> Iterator[Problem]:
    for one, other in combinations(rules.values(), 2):
        shares_plans = bool(set(one.lines_of_business) & set(other.lines_of_business))
        if (
            shares_plans
            and one.state == other.state
            and _in_force_together(one, other)
            and same_request(one, other)
        ):
            file, at = places[kind, other.id]
            found = f"a rule that governs the same request on the same day as '{one.id}'"
            mend = "Set effective_to of the earlier one to the day before, or divide their lines of business."
            yield Problem(file.name, file.line_of(at), other.id, found, "one rule a day", mend)


def _in_force_together(one: Regulation, other: Regulation) -> bool:
    latest_start = max(rule.effective_from or date.min for rule in (one, other))
    return one.in_force_on(latest_start) and other.in_force_on(latest_start)


def _same_clock(one: DecisionTimeframe, other: DecisionTimeframe) -> bool:
    pairs = ((one.kinds, other.kinds), (one.urgencies, other.urgencies), (one.benefits, other.benefits))
    return all(set(mine) & set(theirs) for mine, theirs in pairs)


def _same_level(one: AppealWindow, other: AppealWindow) -> bool:
    return one.level == other.level and bool(set(one.benefits) & set(other.benefits))
