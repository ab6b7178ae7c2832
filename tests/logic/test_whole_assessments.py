"""What holds of every assessment: the order of entry means nothing, and more knowledge never undoes an answer."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from priorauth.verification import verify
from schemas.assessment import Status
from schemas.case import Case
from schemas.chart import Fact, Source
from schemas.vocabulary import FactDefinition, FactKind
from tests.logic.governed import SHIPPED
from tests.policies.assessed import VIGNETTES, assessed


# The list of ICD-10-CM codes reads its files by a way that Python means to retire.
pytestmark = [
    pytest.mark.filterwarnings("ignore:(read|open)_text is deprecated:DeprecationWarning"),
    pytest.mark.slow,
]

SOME = list(VIGNETTES)[::15]
# A risk or a pointer to a mimic that comes to light raises the question of what was done about it.
ASK_MORE_WHEN_A_RISK_IS_FOUND = {
    "diagnosis.mimic",
    "function.gait",
    "safety.renal",
    "safety.thrombosis",
    "safety.daily_dose_at_risk",
    "safety.rate_at_risk",
}
MAY_CONTRADICT_A_SCORE = {"functional_disability"}
"""A grade that a recorded score belies settles nothing until somebody has looked at both."""


def shuffled(case: Case, random: Random) -> Case:
    """Put every list of the chart and the course into another order."""

    def mixed(entries: tuple) -> tuple:
        return tuple(random.sample(entries, len(entries)))

    studies = [
        study.model_copy(update={"recordings": mixed(study.recordings)}) for study in case.chart.nerve_studies
    ]
    lists = {
        name: mixed(getattr(case.chart, name))
        for name in type(case.chart).model_fields
        if isinstance(getattr(case.chart, name), tuple)
    }
    course = {name: mixed(getattr(case.course, name)) for name in ("planned", "authorizations")}
    return case.model_copy(
        update={
            "chart": case.chart.model_copy(update={**lists, "nerve_studies": mixed(tuple(studies))}),
            "course": case.course.model_copy(update=course),
            "documents": mixed(case.documents),
        }
    )


@pytest.mark.parametrize("name", SOME)
def test_the_order_of_entry_changes_nothing(name):
    vignette = VIGNETTES[name]
    random = Random(name)  # noqa: S311 - reproducible examples, nothing secret

    again = verify(shuffled(vignette.case(), random), as_of=vignette.as_of, knowledge=SHIPPED)

    expected = assessed(name)
    assert again.model_copy(update={"case_sha256": expected.case_sha256}) == expected


def statuses(case: Case, as_of) -> dict[str, Status]:
    return {
        finding.criterion: finding.status for finding in verify(case, as_of=as_of, knowledge=SHIPPED).findings
    }


def with_fact(case: Case, fact: Fact) -> Case:
    return case.model_copy(
        update={"chart": case.chart.model_copy(update={"facts": (*case.chart.facts, fact)})}
    )


def some_value(definition: FactDefinition, random: Random):
    match definition.kind:
        case FactKind.YES_NO:
            return random.random() < 0.5
        case FactKind.CHOICE:
            return random.choice(definition.choices)
        case FactKind.NUMBER:
            return Decimal(random.randint(1, 200))
        case _:
            return "something"


@pytest.mark.parametrize("name", SOME)
def test_a_fact_not_documented_before_never_turns_met_into_undocumented(name):
    vignette = VIGNETTES[name]
    case, random = vignette.case(), Random(name)  # noqa: S311 - reproducible examples, nothing secret
    documented = {fact.fact for fact in case.chart.facts}
    missing = [
        key
        for key, definition in SHIPPED.vocabulary.items()
        # A date at random contradicts the others: a nadir before the onset, a first dose after the last.
        if not definition.derived
        and key not in documented | MAY_CONTRADICT_A_SCORE
        and definition.kind is not FactKind.DATE
    ]
    before = statuses(case, vignette.as_of)
    undone = []
    for key in random.sample(missing, min(8, len(missing))):
        definition = SHIPPED.vocabulary[key]
        fact = Fact(
            fact=key,
            value=some_value(definition, random),
            unit=definition.unit,
            dated=vignette.as_of,
            source=Source(recorded_by="test"),
        )
        after = statuses(with_fact(case, fact), vignette.as_of)
        undone += [
            (key, str(fact.value), criterion)
            for criterion, status in before.items()
            if status is Status.MET
            and after.get(criterion) is Status.UNDOCUMENTED
            and criterion not in ASK_MORE_WHEN_A_RISK_IS_FOUND
        ]

    assert undone == []


@pytest.mark.parametrize("name", SOME)
def test_an_older_entry_of_a_documented_fact_changes_no_finding(name):
    vignette = VIGNETTES[name]
    case, random = vignette.case(), Random(name)  # noqa: S311 - reproducible examples, nothing secret
    dated = [fact for fact in case.chart.facts if fact.dated == vignette.as_of]
    before = statuses(case, vignette.as_of)
    if not dated:
        pytest.skip("nothing in this vignette is dated on the day assessed")
    newest = random.choice(dated)
    same_but_older = newest.model_copy(update={"dated": newest.dated - timedelta(days=1)})

    assert statuses(with_fact(case, same_but_older), vignette.as_of) == before
