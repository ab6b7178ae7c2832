"""Brighton levels of GBS: how far the documented evidence carries the diagnosis, 1 being the most certain.

The level grades the evidence there is, so evidence that is not documented lowers it and leaves nothing open; only
the clinical core must be documented before any level can be given.
"""

from __future__ import annotations

from decimal import Decimal

from priorauth.electrodiagnosis.bedside import gbs_criteria
from priorauth.electrodiagnosis.kleene import among, every
from priorauth.electrodiagnosis.supportive import number
from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Resolution, Unknown, facts_of


RULE_SET = "brighton_gbs"
_KEYS = (
    "weakness",
    "weakness_pattern",
    "limbs_affected",
    "reflexes",
    "course_pattern",
    "symptom_onset",
    "nadir",
)
NO_LEVEL = Decimal(4)
"""Reported as GBS, without the evidence for levels 1 to 3."""


def level(context: Context) -> Resolution:
    """Return the Brighton level, 1 to 3, or 4 where the clinical findings speak against it."""
    criteria = gbs_criteria(context)
    core = every(criteria.values())
    clinical = [context.resolve(key) for key in _KEYS]
    found = [resolution for resolution in clinical if isinstance(resolution, Known)]
    facts = facts_of(*found)
    mimic = context.resolve("diagnosis.mimic")
    other = isinstance(mimic, Known) and mimic.value != "none"
    if core is False or other:
        failed = [words for words, answer in criteria.items() if answer is False] + (
            ["another diagnosis"] if other else []
        )
        return Known(
            NO_LEVEL,
            f"Brighton: levels 1 to 3 not reached ({', '.join(failed)})",
            facts_of(Known(value=True, reason="", facts=facts), mimic),
        )
    if core is None:
        still_open = [words for words, answer in criteria.items() if answer is None]
        missing = tuple(
            key for key, resolution in zip(_KEYS, clinical, strict=True) if isinstance(resolution, Unknown)
        ) or ("reflexes",)
        return Unknown(f"Brighton: no level yet, not documented: {', '.join(still_open)}", missing, facts)
    return _graded(context, found)


def _graded(context: Context, clinical: list[Known]) -> Known:
    few = context.knowledge.rule_sets[RULE_SET].cutoff("csf_leucocytes_per_microlitre")
    cells = number(context.resolve("csf_cells"))
    fluid, study = (
        context.resolve("csf.albuminocytologic_dissociation"),
        context.resolve("edx.polyneuropathy"),
    )
    dissociation, consistent = among(fluid, True), among(study, True)
    few_cells = cells is not None and few.passed_by(cells)
    evidence = [part for part in (fluid, study) if isinstance(part, Known)]
    words = "; ".join(part.reason for part in [*clinical, *evidence])
    if dissociation and consistent:
        reached, because = 1, "clinical findings, CSF and nerve study"
    elif few_cells:
        reached, because = 2, "clinical findings and CSF with few cells"
    elif cells is None and consistent:
        reached, because = 2, "clinical findings and nerve study, CSF not documented"
    else:
        reached, because = 3, "clinical findings only, without supporting CSF or nerve study"
    return Known(
        Decimal(reached), f"Brighton level {reached}: {because}. {words}", facts_of(*clinical, *evidence)
    )


DERIVATIONS = {"gbs.brighton_level": level}
