"""Relapse and time on treatment by the working definitions of the rule set ``response_to_therapy``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Resolution, Unknown
from priorauth.response.courses import CURRENT_WITHIN_DAYS, MeasureCourse, MeasurePoint, measure_courses
from priorauth.response.treatment_start import first_dose
from priorauth.wording import plain
from schemas.base import FactKey
from schemas.measure import Direction


RULE_SET = "response_to_therapy"
_RELAPSE: FactKey = "response.relapse"
# The individual standard error that the rule for I-RODS asks for is on no report, so that it cannot be applied.
_CUTOFFS = {
    "adjusted_incat": "adjusted_incat_worsening",
    "grip_martin_vigorimeter": "grip_fall_kpa_one_hand",
}


@dataclass(frozen=True, slots=True)
class _Held:
    """A measure with the best and the latest of its values on treatment."""

    course: MeasureCourse
    best: MeasurePoint
    latest: MeasurePoint

    @property
    def loss(self) -> Decimal:
        change = self.latest.value - self.best.value
        return -change if self.course.direction is Direction.HIGHER_IS_BETTER else change

    @property
    def words(self) -> str:
        best, latest = plain(self.best.value), plain(self.latest.value)
        return f"{self.course.title} {best} at best ({self.best.on}), {latest} now ({self.latest.on})"


def relapse(context: Context) -> Resolution:
    """Whether adjusted INCAT or the grip of one hand is worse than its best value on treatment by the rule's amount."""
    rules = context.knowledge.rule_sets[RULE_SET]
    held = list(_held(context))
    if not held:
        return Unknown(
            "Neither adjusted INCAT nor grip by vigorimeter is measured again on treatment",
            ("response.current_measure",),
        )
    worse = [one for one in held if rules.cutoff(_CUTOFFS[one.course.measure]).passed_by(one.loss)]
    told = worse or held
    cited = tuple(
        context.cite(_RELAPSE, one.course.title, plain(point.value), point.entry)
        for one in told
        for point in (one.best, one.latest)
    )
    return Known(bool(worse), "; ".join(one.words for one in told), tuple(dict.fromkeys(cited)))


def weeks_on_treatment(context: Context) -> Resolution:
    """Weeks from the first dose to the day assessed."""
    found = first_dose(context)
    if isinstance(found, Unknown) or not isinstance(found.value, date):
        return Unknown("The day of the first dose is not documented", ("first_dose",), found.facts)
    weeks = (Decimal((context.as_of - found.value).days) / 7).quantize(Decimal("0.01"))
    return Known(weeks, f"{plain(weeks)} weeks since the first dose on {found.value}", found.facts)


def _held(context: Context) -> Iterator[_Held]:
    oldest = context.as_of - timedelta(days=CURRENT_WITHIN_DAYS)
    for course in measure_courses(context):
        best, latest = course.best, course.latest
        if course.measure in _CUTOFFS and best and latest and latest.on >= oldest:
            yield _Held(course, best, latest)


DERIVATIONS = {"response.relapse": relapse, "response.weeks_on_treatment": weeks_on_treatment}
