"""The renewal calendar as an iCalendar feed (RFC 5545) that any calendar program can subscribe to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event

from schemas.base import CaseId
from schemas.renewal import CourseStatus, Need, RenewalPlan


PRODUCT = "-//ivig-prior-auth//renewal calendar//EN"
DOMAIN = "ivig-prior-auth.invalid"
"""Makes identifiers unique; the top level name is reserved and belongs to nobody (RFC 2606)."""

ALARM_DAYS = (7, 1)


def calendar_feed(
    plans: Iterable[RenewalPlan], *, at: datetime, names: Mapping[CaseId, str] | None = None
) -> bytes:
    """Write an event for the day to renew by and one for the first infusion without cover, each with alarms.

    Summaries carry the case id. ``names`` puts words of the practice's own in its place; identifiers never change
    with them. ``at`` is the time of writing, with its zone.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "IVIG renewals")
    calendar.add("refresh-interval", timedelta(hours=12), parameters={"VALUE": "DURATION"})
    for plan in sorted(plans, key=lambda plan: plan.case_id):
        if plan.status is not CourseStatus.ENDED:
            label = (names or {}).get(plan.case_id, plan.case_id)
            for event in _events(plan, label, at):
                calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _events(plan: RenewalPlan, label: str, at: datetime) -> Iterator[Event]:
    for need in plan.needs:
        kind = need.kind.value.replace("_", " ")
        collect = "".join(f"\nto collect: {evidence.what}" for evidence in plan.to_collect)
        overdue = need.decision_due is None and need.renew_by < plan.as_of
        yield _event(
            uid=f"{plan.case_id}.{need.kind.value}.renew-by@{DOMAIN}",
            on=need.decision_due or (need.submit_on if overdue else need.renew_by),
            summary=f"{label}: {kind}, {_what_is_due(need, overdue=overdue)}",
            words="\n".join(need.because) + collect,
            at=at,
            alarms=(0,) if overdue else (_days_before_window(need), *ALARM_DAYS),
        )
        yield _event(
            uid=f"{plan.case_id}.{need.kind.value}.infusion@{DOMAIN}",
            on=need.infusion,
            summary=f"{label}: infusion without authorization",
            words=need.words,
            at=at,
            alarms=ALARM_DAYS,
        )


def _what_is_due(need: Need, *, overdue: bool) -> str:
    if need.decision_due:
        return "answer due"
    return f"overdue since {need.renew_by}, submit now" if overdue else "submit by today"


def _days_before_window(need: Need) -> int:
    return (need.renew_by - need.window_starts).days


def _event(*, uid: str, on: date, summary: str, words: str, at: datetime, alarms: Iterable[int]) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", at)
    event.add("dtstart", on)
    event.add("dtend", on + timedelta(days=1))
    event.add("summary", summary)
    event.add("description", words)
    event.add("transp", "TRANSPARENT")
    for days in sorted(set(alarms), reverse=True):
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary)
        alarm.add("trigger", timedelta(days=-days))
        event.add_component(alarm)
    return event
