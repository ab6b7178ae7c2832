"""The "three of four" rule of the AAN's 1991 research criteria, on which several payers' policies rest.

The table in J Neurol Neurosurg Psychiatry asks for a fall of more than 20 % in amplitude or area with either change
of duration: with less than 15 % it suggests block, with more it suggests dispersion. So the fall decides whether the
item is present, and the duration only what it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from priorauth.electrodiagnosis.demyelination import DISTAL_AMPLITUDE, Judge, depending_on, passed
from priorauth.electrodiagnosis.explaining import (
    explained,
    lacks_words,
    shown_words,
    studied_enough,
    witnesses,
)
from priorauth.electrodiagnosis.findings import (
    Judged,
    Seen,
    findings_of,
    judged_by,
    median_not_alone,
    strongest,
    unless_cold,
)
from priorauth.electrodiagnosis.measured import (
    Quantity,
    Stretch,
)
from priorauth.electrodiagnosis.study import KEY, Recorded, studied
from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Resolution, Unknown
from schemas.rule_set import Cutoff, RuleSet


RULE_SET = "aan_1991"
ITEMS = ("velocity", "block", "latency", "f-wave")
_BLOCK_NERVES = ("median", "ulnar", "fibular")


def four_features(context: Context) -> Resolution:
    """Count how many of the four are shown, once it is clear whether the number needed is reached.

    Short of certainty about every one of the four, the number is what is shown: at least that many.
    """
    found = studied(context)
    if isinstance(found, Unknown):
        return found
    rules = context.knowledge.rule_sets[RULE_SET]
    needed = rules.cutoff("items_needed")
    findings = median_not_alone(findings_of(rules, _judges(rules), found.motor), "latency")
    shown = findings.fulfilled(ITEMS, findings.shown)
    at_most = len(findings.fulfilled(ITEMS, findings.possible)) if studied_enough(found) else len(ITEMS)
    facts = witnesses(findings, found, context, shown)
    values = shown_words(findings, shown)
    count = Decimal(len(shown))
    if needed.passed_by(count) != needed.passed_by(Decimal(at_most)):
        because = ". ".join(filter(None, (values, lacks_words(findings, found, ITEMS))))
        return Unknown(
            explained(
                rules.title,
                f"{count} shown, up to {at_most} possible",
                found,
                because=because,
                rules=rules,
                items=shown,
            ),
            (KEY,),
            facts,
        )
    result = f"{count} of 4 shown" + (f", at most {at_most} possible" if at_most > count else "")
    absent = [item.name.lower() for item in rules.items if item.id in ITEMS and item not in shown]
    because = ". ".join(filter(None, (values, f"not shown: {', '.join(absent)}" if absent else "")))
    return Known(
        count, explained(rules.title, result, found, because=because, rules=rules, items=shown), facts
    )


def _judges(rules: RuleSet) -> dict[str, Judge]:
    return {
        "velocity": _velocity(rules),
        "block": _block(rules),
        "latency": _latency(rules),
        "f-wave": _f_wave(rules),
    }


def _velocity(rules: RuleSet) -> Judge:
    ordinary, low = rules.cutoff("velocity_percent_of_lln"), rules.cutoff("velocity_percent_of_lln_low_cmap")

    def judge(recorded: Recorded) -> Judged:
        passes = _by_size(recorded, rules, ordinary, low)
        judged = [
            judged_by(_percent_of_limit(slowing, below=True), passes, lacks=DISTAL_AMPLITUDE)
            for slowing in recorded.slowings
        ]
        return unless_cold(strongest(judged), recorded)

    return judge


def _latency(rules: RuleSet) -> Judge:
    ordinary, low = (
        rules.cutoff("distal_latency_percent_of_uln"),
        rules.cutoff("distal_latency_percent_of_uln_low_cmap"),
    )

    def judge(recorded: Recorded) -> Judged:
        if recorded.distal.entrapment_site:
            return Judged(Seen.LEFT_OUT)
        passes = _by_size(recorded, rules, ordinary, low)
        return unless_cold(
            judged_by(_percent_of_limit(recorded.distal_latency_excess), passes, lacks=DISTAL_AMPLITUDE),
            recorded,
        )

    return judge


def _f_wave(rules: RuleSet) -> Judge:
    ordinary, low = rules.cutoff("f_wave_percent_of_uln"), rules.cutoff("f_wave_percent_of_uln_low_cmap")

    def judge(recorded: Recorded) -> Judged:
        if recorded.recording.f_wave_absent:
            return Judged(Seen.PRESENT, "absent")
        passes = _by_size(recorded, rules, ordinary, low)
        return unless_cold(
            judged_by(_percent_of_limit(recorded.f_wave_excess), passes, lacks=DISTAL_AMPLITUDE),
            recorded,
        )

    return judge


def _block(rules: RuleSet) -> Judge:
    fall = passed(rules.cutoff("block_amplitude_fall_percent"))

    def judge(recorded: Recorded) -> Judged:
        if recorded.nerve.name not in _BLOCK_NERVES:
            return Judged(Seen.LEFT_OUT)
        eligible = [stretch for stretch in recorded.stretches if stretch.within_forearm_or_calf]
        return strongest(_judged_fall(stretch, fall, rules) for stretch in eligible)

    return judge


def _judged_fall(stretch: Stretch, fall: Callable[[Quantity], bool | None], rules: RuleSet) -> Judged:
    judged = strongest(judged_by(quantity, fall) for quantity in (stretch.amplitude_fall, stretch.area_fall))
    rise = stretch.duration_rise.value
    if judged.seen is not Seen.PRESENT or rise is None:
        return judged
    name = "block" if rules.cutoff("block_duration_change_percent").passed_by(abs(rise)) else "dispersion"
    return Judged(Seen.PRESENT, f"{judged.words}; {name}: {stretch.duration_rise.words}")


def _by_size(
    recorded: Recorded, rules: RuleSet, ordinary: Cutoff, low: Cutoff
) -> Callable[[Quantity], bool | None]:
    """Choose the cut-off by the size of the distal response."""
    return depending_on(
        recorded.distal_amplitude_percent, rules.cutoff("low_cmap_percent_of_lln"), ordinary, low
    )


def _percent_of_limit(quantity: Quantity, *, below: bool = False) -> Quantity:
    """Turn an excess or a slowing into percent of the limit, in which this rule set states its cut-offs."""
    if quantity.value is None:
        return quantity
    return replace(quantity, value=100 - quantity.value if below else 100 + quantity.value)


DERIVATIONS = {"edx.three_of_four": four_features}
