"""The sentences that explain an electrodiagnostic result: what fulfils it, what is open, what to be careful about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from priorauth.electrodiagnosis.findings import Findings, NerveFinding, Seen
from priorauth.electrodiagnosis.nerves import Nerve, in_order
from priorauth.electrodiagnosis.study import KEY, Studied, cite_study
from priorauth.facts.context import Context
from priorauth.wording import listed, plain, slug_words
from schemas.assessment import CitedFact
from schemas.rule_set import RuleItem, RuleSet


# A negative needs the routine examination: median, ulnar, fibular and tibial nerve of one side (EAN/PNS 2021).
MOTOR_NERVES_FOR_A_NEGATIVE = 4
_NO_LIMITS = "The report gives no limits of normal, so the criteria cannot be applied"
# Two nerves fulfil most items; a third shows that they do not stand alone.
_NERVES_NAMED = 3
_LACKS_NAMED = 6


def studied_enough(found: Studied, nerves: int = MOTOR_NERVES_FOR_A_NEGATIVE) -> bool:
    """Whether enough motor nerves were examined to believe that nothing more would be found."""
    return len({entry.nerve for entry in found.motor}) >= nerves


def explained(
    title: str, result: str, found: Studied, *, because: str, rules: RuleSet, items: Iterable[RuleItem]
) -> str:
    """Put a result in one sentence that names the rule set, the study, the values, the doubts and the cautions."""
    unverified = unverified_cutoffs(rules, items)
    parts = [f"{title}: {result} ({found.words})", because]
    if unverified:
        parts.append(f"cut-offs not verified: {listed(unverified)}")
    if found.cautions:
        parts.append(f"caution: {'; '.join(found.cautions)}")
    return ". ".join(part[:1].upper() + part[1:] for part in parts if part)


def undecided(open_: Sequence[str], scale: Sequence[str]) -> str:
    """Say that a result is open, and between which grades where some are excluded."""
    if len(open_) == len(scale):
        return "not decided"
    return f"not decided between {listed([slug_words(grade) for grade in open_])}"


def shown_words(findings: Findings, items: Iterable[RuleItem]) -> str:
    """Name each fulfilled item with the nerves and values that fulfil it; the rest are cited, not listed."""
    named = []
    for item in items:
        words = [finding.words for finding in _shown(findings, item.id)]
        more = [f"{len(words) - _NERVES_NAMED} more"] if len(words) > _NERVES_NAMED else []
        named.append(f"{item.name}: {listed([*words[:_NERVES_NAMED], *more])}")
    return "; ".join(named)


def lacks_words(
    findings: Findings, found: Studied, items: Iterable[str], *, needed: int = MOTOR_NERVES_FOR_A_NEGATIVE
) -> str:
    """Say what keeps a result open: too few nerves, or values missing in those studied."""
    if not _gives_limits(found):
        return ". ".join(filter(None, (_NO_LIMITS, _measured_words(findings, items))))
    lacking = findings.lacking(items)
    if not studied_enough(found, needed):
        nerves = len({entry.nerve for entry in found.motor})
        lacking.insert(0, f"motor nerves studied: {nerves}, while a negative needs {needed}")
    shown = lacking[:_LACKS_NAMED]
    more = f" and {len(lacking) - len(shown)} more" if len(lacking) > len(shown) else ""
    return f"Open: {'; '.join(shown)}{more}" if lacking else ""


def _gives_limits(found: Studied) -> bool:
    return any(
        limit is not None
        for entry in found.motor
        for site in entry.recording.segments
        for limit in (site.latency_upper_ms, site.amplitude_lower, site.velocity_lower_m_s)
    )


def _measured_words(findings: Findings, items: Iterable[str]) -> str:
    """Name the falls that are measured and cannot be judged, each nerve once."""
    wanted, told = set(items), dict[Nerve, str]()
    for (item, nerve), finding in sorted(findings.found.items(), key=lambda entry: in_order(entry[0][1])):
        if item in wanted and finding.judged.seen is Seen.OPEN and "→" in finding.judged.words:
            told.setdefault(nerve, finding.words)
    return f"Measured: {'; '.join(told.values())}" if told else ""


def unverified_cutoffs(rules: RuleSet, items: Iterable[RuleItem]) -> list[str]:
    """Name the numbers of these items that nobody has compared with their source."""
    named = []
    for item in items:
        numbers = [
            name
            for name in (*item.cutoffs, *item.tables)
            if rules.provenance_of_cutoff(name).confidence.needs_verifying
        ]
        if numbers:
            values = [
                f"{plain(rules.cutoffs[name].value)} {rules.cutoffs[name].unit}"
                for name in numbers
                if name in rules.cutoffs
            ]
            named.append(f"{item.name.lower()} ({', '.join(values) or 'table of durations'})")
    return named


def witnesses(
    findings: Findings, found: Studied, context: Context, items: Iterable[RuleItem]
) -> tuple[CitedFact, ...]:
    """Cite the study for every value that fulfils one of the items, or as a whole where none does."""
    cited = [_cited(finding, item, context) for item in items for finding in _shown(findings, item.id)]
    return tuple(dict.fromkeys(cited)) or cite_study(found, context)


def _shown(findings: Findings, item: str) -> list[NerveFinding]:
    return [
        findings.found[pair]
        for pair in sorted(findings.shown, key=lambda pair: in_order(pair[1]))
        if pair[0] == item
    ]


def _cited(finding: NerveFinding, item: RuleItem, context: Context) -> CitedFact:
    return context.cite(
        KEY, f"{item.name}, {finding.nerve.words}", finding.judged.words, finding.recorded.study
    )
