"""What will be stale when the renewal is submitted, and nothing else, is asked for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from priorauth.evidence_radar import evidence_to_collect
from priorauth.facts.context import Context
from priorauth.knowledge import Knowledge
from schemas.case import Case
from schemas.chart import Fact, Measurement
from schemas.policy import Criterion, PhaseRules, Question
from schemas.renewal import Evidence
from tests.renewals.courses import MADE_UP, RECORDED, a_case, fact, given


TODAY = date(2026, 11, 23)
SUBMIT = date(2027, 1, 4)
FIRST_DOSE = given(date(2026, 1, 5))
FRESH = (
    fact("weight", Decimal(72), date(2026, 11, 2), "kg"),
    fact("creatinine", Decimal("0.9"), date(2026, 11, 2), "mg/dL"),
    fact("neurologist_visit", date(2026, 11, 2), date(2026, 11, 2)),
)


def measured(measure: str, value: str, dated: date, **more: Any) -> Measurement:
    return Measurement(measure=measure, value=Decimal(value), dated=dated, source=RECORDED, **more)


INCAT = (measured("incat", "5", date(2025, 12, 20)), measured("incat", "2", date(2026, 11, 2)))


def chart(
    knowledge: Knowledge, facts: tuple[Fact, ...] = FRESH, measurements: tuple[Measurement, ...] = INCAT
) -> Context:
    case: Case = a_case(were_given=[FIRST_DOSE], facts=facts)
    entered = case.chart.model_copy(update={"measurements": measurements})
    return Context(case.model_copy(update={"chart": entered}), TODAY, knowledge)


def asked(context: Context, rules: PhaseRules | None = None, *, on: date = SUBMIT) -> tuple[Evidence, ...]:
    visits = [date(2026, 12, 1), date(2026, 12, 22), date(2027, 1, 12)]
    return evidence_to_collect(context, rules, submit_on=on, visits=visits)


def test_nothing_fresh_is_asked_for(knowledge: Knowledge) -> None:
    assert asked(chart(knowledge)) == ()


def test_an_empty_chart_is_asked_for_everything(knowledge: Knowledge) -> None:
    items = asked(chart(knowledge, (), ()))
    assert [item.key for item in items] == [
        "response.current_measure",
        "weight",
        "creatinine",
        "neurologist_visit",
    ]
    assert {item.last for item in items} == {None}


@pytest.mark.parametrize(
    ("weighed", "stale"),
    [(date(2026, 7, 8), False), (date(2026, 7, 7), True)],  # 180 and 181 days before 4 January 2027
)
def test_a_weight_goes_stale_after_180_days(knowledge: Knowledge, weighed: date, *, stale: bool) -> None:
    context = chart(knowledge, (fact("weight", Decimal(72), weighed, "kg"), *FRESH[1:]))
    assert [item.key for item in asked(context)] == (["weight"] if stale else [])


def test_what_is_fresh_today_but_not_on_the_day_is_asked_for_at_the_last_visit_before_it(
    knowledge: Knowledge,
) -> None:
    weight = fact("weight", Decimal(72), date(2026, 6, 1), "kg")
    (item,) = asked(chart(knowledge, (weight, *FRESH[1:])))
    assert (item.last, item.collect_from, item.collect_by, item.visit) == (
        date(2026, 6, 1),
        TODAY,
        SUBMIT,
        date(2026, 12, 22),
    )
    assert item.ask == "Weight measured at a visit, with its date"


def test_taken_too_early_it_would_be_stale_again(knowledge: Knowledge) -> None:
    visit = fact("neurologist_visit", date(2026, 8, 3), date(2026, 8, 3))
    (item,) = asked(chart(knowledge, (*FRESH[:2], visit)), on=date(2027, 3, 15))
    assert (item.key, item.collect_from, item.visit) == (
        "neurologist_visit",
        date(2026, 12, 15),
        date(2027, 1, 12),
    )


def test_where_no_visit_serves_none_is_named(knowledge: Knowledge) -> None:
    visit = fact("neurologist_visit", date(2026, 8, 3), date(2026, 8, 3))
    (item,) = asked(chart(knowledge, (*FRESH[:2], visit)), on=date(2027, 4, 30))
    assert (item.collect_from, item.visit) == (date(2027, 1, 30), None)


def test_renal_function_is_shown_by_creatinine_or_egfr(knowledge: Knowledge) -> None:
    egfr = fact("egfr", Decimal(88), date(2026, 11, 2), "mL/min/1.73 m²")
    assert asked(chart(knowledge, (FRESH[0], egfr, FRESH[2]))) == ()


def test_the_measure_taken_before_treatment_is_asked_for_and_no_other(knowledge: Knowledge) -> None:
    measurements = (
        measured("incat", "5", date(2025, 12, 20)),
        measured("i_rods", "66", date(2026, 11, 2)),
    )
    (item,) = asked(chart(knowledge, measurements=measurements))
    assert (item.key, item.last) == ("response.current_measure", date(2025, 12, 20))
    assert "INCAT" in item.what


def test_a_measure_of_two_sides_is_as_old_as_its_older_side(knowledge: Knowledge) -> None:
    grip = [
        measured("grip_martin_vigorimeter", value, dated, side=side, unit="kPa")
        for side, dated, value in (
            ("left", date(2025, 12, 20), "30"),
            ("right", date(2025, 12, 20), "32"),
            ("left", date(2026, 11, 2), "47"),
            ("right", date(2026, 3, 2), "45"),
        )
    ]
    (item,) = asked(chart(knowledge, measurements=tuple(grip)))
    assert (item.last, item.what.endswith("both sides")) == (date(2026, 3, 2), True)


def test_what_the_policy_wants_fresh_is_asked_for_in_its_own_time(knowledge: Knowledge) -> None:
    taper = Criterion(
        id="taper",
        title="Taper",
        require=Question(fact="taper_result", is_="worsened", within_days=365),
        provenance=MADE_UP,
    )
    rules = PhaseRules(criteria=(taper,))
    old = fact("taper_result", "worsened", date(2026, 1, 3))
    assert [item.key for item in asked(chart(knowledge, (*FRESH, old)), rules)] == ["taper_result"]
    new = fact("taper_result", "worsened", date(2026, 1, 4))
    assert asked(chart(knowledge, (*FRESH, new)), rules) == ()


def test_what_never_goes_stale_is_never_asked_for_again(knowledge: Knowledge) -> None:
    iga = Criterion(
        id="iga", title="IgA", require=Question(fact="iga", at_least=Decimal(7)), provenance=MADE_UP
    )
    assert asked(chart(knowledge), PhaseRules(criteria=(iga,))) == ()
