"""The feed says what is due and names nobody."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar

from priorauth.calendar_feed import calendar_feed
from priorauth.knowledge import Knowledge
from priorauth.renewals import plan_renewal
from schemas.case import Patient
from schemas.renewal import RenewalPlan
from tests.renewals.courses import CASE_ID, a_case, grant, planned


AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def a_plan(knowledge: Knowledge, *, discontinued_on: date | None = None) -> RenewalPlan:
    case = a_case(
        [planned(date(2026, 12, 15))],
        [grant(date(2026, 7, 1), date(2026, 12, 31), 2000, number="SECRET-77")],
        every_days=21,
        patient=Patient(given_name="Ada", family_name="Example"),
        discontinued_on=discontinued_on,
    )
    plan = plan_renewal(case, knowledge, as_of=date(2026, 11, 23))
    assert plan is not None
    return plan


def test_a_renewal_makes_two_whole_day_events_with_alarms(knowledge: Knowledge) -> None:
    events = Calendar.from_ical(calendar_feed([a_plan(knowledge)], at=AT)).events
    assert [(str(event["summary"]), event.start, event.end - event.start) for event in events] == [
        (f"{CASE_ID}: renewal, submit by today", date(2026, 11, 25), timedelta(days=1)),
        (f"{CASE_ID}: infusion without authorization", date(2027, 1, 5), timedelta(days=1)),
    ]
    assert [[alarm.decoded("trigger") for alarm in event.walk("VALARM")] for event in events] == [
        [timedelta(days=-13), timedelta(days=-7), timedelta(days=-1)],
        [timedelta(days=-7), timedelta(days=-1)],
    ]


def test_what_is_overdue_stands_on_the_day_it_can_be_sent_with_an_alarm_then(knowledge: Knowledge) -> None:
    today = date(2026, 11, 23)
    plan = plan_renewal(a_case([planned(date(2026, 11, 27))], every_days=21), knowledge, as_of=today)
    assert plan is not None
    submit, _ = Calendar.from_ical(calendar_feed([plan], at=AT)).walk("VEVENT")
    assert submit["dtstart"].dt == today
    assert str(submit["summary"]) == f"{CASE_ID}: authorization, overdue since 2026-10-21, submit now"
    assert [alarm["trigger"].dt for alarm in submit.walk("VALARM")] == [timedelta()]


def test_the_feed_is_the_same_for_the_same_plans(knowledge: Knowledge) -> None:
    plan = a_plan(knowledge)
    other = plan.model_copy(update={"case_id": "PA-00000001"})
    assert calendar_feed([plan, other], at=AT) == calendar_feed([other, plan], at=AT)


def test_no_name_and_no_authorization_number_is_in_the_feed(knowledge: Knowledge) -> None:
    feed = calendar_feed([a_plan(knowledge)], at=AT).decode()
    assert not [word for word in ("Ada", "Example", "SECRET-77", "aetna") if word in feed]


def test_words_of_the_practices_own_never_reach_the_identifiers(knowledge: Knowledge) -> None:
    plan = a_plan(knowledge)
    plain = Calendar.from_ical(calendar_feed([plan], at=AT))
    named = Calendar.from_ical(calendar_feed([plan], at=AT, names={CASE_ID: "Room 4"}))
    assert [event["uid"] for event in named.events] == [event["uid"] for event in plain.events]
    assert all("Room 4" in str(event["summary"]) for event in named.events)


def test_a_course_that_has_ended_is_not_in_the_feed(knowledge: Knowledge) -> None:
    feed = calendar_feed([a_plan(knowledge, discontinued_on=date(2026, 11, 20))], at=AT)
    assert Calendar.from_ical(feed).events == []
