"""Criteria in three-valued logic: unknown is not no, and not yes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from priorauth.facts.context import Context
from priorauth.facts.resolution import Narrowed
from priorauth.logic import prove, status_of
from schemas.assessment import Status
from schemas.case import Case, Patient, Referral
from schemas.chart import Chart, Fact, Source
from schemas.policy import AllOf, AnyOf, AtLeast, Not, Question
from schemas.vocabulary import FactDefinition, FactKind
from tests.logic import random_policies


AS_OF = date(2026, 11, 23)
VOCABULARY = {
    "pain": FactDefinition(title="Pain", kind=FactKind.YES_NO, ask="Note on pain"),
    "tremor": FactDefinition(title="Tremor", kind=FactKind.YES_NO, ask="Note on tremor"),
    "course": FactDefinition(
        title="Course", kind=FactKind.CHOICE, choices=("progressive", "stable"), ask="Note on the course"
    ),
    "protein": FactDefinition(
        title="CSF protein", kind=FactKind.NUMBER, unit="mg/dL", also_in={"g/L": Decimal(100)}, ask="CSF"
    ),
    "weight": FactDefinition(
        title="Weight", kind=FactKind.NUMBER, unit="kg", fresh_for_days=180, ask="Weight"
    ),
}


def fact(key, value, *, dated=AS_OF, unit=None):
    return Fact(fact=key, value=value, unit=unit, dated=dated, source=Source(recorded_by="nurse"))


def context(*facts: Fact) -> Context:
    case = Case(
        case_id="PA-00000000",
        referral=Referral(system="test", identifier="1"),
        patient=Patient(),
        chart=Chart(facts=facts),
    )
    return Context(case, AS_OF, SimpleNamespace(vocabulary=VOCABULARY))


PAIN, TREMOR = Question(fact="pain", is_=True), Question(fact="tremor", is_=True)
MET, NOT_MET, UNDOCUMENTED = Status.MET, Status.NOT_MET, Status.UNDOCUMENTED


@pytest.mark.parametrize(
    ("pain", "tremor", "both", "either"),
    [
        (True, True, MET, MET),
        (True, False, NOT_MET, MET),
        (True, None, UNDOCUMENTED, MET),
        (False, None, NOT_MET, UNDOCUMENTED),
        (False, False, NOT_MET, NOT_MET),
        (None, None, UNDOCUMENTED, UNDOCUMENTED),
    ],
)
def test_all_of_and_any_of_follow_strong_kleene(pain, tremor, both, either):
    facts = [fact(key, value) for key, value in (("pain", pain), ("tremor", tremor)) if value is not None]
    looked_at = context(*facts)

    assert prove(AllOf(all_of=(PAIN, TREMOR)), looked_at).status == both
    assert prove(AnyOf(any_of=(PAIN, TREMOR)), looked_at).status == either


def test_not_leaves_the_unknown_unknown():
    assert prove(Not(not_=PAIN), context()).status == UNDOCUMENTED
    assert prove(Not(not_=PAIN), context(fact("pain", False))).status == MET


def test_at_least_is_decided_as_soon_as_it_can_be():
    two_of_three = AtLeast(at_least=2, of=(PAIN, TREMOR, Question(fact="course", is_="progressive")))

    assert prove(two_of_three, context(fact("pain", True), fact("tremor", True))).status == MET
    assert prove(two_of_three, context(fact("pain", False), fact("tremor", False))).status == NOT_MET
    assert prove(two_of_three, context(fact("pain", True), fact("tremor", False))).status == UNDOCUMENTED


@pytest.mark.parametrize("seed", range(10))
def test_the_bare_answer_is_the_status_of_the_proof(seed):
    random = Random(seed)  # noqa: S311 - reproducible examples, nothing secret
    knowing = SimpleNamespace(vocabulary=random_policies.VOCABULARY)
    for _ in range(50):
        facts = random.sample(list(random_policies.VOCABULARY), 8)
        requirement = random_policies.random_requirement(random, facts)
        entries = tuple(
            fact(key, random.choice(random_policies.VALUES[key])) for key in facts if random.random() < 0.6
        )
        looked_at = replace(context(*entries), knowledge=knowing)

        assert status_of(requirement, looked_at) is prove(requirement, looked_at).status


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (fact("weight", Decimal(72), dated=None), "without a date"),
        (fact("weight", Decimal(72), dated=AS_OF + timedelta(days=1)), "only after 2026-11-23"),
        (fact("weight", Decimal(72), dated=AS_OF - timedelta(days=181)), "181 days ago, which is too old"),
        (fact("weight", Decimal(72), unit="stone"), "not in a form the vocabulary knows"),
        # 0.46 of what? CSF protein is reported in mg/dL and in g/L.
        (fact("protein", Decimal("0.46")), "not in a form the vocabulary knows"),
    ],
)
def test_entries_that_cannot_be_used_count_as_undocumented_and_say_why(entry, why):
    proof = prove(Question(fact=entry.fact, at_least=50), context(entry))

    assert proof.status == UNDOCUMENTED
    assert why in proof.reason
    assert proof.missing == (entry.fact,)


def test_an_entry_is_usable_on_its_last_fresh_day():
    entry = fact("weight", Decimal(72), dated=AS_OF - timedelta(days=180))

    assert prove(Question(fact="weight", at_least=50), context(entry)).status == MET


def test_a_criterion_may_ask_for_a_fresher_entry_than_the_vocabulary():
    entry = fact("weight", Decimal(72), dated=AS_OF - timedelta(days=31))

    assert prove(Question(fact="weight", at_least=50, within_days=30), context(entry)).status == UNDOCUMENTED


@pytest.mark.parametrize(("value", "status"), [("44.9", NOT_MET), ("45", NOT_MET), ("45.1", MET)])
def test_both_sides_of_a_threshold(value, status):
    assert (
        prove(
            Question(fact="protein", more_than=45), context(fact("protein", Decimal(value), unit="mg/dL"))
        ).status
        == status
    )


def test_units_are_converted_before_a_comparison():
    proof = prove(
        Question(fact="protein", more_than=45), context(fact("protein", Decimal("0.46"), unit="g/L"))
    )

    assert proof.status == MET
    assert proof.facts[0].value == "0.46 g/L"


def test_contradicting_entries_of_one_day_settle_nothing():
    assert prove(PAIN, context(fact("pain", True), fact("pain", False))).status == UNDOCUMENTED


def test_the_newest_usable_entry_decides():
    older, newer = (
        fact("pain", True, dated=AS_OF - timedelta(days=9)),
        fact("pain", False, dated=AS_OF - timedelta(days=2)),
    )

    assert prove(PAIN, context(newer, older)).status == NOT_MET


ENTRIES = st.builds(
    fact,
    st.just("pain"),
    st.booleans(),
    dated=st.none() | st.dates(AS_OF - timedelta(days=400), AS_OF + timedelta(days=30)),
)


@given(entries=st.lists(ENTRIES, max_size=6), data=st.data())
def test_findings_do_not_depend_on_the_order_of_entry(entries, data):
    shuffled = data.draw(st.permutations(entries))

    assert prove(PAIN, context(*shuffled)) == prove(PAIN, context(*entries))


@given(entries=st.lists(ENTRIES, max_size=6), older=st.booleans())
def test_an_older_entry_never_changes_a_finding(entries, older):
    usable = [entry.dated for entry in entries if entry.dated and entry.dated <= AS_OF]
    before = prove(PAIN, context(*entries)).status
    if before is UNDOCUMENTED:
        return
    added = fact("pain", older, dated=max(usable) - timedelta(days=1))

    assert prove(PAIN, context(*entries, added)).status == before


@pytest.mark.parametrize(
    ("possible", "expected"),
    [
        (("progressive",), MET),
        (("progressive", "relapsing"), MET),
        (("stable", "improving"), NOT_MET),
        (("progressive", "stable"), UNDOCUMENTED),
    ],
)
def test_a_fact_that_is_narrowed_answers_what_all_its_possible_values_answer_alike(possible, expected):
    narrowed = Narrowed("two readings are possible", ("course",), possible=possible)
    derived = VOCABULARY["course"].model_copy(update={"derived": True})
    looked_at = replace(
        context(),
        knowledge=SimpleNamespace(vocabulary={**VOCABULARY, "course": derived}),
        derivations={"course": lambda _: narrowed},
    )
    question = Question(fact="course", is_one_of=("progressive", "relapsing"))

    assert prove(question, looked_at).status == expected
