"""What will be stale on the day a renewal is submitted, and the last visit at which it can be taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from priorauth.deadlines import business_day_on_or_before
from priorauth.facts.context import Context, converted
from priorauth.response.courses import CURRENT_WITHIN_DAYS, MeasureCourse, measure_courses
from priorauth.response.objective import CURRENT, counts_for
from priorauth.response.treatment_start import first_dose_day
from schemas.policy import PhaseRules
from schemas.renewal import Evidence


NEUROLOGIST_VISIT_DAYS = 90
"""Renewal letters are expected to rest on a neurology visit of the last three months (common practice)."""

ALWAYS_ASKED = ("weight", "creatinine", "neurologist_visit")
SERVED_BY_ANY = {"creatinine": ("creatinine", "egfr")}
"""Renal function is shown by either value."""


@dataclass(frozen=True, slots=True)
class _Radar:
    context: Context
    on: date
    visits: tuple[date, ...]

    def stale(self, last: date | None, fresh_for_days: int) -> bool:
        return last is None or last < self.on - timedelta(days=fresh_for_days)

    def last_visit(self, collect_from: date) -> date | None:
        return max((day for day in self.visits if collect_from <= day <= self.on), default=None)


def evidence_to_collect(
    context: Context, rules: PhaseRules | None, *, submit_on: date, visits: Iterable[date]
) -> tuple[Evidence, ...]:
    """List what will be stale on the day of submission; what is still fresh then is not asked for.

    ``rules`` are those of continuation; ``visits`` are the infusion days from today on.
    """
    radar = _Radar(context, submit_on, tuple(visits))
    return (*_measures(radar), *_facts(radar, rules))


def _measures(radar: _Radar) -> Iterator[Evidence]:
    """Ask for each baseline measure again, on its own scale; for any accepted one where there is no baseline."""
    context = radar.context
    measures = context.knowledge.measures
    accepted = [
        course
        for course in measure_courses(context)
        if counts_for(measures[course.measure], context.case.condition)
    ]
    start = first_dose_day(context)
    wanted = [course for course in accepted if start is not None and course.baseline is not None] or accepted
    if not wanted:
        yield _measure_item(radar, "An outcome measure", None, None)
    scales = dict.fromkeys((course.measure, course.out_of, course.unit) for course in wanted)
    for scale in scales:
        sides = [course for course in wanted if (course.measure, course.out_of, course.unit) == scale]
        last = min(_newest(course) for course in sides)
        if radar.stale(last, CURRENT_WITHIN_DAYS):
            yield _measure_item(radar, _scale_words(sides), measures[sides[0].measure].how, last)


def _newest(course: MeasureCourse) -> date:
    return max(point.on for point in course.points)


def _scale_words(sides: list[MeasureCourse]) -> str:
    first = sides[0]
    scale = f" (out of {first.out_of})" if first.out_of is not None else f" ({first.unit})"
    both = ", both sides" if len(sides) > 1 else ""
    return f"{first.name if len(sides) > 1 else first.title}{scale}{both}"


def _measure_item(radar: _Radar, what: str, how: str | None, last: date | None) -> Evidence:
    ask = f"{what}, on the scale used before treatment" if last else radar.context.definition(CURRENT).ask
    return _item(radar, CURRENT, what=what, ask=ask, how=how, last=last, fresh_for_days=CURRENT_WITHIN_DAYS)


def _facts(radar: _Radar, rules: PhaseRules | None) -> Iterator[Evidence]:
    for key, days in _asked(radar.context, rules).items():
        last = _last_recorded(radar.context, key)
        if radar.stale(last, days):
            definition = radar.context.definition(key)
            yield _item(
                radar,
                key,
                what=definition.title,
                ask=definition.ask,
                how=None,
                last=last,
                fresh_for_days=days,
            )


def _item(
    radar: _Radar, key: str, *, what: str, ask: str, how: str | None, last: date | None, fresh_for_days: int
) -> Evidence:
    collect_from = max(radar.on - timedelta(days=fresh_for_days), radar.context.as_of)
    return Evidence(
        key=key,
        what=what,
        ask=ask,
        how=how,
        last=last,
        fresh_for_days=fresh_for_days,
        collect_from=collect_from,
        collect_by=max(business_day_on_or_before(radar.on), radar.context.as_of),
        visit=radar.last_visit(collect_from),
    )


def _asked(context: Context, rules: PhaseRules | None) -> dict[str, int]:
    """Return the recorded facts that can go stale with the days they stay fresh: the usual ones and the policy's."""
    asked: dict[str, int] = {}
    questions = rules.questions if rules else ()
    for key, within_days in (
        *((key, None) for key in ALWAYS_ASKED),
        *((question.fact, question.within_days) for question in questions),
    ):
        definition = context.definition(key)
        usual = NEUROLOGIST_VISIT_DAYS if key == "neurologist_visit" else definition.fresh_for_days
        days = within_days or usual
        if days is not None and not definition.derived and not definition.lasting:
            asked[key] = min(days, asked.get(key, days))
    return asked


def _last_recorded(context: Context, key: str) -> date | None:
    """Return the day of the newest usable entry; for a fact that is itself a date, that date."""
    days: list[date] = []
    for served in SERVED_BY_ANY.get(key, (key,)):
        definition = context.definition(served)
        days += [
            fact.value if isinstance(fact.value, date) else fact.dated
            for fact in context.entries.get(served, ())
            if fact.dated is not None and converted(fact, definition) is not None
        ]
    return max((day for day in days if day <= context.as_of), default=None)
