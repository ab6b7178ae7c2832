"""Sensory conduction: abnormal in two nerves, one or none; normal where block was found; sensory CIDP by 2021."""

from __future__ import annotations

from collections.abc import Iterable

from priorauth.electrodiagnosis import mmn
from priorauth.electrodiagnosis.ean_pns_2021 import RULE_SET
from priorauth.electrodiagnosis.explaining import explained, shown_words, undecided, witnesses
from priorauth.electrodiagnosis.findings import (
    Findings,
    Judged,
    Seen,
    findings_of,
    judged_by,
    median_not_alone,
    strongest,
    unless_cold,
)
from priorauth.electrodiagnosis.measured import Quantity
from priorauth.electrodiagnosis.nerves import Limb, Nerve
from priorauth.electrodiagnosis.study import KEY, Recorded, Studied, studied
from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Narrowed, Resolution, Unknown
from priorauth.wording import listed, plain
from schemas.rule_set import RuleSet


ITEM = "SN-a"
EXTENTS = ("normal", "one_nerve", "two_nerves")
"""From least to most."""

_EXTENT_WORDS = {
    "normal": "normal",
    "one_nerve": "abnormal in one nerve",
    "two_nerves": "abnormal in two nerves or more",
}

# One normal nerve says nothing of the others; the rule itself speaks of two.
SENSORY_NERVES_FOR_A_NEGATIVE = 2
_SENSORY_CIDP_NERVES = ("median", "ulnar", "radial", "sural")


def sensory_findings(recorded: Iterable[Recorded], rules: RuleSet) -> Findings:
    """Judge every sensory recording; median nerves alone may be carpal tunnel syndrome."""
    return median_not_alone(findings_of(rules, {ITEM: abnormal}, recorded), ITEM)


def abnormal(recorded: Recorded) -> Judged:
    """Prolonged latency, reduced amplitude or slow velocity; a site of entrapment is left out."""
    if recorded.distal.entrapment_site:
        return Judged(Seen.LEFT_OUT)
    slow = [
        judged_by(recorded.distal_latency_excess, _beyond_limit),
        *(judged_by(slowing, _beyond_limit) for slowing in recorded.slowings),
    ]
    # Cold slows conduction but raises amplitude, so a small response stays a finding.
    return strongest([_small_response(recorded), unless_cold(strongest(slow), recorded)])


def extent(context: Context) -> Resolution:
    """Sensory conduction by EAN/PNS 2021: abnormal in two nerves, in one, or normal."""
    found = studied(context)
    if isinstance(found, Unknown):
        return found
    rules = context.knowledge.rule_sets[RULE_SET]
    findings = sensory_findings(found.sensory, rules)
    item = findings.item(ITEM)
    extents = possible_extents(findings, found)
    facts = witnesses(findings, found, context, [item])
    shown = shown_words(findings, [item]) if findings.shown else ""
    if len(extents) > 1:
        because = ". ".join(filter(None, (shown, _open_words(findings, found))))
        result = undecided(extents, EXTENTS)
        return Narrowed(
            explained(rules.title, result, found, because=because, rules=rules, items=[item]),
            (KEY,),
            facts,
            extents,
        )
    because = shown or f"normal in {listed([nerve.words for nerve in _nerves(found)])}"
    return Known(
        extents[0],
        explained(
            rules.title,
            f"sensory conduction {_EXTENT_WORDS[extents[0]]}",
            found,
            because=because,
            rules=rules,
            items=[item],
        ),
        facts,
    )


def possible_extents(findings: Findings, found: Studied) -> tuple[str, ...]:
    """List the extents the values leave open, from least to most."""
    least = min(len(findings.shown), 2)
    most = min(len(findings.possible), 2) if len(_nerves(found)) >= SENSORY_NERVES_FOR_A_NEGATIVE else 2
    return EXTENTS[least : most + 1]


def normal(context: Context) -> Resolution:
    """Whether sensory conduction is normal wherever it was measured, in two nerves at least."""
    result, found = context.resolve("edx.ean_pns_2021_sensory"), studied(context)
    if isinstance(found, Unknown):
        return found
    match result:
        case Known(value="normal"):
            return Known(value=True, reason=_normal_words(found, context), facts=result.facts)
        case Known():
            return Known(value=False, reason=result.reason, facts=result.facts)
        case Narrowed() if "normal" not in result.possible:
            return Known(value=False, reason=result.reason, facts=result.facts)
        case Unknown():
            return Unknown(result.reason, result.missing, result.facts)


