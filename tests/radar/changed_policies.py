"""Every kind of change that a new version of a policy can bring, made from a shipped profile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from schemas.policy import CoveragePolicy


Entries = dict[str, Any]
_NUMBERS = ("at_least", "more_than", "at_most", "less_than")


def changed_versions(policy: CoveragePolicy) -> Iterator[tuple[str, CoveragePolicy]]:
    """Change one thing at a time; the name says what."""
    entries = policy.model_dump()
    for path, criteria in _lists_of_criteria(entries):
        for place, criterion in enumerate(criteria):
            name = criterion["id"]
            if len(criteria) > 1 or path[-1] != "criteria":
                yield f"without {name}", _version(policy, path, criteria[:place] + criteria[place + 1 :])
            for what, changed in _changed_criteria(criterion):
                yield (
                    f"{name} {what}",
                    _version(policy, path, [*criteria[:place], changed, *criteria[place + 1 :]]),
                )
    for what, path, value in _other_changes(entries):
        yield what, _version(policy, path, value)


def _lists_of_criteria(entries: Entries) -> Iterator[tuple[tuple[str, ...], list[Entries]]]:
    for name in ("exclusions", "site_of_care"):
        yield (name,), list(entries[name])
    for condition, rules in entries["conditions"].items():
        for phase in ("initiation", "continuation"):
            if rules[phase]:
                yield ("conditions", condition, phase, "criteria"), list(rules[phase]["criteria"])


def _changed_criteria(criterion: Entries) -> Iterator[tuple[str, Entries]]:
    yield "reversed", {**criterion, "require": {"not": criterion["require"]}}
    yield "only advises", {**criterion, "if_not_met": "advise"}
    yield (
        "asked of orders with a product alone",
        {
            **criterion,
            "applies_when": {"fact": "request.product", "is": "privigen"},
        },
    )
    moved = _with_moved_numbers(criterion["require"])
    if moved != criterion["require"]:
        yield "with another threshold", {**criterion, "require": moved}


def _with_moved_numbers(requirement: Any) -> Any:
    match requirement:
        case dict():
            return {
                key: value + 1
                if key in _NUMBERS and isinstance(value, Decimal)
                else _with_moved_numbers(value)
                for key, value in requirement.items()
            }
        case list() | tuple():
            return [_with_moved_numbers(part) for part in requirement]
        case _:
            return requirement


def _other_changes(entries: Entries) -> Iterator[tuple[str, tuple[str, ...], Any]]:
    yield "another rounding", ("rounding_percent",), Decimal(3)
    yield "another dosing weight", ("dosing_weight",), "adjusted_when_obese"
    yield "no authorization in the infusion suite", ("no_authorization_at",), ["infusion_suite"]
    yield "no authorization at all", ("no_authorization_at_all",), True
    yield "another preferred product", ("products", "preferred"), ["octagam_10"]
    yield "a product not covered", ("products", "not_covered"), ["gammagard_liquid", "privigen"]
    yield "another specialty", ("prescriber_specialties",), ["rheumatology"]
    yield "an earliest day of renewal", ("renewal_earliest_days",), 10
    for condition, rules in entries["conditions"].items():
        yield f"{condition}: another code", ("conditions", condition, "icd10"), ["G61.89"]
        yield (
            f"{condition}: a lower dose",
            ("conditions", condition, "dose_limits", "loading_g_per_kg"),
            Decimal(1),
        )
        yield (
            f"{condition}: a lower dose in 28 days",
            (("conditions", condition, "dose_limits", "g_per_kg_per_28_days"),)[0],
            Decimal("0.5"),
        )
        for phase in ("initiation", "continuation"):
            if rules[phase]:
                yield (
                    f"{condition}, {phase}: a shorter approval",
                    ("conditions", condition, phase, "approval_months"),
                    Decimal(1),
                )
        if rules["continuation"]:
            yield (
                f"{condition}: no continuation",
                ("conditions", condition),
                {
                    **rules,
                    "continuation": None,
                    "not_renewable": "No longer renewed",
                },
            )
        if len(entries["conditions"]) > 1:
            yield (
                f"without {condition}",
                ("conditions",),
                {name: other for name, other in entries["conditions"].items() if name != condition},
            )


def _version(policy: CoveragePolicy, path: tuple[str, ...], value: Any) -> CoveragePolicy:
    entries = policy.model_dump()
    place = entries
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    entries["effective_from"] = policy.effective_from + timedelta(days=90)
    entries["version"] = "next"
    return CoveragePolicy.model_validate(entries)
