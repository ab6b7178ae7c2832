"""Changes to the entries a letter rests on: each entry taken away, and each given another value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from priorauth.letters.rows import strength_words
from priorauth.wording import plain, slug_words
from schemas.assessment import CitedFact
from schemas.base import Model
from schemas.case import Case
from schemas.chart import (
    Diagnosis,
    Entry,
    Fact,
    FactValue,
    GivenInfusion,
    Measurement,
    MuscleStrength,
    NerveStudy,
    Response,
    Therapy,
)
from schemas.letter import Claim
from schemas.letter_matter import Stated
from schemas.vocabulary import FactKind
from tests.samples import knowledge


GROUPS = ("facts", "measurements", "muscle_strength", "nerve_studies", "therapies", "diagnoses", "infusions")


@dataclass(frozen=True)
class Mutation:
    """A case with one entry taken away or changed."""

    entry: Entry
    how: str
    case: Case


def mutations(case: Case) -> Iterator[Mutation]:
    """Take away and change every entry of the chart, one at a time."""
    for group in GROUPS:
        entries = getattr(case.chart, group)
        for number, entry in enumerate(entries):
            before, after = entries[:number], entries[number + 1 :]
            yield Mutation(entry, "removed", _with(case, group, before + after))
            yield Mutation(entry, "changed", _with(case, group, (*before, changed(entry), *after)))


def _with(case: Case, group: str, entries: tuple[Entry, ...]) -> Case:
    return case.model_copy(update={"chart": case.chart.model_copy(update={group: entries})})


def changed(entry: Entry) -> Entry:
    """Give an entry another value."""
    match entry:
        case Fact():
            return entry.model_copy(update={"value": _other_value(entry)})
        case Measurement():
            return entry.model_copy(update={"value": entry.value + 1})
        case MuscleStrength():
            return entry.model_copy(update={"right": "1" if entry.right != "1" else "2"})
        case Diagnosis():
            return entry.model_copy(update={"description": "another neuropathy"})
        case Therapy():
            other = Response.IMPROVED if entry.response is not Response.IMPROVED else Response.NO_RESPONSE
            return entry.model_copy(update={"response": other})
        case GivenInfusion():
            return entry.model_copy(update={"on": entry.on - timedelta(days=1)})
        case NerveStudy():
            return entry.model_copy(update={"dated": (entry.dated or date.max) - timedelta(days=3)})
    raise AssertionError(f"no other value for {type(entry).__name__}")


def _other_value(fact: Fact) -> FactValue:
    definition = knowledge().vocabulary[fact.fact]
    match fact.value:
        case bool():
            return not fact.value
        case Decimal():
            return fact.value + 1
        case date():
            return fact.value - timedelta(days=40)
        case str() if definition.kind is FactKind.CHOICE:
            return next(choice for choice in definition.choices if choice != fact.value)
        case str():
            return f"{fact.value}, changed"
    raise AssertionError(f"no other value for {fact.value!r}")


def _treatment(entry: Therapy) -> str:
    product = knowledge().products.get(entry.treatment)
    return product.brand if product else slug_words(entry.treatment)


def rests_on(claim: Claim, entry: Entry) -> bool:
    """Whether a sentence cites an entry."""
    cited = (witness.fact for witness in claim.witnesses if witness.fact)
    return any((one.dated, one.source) == (entry.dated, entry.source) and _is_of(one, entry) for one in cited)


def _is_of(cited: CitedFact, entry: Entry) -> bool:
    match entry:
        case Fact():
            return cited.key == entry.fact
        case Measurement():
            return cited.key.startswith("response.") and cited.value.split()[0] == plain(entry.value)
        case MuscleStrength():
            words = strength_words(entry)
            return (cited.key, cited.label, cited.value) == ("muscle_strength", entry.muscle, words)
        case Diagnosis():
            return cited.key == "diagnosis" and entry.code in cited.value
        case Therapy():
            return cited.key == "therapy" and cited.value.startswith(_treatment(entry))
        case GivenInfusion():
            return cited.key == "infusions" and cited.value.endswith(str(entry.on))
        case NerveStudy():
            return cited.key.startswith("nerve_study")
    raise AssertionError(f"nothing cites a {type(entry).__name__}")


def statements(value: object) -> Iterator[Stated]:
    """List the statements within the matter of a letter."""
    match value:
        case Stated():
            yield value
        case Model():
            for name in type(value).model_fields:
                yield from statements(getattr(value, name))
        case tuple():
            for item in value:
                yield from statements(item)
