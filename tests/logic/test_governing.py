"""Which policy version governs, on both sides of every boundary, and the rights that may bear on a case."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from priorauth.policies import governing_policy, payers_governed_by, plan_year_began
from priorauth.verification import verify
from schemas.base import LineOfBusiness, Phase
from tests.logic.governed import CHANGED_ON, SHIPPED, case_of, knowing, versions


DAY = timedelta(days=1)
IN_MINNESOTA = {"state": "MN", "plan_year_starts": date(2026, 1, 1)}


def governing(case, as_of=date(2026, 11, 23)):
    return governing_policy(case, as_of, knowing(*versions())).policy


@pytest.mark.parametrize(("requested_on", "place"), [(CHANGED_ON - DAY, 0), (CHANGED_ON, 1)])
def test_the_day_of_the_request_chooses_the_version(requested_on, place):
    assert governing(case_of(requested_on)) == versions()[place]


def test_a_request_not_sent_yet_is_judged_by_the_day_it_is_looked_at():
    assert governing(case_of(CHANGED_ON + DAY), as_of=CHANGED_ON - DAY) == versions()[0]


def test_a_new_version_before_the_first_date_of_service_is_announced():
    case = case_of(CHANGED_ON - DAY)
    later = case.model_copy(update={"request": case.request.model_copy(update={"starts": CHANGED_ON})})

    assert f"takes effect on {CHANGED_ON}" in governing_policy(later, CHANGED_ON, knowing(*versions())).why


@pytest.mark.parametrize(
    ("approved_from", "coverage", "place"),
    [
        (date(2026, 2, 1), IN_MINNESOTA, 0),
        (CHANGED_ON - DAY, IN_MINNESOTA, 0),
        # Approved under the changed criteria: nothing is frozen.
        (CHANGED_ON, IN_MINNESOTA, 1),
        # The change fell on the first day of a plan year, or in the one before.
        (date(2026, 2, 1), {**IN_MINNESOTA, "plan_year_starts": CHANGED_ON}, 1),
        (date(2026, 2, 1), {**IN_MINNESOTA, "plan_year_starts": CHANGED_ON + DAY}, 1),
        (date(2026, 2, 1), {**IN_MINNESOTA, "plan_year_starts": CHANGED_ON - DAY}, 0),
        # Other states, and plans that state law does not reach.
        (date(2026, 2, 1), {**IN_MINNESOTA, "state": "WI"}, 1),
        (date(2026, 2, 1), {**IN_MINNESOTA, "line_of_business": "commercial_self_funded"}, 1),
        # Nothing is frozen on a guess of the plan year.
        (date(2026, 2, 1), {"state": "MN"}, 1),
    ],
)
def test_changed_criteria_wait_for_the_next_plan_year_where_the_law_says_so(approved_from, coverage, place):
    case = case_of(date(2026, 8, 1), approved_from, **coverage)

    assert governing(case) == versions()[place]


def test_a_frozen_version_says_by_which_law_and_how_sure_that_is():
    case = case_of(date(2026, 8, 1), date(2026, 2, 1), **IN_MINNESOTA)

    why = governing_policy(case, date(2026, 8, 1), knowing(*versions())).why

    assert "may have to wait for the next plan year (Minnesota Statutes 62M.17, subdivision 2" in why
    assert "secondary source" in why


@pytest.mark.parametrize(
    ("a_start", "day", "began"),
    [
        (date(2026, 7, 1), date(2026, 6, 30), date(2025, 7, 1)),
        (date(2026, 7, 1), date(2026, 7, 1), date(2026, 7, 1)),
        (date(2020, 7, 1), date(2026, 8, 1), date(2026, 7, 1)),
        (date(2024, 2, 29), date(2026, 2, 28), date(2025, 3, 1)),
    ],
)
def test_a_plan_year_comes_round_on_its_day(a_start, day, began):
    assert plan_year_began(a_start, day) == began


def versions_shipped():
    return [
        (policy, day)
        for policy in SHIPPED.policies.values()
        for day in (
            policy.effective_from - DAY,
            policy.effective_from,
            policy.effective_to,
            policy.effective_to and policy.effective_to + DAY,
        )
        if day is not None
    ]


@pytest.mark.parametrize(
    ("policy", "day"),
    [
        pytest.param(policy, day, id=f"{policy.payer} {policy.version} on {day}")
        for policy, day in versions_shipped()
    ],
)
def test_every_shipped_version_governs_on_its_days_and_on_no_other(policy, day):
    line = policy.lines_of_business[0]
    case = case_of(day, payer=policy.payer, line_of_business=line, state=None)
    # Where a profile leaves the condition to another, that one governs; every profile names its conditions.
    case = case.model_copy(update={"condition": next(iter(policy.conditions), None)})
    in_force = policy.effective_from <= day and (policy.effective_to is None or day <= policy.effective_to)

    assert (governing_policy(case, day, SHIPPED).policy == policy) == in_force


def rights(case, as_of):
    return {right.rule: right for right in verify(case, as_of=as_of, knowledge=SHIPPED).rights}


MEDICARE_ADVANTAGE = {"line_of_business": LineOfBusiness.MEDICARE_ADVANTAGE, "payer": "cigna"}
JOINED = date(2026, 9, 1)


@pytest.mark.parametrize(
    ("as_of", "held"),
    [(JOINED - DAY, False), (JOINED, True), (JOINED + 89 * DAY, True), (JOINED + 90 * DAY, False)],
)
def test_a_course_under_way_is_noted_for_the_days_of_transition(as_of, held):
    case = case_of(as_of, date(2026, 2, 1), starts=JOINED, **MEDICARE_ADVANTAGE)

    found = rights(case, as_of)

    assert ("ma_transition" in found) == held
    if held:
        assert found["ma_transition"].until == JOINED + 89 * DAY


def test_the_pledge_of_the_industry_is_noted_as_voluntary():
    case = case_of(JOINED, date(2026, 2, 1), starts=JOINED)

    assert rights(case, JOINED)["ahip_pledge"].voluntary


def test_without_a_course_under_way_nothing_is_noted_of_a_change_of_plan():
    case = case_of(JOINED, starts=JOINED)
    untreated = case.model_copy(update={"chart": case.chart.model_copy(update={"infusions": ()})})

    assert "ahip_pledge" not in rights(untreated, JOINED)


@pytest.mark.parametrize(("state", "rule"), [("TX", "texas_one_a_year"), ("IL", "illinois_chronic")])
def test_state_law_on_short_approvals_reaches_state_regulated_plans_only(state, rule):
    insured = case_of(date(2026, 8, 1), state=state)
    short = insured.model_copy(
        update={"request": insured.request.model_copy(update={"phase": Phase.INITIATION})}
    )
    self_funded = short.model_copy(
        update={
            "coverage": short.coverage.model_copy(
                update={"line_of_business": LineOfBusiness.COMMERCIAL_SELF_FUNDED}
            )
        }
    )

    assert rule in rights(short, date(2026, 8, 1))
    assert rule not in rights(self_funded, date(2026, 8, 1))


def test_no_right_is_noted_outside_its_dates():
    before = date(2023, 12, 31)
    case = case_of(before, date(2023, 2, 1), starts=before, **MEDICARE_ADVANTAGE)

    assert "ma_transition" not in rights(case, before)


def test_a_policy_may_govern_the_cases_of_every_payer_that_falls_back_to_it():
    lcd = next(
        policy for policy in SHIPPED.policies.values() if policy.policy == "lcd_ivig_medicare_advantage"
    )
    aetna = next(policy for policy in SHIPPED.policies.values() if policy.payer == "aetna")

    assert {lcd.payer, "anthem", "cigna", "humana"} <= payers_governed_by(lcd, SHIPPED)
    assert payers_governed_by(aetna, SHIPPED) == {"aetna"}
