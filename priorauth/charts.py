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
from math import ceil, floor, inf, log10

from priorauth.rendering.filters import counted, longdate, number


WIDTH, HEIGHT = 232.0, 112.0
LEFT, RIGHT, TOP, BOTTOM = 28.0, 222.0, 12.0, 82.0
STRIP = 10.0
"""Height of the strip under the axis that holds the infusions."""

_INSET = 8.0
_LABEL_WIDTH = 46.0
_LETTER_WIDTH = 5.2
_SHORT_SCALE = 12
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
    """Everything the macro draws for one measure."""

    title: str
    note: str
    description: str
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
    gaps: tuple[tuple[float, float], ...]
    dose_changes: tuple[Label, ...]
    width: float = WIDTH
    height: float = HEIGHT


@dataclass(frozen=True)
class _TimeAxis:
    first: date
    last: date

    def x(self, day: date) -> float:
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return round(LEFT + _INSET + share * (RIGHT - LEFT - 2 * _INSET), 1)


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    step: float

    def y(self, value: float | Decimal) -> float:
        return round(BOTTOM - (float(value) - self.low) / (self.high - self.low) * (BOTTOM - TOP), 1)


def outcome_charts(series: Sequence[OutcomeSeries], course: TreatmentCourse) -> tuple[Chart, ...]:
    """Return one chart for every measure that has at least one value, in the order given."""
    measured = [measure for measure in series if measure.points]
    if not measured:
        return ()
    axis = _time_axis(measured, course)
    return tuple(_chart(measure, course, axis) for measure in measured)


def dose_change_key(course: TreatmentCourse) -> tuple[tuple[str, date, str], ...]:
    """Return the letter, date and wording of every dose change, for the legend under the charts."""
    return tuple(
        (_letter(place), day, wording) for place, (day, wording) in enumerate(sorted(course.dose_changes))
    )


def _chart(measure: OutcomeSeries, course: TreatmentCourse, axis: _TimeAxis) -> Chart:
    points = sorted(measure.points, key=lambda point: point.on)
    baseline = measure.baseline
    counts_from = _counts_from(measure)
    scale = _scale(measure, [point.value for point in points], counts_from)
    places = [(axis.x(point.on), scale.y(point.value)) for point in points]
    ticks = _ticks(scale)
    return Chart(
        title=measure.title,
        note=_note(measure, counts_from),
        description=_description(measure, points, counts_from, course),
        rules=tuple(scale.y(tick) for tick in ticks),
        scale_labels=tuple(Label(LEFT - 4, scale.y(tick) + 3, f"{tick:g}", "end") for tick in ticks),
        date_labels=_date_labels(axis),
        lines=tuple(
            Line(*places[place], *places[place + 1], dashed=later.on - earlier.on > _LONGEST_SOLID_LINE)
            for place, (earlier, later) in enumerate(pairwise(points))
        ),
        markers=tuple(places),
        marker_radius=_marker_radius(places),
        value_labels=_value_labels(points, places),
        baseline=scale.y(baseline.value) if baseline else None,
        threshold=scale.y(counts_from) if counts_from is not None else None,
        infusions=tuple(sorted({axis.x(day) for day in course.infusions})),
        gaps=tuple((axis.x(start), axis.x(end)) for start, end in sorted(course.gaps)),
        dose_changes=tuple(Label(axis.x(day), TOP - 3, letter) for letter, day, _ in dose_change_key(course)),
    )


def _counts_from(measure: OutcomeSeries) -> Decimal | int | None:
    """The value at which the change from baseline counts, or None where it lies beyond the scale."""
    if measure.baseline is None or measure.smallest_change is None:
        return None
    change = measure.smallest_change if measure.higher_is_better else -measure.smallest_change
    value = measure.baseline.value + change
    beyond = value < measure.lowest or (measure.highest is not None and value > measure.highest)
    return None if beyond else value


