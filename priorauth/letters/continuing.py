"""What a letter about a course under way compares: before and on treatment, dose by dose, grant by grant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from priorauth.electrodiagnosis.study import KEY as NERVE_STUDY
from priorauth.facts.context import Context
from priorauth.letters.reasons import spoken
from priorauth.letters.witnesses import Evidence, Ground, Missing
from priorauth.rendering.filters import listing, longdate, number, quoted, sentence_case
from priorauth.response.courses import CourseVerdict, MeasureCourse, MeasurePoint
from priorauth.wording import plain
from schemas.assessment import CitedFact


_SCORE = "response.objective"


def compared(courses: Sequence[MeasureCourse]) -> tuple[MeasureCourse, ...]:
    """Return the measures taken before treatment as well; all of them where none was."""
    paired = tuple(course for course in courses if course.baseline is not None)
    return paired or tuple(courses)


def healthier_side(course: MeasureCourse, courses: Sequence[MeasureCourse]) -> bool:
    """Whether a measure that stayed the same was taken on the side less affected, while the other side improved."""
    if course.side is None or course.verdict is not CourseVerdict.STABLE or course.baseline is None:
        return False
    return any(
        other.measure == course.measure
        and other.side is not course.side
        and other.baseline is not None
        and other.verdict in (CourseVerdict.IMPROVED, CourseVerdict.MAINTAINED)
        and other.baseline.value < course.baseline.value
        for other in courses
    )


def measured_on(day: date, courses: Sequence[MeasureCourse], context: Context) -> Ground:
    """Tell the values of one day that no other column of the table shows."""
    shown = [
        (course, point)
        for course in courses
        for point in course.points
        if point.on == day and point not in (course.baseline, course.best, course.latest)
    ]
    if not shown:
        return Missing(f"No outcome measure is documented on {day}")
    words = listing(score_words(course, point) for course, point in shown)
    facts = tuple(_cite(course, point, context) for course, point in shown)
    return Evidence(words, words, facts)


def latest_score(course: MeasureCourse, context: Context) -> Ground:
    """Return the newest value of a measure."""
    point = course.points[-1]
    words = score_words(course, point)
    return Evidence(words, words, (_cite(course, point, context),))


def score_words(course: MeasureCourse, point: MeasurePoint) -> str:
    """Say a value with its measure: "MRC sum score 57 of 60", "grip (vigorimeter) left 38 kPa"."""
    scale = f" of {number(course.out_of)}" if course.out_of is not None else f" {course.unit}"
    name = f"{course.name} {course.side.value}" if course.side else course.name
    return f"{sentence_case(name)} {number(point.value)}{scale}"


def change_words(courses: Sequence[MeasureCourse]) -> str:
    """Say from where to where each measure went, without scales: "adjusted INCAT from 6 to 2 and I-RODS from 38 to 66"."""
    return listing(
        f"{sentence_case(course.title.replace(',', ''))} from {number(course.baseline.value)} to {number(course.latest.value)}"
        + ("" if course.out_of is not None else f" {course.unit}")
        for course in courses
        if course.baseline is not None and course.latest is not None
    )


def score_list(scores: Iterable[CitedFact]) -> str:
    """List scores with their days: "adjusted INCAT 5 of 10 (November 12, 2026)"."""
    return listing(
        f"{sentence_case(score.label)} {score.value}" + (f" ({longdate(score.dated)})" if score.dated else "")
        for score in scores
    )


def findings_named(ground: Evidence) -> str:
    """Name what a conclusion rests on with the values, the nerve study as a whole: "tendon reflexes absent all limbs"."""
    named = (
        f"study of {fact.dated}" if fact.key == NERVE_STUDY else f"{sentence_case(fact.label)} {fact.value}"
        for fact in ground.facts
    )
    return spoken("; ".join(dict.fromkeys(named)))


def told(evidence: Evidence) -> str:
    """List what a conclusion rests on in the record's own wording, and where it has none, by its name and value."""
    return "; ".join(
        dict.fromkeys(
            quoted(fact.note)
            if fact.note
            else f"{sentence_case(fact.label)} {fact.value.removesuffix(' years')}"
            for fact in evidence.facts
        )
    )


def _cite(course: MeasureCourse, point: MeasurePoint, context: Context) -> CitedFact:
    return context.cite(_SCORE, course.title, f"{plain(point.value)} {course.unit}", point.entry)
