"""Whether the measures, taken together, show a response, and whether baseline and current values exist."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from priorauth.facts.context import Context, once
from priorauth.facts.resolution import Known, Resolution, Unknown, facts_of
from priorauth.response.courses import (
    CURRENT_WITHIN_DAYS,
    CourseVerdict,
    MeasureCourse,
    MeasurePoint,
    Obstacle,
    measure_courses,
    usable_points,
)
from priorauth.response.treatment_start import first_dose, first_dose_day
from priorauth.response.walking import regained_walking
from priorauth.wording import listed, plain
from schemas.assessment import CitedFact
from schemas.base import ConditionId, FactKey, Phase
from schemas.measure import Measure, MeasureKind


BASELINE = "baseline.objective_measure"
CURRENT = "response.current_measure"

_BETTER = (CourseVerdict.IMPROVED, CourseVerdict.MAINTAINED)
# What would mend each obstacle. A value missing before the first dose can only be found, never taken now.
_MENDED_BY: dict[Obstacle, FactKey] = {
    Obstacle.NO_FIRST_DOSE: "first_dose",
    Obstacle.NO_BASELINE: BASELINE,
    Obstacle.NO_VALUE_ON_TREATMENT: CURRENT,
    Obstacle.STALE: CURRENT,
    Obstacle.CONTRADICTORY: CURRENT,
    Obstacle.NO_SMALLEST_CHANGE: CURRENT,
}


def counts_for(measure: Measure, condition: ConditionId | None) -> bool:
    """Whether reviewers accept a change on this measure, by itself, in this condition.

    Symptoms never suffice. Sensory scores say nothing in MMN and grip little in GBS: the measure lists its conditions.
    """
    if not measure.accepted_alone or measure.kind is MeasureKind.SYMPTOM:
        return False
    return condition is None or not measure.conditions or condition in measure.conditions


@once
def accepted_courses(context: Context) -> tuple[MeasureCourse, ...]:
    """Return the courses that can show a response in the condition of the case."""
    measures = context.knowledge.measures
    return tuple(
        course
        for course in measure_courses(context)
        if counts_for(measures[course.measure], context.case.condition)
    )


def objective_response(context: Context) -> Resolution:
    """Improved, maintained, stable or worse. Disability decides; impairment where disability shows no change."""
    judged = _judged(context)
    if isinstance(judged, Unknown):
        walking = regained_walking(context)
        return walking if isinstance(walking, Known) else judged
    verdict, reason, facts = judged
    if verdict is CourseVerdict.STABLE and context.case.condition is ConditionId.MMN:
        # It stays "stable", since a clause that asks for improvement is not met; but it is the letter's argument.
        reason = f"{reason}. Untreated MMN loses strength, so strength kept counts in its favour"
    return Known(verdict.value, reason, facts)


def improved_since_baseline(context: Context) -> Resolution:
    """Whether a measure is better than before treatment by a change that counts."""
    judged = _judged(context)
    if isinstance(judged, Unknown):
        walking = regained_walking(context)
        return (
            Known(walking.value == "improved", walking.reason, walking.facts)
            if isinstance(walking, Known)
            else judged
        )
    verdict, reason, facts = judged
    if verdict in _BETTER:
        return Known(value=True, reason=reason, facts=facts)
    mendable = [course for course in accepted_courses(context) if course.obstacle is Obstacle.STALE]
    if mendable:
        return Unknown(
            f"{reason}; but not every measure taken before treatment was repeated in time: {_whys(mendable)}",
            (CURRENT,),
            facts,
        )
    return Known(value=False, reason=reason, facts=facts)


def _judged(context: Context) -> tuple[CourseVerdict, str, tuple[CitedFact, ...]] | Unknown:
    courses = accepted_courses(context)
    assessable = [course for course in courses if course.verdict is not CourseVerdict.NOT_ASSESSABLE]
    if not assessable:
        return _not_assessable(courses, context)
    facts = _facts_of_courses(assessable, context)
    for kind in (MeasureKind.DISABILITY, MeasureKind.IMPAIRMENT):
        changed = [
            course
            for course in assessable
            if course.kind is kind and course.verdict is not CourseVerdict.STABLE
        ]
        if not changed:
            continue
        better = [course for course in changed if course.verdict in _BETTER]
        if better and len(better) < len(changed):
            return Unknown(f"The {kind.value} measures disagree: {_whys(changed)}", (CURRENT,), facts)
        verdict = _together(changed)
        told = _with_impairment(changed, assessable, context.case.condition)
        return verdict, _with_dissent(_whys(told), assessable, verdict), facts
    return CourseVerdict.STABLE, _whys(assessable), facts


def baseline_measure(context: Context) -> Resolution:
    """Whether an accepted measure was recorded on or before the day of the first dose."""
    start = first_dose_day(context)
    if start is None and _is_continuation(context):
        unknown = first_dose(context)
        return Unknown(
            "The day of the first dose is not documented, so no value can be called a baseline",
            ("first_dose", BASELINE),
            unknown.facts,
        )
    day = start or context.as_of
    if start is None:
        points = _accepted_points(context, lambda point: 0 <= (day - point.on).days <= CURRENT_WITHIN_DAYS)
        missing = f"No outcome measure of the last {CURRENT_WITHIN_DAYS} days is documented; take one before the first dose"
    else:
        points = _accepted_points(context, lambda point: point.on <= start)
        missing = f"No outcome measure is documented from before the first dose on {start}; look in the notes of that time, since none can be made up afterwards"
    if not points:
        return Unknown(missing, (BASELINE,))
    return _found(points, BASELINE, "Before treatment", context)


def current_measure(context: Context) -> Resolution:
    """Whether an accepted measure is recent enough to show the present state."""
    start = first_dose_day(context)
    oldest = context.as_of - timedelta(days=CURRENT_WITHIN_DAYS)
    points = _accepted_points(
        context, lambda point: point.on >= oldest and (start is None or point.on > start)
    )
    if points:
        return _found(points, CURRENT, "Current", context)
    since = f" and since the first dose on {start}" if start else ""
    return Unknown(
        f"No outcome measure of the last {CURRENT_WITHIN_DAYS} days{since} is documented", (CURRENT,)
    )


def _accepted_points(
    context: Context, fits: Callable[[MeasurePoint], bool]
) -> list[tuple[Measure, MeasurePoint]]:
    condition = context.case.condition
    return [
        (measure, point)
        for measure, _, point in usable_points(context)
        if counts_for(measure, condition) and fits(point)
    ]


def _found(points: list[tuple[Measure, MeasurePoint]], key: FactKey, when: str, context: Context) -> Known:
    newest = max(point.on for _, point in points)
    latest = sorted(
        ((measure, point) for measure, point in points if point.on == newest),
        key=lambda pair: (pair[0].id, str(pair[1].entry.side), pair[1].value),
    )
    words = listed(list(dict.fromkeys(_point_words(measure, point) for measure, point in latest)))
    return Known(
        True,
        f"{when}: {words} ({newest})",
        tuple(_cited(point, measure.short_name, key, context) for measure, point in latest),
    )


def _point_words(measure: Measure, point: MeasurePoint) -> str:
    side = f" {point.entry.side.value}" if point.entry.side else ""
    unit = f" {point.entry.unit}" if point.entry.unit else ""
    return f"{measure.short_name}{side} {plain(point.value)}{unit}"


def _together(changed: list[MeasureCourse]) -> CourseVerdict:
    verdicts = {course.verdict for course in changed}
    for verdict in (CourseVerdict.WORSE, CourseVerdict.IMPROVED):
        if verdict in verdicts:
            return verdict
    return CourseVerdict.MAINTAINED


def _with_impairment(
    changed: list[MeasureCourse], assessable: list[MeasureCourse], condition: ConditionId | None
) -> list[MeasureCourse]:
    """Put the impairment measures that improved beside the disability measures that did: both together are stronger.

    In MMN strength is what treatment keeps, so that it comes first.
    """
    if not all(course.kind is MeasureKind.DISABILITY and course.verdict in _BETTER for course in changed):
        return changed
    stronger = [
        course for course in assessable if course.kind is MeasureKind.IMPAIRMENT and course.verdict in _BETTER
    ]
    return [*stronger, *changed] if condition is ConditionId.MMN else [*changed, *stronger]


def _with_dissent(words: str, assessable: list[MeasureCourse], verdict: CourseVerdict) -> str:
    opposite = _BETTER if verdict is CourseVerdict.WORSE else (CourseVerdict.WORSE,)
    dissenting = [course for course in assessable if course.verdict in opposite]
    return f"{words}; against it: {_whys(dissenting)}" if dissenting else words


def _not_assessable(courses: tuple[MeasureCourse, ...], context: Context) -> Unknown:
    if not courses:
        key = BASELINE if first_dose_day(context) is None else CURRENT
        subjective = context.resolve("subjective_improvement")
        felt = (
            "; that the patient feels better is no measurement"
            if isinstance(subjective, Known) and subjective.value is True
            else ""
        )
        return Unknown(
            f"No outcome measure that reviewers accept is documented with its date{felt}",
            tuple(dict.fromkeys((BASELINE, key))),
            subjective.facts,
        )
    missing = dict.fromkeys(_MENDED_BY[course.obstacle] for course in courses if course.obstacle)
    return Unknown(_whys(list(courses)), tuple(missing), _facts_of_courses(list(courses), context))


def _whys(courses: list[MeasureCourse]) -> str:
    return "; ".join(course.why for course in courses)


def _facts_of_courses(courses: list[MeasureCourse], context: Context) -> tuple[CitedFact, ...]:
    cited = []
    for course in courses:
        for point, key in ((course.baseline, BASELINE), (course.latest, CURRENT)):
            if point is not None:
                cited.append(_cited(point, course.title, key, context))
    return facts_of(Known(value=True, reason="", facts=tuple(cited)))


def _cited(point: MeasurePoint, label: str, key: FactKey, context: Context) -> CitedFact:
    entry = point.entry
    out_of = f" of {plain(entry.out_of)}" if entry.out_of is not None else ""
    unit = f" {entry.unit}" if entry.unit else ""
    return context.cite(key, label, f"{plain(point.value)}{out_of}{unit}", entry)


def _is_continuation(context: Context) -> bool:
    return context.case.request is not None and context.case.request.phase is Phase.CONTINUATION


DERIVATIONS = {
    "baseline.objective_measure": baseline_measure,
    "response.objective": objective_response,
    "response.improved_since_baseline": improved_since_baseline,
    "response.current_measure": current_measure,
}
