"""EAN/PNS 2021: the level of certainty, from clinical criteria, conduction and supportive criteria together.

Whatever is undocumented is tried both ways: a level that comes out the same either way is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from priorauth.electrodiagnosis.bedside import cidp_supported, cidp_variants
from priorauth.electrodiagnosis.ean_pns_2021 import (
    RULE_SET,
    STRENGTHS,
    possible_strengths,
    strength,
    study_findings,
)
from priorauth.electrodiagnosis.explaining import studied_enough
from priorauth.electrodiagnosis.findings import Findings, Pair
from priorauth.electrodiagnosis.kleene import Answer
from priorauth.electrodiagnosis.nerves import Limb
from priorauth.electrodiagnosis.sensory import EXTENTS, fulfils_sensory_cidp
from priorauth.electrodiagnosis.study import Studied, studied
from priorauth.electrodiagnosis.supportive import DOCUMENTED_BY, supportive
from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Narrowed, Resolution, Unknown, facts_of
from priorauth.wording import capital, listed, slug_words
from schemas.base import FactKey
from schemas.provenance import provenance_of
from schemas.rule_set import RuleSet


LEVELS = ("not_cidp", "possible_cidp", "cidp")
_LEVEL_WORDS = {"not_cidp": "not CIDP", "possible_cidp": "possible CIDP", "cidp": "CIDP"}
_EXCLUDING = (
    "anti_mag",
    "nodal_antibody",
    "poems",
    "amyloidosis",
    "hereditary",
    "radiculoplexus",
    "infection",
    "toxic",
    "motor_neuron_disease",
    "vasculitis",
)
# The guideline takes these variants no further than possible CIDP.
_AT_MOST_POSSIBLE = ("sensory", "focal")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One complete set of answers. ``variant`` is None where the clinical criteria are not fulfilled."""

    variant: str | None
    motor: str
    sensory: str
    supportive: int
    response: bool
    enough_normal_sensory: bool
    sensory_cidp: bool


def level_of(evidence: Evidence, rules: RuleSet) -> str:
    """Return the level of certainty that complete evidence reaches."""
    if evidence.variant is None:
        return "not_cidp"
    base = _base_level(evidence)
    if base == "possible_cidp" and evidence.variant not in _AT_MOST_POSSIBLE:
        return "cidp" if _upgrades(evidence, rules) else base
    if base == "not_cidp" and evidence.variant == "typical" and evidence.response:
        others = evidence.supportive - 1
        enough = rules.cutoff("supportive_with_response_when_not_fulfilled").value
        return "possible_cidp" if others >= enough else base
    return base


def _base_level(evidence: Evidence) -> str:
    strong, weak = evidence.motor == "strongly_supportive", evidence.motor == "weakly_supportive"
    affected = EXTENTS.index(evidence.sensory)
    match evidence.variant:
        case "motor":
            normal = affected == 0 and evidence.enough_normal_sensory
            return ("cidp" if strong and normal else "possible_cidp") if strong or weak else "not_cidp"
        case "sensory" if not strong:
            return "possible_cidp" if affected and (weak or evidence.sensory_cidp) else "not_cidp"
        case "focal":
            return "possible_cidp" if affected and (strong or weak) else "not_cidp"
    if strong and affected == 2:
        return "cidp"
    return "possible_cidp" if affected and (strong or weak) else "not_cidp"


def _upgrades(evidence: Evidence, rules: RuleSet) -> bool:
    return evidence.supportive >= rules.cutoff("supportive_criteria_to_upgrade").value


def certainty(context: Context) -> Resolution:
    """Diagnostic certainty by EAN/PNS 2021: CIDP, possible CIDP, or neither."""
    found = studied(context)
    mimic = context.resolve("diagnosis.mimic")
    if isinstance(mimic, Known) and mimic.value in _EXCLUDING:
        return Known(
            "not_cidp",
            f"Not CIDP by EAN/PNS 2021, as another diagnosis excludes it. {mimic.reason}",
            mimic.facts,
        )
    clinical = cidp_supported(context)
    if isinstance(clinical, Known) and clinical.value is False:
        return Known("not_cidp", f"Not CIDP by EAN/PNS 2021. {clinical.reason}", clinical.facts)
    if isinstance(found, Unknown):
        return found
    rules = context.knowledge.rule_sets[RULE_SET]
    support = supportive(context)
    levels = {level_of(evidence, rules) for evidence in set(_completions(context, found, rules, support))}
    ordered = tuple(level for level in LEVELS if level in levels)
    parts = (clinical, context.resolve("edx.ean_pns_2021"), context.resolve("edx.ean_pns_2021_sensory"))
    words = _because(parts, support, rules)
    if provenance_of(rules, "levels").confidence.needs_verifying:
        words += ". Levels of certainty not verified"
    if len(ordered) == 1:
        return Known(
            ordered[0], f"{capital(_LEVEL_WORDS[ordered[0]])} by EAN/PNS 2021. {words}", facts_of(*parts)
        )
    result = listed([_LEVEL_WORDS[level] for level in ordered], "or")
    return Narrowed(
        f"Not decided by EAN/PNS 2021, {result}. {words}", _missing(parts, support), facts_of(*parts), ordered
    )


