"""MMN: definite, probable or possible by EFNS/PNS 2010, from clinical criteria, block and sensory conduction."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import product

from priorauth.electrodiagnosis.bedside import mmn_criteria, mmn_supported
from priorauth.electrodiagnosis.kleene import Answer, among, every
from priorauth.electrodiagnosis.mmn import RULE_SET, block_findings
from priorauth.electrodiagnosis.nerves import Limb, Nerve
from priorauth.electrodiagnosis.sensory import sensory_findings, sensory_normal_in
from priorauth.electrodiagnosis.study import KEY, Studied, studied
from priorauth.electrodiagnosis.supportive import number
from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Narrowed, Resolution, Unknown, facts_of
from priorauth.wording import capital, listed
from schemas.rule_set import RuleSet


CATEGORIES = ("not_mmn", "possible", "probable", "definite")
_CATEGORY_WORDS = {
    "not_mmn": "not MMN",
    "possible": "possible MMN",
    "probable": "probable MMN",
    "definite": "definite MMN",
}
_NERVES = "two nerves or more"


def category_of(
    *,
    core: bool,
    two_nerves: bool,
    definite: int,
    probable: int,
    sensory_normal: bool,
    support: int,
    response: bool,
    rules: RuleSet,
) -> str:
    """Return the category that complete evidence reaches. Blocks are counted with normal sensory conduction (E3)."""
    if not core:
        return "not_mmn"
    any_block = rules.cutoff("probable_nerves_with_support").passed_by(Decimal(definite + probable))
    if two_nerves:
        if rules.cutoff("definite_nerves").passed_by(Decimal(definite)):
            return "definite"
        in_two = rules.cutoff("probable_nerves").passed_by(Decimal(probable))
        if in_two or (any_block and rules.cutoff("probable_supportive_criteria").passed_by(Decimal(support))):
            return "probable"
        return "possible" if sensory_normal and response else "not_mmn"
    return "possible" if any_block or (sensory_normal and response) else "not_mmn"


def category(context: Context) -> Resolution:
    """Diagnostic category of MMN. What is undocumented is tried both ways."""
    clinical = mmn_criteria(context)
    excluded = [words for words, answer in clinical.items() if answer is False and words != _NERVES]
    supported = mmn_supported(context)
    if excluded:
        return Known(
            "not_mmn",
            f"Not MMN by EFNS/PNS 2010 ({', '.join(excluded)}). {supported.reason}",
            supported.facts,
        )
    found = studied(context)
    if isinstance(found, Unknown):
        return found
    rules = context.knowledge.rule_sets[RULE_SET]
    levels = set(_completions(context, found, rules, clinical))
    ordered = tuple(level for level in CATEGORIES if level in levels)
    block = context.resolve("edx.mmn_block")
    words = f"{supported.reason}. {block.reason}"
    facts = facts_of(supported, block)
    if len(ordered) == 1:
        return Known(ordered[0], f"{capital(_CATEGORY_WORDS[ordered[0]])} by EFNS/PNS 2010. {words}", facts)
    missing = [key for part in (supported, block) if isinstance(part, Unknown) for key in part.missing]
    result = listed([_CATEGORY_WORDS[level] for level in ordered], "or")
    return Narrowed(
        f"Not decided by EFNS/PNS 2010, {result}. {words}",
        tuple(dict.fromkeys([*missing, KEY])),
        facts,
        ordered,
    )


def _completions(
    context: Context, found: Studied, rules: RuleSet, clinical: dict[str, Answer]
) -> Iterator[str]:
    support = {
        "S1": among(context.resolve("anti_gm1"), "raised"),
        "S2": _low_protein(context, rules),
        "S3": among(context.resolve("mri_roots_or_plexus"), True),
        "S4": among(context.resolve("response.improved_since_baseline"), True),
    }
    core = every(answer for words, answer in clinical.items() if words != _NERVES)
    open_support = [name for name, answer in support.items() if answer is None]
    choices = product(
        _both(core),
        _both(clinical[_NERVES]),
        _counts(found, rules),
        _both(among(context.resolve("edx.sensory_normal"), True)),
        product((False, True), repeat=len(open_support)),
    )
    for core_yes, two, (definite, probable), sensory, chosen in choices:
        present = {name for name, answer in support.items() if answer} | {
            name for name, yes in zip(open_support, chosen, strict=True) if yes
        }
        yield category_of(
            core=core_yes,
            two_nerves=two,
            definite=definite,
            probable=probable,
            sensory_normal=sensory,
            support=len(present),
            response="S4" in present,
            rules=rules,
        )


def _counts(found: Studied, rules: RuleSet) -> list[tuple[int, int]]:
    """Count definite and merely probable blocks with normal sensory conduction: as shown, and at the most possible."""
    findings = block_findings(found.motor, rules)
    sensory = sensory_findings(found.sensory, rules)

    def counted(pairs: frozenset[tuple[str, Nerve]], *, unknown_counts: bool) -> tuple[int, int]:
        kept = {
            pair
            for pair in pairs
            if _sensory_allows(pair[1], sensory_normal_in(pair[1], sensory), unknown_counts=unknown_counts)
        }
        definite = {nerve for item, nerve in kept if item == "E1"}
        return len(definite), len({nerve for item, nerve in kept if item == "E2"} - definite)

    return sorted(
        {counted(findings.shown, unknown_counts=False), counted(findings.possible, unknown_counts=True)}
    )


def _sensory_allows(nerve: Nerve, normal: Answer, *, unknown_counts: bool) -> bool:
    # The rule asks for normal sensory conduction in arm segments with block; of the legs it asks nothing.
    if nerve.limb is Limb.LEG:
        return True
    return unknown_counts if normal is None else normal


def _low_protein(context: Context, rules: RuleSet) -> Answer:
    protein = number(context.resolve("csf_protein"))
    return None if protein is None else rules.cutoff("csf_protein_g_per_l").passed_by(protein / 100)


def _both(answer: Answer) -> tuple[bool, ...]:
    return (False, True) if answer is None else (answer,)


DERIVATIONS = {"edx.mmn_category": category}
