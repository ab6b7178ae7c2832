"""Three-valued findings of single nerves, and counting them in the ways a rule set allows.

What is shown and what is still possible are two sets of findings. A rule that both decide alike is decided; one that
only the possible findings would fulfil is open, and the values it lacks are named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from itertools import combinations

from priorauth.electrodiagnosis.measured import Quantity
from priorauth.electrodiagnosis.nerves import Nerve
from priorauth.electrodiagnosis.study import Recorded
from schemas.rule_set import RuleItem, RuleSet, WayToMeet


# An item measured in this many nerves and normal in all of them was looked for, though other nerves were left unmeasured.
LOOKED_FOR_IN = 2


class Seen(IntEnum):
    """What one nerve shows of one item; of two recordings of a nerve the greater counts."""

    LEFT_OUT = 0
    NOT_MEASURED = 1
    ABSENT = 2
    OPEN = 3
    PRESENT = 4


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on one item in one recording, with the values behind it or what they lack."""

    seen: Seen
    words: str = ""
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class NerveFinding:
    """The verdict on one item in one nerve."""

    item: str
    nerve: Nerve
    judged: Judged
    recorded: Recorded

    @property
    def words(self) -> str:
        # A number follows the nerve at once, a stretch of it after a comma.
        return f"{self.nerve.words}{' ' if self.judged.words[:1].isdigit() else ', '}{self.judged.words}"


Pair = tuple[str, Nerve]
"""An item and the nerve that shows it."""


@dataclass(frozen=True)
class Findings:
    """All findings of one rule set in one study."""

    rule_set: RuleSet
    found: dict[Pair, NerveFinding]

    @property
    def shown(self) -> frozenset[Pair]:
        """The findings that the values prove."""
        return frozenset(pair for pair, finding in self.found.items() if finding.judged.seen is Seen.PRESENT)

    @property
    def possible(self) -> frozenset[Pair]:
        """The findings that the values do not exclude.

        An item not measured in a nerve stays possible there until it was looked for: measured in enough other nerves,
        and normal in all of them.
        """
        looked_for = {item for item in self._items() if self._was_looked_for(item)}
        still_open = {Seen.PRESENT, Seen.OPEN}
        return frozenset(
            pair
            for pair, finding in self.found.items()
            if finding.judged.seen in still_open
            or (finding.judged.seen is Seen.NOT_MEASURED and pair[0] not in looked_for)
        )

    def _items(self) -> set[str]:
        return {item for item, _ in self.found}

    def _was_looked_for(self, item: str) -> bool:
        seen = [finding.judged.seen for (name, _), finding in self.found.items() if name == item]
        return Seen.PRESENT not in seen and Seen.OPEN not in seen and seen.count(Seen.ABSENT) >= LOOKED_FOR_IN

    def lacking(self, items: Iterable[str]) -> list[str]:
        """Say which values would settle the open findings of these items."""
        wanted, possible, shown = set(items), self.possible, self.shown
        lacks: dict[str, list[str]] = defaultdict(list)
        for pair in sorted(possible - shown, key=lambda pair: (pair[1], pair[0])):
            if pair[0] in wanted:
                finding = self.found[pair]
                lacks[finding.judged.lacks or self.item(pair[0]).name.lower()].append(finding.nerve.words)
        return [f"{what} ({', '.join(dict.fromkeys(nerves))})" for what, nerves in lacks.items()]

    def item(self, item_id: str) -> RuleItem:
        """Return an item of the rule set by id."""
        return next(item for item in self.rule_set.items if item.id == item_id)

    def fulfilled(self, items: Iterable[str], pairs: frozenset[Pair]) -> list[RuleItem]:
        """Return the items that these findings fulfil in one of their ways."""
        considered = list(items)
        pairs = frozenset(pair for pair in pairs if pair[0] in considered)
        return [
            item
            for item in map(self.item, considered)
            if any(is_met(way, item.id, pairs) for way in item.ways)
        ]


def findings_of(
    rule_set: RuleSet, judges: dict[str, Callable[[Recorded], Judged]], recorded: Iterable[Recorded]
) -> Findings:
    """Judge every item in every recording; a nerve recorded twice shows what either recording shows."""
    found: dict[Pair, NerveFinding] = {}
    for entry in recorded:
        for item_id, judge in judges.items():
            finding = NerveFinding(item_id, entry.nerve, judge(entry), entry)
            earlier = found.get((item_id, entry.nerve))
            if earlier is None or finding.judged.seen > earlier.judged.seen:
                found[(item_id, entry.nerve)] = finding
    return Findings(rule_set, found)


def is_met(way: WayToMeet, item: str, pairs: frozenset[Pair]) -> bool:
    """Whether an item is met in this way. The other findings must be of other items and in other nerves."""
    nerves = sorted(nerve for name, nerve in pairs if name == item)
    if len(nerves) < way.nerves:
        return False
    if way.with_other_findings == 0:
        return True
    others = [(name, nerve) for name, nerve in pairs if name != item and name not in way.not_counting]
    for counted in combinations(nerves, way.nerves):
        beside = [(name, nerve) for name, nerve in others if nerve not in counted]
        if (
            len(beside) >= way.with_other_findings
            and len({nerve for _, nerve in beside}) >= way.in_other_nerves
        ):
            return True
    return False


def judged_by(quantity: Quantity, passes: Callable[[Quantity], bool | None], *, lacks: str = "") -> Judged:
    """Hold a quantity against a cut-off; ``passes`` is None where the precondition of the cut-off is not documented."""
    if quantity.value is None:
        return Judged(Seen.OPEN, lacks=quantity.lacks) if quantity.lacks else Judged(Seen.NOT_MEASURED)
    passed = passes(quantity)
    if passed is None:
        return Judged(Seen.OPEN, quantity.words, lacks)
    return Judged(Seen.PRESENT, quantity.words) if passed else Judged(Seen.ABSENT)


def strongest(judged: Iterable[Judged]) -> Judged:
    """Of several places in one nerve the one that shows most counts; a nerve with none was not measured."""
    return max(judged, key=lambda entry: entry.seen, default=Judged(Seen.NOT_MEASURED))


def unless_cold(judged: Judged, recorded: Recorded) -> Judged:
    """Slowing found in a cold limb is left open, since warming may undo it."""
    if judged.seen is Seen.PRESENT and recorded.cold:
        return Judged(Seen.OPEN, judged.words, "values from a warmed limb")
    return judged


def median_not_alone(findings: Findings, item: str) -> Findings:
    """Leave prolonged median distal latencies open while no other nerve shows the same: it may be carpal tunnel syndrome."""
    present = [
        finding
        for finding in findings.found.values()
        if finding.item == item and finding.judged.seen is Seen.PRESENT
    ]
    if not present or any(finding.nerve.name != "median" for finding in present):
        return findings
    reopened = {
        (item, finding.nerve): NerveFinding(
            item,
            finding.nerve,
            Judged(Seen.OPEN, finding.judged.words, "exclusion of carpal tunnel syndrome"),
            finding.recorded,
        )
        for finding in present
    }
    return Findings(findings.rule_set, {**findings.found, **reopened})