def _time_axis(series: Sequence[OutcomeSeries], course: TreatmentCourse) -> _TimeAxis:
    days = [point.on for measure in series for point in measure.points]
    days += course.infusions
    days += [day for gap in course.gaps for day in gap]
    days += [day for day, _ in course.dose_changes]
    if min(days) == max(days):
        return _TimeAxis(days[0] - timedelta(days=14), days[0] + timedelta(days=14))
    return _TimeAxis(min(days), max(days))


def _scale(
    measure: OutcomeSeries, values: Sequence[Decimal | int], counts_from: Decimal | int | None
) -> _Scale:
    """A short scale is shown whole; a long one around its values, so that a change that counts can be seen."""
    compared = (counts_from, measure.baseline.value if measure.baseline else None)
    shown = [float(value) for value in (*values, *compared) if value is not None]
    lowest = float(measure.lowest)
    highest = inf if measure.highest is None else float(measure.highest)
    if highest - lowest <= _SHORT_SCALE:
        shown += [lowest, highest]
    # Room below and above for the labels, and enough that a change of nothing does not look like a change.
    spread = max(shown) - min(shown)
    least = (highest - lowest) / 4 if highest < inf else max(abs(max(shown)) / 4, 4)
    room = max((least - spread) / 2, spread / 8)
    low = max(min(shown) - room, min(lowest, *shown))
    high = min(max(shown) + room, max(highest, *shown))
    step = _step(high - low)
    return _Scale(floor(low / step) * step, ceil(high / step) * step, step)


def _step(spread: float) -> float:
    """The round number that divides the spread into at most five parts."""
    power = 10 ** floor(log10(spread / 5))
    return float(
        next(round_number * power for round_number in (1, 2, 5, 10) if spread / (round_number * power) <= 5)
    )


def _ticks(scale: _Scale) -> list[float]:
    return [
        scale.low + place * scale.step for place in range(round((scale.high - scale.low) / scale.step) + 1)
    ]


def _date_labels(axis: _TimeAxis) -> tuple[Label, ...]:
    """Labels at month starts, or at the two ends of a short time, never closer than their own width."""
    most = int((RIGHT - LEFT) // _LABEL_WIDTH)
    months = _month_starts(axis.first, axis.last)
    y = BOTTOM + STRIP + 12
    if len(months) < 2:
        ends = ((axis.first, "start"), (axis.last, "end"))
        return tuple(Label(axis.x(day), y, f"{day:%m/%d/%Y}", anchor) for day, anchor in ends)
    every = next(step for step in (1, 2, 3, 6, 12, 24, 60, 120) if len(months) <= most * step)
    return tuple(Label(axis.x(day), y, f"{day:%b %Y}") for day in months[::every])


def _month_starts(first: date, last: date) -> list[date]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    starts = (
        date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1)
        for n in range(count)
    )
    return [day for day in starts if first <= day <= last]


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


def _note(measure: OutcomeSeries, counts_from: Decimal | int | None) -> str:
    direction = "higher is better" if measure.higher_is_better else "lower is better"
    unit = f" {measure.unit}" if measure.unit else ""
    if counts_from is None:
        return f"{direction}{f'; {measure.unit}' if unit else ''}"
    side = "or more" if measure.higher_is_better else "or less"
    return f"{direction}; change counts at {number(counts_from)}{unit} {side} (dashed)"


def _description(
    measure: OutcomeSeries,
    points: Sequence[Measurement],
    counts_from: Decimal | int | None,
    course: TreatmentCourse,
) -> str:
    """The text alternative: what a reader of the chart would take from it."""
    unit = f" {measure.unit}" if measure.unit else ""
    first, last = points[0], points[-1]
    parts = [f"{measure.title}: {number(first.value)}{unit} on {longdate(first.on)}"]
    if len(points) > 1:
        parts.append(
            f"{number(last.value)}{unit} on {longdate(last.on)}, {counted(len(points), 'measurement')}"
        )
    if counts_from is not None:
        parts.append(f"change from baseline counts at {number(counts_from)}{unit}")
    if course.infusions:
        parts.append(counted(len(course.infusions), "infusion"))
    return "; ".join(parts)
