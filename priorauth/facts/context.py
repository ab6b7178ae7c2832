"""One case on one day: looks facts up in the chart and derives the rest, remembering every answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Context as DecimalContext
from decimal import Decimal
from functools import cached_property, wraps
from typing import Any, TypeVar

from priorauth.facts.resolution import Known, Resolution, Unknown, Value
from priorauth.knowledge import Knowledge
from priorauth.wording import plain, value_words
from schemas.assessment import CitedFact
from schemas.base import FactKey
from schemas.case import Case
from schemas.chart import Entry, Fact, NerveStudy
from schemas.policy import ConditionRules, CoveragePolicy, PhaseRules
from schemas.vocabulary import FactDefinition, FactKind


# 143.3 lb are 65.00 kg, not 64.999786621: a converted reading is no more precise than the one on the scale.
_PRECISION_IN_WORDS = DecimalContext(prec=3)
_PRECISION_OF_A_READING = DecimalContext(prec=4)

Computed = TypeVar("Computed")


@dataclass(frozen=True)
class Context:
    """What a criterion may look at: the case, the day assessed, the knowledge, and the policy that governs."""

    case: Case
    as_of: date
    knowledge: Knowledge
    policy: CoveragePolicy | None = None
    derivations: Mapping[FactKey, Callable[[Context], Resolution]] = field(default_factory=dict)
    _answers: dict[tuple[FactKey, int | None], Resolution] = field(default_factory=dict, repr=False)
    _computed: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    @property
    def rules(self) -> ConditionRules | None:
        """The policy's rules for the condition of the case, if it has any."""
        if self.policy is None or self.case.condition is None:
            return None
        return self.policy.conditions.get(self.case.condition)

    @property
    def phase_rules(self) -> PhaseRules | None:
        """The rules for the phase asked for, if the policy offers it."""
        if self.rules is None or self.case.request is None:
            return None
        return self.rules.phase(self.case.request.phase)

    def definition(self, key: FactKey) -> FactDefinition:
        """Return the vocabulary entry of a key; the loader has made sure that it exists."""
        return self.knowledge.vocabulary[key]

    def resolve(self, key: FactKey, within_days: int | None = None) -> Resolution:
        """Answer one fact, recorded or derived. ``within_days`` tightens the age a recorded entry may have."""
        asked = (key, within_days)
        if asked not in self._answers:
            derived = self.definition(key).derived
            self._answers[asked] = (
                self.derivations[key](self) if derived else self._recorded(key, within_days)
            )
        return self._answers[asked]

    def under(self, policy: CoveragePolicy | None, *, but_for: Collection[FactKey]) -> Context:
        """Return the same case and day under another policy, with all answers but those that it may change."""
        kept = {asked: answer for asked, answer in self._answers.items() if asked[0] not in but_for}
        return replace(self, policy=policy, _answers=kept)

    @cached_property
    def entries(self) -> Mapping[FactKey, list[Fact]]:
        """The recorded facts by key, in the order of the chart."""
        entries: dict[FactKey, list[Fact]] = {}
        for fact in self.case.chart.facts:
            entries.setdefault(fact.fact, []).append(fact)
        return entries

    def value(self, key: FactKey) -> Value | None:
        """Return the value of a fact, or None while it is unknown."""
        resolution = self.resolve(key)
        return resolution.value if isinstance(resolution, Known) else None

    def cite(self, key: FactKey, label: str, value: str, entry: Entry) -> CitedFact:
        """Cite a chart entry under a label."""
        return CitedFact(
            key=key, label=label, value=value, dated=entry.dated, source=entry.source, note=_wording(entry)
        )

    def _recorded(self, key: FactKey, within_days: int | None) -> Resolution:
        definition = self.definition(key)
        entries = self.entries.get(key)
        if not entries:
            return Unknown(f"{definition.title}: not documented", (key,))
        usable = [fact for fact in entries if fact.dated is not None and fact.dated <= self.as_of]
        if not usable:
            return Unknown(self._why_unusable(definition, entries), (key,), self._cited(definition, entries))
        newest = max(fact.dated for fact in usable if fact.dated is not None)
        latest = [fact for fact in usable if fact.dated == newest]
        return self._newest(definition, latest, newest, self._oldest_allowed(definition, within_days))

    def _oldest_allowed(self, definition: FactDefinition, within_days: int | None) -> date:
        if within_days is not None:
            return self.as_of - timedelta(days=within_days)
        if definition.fresh_for_days is not None and not definition.lasting:
            return self.as_of - timedelta(days=definition.fresh_for_days)
        return date.min

    def _newest(
        self, definition: FactDefinition, latest: list[Fact], newest: date, oldest_allowed: date
    ) -> Resolution:
        key = latest[0].fact
        cited = self._cited(definition, latest)
        if newest < oldest_allowed:
            age = (self.as_of - newest).days
            return Unknown(
                f"{definition.title} was last documented on {newest}, {age} days ago, which is too old",
                (key,),
                cited,
            )
        converted_values = [converted(fact, definition) for fact in latest]
        values = {value for value in converted_values if value is not None}
        if None in converted_values:
            return Unknown(
                f"{definition.title} is recorded as {latest[0].value} {latest[0].unit or ''}".rstrip()
                + ", which is not in a form the vocabulary knows",
                (key,),
                cited,
            )
        if len(values) > 1:
            return Unknown(
                f"{definition.title} is recorded on {newest} with contradicting values", (key,), cited
            )
        value = values.pop()
        return Known(
            value, f"{definition.title}: {stated_words(value, cited[0], definition)} ({newest})", cited[:1]
        )

    def _why_unusable(self, definition: FactDefinition, entries: list[Fact]) -> str:
        if any(fact.dated is None for fact in entries):
            return f"{definition.title} is recorded without a date"
        return f"{definition.title} is recorded only after {self.as_of}, the day assessed"

    def _cited(self, definition: FactDefinition, entries: list[Fact]) -> tuple[CitedFact, ...]:
        # Sorted, so that a finding does not depend on the order in which entries were typed in.
        ordered = sorted(entries, key=_place_in_chart) if len(entries) > 1 else entries
        return tuple(
            self.cite(fact.fact, definition.title, fact_words(fact, definition), fact) for fact in ordered
        )


