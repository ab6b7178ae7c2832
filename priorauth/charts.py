"""Where each mark of an outcome chart goes. Dates and values in, points of the page out; drawn by a macro.

Every measure gets a small chart, and all of them share one time axis, so that a dose change or a gap
reads across all measures at a glance. Geometry is in points with the origin at the top left. Charts
are the one place where values become floats: nothing is dosed or billed from a chart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from math import inf

from priorauth.chart_axes import BOTTOM, LEFT, RIGHT, TOP, Scale, TimeAxis, time_axis, value_scale
from priorauth.rendering.filters import number


_DATE_LINE = BOTTOM + 22
_LETTER_WIDTH = 5.2
_LONGEST_SOLID_LINE = timedelta(days=183)


@dataclass(frozen=True)
class Measurement:
    """One documented value of an outcome measure."""

    on: date
    value: Decimal | int


@dataclass(frozen=True, kw_only=True)
class OutcomeSeries:
    """One outcome measure over time. `smallest_change` is the change that counts, in the measure's own units."""

    title: str
    points: tuple[Measurement, ...]
    higher_is_better: bool
    lowest: Decimal | int
    highest: Decimal | int | None = None
    baseline: Measurement | None = None
    smallest_change: Decimal | int | None = None
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class TreatmentCourse:
    """What was given over the same time: infusions, interruptions (first and last day), dose changes."""

    infusions: tuple[date, ...] = ()
    gaps: tuple[tuple[date, date], ...] = ()
    dose_changes: tuple[tuple[date, str], ...] = ()