def _normal_words(found: Studied, context: Context) -> str:
    """Name the normal nerves, and which of them carry a motor block: that is what tells MMN from CIDP."""
    nerves = _nerves(found)
    rules = context.knowledge.rule_sets[mmn.RULE_SET]
    blocked = {nerve for _, nerve in mmn.block_findings(found.motor, rules).shown}
    both = [nerve.words for nerve in nerves if nerve in blocked]
    carrying = f"; of these, {listed(both)} show motor conduction block" if both else ""
    return f"Sensory conduction is normal in {listed([nerve.words for nerve in nerves])}{carrying} ({found.words})"


def sensory_normal_in(nerve: Nerve, findings: Findings) -> bool | None:
    """Whether the sensory part of one nerve is normal; None where it was not measured or is open."""
    finding = findings.found.get((ITEM, nerve))
    if finding is None or finding.judged.seen not in (Seen.ABSENT, Seen.PRESENT):
        return None
    return finding.judged.seen is Seen.ABSENT


def sural_spared(context: Context) -> bool:
    """Whether the sural response is normal while two arm nerves are abnormal, which a length-dependent loss is not."""
    found = studied(context)
    if isinstance(found, Unknown):
        return False
    findings = sensory_findings(found.sensory, context.knowledge.rule_sets[RULE_SET])
    sural = [finding.judged.seen for (_, nerve), finding in findings.found.items() if nerve.name == "sural"]
    in_arms = {nerve for _, nerve in findings.shown if nerve.limb is Limb.ARM}
    return bool(sural) and set(sural) == {Seen.ABSENT} and len(in_arms) >= SENSORY_NERVES_FOR_A_NEGATIVE


def fulfils_sensory_cidp(found: Studied, rules: RuleSet) -> bool:
    """Sensory CIDP with normal motor studies: slow sensory conduction in two nerves, or the sural-sparing pattern."""
    slow = {
        entry.nerve
        for entry in found.sensory
        if entry.nerve.name in _SENSORY_CIDP_NERVES and _markedly_slow(entry, rules)
    }
    if len(slow) >= 2:
        return True
    findings = sensory_findings(found.sensory, rules)
    sural_normal = any(
        nerve.name == "sural" and finding.judged.seen is Seen.ABSENT
        for (_, nerve), finding in findings.found.items()
    )
    # A spared sural with an abnormal median alone is open, as carpal tunnel syndrome is not excluded.
    return sural_normal and any(nerve.name in ("median", "radial") for _, nerve in findings.shown)


def _markedly_slow(recorded: Recorded, rules: RuleSet) -> bool:
    site = recorded.distal
    if recorded.cold or site.amplitude is None or not site.amplitude_lower:
        return False
    ordinary = rules.cutoff("sensory_snap_percent_of_lln").passed_by(
        site.amplitude / site.amplitude_lower * 100
    )
    cutoff = rules.cutoff(
        "sensory_velocity_percent_of_lln" if ordinary else "sensory_velocity_percent_of_lln_low_snap"
    )
    return any(
        slowing.value is not None and cutoff.passed_by(100 - slowing.value) for slowing in recorded.slowings
    )


def _small_response(recorded: Recorded) -> Judged:
    site = recorded.distal
    if site.amplitude is None:
        return Judged(Seen.NOT_MEASURED)
    if site.amplitude == 0:
        return Judged(Seen.PRESENT, "no sensory response")
    if site.amplitude_lower is None:
        return Judged(Seen.OPEN, lacks="lower limit of the sensory amplitude")
    words = f"sensory amplitude {plain(site.amplitude)} µV (limit {plain(site.amplitude_lower)})"
    return Judged(Seen.PRESENT if site.amplitude < site.amplitude_lower else Seen.ABSENT, words)


def _beyond_limit(quantity: Quantity) -> bool:
    return quantity.value is not None and quantity.value > 0


def _nerves(found: Studied) -> list[Nerve]:
    return sorted({entry.nerve for entry in found.sensory})


def _open_words(findings: Findings, found: Studied) -> str:
    lacking = findings.lacking([ITEM])
    nerves = len(_nerves(found))
    if nerves < SENSORY_NERVES_FOR_A_NEGATIVE:
        lacking.insert(0, f"{nerves or 'no'} sensory nerve{'' if nerves == 1 else 's'} studied")
    return f"Open: {'; '.join(lacking)}" if lacking else ""


DERIVATIONS = {"edx.ean_pns_2021_sensory": extent, "edx.sensory_normal": normal}