def once(compute: Callable[[Context], Computed]) -> Callable[[Context], Computed]:
    """Compute something of a context, which never changes, once: many criteria read the same study or course."""

    @wraps(compute)
    def computed(context: Context) -> Computed:
        remembered = context._computed  # noqa: SLF001
        if compute not in remembered:
            remembered[compute] = compute(context)
        result: Computed = remembered[compute]
        return result

    return computed


def _place_in_chart(fact: Fact) -> tuple[str, str, int, str]:
    return str(fact.dated), fact.source.document or "", fact.source.page or 0, str(fact.value)


def _wording(entry: Entry) -> str | None:
    match entry:
        case Fact():
            return entry.note
        case NerveStudy():
            return entry.interpretation
        case _:
            return None


def converted(fact: Fact, definition: FactDefinition) -> Value | None:
    """Bring a recorded value into the unit and kind of its definition; None where that cannot be done."""
    value = fact.value
    match definition.kind:
        case FactKind.YES_NO:
            return value if isinstance(value, bool) else None
        case FactKind.CHOICE:
            return value if isinstance(value, str) and value in definition.choices else None
        case FactKind.DATE:
            return value if isinstance(value, date) else None
        case FactKind.TEXT:
            return value if isinstance(value, str) else None
        case FactKind.NUMBER:
            if not isinstance(value, Decimal):
                return None
            if fact.unit is None and definition.also_in:
                # 1.9 may be g/L or mg/dL: with several units in use, a number without one says nothing.
                return None
            if fact.unit in (None, definition.unit):
                return value
            factor = definition.also_in.get(fact.unit)
            return None if factor is None else _PRECISION_OF_A_READING.multiply(value, factor)


def stated_words(value: Value, cited: CitedFact, definition: FactDefinition) -> str:
    """Say a value as the record has it; a number in another unit is followed by its conversion: "84 µmol/L (0.95 mg/dL)"."""
    words = value_words(value, definition)
    number = cited.value.partition(" ")[0].removesuffix("%")
    if not isinstance(value, Decimal) or number == plain(value):
        return words
    return f"{cited.value} ({value_words(_PRECISION_IN_WORDS.plus(value), definition)})"


def fact_words(fact: Fact, definition: FactDefinition) -> str:
    """Say a recorded value as the record has it, in its own unit."""
    if isinstance(fact.value, Decimal) and fact.unit is not None and fact.unit != definition.unit:
        return f"{value_words(fact.value)} {fact.unit}"
    return value_words(fact.value, definition)
