"""EAN/PNS 2021: whether motor conduction supports CIDP strongly, weakly or not at all."""

from __future__ import annotations

from collections.abc import Iterable

from priorauth.electrodiagnosis import demyelination
from priorauth.electrodiagnosis.explaining import (
    explained,
    lacks_words,
    shown_words,
    studied_enough,
    undecided,
    witnesses,
)
from priorauth.electrodiagnosis.findings import Findings, Pair, findings_of, median_not_alone
from priorauth.electrodiagnosis.study import KEY, Recorded, Studied, motor_recordings, studied
from priorauth.facts.context import Context, once
from priorauth.facts.resolution import Known, Narrowed, Resolution, Unknown
from priorauth.wording import listed, slug_words
from schemas.rule_set import RuleItem, RuleSet


RULE_SET = "ean_pns_2021"
MOTOR_ITEMS = ("M-a", "M-b", "M-c", "M-d", "M-e", "M-f", "M-g")
# An absent F-wave alone is no sign of demyelination: the guideline asks for another finding beside it.
_WEAK_ITEMS = tuple(item for item in MOTOR_ITEMS if item != "M-d")

STRENGTHS = ("not_supportive", "weakly_supportive", "strongly_supportive")
"""From least to most."""


def motor_findings(
    recorded: Iterable[Recorded], rules: RuleSet, items: Iterable[str] = MOTOR_ITEMS
) -> Findings:
    """Judge the motor items in every motor recording: all seven, or those asked for."""
    judges = {
        "M-a": demyelination.distal_latency(rules),
        "M-b": demyelination.velocity(rules),
        "M-c": demyelination.f_wave_latency(rules),
        "M-d": demyelination.absent_f_waves(rules),
        "M-e": demyelination.block(
            rules, "block_amplitude_fall_percent", leaving_out=_left_out(rules, "M-e")
        ),
        "M-f": demyelination.dispersion(rules),
        "M-g": demyelination.distal_duration(rules),
    }
    asked = {item: judges[item] for item in items}
    return median_not_alone(findings_of(rules, asked, recorded), "M-a")


@once
def study_findings(context: Context) -> Findings:
    """Judge the motor items in the study that decides; without one nothing is found."""
    return motor_findings(motor_recordings(context), context.knowledge.rule_sets[RULE_SET])


def strength(findings: Findings, pairs: frozenset[Pair]) -> str:
    """Grade a set of findings: an item fulfilled in the nerves it asks for, a finding in fewer, or none."""
    if findings.fulfilled(MOTOR_ITEMS, pairs):
        return "strongly_supportive"
    return "weakly_supportive" if any(item in _WEAK_ITEMS for item, _ in pairs) else "not_supportive"


def possible_strengths(findings: Findings, found: Studied) -> tuple[str, ...]:
    """List the grades the values leave open, from least to most."""
    least = STRENGTHS.index(strength(findings, findings.shown))
    most = STRENGTHS.index(strength(findings, findings.possible))
    # Too small a study can miss anything, but what it shows it shows.
    if not studied_enough(found):
        most = len(STRENGTHS) - 1
    return STRENGTHS[least : most + 1]


def motor(context: Context) -> Resolution:
    """Motor conduction by EAN/PNS 2021."""
    found = studied(context)
    if isinstance(found, Unknown):
        return found
    rules = context.knowledge.rule_sets[RULE_SET]
    findings = study_findings(context)
    grades = possible_strengths(findings, found)
    items = deciding_items(findings, MOTOR_ITEMS)
    facts = witnesses(findings, found, context, items)
    shown = shown_words(findings, items)
    if len(grades) > 1:
        open_words = lacks_words(findings, found, MOTOR_ITEMS)
        reason = explained(
            rules.title,
            f"motor conduction {undecided(grades, STRENGTHS)}",
            found,
            because=". ".join(filter(None, (shown, open_words))),
            rules=rules,
            items=items,
        )
        return Narrowed(reason, (KEY,), facts, grades)
    because = shown or f"no motor item in {nerves_words(found)}"
    return Known(
        grades[0],
        explained(
            rules.title,
            f"motor conduction {slug_words(grades[0])}",
            found,
            because=because,
            rules=rules,
            items=items or all_items(rules, MOTOR_ITEMS),
        ),
        facts,
    )


def deciding_items(findings: Findings, item_ids: Iterable[str]) -> list[RuleItem]:
    """Return the items fulfilled outright, or, where none is, those found in any nerve."""
    considered = tuple(item_ids)
    fulfilled = findings.fulfilled(considered, findings.shown)
    if not fulfilled:
        seen = {item for item, _ in findings.shown}
        return [findings.item(item) for item in considered if item in seen]
    # A fulfilled item may rest on other findings beside it; they are named too.
    seen = (
        {item for item, _ in findings.shown}
        if any(way.with_other_findings for item in fulfilled for way in item.ways)
        else set()
    )
    ids = {item.id for item in fulfilled} | seen
    return [findings.item(item) for item in considered if item in ids]


def all_items(rules: RuleSet, item_ids: Iterable[str]) -> list[RuleItem]:
    """Return items by id, in the order of the rule set."""
    wanted = set(item_ids)
    return [item for item in rules.items if item.id in wanted]


def nerves_words(found: Studied) -> str:
    """Name the motor nerves studied."""
    return (
        listed([nerve.words for nerve in sorted({entry.nerve for entry in found.motor})]) or "no motor nerve"
    )


def _left_out(rules: RuleSet, item_id: str) -> tuple[str, ...]:
    return next(item.nerves_left_out for item in rules.items if item.id == item_id)


DERIVATIONS = {"edx.ean_pns_2021": motor}
