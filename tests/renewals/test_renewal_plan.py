"""The plan of one course on one day, with the shipped products and regulations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from priorauth.knowledge import Knowledge
from priorauth.renewal_calendar import calendar_rows
from priorauth.renewals import plan_renewal
from schemas.base import ConditionId, LineOfBusiness, SiteOfCare, Urgency
from schemas.case import Case, Patient
from schemas.renewal import CourseStatus, Level, Obstacle, Progress, RenewalPlan, TaskKind
from tests.renewals.courses import ACTIVE, a_case, every, fact, given, grant, planned


TODAY = date(2026, 11, 23)  # a Monday
DECEMBER = date(2026, 12, 1)


def plan_of(case: Case, knowledge: Knowledge, *, as_of: date = TODAY, **more: Any) -> RenewalPlan:
    plan = plan_renewal(case, knowledge, as_of=as_of, **more)
    assert plan is not None
    return plan


def test_a_covered_course_is_left_alone(knowledge: Knowledge) -> None:
    case = a_case(
        every(21, DECEMBER, 3),
        [grant(date(2026, 11, 1), date(2027, 10, 31), 2600)],
        were_given=[given(date(2026, 11, 10), units=140)],
        every_days=21,
    )
    plan = plan_of(case, knowledge)
    assert (plan.status, plan.level, plan.uncovered) == (CourseStatus.ACTIVE, Level.NONE, ())
    assert (plan.units, plan.days) == (Progress(done=140, of=2600), Progress(done=23, of=365))
    assert plan.covered_until == date(2027, 10, 12)
    assert plan.first is not None
    assert (plan.first.infusion, plan.first.expected, plan.first.obstacle) == (
        date(2027, 11, 2),
        True,
        Obstacle.DATE,
    )


def test_units_that_run_out_early_bring_the_renewal_forward(knowledge: Knowledge) -> None:
    case = a_case(every(21, DECEMBER, 3), [grant(date(2026, 11, 1), date(2027, 10, 31), 560)], every_days=21)
    plan = plan_of(case, knowledge)
    assert plan.first is not None
    assert (plan.first.kind, plan.first.infusion, plan.first.obstacle) == (
        TaskKind.RENEWAL,
        date(2027, 2, 23),
        Obstacle.UNITS,
    )
    assert plan.first.renew_by == date(2027, 1, 14)


def test_an_infusion_given_yesterday_does_not_stand_for_one_still_to_come(knowledge: Knowledge) -> None:
    # Both days were booked, and the first left the calendar when it was recorded.
    case = a_case(
        [planned(date(2026, 11, 24))],
        [grant(date(2026, 11, 1), date(2027, 10, 31), 200)],
        were_given=[given(date(2026, 11, 23), units=140)],
        every_days=21,
    )
    assert plan_of(case, knowledge, as_of=date(2026, 11, 24)).uncovered == (date(2026, 11, 24),)
    assert plan_of(case, knowledge, as_of=date(2026, 12, 8)).unrecorded == (date(2026, 11, 24),)
    assert plan_of(case, knowledge, as_of=date(2026, 12, 9)).unrecorded == ()


@pytest.mark.parametrize("interval", [None, 21])
def test_where_everything_is_booked_at_a_wrong_site_the_end_of_the_authorization_still_counts(
    interval: int | None, knowledge: Knowledge
) -> None:
    booked = every(21, date(2026, 12, 3), 3 if interval else 1, site_of_care=SiteOfCare.HOME)
    office = grant(date(2026, 7, 1), date(2026, 12, 20), 2000, sites=(SiteOfCare.OFFICE,))
    plan = plan_of(a_case(booked, [office], every_days=interval), knowledge)
    assert {need.kind for need in plan.needs} == {TaskKind.CORRECTION, TaskKind.RENEWAL}


@pytest.mark.parametrize(
    ("urgency", "due"), [("standard", date(2026, 12, 5)), ("expedited", date(2026, 11, 23))]
)
def test_the_answer_is_due_by_the_clock_the_request_was_sent_under(
    urgency: str, due: date, knowledge: Knowledge
) -> None:
    case = a_case([planned(date(2026, 12, 1))], every_days=21)
    assert case.request is not None
    request = case.request.model_copy(update={"urgency": Urgency(urgency), "urgency_reason": "relapse"})
    sent = case.model_copy(update={"request": request})
    plan = plan_renewal(sent, knowledge, as_of=TODAY, submitted_on=date(2026, 11, 20))
    assert plan is not None
    assert plan.needs[0].decision_due == due


def test_an_authorization_without_an_end_is_planned_like_any_other(knowledge: Knowledge) -> None:
    open_ended = grant(date(2026, 1, 1), date(2100, 12, 31), 560)
    plan = plan_of(a_case(every(28, date(2026, 12, 1), 2), [open_ended], every_days=28), knowledge)
    assert [need.infusion for need in plan.needs] == [date(2027, 3, 23)]


def test_an_expired_authorization_with_an_infusion_booked_has_lapsed(knowledge: Knowledge) -> None:
    case = a_case([planned(date(2026, 11, 27))], [grant(date(2026, 5, 21), date(2026, 11, 20), 2000)])
    plan = plan_of(case, knowledge)
    assert (plan.status, plan.level, plan.uncovered) == (
        CourseStatus.LAPSED,
        Level.PEER_TO_PEER,
        (date(2026, 11, 27),),
    )


def test_a_wrong_site_next_week_does_not_hide_the_end_next_month(knowledge: Knowledge) -> None:
    office = grant(date(2026, 7, 1), date(2026, 12, 31), 5000, sites=(SiteOfCare.OFFICE,))
    case = a_case(
        [planned(DECEMBER, site_of_care=SiteOfCare.OUTPATIENT_HOSPITAL), planned(date(2026, 12, 22))],
        [office],
        every_days=21,
    )
    assert [(need.kind, need.infusion) for need in plan_of(case, knowledge).needs] == [
        (TaskKind.CORRECTION, DECEMBER),
        (TaskKind.RENEWAL, date(2027, 1, 12)),
    ]


@pytest.mark.parametrize(
    ("lob", "words"),
    [
        (LineOfBusiness.COMMERCIAL_SELF_FUNDED, "15 calendar days"),
        (LineOfBusiness.MEDICARE_ADVANTAGE, "72 hours"),
        (LineOfBusiness.MEDICAID_MANAGED_CARE, "24 hours"),
        (LineOfBusiness.TRICARE, "assumed"),
    ],
)
def test_the_drug_clock_of_the_line_of_business_is_used(
    knowledge: Knowledge, lob: LineOfBusiness, words: str
) -> None:
    coverage = ACTIVE.model_copy(update={"line_of_business": lob})
    plan = plan_of(a_case([planned(DECEMBER)], coverage=coverage), knowledge)
    assert words in plan.because[2]


def test_original_medicare_asks_for_no_authorization(knowledge: Knowledge) -> None:
    coverage = ACTIVE.model_copy(update={"line_of_business": LineOfBusiness.ORIGINAL_MEDICARE})
    plan = plan_of(a_case([planned(DECEMBER)], coverage=coverage), knowledge)
    assert (plan.needs, plan.uncovered, plan.status) == ((), (), CourseStatus.ACTIVE)
    assert plan.because == ("the plan asks for no authorization of this drug",)


def test_a_plan_that_is_not_known_is_a_need_and_not_a_pass(knowledge: Knowledge) -> None:
    case = a_case([planned(DECEMBER)], [grant(date(2026, 7, 1), date(2027, 6, 30), 5000)], coverage=None)
    plan = plan_of(case, knowledge)
    assert plan.first is not None
    assert (plan.first.kind, plan.first.words) == (
        TaskKind.PLAN_CHANGE,
        "the plan that is to pay is not known",
    )


@pytest.mark.parametrize(
    "end",
    [{"discontinued_on": date(2026, 11, 20)}, {"patient": Patient(died=date(2026, 11, 20))}],
    ids=["discontinued", "died"],
)
def test_a_course_that_has_ended_needs_nothing(knowledge: Knowledge, end: dict[str, Any]) -> None:
    case = a_case(
        every(21, DECEMBER, 2), [grant(date(2026, 7, 1), date(2026, 12, 5), 500)], every_days=21, **end
    )
    plan = plan_of(case, knowledge)
    assert (plan.status, plan.needs, plan.unscheduled, plan.next_action_on) == (
        CourseStatus.ENDED,
        (),
        False,
        None,
    )


def test_a_course_that_will_end_is_covered_to_its_end_only(knowledge: Knowledge) -> None:
    case = a_case(
        every(21, DECEMBER, 2),
        [grant(date(2026, 7, 1), date(2027, 1, 5), 500)],
        every_days=21,
        discontinued_on=date(2026, 12, 31),
    )
    assert plan_of(case, knowledge).needs == ()


def test_a_held_course_is_held_until_its_authorization_must_be_renewed(knowledge: Knowledge) -> None:
    infusions = [planned(DECEMBER, held="infection"), planned(date(2026, 12, 22), held="infection")]
    case = a_case(infusions, [grant(date(2026, 7, 1), date(2027, 6, 30), 5000)], every_days=21)
    assert plan_of(case, knowledge).status is CourseStatus.HELD
    assert plan_of(case, knowledge, as_of=date(2027, 5, 17)).status is CourseStatus.RENEWAL_DUE


def test_gbs_is_treated_once(knowledge: Knowledge) -> None:
    entries = [given(date(2026, 11, 10) + timedelta(days=day), "32") for day in range(5)]
    case = a_case(
        (), [grant(date(2026, 11, 1), date(2026, 11, 30), 320)], were_given=entries, condition=ConditionId.GBS
    )
    plan = plan_of(case, knowledge)
    assert (plan.status, plan.needs, plan.unscheduled) == (CourseStatus.ENDED, (), False)


def test_without_a_known_interval_the_end_of_the_authorization_counts(knowledge: Knowledge) -> None:
    case = a_case([planned(DECEMBER)], [grant(date(2026, 7, 1), date(2026, 12, 31), 5000)])
    (need,) = plan_of(case, knowledge).needs
    assert (need.infusion, need.obstacle) == (date(2027, 1, 1), None)
    assert need.because[0] == (
        "from Fri 2027-01-01 on nothing is authorized: "
        "the authorization ends on 2026-12-31 and no infusion is planned after it"
    )


def test_a_course_without_an_infusion_ahead_is_unscheduled(knowledge: Knowledge) -> None:
    case = a_case(
        (), [grant(date(2026, 1, 1), date(2026, 6, 30), 5000)], were_given=[given(date(2026, 6, 1))]
    )
    plan = plan_of(case, knowledge)
    assert plan.unscheduled
    assert plan.next_action_on == date(2026, 11, 24)


def test_a_case_without_a_course_has_no_plan(knowledge: Knowledge) -> None:
    assert plan_renewal(a_case(), knowledge, as_of=TODAY) is None


def test_a_planned_infusion_that_was_never_recorded_is_asked_about_after_three_days(
    knowledge: Knowledge,
) -> None:
    case = a_case([planned(date(2026, 11, 20)), planned(date(2026, 11, 16))])
    assert plan_of(case, knowledge).unrecorded == (date(2026, 11, 16),)
    assert plan_of(case, knowledge, as_of=date(2026, 11, 24)).unrecorded == (
        date(2026, 11, 16),
        date(2026, 11, 20),
    )


@pytest.mark.parametrize(
    ("verified_on", "infusion", "expected"),
    [
        (date(2026, 11, 2), date(2026, 12, 29), None),
        (date(2026, 11, 2), date(2027, 1, 5), date(2027, 1, 5)),  # a new year, a new card
        (date(2027, 1, 2), date(2027, 1, 5), None),
        (None, date(2026, 12, 1), date(2026, 12, 1)),
    ],
)
def test_coverage_is_verified_again_in_the_new_plan_year(
    knowledge: Knowledge, verified_on: date | None, infusion: date, expected: date | None
) -> None:
    case = a_case([planned(infusion)], coverage=ACTIVE.model_copy(update={"verified_on": verified_on}))
    assert plan_of(case, knowledge).verify_coverage == expected


def test_a_plan_year_may_begin_in_any_month(knowledge: Knowledge) -> None:
    july = {"plan_year_starts": date(2025, 7, 1), "verified_on": date(2026, 7, 1)}
    case = a_case([planned(date(2027, 6, 30))], coverage=ACTIVE.model_copy(update=july))
    assert plan_of(case, knowledge).verify_coverage is None
    case = a_case([planned(date(2027, 7, 1))], coverage=ACTIVE.model_copy(update=july))
    assert plan_of(case, knowledge).verify_coverage == date(2027, 7, 1)


def test_a_change_of_weight_in_pounds_is_seen(knowledge: Knowledge) -> None:
    approved = grant(date(2026, 7, 1), date(2027, 6, 30), 5000, dosing_weight_kg=90)
    lost = fact("weight", 163, TODAY, "lb")  # 73.9 kg
    (need, *_) = plan_of(a_case([planned(DECEMBER, "90")], [approved], facts=[lost]), knowledge).needs
    assert (need.kind, need.obstacle) == (TaskKind.CORRECTION, Obstacle.WEIGHT)


def test_a_payer_that_takes_renewals_late_is_respected(knowledge: Knowledge) -> None:
    policies = {
        key: policy.model_copy(update={"renewal_earliest_days": 30})
        for key, policy in knowledge.policies.items()
    }
    case = a_case([planned(DECEMBER)], [grant(date(2026, 7, 1), date(2026, 12, 31), 5000)], every_days=35)
    plan = plan_of(case, replace(knowledge, policies=policies))
    assert plan.first is not None
    assert plan.first.window_starts == DECEMBER


def test_a_plan_carries_no_authorization_number(knowledge: Knowledge) -> None:
    case = a_case(every(21, DECEMBER, 4), [grant(DECEMBER, date(2027, 5, 31), 300, number="SECRET-77")])
    assert "SECRET-77" not in plan_of(case, knowledge).model_dump_json()


def test_the_calendar_shows_the_lapsed_first_and_folds_what_has_ended(knowledge: Knowledge) -> None:
    expired = [grant(date(2026, 5, 21), date(2026, 11, 20), 2000)]
    year = [grant(date(2026, 11, 1), date(2027, 10, 31), 2600)]
    cases = {
        "PA-00000001": a_case([planned(DECEMBER)], year, discontinued_on=date(2026, 11, 1)),
        "PA-00000002": a_case([planned(DECEMBER)], year, every_days=21),
        "PA-00000003": a_case([planned(DECEMBER)], expired, every_days=21),
    }
    plans = [
        plan_of(case.model_copy(update={"case_id": case_id}), knowledge) for case_id, case in cases.items()
    ]
    rows = calendar_rows(plans)
    assert [(row.case_id, row.status, row.folded) for row in rows] == [
        ("PA-00000003", CourseStatus.LAPSED, False),
        ("PA-00000002", CourseStatus.ACTIVE, False),
        ("PA-00000001", CourseStatus.ENDED, True),
    ]
    assert (rows[0].days_left, rows[0].first_uncovered) == (-31, DECEMBER)


def test_a_course_that_never_had_an_authorization_has_none_to_renew(knowledge: Knowledge) -> None:
    plan = plan_of(a_case(every(21, DECEMBER, 3), [], every_days=21), knowledge)

    assert plan.status is CourseStatus.AUTHORIZATION_DUE
    assert plan.first is not None
    assert plan.first.kind is TaskKind.AUTHORIZATION
