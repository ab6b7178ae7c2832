"""The course of every outcome measure: baseline, best, latest, the change and whether it counts.

Values are compared only with values on the same scale, of the same side. A baseline is a value measured on or before
the day of the first dose; it is never derived from anything measured later.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from priorauth.facts.context import Context, once
from priorauth.response.treatment_start import first_dose_day
from priorauth.wording import plain
from schemas.base import Phase, Side
from schemas.chart import Measurement
from schemas.measure import Direction, Measure, MeasureKind, Variant
from schemas.provenance import provenance_of


# A payer accepts an examination of the last three to six months; six is the wider of the two (examination_months_lenient of
# the rule set response_to_therapy, a working definition).
CURRENT_WITHIN_DAYS = 183


class CourseVerdict(StrEnum):
    """What became of one measure under treatment."""

    IMPROVED = "improved"
    MAINTAINED = "maintained"
    STABLE = "stable"
    WORSE = "worse"
    NOT_ASSESSABLE = "not_assessable"


class Obstacle(StrEnum):
    """Why a course cannot be assessed."""

    NO_FIRST_DOSE = "no_first_dose"
    NO_BASELINE = "no_baseline"
    NO_VALUE_ON_TREATMENT = "no_value_on_treatment"
    STALE = "stale"
    CONTRADICTORY = "contradictory"
    NO_SMALLEST_CHANGE = "no_smallest_change"


@dataclass(frozen=True, slots=True)
class MeasurePoint:
    """One usable value with the chart entry it comes from."""

    on: date
    value: Decimal
    entry: Measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureCourse:
    """One measure, on one side and one scale. ``change`` is latest minus baseline in points of the scale."""

    measure: str
    name: str
    kind: MeasureKind
    unit: str
    direction: Direction
    accepted_alone: bool
    side: Side | None
    out_of: Decimal | None
    points: tuple[MeasurePoint, ...]
    baseline: MeasurePoint | None = None
    best: MeasurePoint | None = None
    latest: MeasurePoint | None = None
    change: Decimal | None = None
    needed: Decimal | None = None
    verdict: CourseVerdict = CourseVerdict.NOT_ASSESSABLE
    obstacle: Obstacle | None = None
    why: str = ""

    @property
    def title(self) -> str:
        """The measure with its side: "Grip strength, right"."""
        return f"{self.name}, {self.side.value}" if self.side else self.name

    @property
    def gain(self) -> Decimal | None:
        """The change with its sign turned so that better is positive."""
        if self.change is None:
            return None
        return self.change if self.direction is Direction.HIGHER_IS_BETTER else -self.change


@dataclass(frozen=True, slots=True)
class _Series:
    """The usable values of one measure, side and scale, oldest first."""

    measure: Measure
    scale: Measure | Variant
    side: Side | None
    points: tuple[MeasurePoint, ...]

    def gain(self, later: MeasurePoint, earlier: MeasurePoint) -> Decimal:
        change = later.value - earlier.value
        return change if self.scale.direction is Direction.HIGHER_IS_BETTER else -change

    def needed_from(self, earlier: MeasurePoint) -> Decimal | None:
        """Return the smallest change that counts, from this value. A variant without its own has none."""
        smallest = self.scale.smallest_change
        return None if smallest is None else smallest.amount_from(earlier.value)


@once
def measure_courses(context: Context) -> tuple[MeasureCourse, ...]:
    """Return the course of every measure in the chart, in the order of measure, side and scale."""
    return tuple(_course(series, context) for series in _series(context))


def usable_points(context: Context) -> list[tuple[Measure, Measure | Variant, MeasurePoint]]:
    """List the measurements that are dated, not from after the day assessed, and on a known scale."""
    points = []
    for entry in context.case.chart.measurements:
        measure = context.knowledge.measures.get(entry.measure)
        if measure is None or entry.dated is None or entry.dated > context.as_of:
            continue
        scale = measure.scale_of(out_of=entry.out_of, unit=entry.unit)
        if scale is not None and _lies_on(scale, entry.value):
            points.append((measure, scale, MeasurePoint(entry.dated, entry.value, entry)))
    return points


def _lies_on(scale: Measure | Variant, value: Decimal) -> bool:
    return value >= scale.minimum and (scale.maximum is None or value <= scale.maximum)


def _series(context: Context) -> list[_Series]:
    grouped: dict[tuple[str, str, str], list[tuple[Measure, Measure | Variant, MeasurePoint]]] = defaultdict(
        list
    )
    for measure, scale, point in usable_points(context):
        side = point.entry.side.value if point.entry.side else ""
        grouped[(measure.id, side, scale.id)].append((measure, scale, point))
    series = []
    for _, members in sorted(grouped.items()):
        measure, scale, first = members[0]
        # The document breaks ties, so that the order of entry in the chart decides nothing.
        points = sorted(
            (point for _, _, point in members),
            key=lambda point: (point.on, point.value, point.entry.source.document or ""),
        )
        series.append(_Series(measure, scale, first.entry.side, tuple(points)))
    return series


def _course(series: _Series, context: Context) -> MeasureCourse:
    start = first_dose_day(context)
    before = [point for point in series.points if start is None or point.on <= start]
    after = [point for point in series.points if start is not None and point.on > start]
    baseline = before[-1] if before else None
    latest = after[-1] if after else None
    # The latest of equally good values, which says how long the best has been held.
    best = max(after, key=lambda point: (series.gain(point, after[0]), point.on)) if after else None
    needed = series.needed_from(baseline) if baseline else None
    obstacle, why = _obstacle(series, context, baseline=baseline, latest=latest, needed=needed)
    verdict = CourseVerdict.NOT_ASSESSABLE
    if obstacle is None and baseline and best and latest and needed is not None:
        verdict, why = _verdict(series, baseline, best=best, after=after, needed=needed)
    return MeasureCourse(
        measure=series.measure.id,
        name=series.measure.short_name,
        kind=series.measure.kind,
        unit=series.scale.unit,
        direction=series.scale.direction,
        accepted_alone=series.measure.accepted_alone,
        side=series.side,
        out_of=series.scale.maximum,
        points=series.points,
        baseline=baseline,
        best=best,
        latest=latest,
        change=latest.value - baseline.value if baseline and latest else None,
        needed=needed,
        verdict=verdict,
        obstacle=obstacle,
        why=why,
    )


def _obstacle(
    series: _Series,
    context: Context,
    *,
    baseline: MeasurePoint | None,
    latest: MeasurePoint | None,
    needed: Decimal | None,
) -> tuple[Obstacle | None, str]:
    name = series.measure.short_name
    start = first_dose_day(context)
    if start is None:
        if context.case.request is not None and context.case.request.phase is Phase.CONTINUATION:
            return (
                Obstacle.NO_FIRST_DOSE,
                f"{name}: the day of the first dose is not documented, so no value can be called a baseline",
            )
        return Obstacle.NO_FIRST_DOSE, f"{name}: no dose is documented yet, so there is no response to assess"
    contradicted = _contradicted_day(series)
    if contradicted is not None:
        return Obstacle.CONTRADICTORY, f"{name}: two different values are recorded on {contradicted}"
    if baseline is None:
        return (
            Obstacle.NO_BASELINE,
            f"{name}: no value on this scale ({_scale_words(series)}) before the first dose on {start}; a baseline is not made up afterwards",
        )
    if latest is None:
        return (
            Obstacle.NO_VALUE_ON_TREATMENT,
            f"{name}: not measured again on the scale of the baseline ({_scale_words(series)}) since the first dose on {start}",
        )
    age = (context.as_of - latest.on).days
    if age > CURRENT_WITHIN_DAYS:
        return (
            Obstacle.STALE,
            f"{name}: last measured on {latest.on}, {age} days ago, which is too old to show the present state",
        )
    if needed is None:
        return (
            Obstacle.NO_SMALLEST_CHANGE,
            f"{name}: no smallest change that counts is established for this scale",
        )
    return None, ""


def _contradicted_day(series: _Series) -> date | None:
    seen: dict[date, Decimal] = {}
    for point in series.points:
        if seen.setdefault(point.on, point.value) != point.value:
            return point.on
    return None


def _verdict(
    series: _Series, baseline: MeasurePoint, *, best: MeasurePoint, after: list[MeasurePoint], needed: Decimal
) -> tuple[CourseVerdict, str]:
    latest = after[-1]
    gain = series.gain(latest, baseline)
    lost = series.gain(best, latest)
    held_before = any(series.gain(point, baseline) >= needed for point in after[:-1])
    needed_from_best = series.needed_from(best)
    fell = needed_from_best is not None and lost > 0 and lost >= needed_from_best
    words = _change_words(series, baseline, latest=latest, gain=gain, needed=needed)
    if gain > 0 and gain >= needed:
        if fell:
            return (
                CourseVerdict.IMPROVED,
                f"{words}; {plain(lost)} lost since the best value {plain(best.value)} on {best.on}",
            )
        return (CourseVerdict.MAINTAINED if held_before else CourseVerdict.IMPROVED), words
    if gain < 0 and -gain >= needed:
        return CourseVerdict.WORSE, words
    if held_before and fell:
        return CourseVerdict.WORSE, f"{words}; the improvement to {plain(best.value)} on {best.on} is lost"
    return CourseVerdict.STABLE, words


def _change_words(
    series: _Series, baseline: MeasurePoint, *, latest: MeasurePoint, gain: Decimal, needed: Decimal
) -> str:
    side = f" {series.side.value}" if series.side else ""
    unit = series.scale.unit
    moved = (
        "unchanged" if gain == 0 else f"{'improved' if gain > 0 else 'worse'} by {amount(abs(gain), unit)}"
    )
    values = f"from {plain(baseline.value)} ({baseline.on}, before treatment) to {plain(latest.value)} ({latest.on})"
    better = "higher" if series.scale.direction is Direction.HIGHER_IS_BETTER else "lower"
    if series.scale.maximum is None:
        scale = f"{better} is better"
    else:
        bounds = f"{plain(series.scale.minimum)} to {plain(series.scale.maximum)}"
        scale = f"on a scale of {bounds} where {better} is better"
    important = (
        f"a change of {amount(needed, unit)} is clinically important{_doubt_of_smallest_change(series)}"
    )
    return f"{series.measure.short_name}{side} {values}, {scale}: {moved}; {important}"


def amount(number: Decimal, unit: str) -> str:
    """Say an amount of a scale: "1 point", "4 centile points", "8 kPa"."""
    noun = "centile points" if unit == "centile" else unit
    return f"{plain(number)} {noun.removesuffix('s') if number == 1 and len(noun) > 1 else noun}"


def _doubt_of_smallest_change(series: _Series) -> str:
    on_variant = isinstance(series.scale, Variant)
    path = f"variants/{series.scale.id}/smallest_change" if on_variant else "smallest_change"
    mark = provenance_of(series.measure, path).confidence
    if mark.needs_verifying:
        return " (smallest change not verified)"
    return "" if series.measure.tell_smallest_change else " (smallest change not settled)"


def _scale_words(series: _Series) -> str:
    if series.scale.maximum is not None:
        return f"{plain(series.scale.minimum)}–{plain(series.scale.maximum)} {series.scale.unit}"
    return series.scale.unit