def _because(
    parts: tuple[Resolution, Resolution, Resolution], support: dict[str, Answer], rules: RuleSet
) -> str:
    clinical, motor, sensory = parts
    conduction = "; ".join(
        f"{name} conduction {slug_words(str(part.value)) if isinstance(part, Known) else 'not decided'}"
        for name, part in (("motor", motor), ("sensory", sensory))
    )
    present = [item.name.lower() for item in rules.items if support.get(item.id)]
    return f"{clinical.reason}; {conduction}; supportive criteria: {', '.join(present) or 'none documented'}"


def _completions(
    context: Context, found: Studied, rules: RuleSet, support: dict[str, Answer]
) -> Iterator[Evidence]:
    findings = study_findings(context)
    extents = _possible(context.resolve("edx.ean_pns_2021_sensory"), EXTENTS)
    normal_nerves = len({entry.nerve for entry in found.sensory})
    enough_normal = rules.cutoff("motor_variant_normal_sensory_nerves").passed_by(Decimal(normal_nerves))
    sensory_cidp = fulfils_sensory_cidp(found, rules)
    others = [answer for name, answer in support.items() if name != "S1"]
    counts = range(others.count(True), len(others) - others.count(False) + 1)
    responses = (False, True) if support["S1"] is None else (support["S1"],)
    for variant in _possible_variants(cidp_variants(context)):
        grades = _variant_strengths(variant, findings, found)
        for motor, extent, count, response in product(grades, extents, counts, responses):
            yield Evidence(variant, motor, extent, count + response, response, enough_normal, sensory_cidp)


def _possible_variants(variants: dict[str, Answer]) -> list[str | None]:
    fulfilled: list[str | None] = [variant for variant, answer in variants.items() if answer is True]
    if fulfilled:
        return fulfilled[:1]
    return [variant for variant, answer in variants.items() if answer is None] + [None]


def _variant_strengths(variant: str | None, findings: Findings, found: Studied) -> tuple[str, ...]:
    """Grade the motor findings as the variant asks: distal CIDP in arm nerves, multifocal CIDP in two limbs."""
    if variant not in ("distal", "multifocal"):
        return possible_strengths(findings, found)
    grade = _distal_strength if variant == "distal" else _multifocal_strength
    least = STRENGTHS.index(grade(findings, findings.shown))
    most = (
        STRENGTHS.index(grade(findings, findings.possible)) if studied_enough(found) else len(STRENGTHS) - 1
    )
    return STRENGTHS[least : most + 1]


def _distal_strength(findings: Findings, pairs: frozenset[Pair]) -> str:
    in_arms = frozenset(pair for pair in pairs if pair[1].limb is Limb.ARM)
    grade = strength(findings, in_arms)
    # Demyelination in the legs alone is less than distal CIDP asks for, but it is not nothing.
    return (
        grade
        if grade != "not_supportive" or not pairs
        else "weakly_supportive"
        if strength(findings, pairs) != "not_supportive"
        else grade
    )


def _multifocal_strength(findings: Findings, pairs: frozenset[Pair]) -> str:
    grade = strength(findings, pairs)
    limbs = {(nerve.limb, nerve.side) for _, nerve in pairs}
    return "weakly_supportive" if grade == "strongly_supportive" and len(limbs) < 2 else grade


def _possible(resolution: Resolution, everything: tuple[str, ...]) -> tuple[str, ...]:
    match resolution:
        case Known():
            return (str(resolution.value),)
        case Narrowed():
            return tuple(str(value) for value in resolution.possible)
        case Unknown():
            return everything


def _missing(parts: tuple[Resolution, ...], support: dict[str, Answer]) -> tuple[FactKey, ...]:
    from_parts = [key for part in parts if isinstance(part, Unknown) for key in part.missing]
    from_support = [key for name, answer in support.items() if answer is None for key in DOCUMENTED_BY[name]]
    return tuple(dict.fromkeys([*from_parts, *from_support]))


DERIVATIONS = {"edx.ean_pns_2021_certainty": certainty}
