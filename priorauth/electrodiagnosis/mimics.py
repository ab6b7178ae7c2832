"""Mimics: what else the findings may be, which of it is excluded, and what was looked for.

A mimic that is found is reported at once. "None" needs more than silence: the usual mimics of the condition must have
been looked for, and nothing found may point to one. Diabetes alone excludes nothing.
"""

from __future__ import annotations

from priorauth.electrodiagnosis.kleene import among
from priorauth.electrodiagnosis.suspects import Suspect, pointed_to, suspects_of
from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Narrowed, Resolution, Unknown, facts_of
from priorauth.wording import capital, choice_words, listed, slug_words
from schemas.base import ConditionId, FactKey


_LOOKED_FOR: tuple[tuple[str, tuple[FactKey, ...]], ...] = (
    ("HbA1c", ("hba1c", "diabetes")),
    ("vitamin B12", ("vitamin_b12",)),
    ("serum immunofixation", ("immunofixation_normal", "paraprotein")),
)
"""The usual tests, each with the facts that document it."""


def mimic(context: Context) -> Resolution:
    """The mimic that is found, "none" where the usual ones were looked for, or unknown with what to test."""
    suspects = suspects_of(context)
    found = [suspect for suspect in suspects if suspect.present]
    if found:
        first, *more = [
            choice_words(suspect.mimic, context.definition("diagnosis.mimic")) for suspect in found
        ]
        others = f" (also: {listed(more)})" if more else ""
        reason = f"{capital(first)}{others}: {found[0].because}"
        return Known(
            found[0].mimic,
            reason,
            facts_of(*(Known(value=True, reason="", facts=suspect.facts) for suspect in found)),
        )
    still_open = [
        *_not_looked_for(context),
        *(
            key
            for suspect in suspects
            if suspect.present is None and pointed_to(suspect, context)
            for key in suspect.keys
        ),
    ]
    excluded = {suspect.mimic for suspect in suspects if suspect.present is False}
    if not still_open:
        looked = mimics_looked_for(context)
        reason = f"No mimic found: {_exclusion_words(suspects)}" + (
            f". {looked.reason}" if isinstance(looked, Known) else ""
        )
        return Known(
            "none",
            reason,
            facts_of(
                looked,
                *(
                    Known(value=False, reason="", facts=suspect.facts)
                    for suspect in suspects
                    if suspect.present is False
                ),
            ),
        )
    missing = tuple(dict.fromkeys(still_open))
    possible = tuple(
        choice for choice in context.definition("diagnosis.mimic").choices if choice not in excluded
    )
    asks = list(dict.fromkeys(context.definition(key).title for key in missing))
    return Narrowed(
        f"No mimic is documented, but not enough was looked for: {', '.join(asks)}", missing, (), possible
    )


def mimics_looked_for(context: Context) -> Resolution:
    """Whether the usual tests for mimics were made, whatever they found."""
    found, missing = [], []
    for test, keys in _LOOKED_FOR:
        known = [resolution for resolution in map(context.resolve, keys) if isinstance(resolution, Known)]
        if known:
            found.append(known[0])
        else:
            missing.append((test, keys[0]))
    if missing:
        return Unknown(
            f"Not documented: {listed([test for test, _ in missing])}",
            tuple(key for _, key in missing),
            facts_of(*found),
        )
    return Known(
        value=True, reason="; ".join(resolution.reason for resolution in found), facts=facts_of(*found)
    )


def _not_looked_for(context: Context) -> tuple[FactKey, ...]:
    """Return what must be documented in this condition before "none" can be said."""
    match context.case.condition:
        case ConditionId.MMN:
            keys: tuple[FactKey, ...] = ("upper_motor_neuron_signs", "bulbar_signs", "sensory_loss")
        case ConditionId.GBS:
            keys = ("sensory_level", "sphincter_disturbance")
        case _:
            looked = mimics_looked_for(context)
            abnormal = among(context.resolve("immunofixation_normal"), False)
            typed = isinstance(context.resolve("paraprotein"), Known)
            return (
                *(looked.missing if isinstance(looked, Unknown) else ()),
                *(("paraprotein",) if abnormal and not typed else ()),
            )
    return tuple(key for key in keys if isinstance(context.resolve(key), Unknown))


def _exclusion_words(suspects: list[Suspect]) -> str:
    excluded = [slug_words(suspect.mimic) for suspect in suspects if suspect.present is False]
    return (
        f"{', '.join(dict.fromkeys(excluded))} excluded" if excluded else "nothing documented points to one"
    )


DERIVATIONS = {"diagnosis.mimic": mimic, "diagnosis.mimics_looked_for": mimics_looked_for}
