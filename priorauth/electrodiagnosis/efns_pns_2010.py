"""EFNS/PNS 2010: definite, probable or possible electrodiagnostic CIDP."""

from __future__ import annotations

from collections.abc import Iterable

from priorauth.electrodiagnosis import demyelination
from priorauth.electrodiagnosis.ean_pns_2021 import all_items, deciding_items, nerves_words
from priorauth.electrodiagnosis.explaining import (
    explained,
    lacks_words,
    shown_words,
    studied_enough,
    undecided,
    witnesses,
)
from priorauth.electrodiagnosis.findings import Findings, Pair, findings_of, median_not_alone
from priorauth.electrodiagnosis.study import KEY, Recorded, motor_recordings, studied
from priorauth.facts.context import Context, once
from priorauth.facts.resolution import Known, Narrowed, Resolution, Unknown
from priorauth.wording import slug_words
from schemas.rule_set import RuleSet


RULE_SET = "efns_pns_2010"
DEFINITE_ITEMS = ("a", "b", "c", "d", "e-definite", "f", "g")
PROBABLE_ITEMS = ("a", "b", "c", "d", "e-probable", "f", "g")
MOTOR_ITEMS = ("a", "b", "c", "d", "e-definite", "e-probable", "f", "g")
# "As in definite, but in one nerve only"; an absent F-wave alone is no sign of demyelination.
_POSSIBLE_ITEMS = ("a", "b", "c", "e-definite", "f", "g")

LEVELS = ("not_fulfilled", "possible", "probable", "definite")
"""From least to most."""


def motor_findings(recorded: Iterable[Recorded], rules: RuleSet) -> Findings:
    """Judge the items of 2010 in every motor recording; block once for each of its two cut-offs."""
    left_out = {item.id: item.nerves_left_out for item in rules.items}
    judges = {
        "a": demyelination.distal_latency(rules),
        "b": demyelination.velocity(rules),
        "c": demyelination.f_wave_latency(rules),
        "d": demyelination.absent_f_waves(rules),
        "e-definite": demyelination.block(
            rules, "block_amplitude_fall_percent_definite", leaving_out=left_out["e-definite"]
        ),
        "e-probable": demyelination.block(
            rules, "block_amplitude_fall_percent_probable", leaving_out=left_out["e-probable"]
        ),
        "f": demyelination.dispersion(rules),
        "g": demyelination.distal_duration(rules),
    }
    return median_not_alone(findings_of(rules, judges, recorded), "a")


@once
def study_findings(context: Context) -> Findings:
    """Judge the motor items in the study that decides; without one nothing is found."""
    return motor_findings(motor_recordings(context), context.knowledge.rule_sets[RULE_SET])


def level(findings: Findings, pairs: frozenset[Pair]) -> str:
    """Grade a set of findings. Definite and probable block are one item with two cut-offs, never two findings."""
    if findings.fulfilled(DEFINITE_ITEMS, pairs):
        return "definite"
    if findings.fulfilled(PROBABLE_ITEMS, pairs):
        return "probable"
    return "possible" if any(item in _POSSIBLE_ITEMS for item, _ in pairs) else "not_fulfilled"


def motor(context: Context) -> Resolution:
    """Motor conduction by EFNS/PNS 2010."""
    found = studied(context)
    if isinstance(found, Unknown):
        return found
    rules = context.knowledge.rule_sets[RULE_SET]
    findings = study_findings(context)
    least = LEVELS.index(level(findings, findings.shown))
    most = LEVELS.index(level(findings, findings.possible)) if studied_enough(found) else len(LEVELS) - 1
    levels = LEVELS[least : most + 1]
    items = deciding_items(findings, PROBABLE_ITEMS if LEVELS[least] == "probable" else DEFINITE_ITEMS)
    facts = witnesses(findings, found, context, items)
    shown = shown_words(findings, items)
    if len(levels) > 1:
        because = ". ".join(filter(None, (shown, lacks_words(findings, found, MOTOR_ITEMS))))
        return Narrowed(
            explained(
                rules.title, undecided(levels, LEVELS), found, because=because, rules=rules, items=items
            ),
            (KEY,),
            facts,
            levels,
        )
    because = shown or f"no motor item in {nerves_words(found)}"
    return Known(
        levels[0],
        explained(
            rules.title,
            slug_words(levels[0]),
            found,
            because=because,
            rules=rules,
            items=items or all_items(rules, DEFINITE_ITEMS),
        ),
        facts,
    )


DERIVATIONS = {"edx.efns_pns_2010": motor}
