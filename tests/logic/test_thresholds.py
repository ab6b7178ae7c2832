"""Both sides of every number and of every age limit that the shipped policies and checks state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from priorauth.facts.context import Context
from priorauth.facts.resolution import Known
from priorauth.logic import prove
from schemas.assessment import Status
from schemas.case import Case, Patient, Referral
from schemas.chart import Chart, Fact, Source
from schemas.policy import Question, questions
from tests.logic.governed import SHIPPED
from tests.policies.profiles import criteria_of


AS_OF = date(2026, 11, 23)
A_LITTLE = Decimal("0.001")
# Whether the answer is yes just below the number, on it, and just above.
SIDES = {
    "at_least": (False, True, True),
    "more_than": (False, False, True),
    "at_most": (True, True, False),
    "less_than": (True, False, False),
}


def asked_anywhere() -> Iterator[Question]:
    criteria = [criterion for policy in SHIPPED.policies.values() for criterion in criteria_of(policy)]
    criteria += [check for checklist in SHIPPED.checks.values() for check in checklist.checks]
    for criterion in criteria:
        for requirement in (criterion.require, criterion.applies_when):
            if requirement is not None:
                yield from questions(requirement)


QUESTIONS = tuple(dict.fromkeys(asked_anywhere()))
NUMERIC = [
    (question, comparison, bound)
    for question in QUESTIONS
    for comparison in SIDES
    if (bound := getattr(question, comparison)) is not None
]
AGED = [
    question
    for question in QUESTIONS
    if question.within_days and not SHIPPED.vocabulary[question.fact].derived
]


def test_there_are_thresholds_to_look_at():
    assert len(NUMERIC) >= 5
    assert {comparison for _, comparison, _ in NUMERIC} <= set(SIDES)


def case_with(*facts: Fact) -> Case:
    return Case(
        case_id="PA-00000000",
        referral=Referral(system="test", identifier="1"),
        patient=Patient(),
        chart=Chart(facts=facts),
    )


def answered(question: Question, value: Decimal) -> Status:
    """Ask the question of a chart, or of a derivation that comes to the value."""
    definition = SHIPPED.vocabulary[question.fact]
    if definition.derived:
        known = Known(value, "computed")
        return prove(
            question, Context(case_with(), AS_OF, SHIPPED, derivations={question.fact: lambda _: known})
        ).status
    entry = Fact(
        fact=question.fact, value=value, unit=definition.unit, dated=AS_OF, source=Source(recorded_by="test")
    )
    return prove(question, Context(case_with(entry), AS_OF, SHIPPED)).status


@pytest.mark.parametrize(
    ("question", "comparison", "bound"),
    [pytest.param(*one, id=f"{one[0].fact} {one[1]} {one[2]}") for one in NUMERIC],
)
def test_both_sides_of_every_number(question, comparison, bound):
    found = [answered(question, bound + step) for step in (-A_LITTLE, Decimal(0), A_LITTLE)]

    assert found == [Status.MET if yes else Status.NOT_MET for yes in SIDES[comparison]]


def sample_value(question: Question) -> object:
    definition = SHIPPED.vocabulary[question.fact]
    if question.is_ is not None:
        return question.is_
    if question.is_one_of:
        return question.is_one_of[0]
    return next((choice for choice in definition.choices if choice not in question.is_none_of), Decimal(1))


@pytest.mark.parametrize("question", [pytest.param(one, id=f"{one.fact} {one.within_days}") for one in AGED])
def test_both_sides_of_every_age_limit(question):
    def on(day: date) -> Status:
        entry = Fact(
            fact=question.fact,
            value=sample_value(question),
            unit=SHIPPED.vocabulary[question.fact].unit,
            dated=day,
            source=Source(recorded_by="test"),
        )
        return prove(question, Context(case_with(entry), AS_OF, SHIPPED)).status

    last_day = AS_OF - timedelta(days=question.within_days)
    assert on(last_day) is not Status.UNDOCUMENTED
    assert on(last_day - timedelta(days=1)) is Status.UNDOCUMENTED