@dataclass(frozen=True)
class Label:
    """A short text at a point; `anchor` is the SVG text-anchor."""

    x: float
    y: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Line:
    """A straight line; dashed where nothing was measured for half a year."""

    x1: float
    y1: float
    x2: float
    y2: float
    dashed: bool = False


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Everything the macro draws for one measure, and what it words the text alternative from."""

    measure: OutcomeSeries
    points: tuple[Measurement, ...]
    counts_from: Decimal | int | None
    rules: tuple[float, ...]
    scale_labels: tuple[Label, ...]
    date_labels: tuple[Label, ...]
    lines: tuple[Line, ...]
    markers: tuple[tuple[float, float], ...]
    marker_radius: float
    value_labels: tuple[Label, ...]
    baseline: float | None
    threshold: float | None
    infusions: tuple[float, ...]
    infusion_count: int
    gaps: tuple[tuple[float, float], ...]
    dose_changes: tuple[Label, ...]


def outcome_charts(series: Sequence[OutcomeSeries], course: TreatmentCourse) -> tuple[Chart, ...]:
    """Return one chart for every measure that has at least one value, in the order given."""
    measured = [measure for measure in series if measure.points]
    if not measured:
        return ()
    axis = time_axis([*_days_of(course), *(point.on for measure in measured for point in measure.points)])
    return tuple(_chart(measure, course, axis) for measure in measured)


def dose_change_key(course: TreatmentCourse) -> tuple[tuple[str, date, str], ...]:
    """Return the letter, date and wording of every dose change, for the legend under the charts."""
    return tuple(
        (_letter(place), day, wording) for place, (day, wording) in enumerate(sorted(course.dose_changes))
    )


def _chart(measure: OutcomeSeries, course: TreatmentCourse, axis: TimeAxis) -> Chart:
    points = tuple(sorted(measure.points, key=lambda point: point.on))
    baseline = measure.baseline
    counts_from = _counts_from(measure)
    scale = _scale(measure, counts_from)
    places = [(axis.x(point.on), scale.y(point.value)) for point in points]
    return Chart(
        measure=measure,
        points=points,
        counts_from=counts_from,
        rules=tuple(scale.y(mark) for mark in scale.marks()),
        scale_labels=tuple(Label(LEFT - 4, scale.y(mark) + 3, f"{mark:g}", "end") for mark in scale.marks()),
        date_labels=_date_labels(axis),
        lines=tuple(
            Line(*start, *end, dashed=later.on - earlier.on > _LONGEST_SOLID_LINE)
            for (start, end), (earlier, later) in zip(pairwise(places), pairwise(points), strict=True)
        ),
        markers=tuple(places),
        marker_radius=_marker_radius(places),
        value_labels=_value_labels(points, places),
        baseline=scale.y(baseline.value) if baseline else None,
        threshold=scale.y(counts_from) if counts_from is not None else None,
        infusions=tuple(sorted({axis.x(day) for day in course.infusions})),
        infusion_count=len(course.infusions),
        gaps=tuple((axis.x(start), axis.x(end)) for start, end in sorted(course.gaps)),
        dose_changes=tuple(Label(axis.x(day), TOP - 3, letter) for letter, day, _ in dose_change_key(course)),
    )


def _days_of(course: TreatmentCourse) -> list[date]:
    ends = [day for gap in course.gaps for day in gap]
    return [*course.infusions, *ends, *(day for day, _ in course.dose_changes)]


def _counts_from(measure: OutcomeSeries) -> Decimal | int | None:
    """The value at which the change from baseline counts, or None where it lies beyond the scale."""
    if measure.baseline is None or measure.smallest_change is None:
        return None
    change = measure.smallest_change if measure.higher_is_better else -measure.smallest_change
    value = measure.baseline.value + change
    beyond = value < measure.lowest or (measure.highest is not None and value > measure.highest)
    return None if beyond else value


def _scale(measure: OutcomeSeries, counts_from: Decimal | int | None) -> Scale:
    compared = (counts_from, measure.baseline.value if measure.baseline else None)
    values = [point.value for point in measure.points]
    return value_scale(
        [float(value) for value in (*values, *compared) if value is not None],
        lowest=float(measure.lowest),
        highest=inf if measure.highest is None else float(measure.highest),
    )


def _date_labels(axis: TimeAxis) -> tuple[Label, ...]:
    marks = axis.marks()
    if marks == [axis.first, axis.last]:
        return (
            Label(axis.x(axis.first), _DATE_LINE, f"{axis.first:%m/%d/%Y}", "start"),
            Label(axis.x(axis.last), _DATE_LINE, f"{axis.last:%m/%d/%Y}", "end"),
        )
    return tuple(Label(axis.x(day), _DATE_LINE, f"{day:%b %Y}") for day in marks)


def _marker_radius(places: Sequence[tuple[float, float]]) -> float:
    """Smaller markers where they would run into each other."""
    closest = min((later[0] - earlier[0] for earlier, later in pairwise(places)), default=99.0)
    return 2.6 if closest >= 6 else 1.7


def _value_labels(points: Sequence[Measurement], places: Sequence[tuple[float, float]]) -> tuple[Label, ...]:
    """The first and the last value, on the side of the line where it does not run."""
    if len(points) == 1:
        return (_beside(points[0], places[0], neighbour=places[0]),)
    first = _beside(points[0], places[0], neighbour=places[1])
    last = _beside(points[-1], places[-1], neighbour=places[-2])
    if last.x - first.x >= (_text_width(first.text) + _text_width(last.text)) / 2 + 4:
        return first, last
    return _outward(places[0], first.text, "end"), _outward(places[-1], last.text, "start")


def _beside(point: Measurement, place: tuple[float, float], *, neighbour: tuple[float, float]) -> Label:
    x, y = place
    text = number(point.value)
    half = _text_width(text) / 2
    below = neighbour[1] < y and y + 13 < BOTTOM
    return Label(min(max(x, LEFT + half + 2), RIGHT - half), y + 12 if below else max(y - 6, TOP + 2), text)


def _outward(place: tuple[float, float], text: str, anchor: str) -> Label:
    """A label to the left of the first or to the right of the last point, or inward where there is no room."""
    x, y = place
    if anchor == "end" and x - 5 - _text_width(text) < LEFT:
        return Label(x + 5, y - 4, text, "start")
    if anchor == "start" and x + 5 + _text_width(text) > RIGHT:
        return Label(x - 5, y + 10, text, "end")
    return Label(x - 5 if anchor == "end" else x + 5, y + 3, text, anchor)


def _text_width(text: str) -> float:
    return _LETTER_WIDTH * len(text)


def _letter(place: int) -> str:
    return chr(ord("a") + place % 26)
