"""MMN: conduction block by EFNS/PNS 2010, the stricter rule of two nerves, and the diagnostic category."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from priorauth.electrodiagnosis.demyelination import Judge, dispersion, passed
from priorauth.electrodiagnosis.explaining import (
    explained,
    lacks_words,
    shown_words,
    studied_enough,
    undecided,
    witnesses,
)
from priorauth.electrodiagnosis.findings import Findings, Judged, Seen, findings_of, judged_by, strongest
from priorauth.electrodiagnosis.measured import Stretch
from priorauth.electrodiagnosis.nerves import Limb, Nerve
from priorauth.electrodiagnosis.study import KEY, Recorded, studied
from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Narrowed, Resolution, Unknown
from priorauth.wording import listed
from schemas.rule_set import RuleSet


RULE_SET = "efns_pns_2010_mmn"
TWO_NERVES = "aaem_2003_mmn"
DISPERSION_IN, DISPERSION = "efns_pns_2010", "f"
ITEMS = ("E1", "E2")
_DEFINITE_NERVES = ("median", "ulnar", "fibular")

# No guideline says how many nerves to search. Two is the least the routine search of median and ulnar nerve gives.
NERVES_SEARCHED_FOR_A_NEGATIVE = 2

BLOCKS = ("none", "probable", "definite")
"""From least to most."""


def block_findings(recorded: Iterable[Recorded], rules: RuleSet) -> Findings:
    """Judge definite and probable motor block in every motor recording, away from sites of entrapment."""
    return findings_of(rules, {"E1": _definite(rules), "E2": _probable(rules)}, recorded)


def block(context: Context) -> Resolution:
    """The best grade of motor conduction block in any nerve."""
    found = studied(context)
    if isinstance(found, Unknown):
        return found
    rules = context.knowledge.rule_sets[RULE_SET]
    findings = block_findings(found.motor, rules)
    least = max((_grade(item) for item, _ in findings.shown), default=0)
    most = (
        max((_grade(item) for item, _ in findings.possible), default=0)
        if studied_enough(found, NERVES_SEARCHED_FOR_A_NEGATIVE)
        else 2
    )
    items = [findings.item(item) for item in ITEMS if any(item == name for name, _ in findings.shown)]
    facts, shown = witnesses(findings, found, context, items), shown_words(findings, items)
    grades = BLOCKS[least : max(most, least) + 1]
    if len(grades) > 1:
        because = ". ".join(
            filter(None, (shown, lacks_words(findings, found, ITEMS, needed=NERVES_SEARCHED_FOR_A_NEGATIVE)))
        )
        return Narrowed(
            explained(
                rules.title,
                undecided(grades, BLOCKS),
                found,
                because=because,
                rules=rules,
                items=items,
            ),
            (KEY,),
            facts,
            grades,
        )
    because = shown or f"no fall of area that counts in {_searched(findings)}"
    return Known(
        grades[0],
        explained(
            rules.title,
            f"{grades[0]} block" if grades[0] != "none" else "no block",
            found,
            because=because,
            rules=rules,
            items=items,
        ),
        facts,
    )


def nerves_with_block(context: Context) -> Resolution:
    """Count the motor nerves with definite or probable block outside sites of entrapment.

    While values are missing the count is known only once the rule of two nerves is decided either way.
    """
    found = studied(context)
    if isinstance(found, Unknown):
        return found
    rules = context.knowledge.rule_sets[RULE_SET]
    needed = context.knowledge.rule_sets[TWO_NERVES].cutoff("block_nerves")
    findings = block_findings(found.motor, rules)
    shown = sorted({nerve for _, nerve in findings.shown})
    count = Decimal(len(shown))
    at_most = Decimal(len({nerve for _, nerve in findings.possible}))
    items = [findings.item(item) for item in ITEMS if any(item == name for name, _ in findings.shown)]
    facts, values = witnesses(findings, found, context, items), shown_words(findings, items)
    undecided = needed.passed_by(at_most) or not studied_enough(found, NERVES_SEARCHED_FOR_A_NEGATIVE)
    if not needed.passed_by(count) and undecided:
        because = ". ".join(
            filter(None, (values, lacks_words(findings, found, ITEMS, needed=NERVES_SEARCHED_FOR_A_NEGATIVE)))
        )
        return Unknown(
            explained(
                rules.title,
                f"block shown in {count} nerves",
                found,
                because=because,
                rules=rules,
                items=items,
            ),
            (KEY,),
            facts,
        )
    because = values or f"no fall of area that counts in {_searched(findings)}"
    return Known(
        count,
        explained(
            rules.title,
            f"block in {count} nerve{'' if count == 1 else 's'}",
            found,
            because=because,
            rules=rules,
            items=items,
        ),
        facts,
    )


def nerves_with_block_or_dispersion(context: Context) -> Resolution:
    """Count the motor nerves with block, or with the dispersion of EFNS/PNS 2010, as a payer's list words it.

    Where the nerves with block alone decide, dispersion is not looked at.
    """
    blocked = context.resolve("edx.mmn_nerves_with_block")
    needed = context.knowledge.rule_sets[TWO_NERVES].cutoff("block_nerves")
    if isinstance(blocked, Known) and needed.passed_by(blocked.number):
        return blocked
    found = studied(context)
    if isinstance(found, Unknown):
        return found
    rules, spread_rules = context.knowledge.rule_sets[RULE_SET], context.knowledge.rule_sets[DISPERSION_IN]
    judge = dispersion(spread_rules)
    spread = findings_of(spread_rules, {DISPERSION: judge}, found.motor)
    block_pairs = block_findings(found.motor, rules)
    shown = {nerve for _, nerve in (*block_pairs.shown, *spread.shown)}
    possible = {nerve for _, nerve in (*block_pairs.possible, *spread.possible)}
    items = [spread.item(DISPERSION)] if spread.shown else []
    facts = tuple(dict.fromkeys((*blocked.facts, *witnesses(spread, found, context, items))))
    words = f"{blocked.reason}. Dispersion: {shown_words(spread, items) or 'none shown'}"
    undecided = needed.passed_by(Decimal(len(possible)))
    if not needed.passed_by(Decimal(len(shown))) and (undecided or isinstance(blocked, Unknown)):
        return Unknown(words, (KEY,), facts)
    return Known(Decimal(len(shown)), f"{words}; block or dispersion in {len(shown)} nerves", facts)


def blocked_nerves(findings: Findings, item: str) -> list[Nerve]:
    """Return the nerves that show block of one grade."""
    return sorted(nerve for name, nerve in findings.shown if name == item)


def _definite(rules: RuleSet) -> Judge:
    def judge(recorded: Recorded) -> Judged:
        if recorded.nerve.name not in _DEFINITE_NERVES:
            return Judged(Seen.LEFT_OUT)
        return strongest(
            _large_enough(
                stretch, rules, _fall(stretch, rules, "definite_block_area_fall_percent", compact=True)
            )
            for stretch in recorded.stretches
        )

    return judge


def _probable(rules: RuleSet) -> Judge:
    def judge(recorded: Recorded) -> Judged:
        nerve = recorded.nerve
        if nerve.name == "tibial":
            return Judged(Seen.LEFT_OUT)
        judged = []
        for stretch in recorded.stretches:
            long_arm = nerve.limb is Limb.ARM and stretch.long
            # Without durations a half fall of area is block either way: definite if compact, probable if spread.
            either_way = stretch.duration_rise.value is None and (long_arm or nerve.name in _DEFINITE_NERVES)
            judged.append(
                _fall(
                    stretch, rules, "dispersed_block_area_fall_percent", compact=None if either_way else False
                )
            )
            if long_arm:
                judged.append(_fall(stretch, rules, "probable_block_area_fall_percent", compact=True))
        return strongest(judged)

    return judge


def _fall(stretch: Stretch, rules: RuleSet, cutoff: str, *, compact: bool | None) -> Judged:
    """Judge the fall of area where the response stays compact, or spreads by more than that, or either (None)."""
    if stretch.area_fall.value is None and _amplitude_kept(stretch, rules):
        return Judged(Seen.ABSENT)
    judged = judged_by(stretch.area_fall, passed(rules.cutoff(cutoff)))
    if judged.seen is Seen.NOT_MEASURED and stretch.amplitude_fall.value is not None:
        return Judged(Seen.OPEN, stretch.amplitude_fall.words, "area of the responses")
    if judged.seen is not Seen.PRESENT or compact is None:
        return judged
    rise = stretch.duration_rise
    if rise.value is None:
        return Judged(Seen.OPEN, judged.words, f"duration of the responses {stretch.words}")
    if rules.cutoff("block_duration_increase_percent").passed_by(rise.value) is not compact:
        return Judged(Seen.ABSENT)
    return Judged(Seen.PRESENT, f"{judged.words}; {rise.words}")


def _amplitude_kept(stretch: Stretch, rules: RuleSet) -> bool:
    # Spread lowers amplitude more than area, so an amplitude that hardly falls excludes a fall of area that counts.
    fall = stretch.amplitude_fall.value
    return fall is not None and not rules.cutoff("probable_block_area_fall_percent").passed_by(fall)


def _large_enough(stretch: Stretch, rules: RuleSet, judged: Judged) -> Judged:
    """Apply the precondition on the distal response: above a share of its lower limit and above 1 mV."""
    if judged.seen is not Seen.PRESENT:
        return judged
    if stretch.distal_mv is None or stretch.distal_percent_of_lower is None:
        return Judged(Seen.OPEN, judged.words, "distal amplitude with its lower limit")
    percent = rules.cutoff("distal_cmap_percent_of_lln").passed_by(stretch.distal_percent_of_lower)
    return (
        judged
        if percent and rules.cutoff("distal_cmap_mv").passed_by(stretch.distal_mv)
        else Judged(Seen.ABSENT)
    )


def _grade(item: str) -> int:
    return 2 if item == "E1" else 1


def _searched(findings: Findings) -> str:
    nerves = sorted(
        {nerve for (_, nerve), finding in findings.found.items() if finding.judged.seen is Seen.ABSENT}
    )
    return listed([nerve.words for nerve in nerves]) or "the nerves studied"


DERIVATIONS = {
    "edx.mmn_block": block,
    "edx.mmn_nerves_with_block": nerves_with_block,
    "edx.mmn_nerves_with_block_or_dispersion": nerves_with_block_or_dispersion,
}
