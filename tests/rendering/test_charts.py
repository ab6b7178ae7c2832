"""Outcome charts: every mark inside the frame, labels apart, nothing left out, readable without seeing."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from priorauth.chart_axes import BOTTOM, LEFT, RIGHT, TOP
from priorauth.charts import (
    Chart,
    Measurement,
    OutcomeSeries,
    TreatmentCourse,
    dose_change_key,
    outcome_charts,
)
from priorauth.rendering.environment import environment
from priorauth.rendering.pdf import TEMPLATES


START = date(2025, 8, 20)
INCAT = OutcomeSeries(
    title="INCAT disability score (0–10)",
    points=(Measurement(START, 5), Measurement(date(2025, 11, 3), 4), Measurement(date(2026, 2, 9), 3)),
    higher_is_better=False,
    lowest=0,
    highest=10,
    baseline=Measurement(START, 5),
    smallest_change=1,
)

days = st.dates(date(2024, 1, 1), date(2028, 12, 31))
values = st.decimals(0, 100, places=1, allow_nan=False)
measurements = st.lists(st.builds(Measurement, days, values), min_size=1, max_size=40).map(tuple)
courses = st.builds(
    TreatmentCourse,
    infusions=st.lists(days, max_size=60).map(tuple),
    gaps=st.lists(st.tuples(days, days).map(sorted).map(tuple), max_size=2).map(tuple),
    dose_changes=st.lists(st.tuples(days, st.just("1 to 0.8 g/kg")), max_size=3).map(tuple),
)


def one_chart(series: OutcomeSeries, course: TreatmentCourse | None = None) -> Chart:
    (chart,) = outcome_charts([series], course or TreatmentCourse())
    return chart


def series_of(points: tuple[Measurement, ...], **changes: object) -> OutcomeSeries:
    return OutcomeSeries(title="Grip", points=points, higher_is_better=True, lowest=0, **changes)  # type: ignore[arg-type]


@given(measurements, courses)
def test_every_mark_lies_inside_the_frame(points: tuple[Measurement, ...], course: TreatmentCourse) -> None:
    chart = one_chart(series_of(points, baseline=points[0], smallest_change=8), course)
    assert len(chart.markers) == len(points)
    for x, y in chart.markers:
        assert LEFT <= x <= RIGHT
        assert TOP <= y <= BOTTOM
    for height in (chart.baseline, chart.threshold, *chart.rules):
        assert height is None or TOP <= height <= BOTTOM
    for x in (*chart.infusions, *(end for gap in chart.gaps for end in gap)):
        assert LEFT <= x <= RIGHT


@given(measurements, courses)
def test_date_labels_never_run_into_each_other(
    points: tuple[Measurement, ...], course: TreatmentCourse
) -> None:
    labels = one_chart(series_of(points), course).date_labels
    width = 5.0 * len(labels[0].text)
    assert all(later.x - earlier.x >= width * 0.9 for earlier, later in pairwise(labels))


@given(measurements)
def test_the_scale_has_a_few_round_marks_and_spans_the_values(points: tuple[Measurement, ...]) -> None:
    chart = one_chart(series_of(points))
    marks = [float(label.text) for label in chart.scale_labels]
    assert 2 <= len(marks) <= 8
    assert marks[0] <= min(point.value for point in points)
    assert marks[-1] >= max(point.value for point in points)


@given(measurements)
def test_the_first_and_the_last_value_are_written_out(points: tuple[Measurement, ...]) -> None:
    chart = one_chart(series_of(points))
    assert len(chart.value_labels) == min(len(points), 2)
    ordered = sorted(points, key=lambda point: point.on)
    assert Decimal(chart.value_labels[0].text) == ordered[0].value
    assert Decimal(chart.value_labels[-1].text) == ordered[-1].value


def test_a_short_scale_is_shown_whole_and_a_lower_score_lies_lower() -> None:
    chart = one_chart(INCAT)
    assert [label.text for label in chart.scale_labels] == ["0", "2", "4", "6", "8", "10"]
    heights = [y for _, y in chart.markers]
    assert heights == sorted(heights)


def test_the_change_that_counts_lies_on_the_side_of_improvement() -> None:
    assert one_chart(INCAT).counts_from == 4
    rising = OutcomeSeries(
        title="I-RODS",
        points=(Measurement(START, 41),),
        higher_is_better=True,
        lowest=0,
        highest=100,
        baseline=Measurement(START, 41),
        smallest_change=4,
    )
    assert one_chart(rising).counts_from == 45


def test_a_change_that_lies_beyond_the_scale_has_no_line() -> None:
    healthy = OutcomeSeries(
        title="INCAT",
        points=(Measurement(START, 0),),
        higher_is_better=False,
        lowest=0,
        highest=10,
        baseline=Measurement(START, 0),
        smallest_change=1,
    )
    chart = one_chart(healthy)
    assert (chart.counts_from, chart.threshold) == (None, None)


def test_a_single_measurement_is_one_marker_without_a_line() -> None:
    chart = one_chart(series_of((Measurement(START, 20),)))
    assert len(chart.markers) == 1
    assert chart.lines == ()


def test_equal_values_are_a_level_line_in_the_middle_of_the_scale() -> None:
    chart = one_chart(series_of(tuple(Measurement(START + timedelta(days=30 * n), 52) for n in range(4))))
    assert {y for _, y in chart.markers} == {chart.markers[0][1]}
    assert TOP + 10 < chart.markers[0][1] < BOTTOM - 10


def test_half_a_year_without_a_measurement_is_a_broken_line() -> None:
    chart = one_chart(
        series_of((Measurement(START, 5), Measurement(date(2025, 9, 1), 6), Measurement(date(2026, 6, 1), 7)))
    )
    assert [line.dashed for line in chart.lines] == [False, True]


def test_a_measure_without_values_has_no_chart() -> None:
    assert outcome_charts([series_of(())], TreatmentCourse(infusions=(START,))) == ()


def test_all_charts_share_one_time_axis() -> None:
    course = TreatmentCourse(infusions=(date(2025, 1, 6), date(2026, 9, 1)))
    first, second = outcome_charts([INCAT, series_of((Measurement(START, 20),))], course)
    assert first.infusions == second.infusions
    assert first.markers[0][0] == second.markers[0][0]


def test_dose_changes_are_lettered_in_the_order_of_their_dates() -> None:
    course = TreatmentCourse(
        dose_changes=((date(2026, 6, 1), "back to 1 g/kg"), (date(2026, 1, 5), "0.8 g/kg"))
    )
    assert [(letter, wording) for letter, _, wording in dose_change_key(course)] == [
        ("a", "0.8 g/kg"),
        ("b", "back to 1 g/kg"),
    ]


def test_the_chart_can_be_read_without_seeing_it() -> None:
    course = TreatmentCourse(infusions=(date(2025, 9, 1), date(2025, 9, 22)))
    macro = environment(TEMPLATES).get_template("macros/chart.html.j2").module
    drawn = str(macro.small_multiples(outcome_charts([INCAT], course), dose_change_key(course)))  # type: ignore[attr-defined]
    assert (
        "<title>INCAT disability score (0–10): 5 on August\xa020, 2025, 3 on February\xa09, 2026, 3\xa0measurements; "
        "improvement is clinically important from 4; 2\xa0infusions</title>"
    ) in drawn
    assert "lower is better; improvement is clinically important from 4 (dashed)" in drawn
    assert "Each tick under the axis is one infusion." in drawn
