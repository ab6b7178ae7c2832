"""What a sweep opens, escalates and closes, and the promise that it keeps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from priorauth.knowledge import Knowledge, load_knowledge
from priorauth.renewal_tasks import owner_at, silent_lapses, sweep_decisions
from priorauth.renewals import plan_renewal
from schemas.case import Case
from schemas.renewal import ActionKind, CourseStatus, Level, Owner, RenewalPlan, SweepAction, TaskKind
from tests.renewals.courses import ACTIVE, a_case, every, fact, given, grant, planned
from tests.renewals.random_courses import START, random_course


TODAY = date(2026, 11, 23)
KNOWLEDGE = load_knowledge(Path(__file__).parents[2] / "knowledge")
DECEMBER = date(2026, 12, 1)
YEAR = grant(date(2026, 11, 1), date(2027, 10, 31), 2600)


def plan_of(case: Case, knowledge: Knowledge, as_of: date = TODAY) -> RenewalPlan:
    plan = plan_renewal(case, knowledge, as_of=as_of)
    assert plan is not None
    return plan


def applied(standing: Iterable[SweepAction], actions: Iterable[SweepAction]) -> list[SweepAction]:
    """Keep tasks as a store would: an action stands under its key until it is closed."""
    tasks = {task.key: task for task in standing}
    for action in actions:
        if action.action is ActionKind.CLOSE:
            del tasks[action.key]
        else:
            tasks[action.key] = action
    return list(tasks.values())


def test_a_covered_course_opens_nothing(knowledge: Knowledge) -> None:
    assert sweep_decisions(plan_of(a_case([planned(DECEMBER)], [YEAR], every_days=21), knowledge), ()) == ()


def test_an_infusion_without_authorization_opens_one_task(knowledge: Knowledge) -> None:
    (action,) = sweep_decisions(plan_of(a_case(every(21, DECEMBER, 3)), knowledge), ())
    assert action == SweepAction(
        action=ActionKind.OPEN,
        key="PA-0000000A/authorization",
        case_id="PA-0000000A",
        kind=TaskKind.AUTHORIZATION,
        owner=Owner.SUPERVISOR,
        level=Level.ESCALATE,
        due=date(2026, 10, 23),
        detail="2026-12-01: no authorization is on file",
    )


def test_a_second_sweep_on_the_same_day_does_nothing(knowledge: Knowledge) -> None:
    plan = plan_of(a_case(every(21, DECEMBER, 3)), knowledge)
    assert sweep_decisions(plan, sweep_decisions(plan, ())) == ()


def test_a_task_climbs_from_coordinator_to_supervisor_to_medical_director(knowledge: Knowledge) -> None:
    case = a_case(
        [planned(date(2027, 2, 1))],
        [grant(date(2026, 8, 1), date(2027, 1, 31), 5000)],
        coverage=ACTIVE.model_copy(update={"verified_on": date(2027, 1, 2)}),
    )
    tasks: list[SweepAction] = []
    climbed = []
    for day in range(85):
        today = date(2026, 11, 9) + timedelta(days=day)
        actions = sweep_decisions(plan_of(case, knowledge, today), tasks)
        climbed += [(today, action.action, action.owner, action.level) for action in actions]
        tasks = applied(tasks, actions)
    assert climbed == [
        (date(2026, 11, 23), ActionKind.OPEN, Owner.COORDINATOR, Level.REMIND),
        (date(2026, 12, 8), ActionKind.ESCALATE, Owner.COORDINATOR, Level.VISIT),
        (date(2026, 12, 10), ActionKind.ESCALATE, Owner.COORDINATOR, Level.SUBMIT),
        (date(2026, 12, 24), ActionKind.ESCALATE, Owner.SUPERVISOR, Level.ESCALATE),
        (date(2027, 1, 25), ActionKind.ESCALATE, Owner.MEDICAL_DIRECTOR, Level.PEER_TO_PEER),
        (date(2027, 2, 1), ActionKind.ESCALATE, Owner.MEDICAL_DIRECTOR, Level.HOLD_DECISION),
    ]


def test_a_sweep_that_missed_weeks_ends_where_one_that_ran_daily_does(knowledge: Knowledge) -> None:
    case = a_case([planned(date(2027, 2, 1))], [grant(date(2026, 8, 1), date(2027, 1, 31), 5000)])
    daily: list[SweepAction] = []
    for day in range(70):
        plan = plan_of(case, knowledge, date(2026, 11, 23) + timedelta(days=day))
        daily = applied(daily, sweep_decisions(plan, daily))
    once = applied((), sweep_decisions(plan, ()))
    assert [(task.key, task.owner, task.level, task.due) for task in once] == [
        (task.key, task.owner, task.level, task.due) for task in daily
    ]


def test_a_new_authorization_closes_the_task(knowledge: Knowledge) -> None:
    uncovered = a_case([planned(DECEMBER)], every_days=21)
    tasks = applied((), sweep_decisions(plan_of(uncovered, knowledge), ()))
    (action,) = sweep_decisions(plan_of(a_case([planned(DECEMBER)], [YEAR], every_days=21), knowledge), tasks)
    assert (action.action, action.key) == (ActionKind.CLOSE, "PA-0000000A/authorization")
    assert action.detail.startswith("no longer needed: covered until 2027-10-")


def test_the_end_of_a_course_closes_its_tasks(knowledge: Knowledge) -> None:
    tasks = applied((), sweep_decisions(plan_of(a_case([planned(DECEMBER)], every_days=21), knowledge), ()))
    ended = a_case([planned(DECEMBER)], every_days=21, discontinued_on=TODAY)
    actions = sweep_decisions(plan_of(ended, knowledge), tasks)
    assert [(action.action, action.detail) for action in actions] == [
        (ActionKind.CLOSE, "the course has ended")
    ]


def test_moving_the_infusion_moves_the_task_and_makes_no_second_one(knowledge: Knowledge) -> None:
    tasks = applied((), sweep_decisions(plan_of(a_case([planned(DECEMBER)]), knowledge), ()))
    later = a_case([planned(date(2026, 12, 8))])
    (action,) = sweep_decisions(plan_of(later, knowledge), tasks)
    # The supervisor has been called and stays in charge, although 15 days remain again.
    assert (action.action, action.key, action.owner) == (ActionKind.UPDATE, tasks[0].key, Owner.SUPERVISOR)


def test_tasks_of_other_cases_and_of_other_kinds_are_left_alone(knowledge: Knowledge) -> None:
    plan = plan_of(a_case([planned(DECEMBER)]), knowledge)
    (mine,) = sweep_decisions(plan, ())
    other = mine.model_copy(update={"case_id": "PA-0000000B", "key": "PA-0000000B/authorization"})
    assert sweep_decisions(plan, [mine, other]) == ()


def test_a_course_without_an_infusion_ahead_asks_for_one(knowledge: Knowledge) -> None:
    case = a_case(
        (), [grant(date(2026, 1, 1), date(2026, 6, 30), 5000)], were_given=[given(date(2026, 6, 1))]
    )
    renewal, schedule = sweep_decisions(plan_of(case, knowledge), ())
    assert (renewal.kind, renewal.owner) == (TaskKind.RENEWAL, Owner.MEDICAL_DIRECTOR)
    assert renewal.detail == (
        "2026-07-01: the authorization ended on 2026-06-30 and no infusion is planned after it"
    )
    assert (schedule.kind, schedule.owner) == (TaskKind.SCHEDULE, Owner.COORDINATOR)


@pytest.mark.parametrize("every_days", [None, 14])
def test_a_renewal_is_not_closed_because_its_authorization_has_ended(
    every_days: int | None, knowledge: Knowledge
) -> None:
    ends = date(2026, 12, 15)
    case = a_case(
        (),
        [grant(date(2026, 1, 1), ends, 2000)],
        were_given=[given(date(2026, 10, 18)), given(date(2026, 11, 1))],
        every_days=every_days,
    )
    standing: list[SweepAction] = []
    for days in (-7, 0, 1, 2, 30, 200):
        plan = plan_of(case, knowledge, ends + timedelta(days=days))
        standing = applied(standing, sweep_decisions(plan, standing))
        assert TaskKind.RENEWAL in {task.kind for task in standing}, days
        assert (plan.status is CourseStatus.LAPSED) is (days > 0), days


def test_a_task_says_what_is_true_today(knowledge: Knowledge) -> None:
    case = a_case(
        [planned(date(2026, 11, 9)), planned(date(2026, 11, 16)), planned(DECEMBER)], [YEAR], every_days=21
    )
    (first,) = sweep_decisions(plan_of(case, knowledge, date(2026, 11, 14)), ())
    (second,) = sweep_decisions(plan_of(case, knowledge, date(2026, 11, 20)), [first])
    assert second.action is ActionKind.UPDATE
    assert (
        second.detail
        == "planned for 2026-11-09, 2026-11-16: record what was given and on which day, or that it was missed"
    )


@for_all(st.integers(0, 10**9), st.integers(0, 250))
def test_until_the_day_to_look_again_time_alone_gives_nothing_to_do(seed: int, day: int) -> None:
    case, _ = random_course(seed)
    as_of = START + timedelta(days=day)
    plan = plan_renewal(case, KNOWLEDGE, as_of=as_of, with_evidence=False)
    if plan is None or plan.next_action_on is None:
        return
    standing = applied((), sweep_decisions(plan, ()))
    for later in range(1, (plan.next_action_on - as_of).days):
        then = plan_renewal(case, KNOWLEDGE, as_of=as_of + timedelta(days=later), with_evidence=False)
        assert then is not None
        assert sweep_decisions(then, standing) == (), as_of + timedelta(days=later)


def test_what_was_planned_and_not_recorded_is_asked_about(knowledge: Knowledge) -> None:
    case = a_case([planned(date(2026, 11, 16)), planned(date(2026, 12, 7))], [YEAR], every_days=21)
    (action,) = sweep_decisions(plan_of(case, knowledge), ())
    assert (action.kind, action.level) == (TaskKind.RECORD_INFUSION, Level.REMIND)
    assert (
        action.detail
        == "planned for 2026-11-16: record what was given and on which day, or that it was missed"
    )
    (later,) = sweep_decisions(plan_of(case, knowledge, DECEMBER), [action])
    assert (later.action, later.owner) == (ActionKind.ESCALATE, Owner.SUPERVISOR)


def test_coverage_is_asked_about_four_weeks_before_the_first_infusion_of_the_plan_year(
    knowledge: Knowledge,
) -> None:
    case = a_case([planned(date(2027, 1, 5))], [YEAR], every_days=21)
    assert sweep_decisions(plan_of(case, knowledge, date(2026, 12, 7)), ()) == ()
    (action,) = sweep_decisions(plan_of(case, knowledge, date(2026, 12, 8)), ())
    assert (action.kind, action.due) == (TaskKind.VERIFY_COVERAGE, date(2027, 1, 4))
    verified = a_case(
        [planned(date(2027, 1, 5))],
        [YEAR],
        every_days=21,
        coverage=ACTIVE.model_copy(update={"verified_on": date(2027, 1, 4)}),
    )
    (closed,) = sweep_decisions(plan_of(verified, knowledge, date(2027, 1, 4)), [action])
    assert closed.action is ActionKind.CLOSE


def test_a_unit_slip_is_a_task(knowledge: Knowledge) -> None:
    case = a_case(
        [planned(DECEMBER)], [YEAR], were_given=[given(date(2026, 11, 10), "59", units=120)], every_days=21
    )
    (action,) = sweep_decisions(plan_of(case, knowledge), ())
    assert (action.kind, action.detail) == (
        TaskKind.UNIT_SLIP,
        "infusion given on 2026-11-10: 120 units, expected 118",
    )


def test_a_weight_that_no_longer_fits_the_planned_dose_is_a_task(knowledge: Knowledge) -> None:
    lighter = fact("weight", Decimal(63), date(2026, 11, 20), "kg")
    case = a_case([planned(DECEMBER)], [YEAR], facts=[lighter], every_days=21)
    (action,) = sweep_decisions(plan_of(case, knowledge), ())
    assert (action.kind, action.due) == (TaskKind.DOSE_DRIFT, date(2026, 11, 30))
    assert action.detail.startswith(
        "2026-12-01: 70 g planned; 1 g/kg at 63 kg of 2026-11-20 comes to 63 g: have the dose ordered anew"
    )
    dosed_anew = a_case([planned(DECEMBER, "63")], [YEAR], facts=[lighter], every_days=21)
    (closed,) = sweep_decisions(plan_of(dosed_anew, knowledge), [action])
    assert closed.action is ActionKind.CLOSE


def test_roles_by_level() -> None:
    assert [owner_at(level) for level in Level] == [
        Owner.COORDINATOR,
        Owner.COORDINATOR,
        Owner.COORDINATOR,
        Owner.COORDINATOR,
        Owner.SUPERVISOR,
        Owner.MEDICAL_DIRECTOR,
        Owner.MEDICAL_DIRECTOR,
    ]


@for_all(st.integers(0, 10**9), st.integers(0, 250))
def test_after_a_sweep_no_lapse_is_silent_and_nothing_is_left_to_do(
    knowledge: Knowledge, seed: int, day: int
) -> None:
    case, _ = random_course(seed)
    plan = plan_renewal(case, knowledge, as_of=START + timedelta(days=day))
    if plan is None:
        return
    tasks = applied((), sweep_decisions(plan, ()))
    assert silent_lapses(plan, tasks) == ()
    assert sweep_decisions(plan, tasks) == ()
    soon = [on for on in plan.uncovered if on <= plan.as_of + timedelta(days=60)]
    assert bool(soon) <= bool(tasks)
    assert len({task.key for task in tasks}) == len(tasks)


def test_a_lapse_nobody_was_told_of_is_named(knowledge: Knowledge) -> None:
    plan = plan_of(a_case([planned(DECEMBER)]), knowledge)
    assert silent_lapses(plan, ()) == (DECEMBER,)
