"""EAN/PNS 2021, item by item on both sides of its cut-off."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from priorauth.electrodiagnosis.ean_pns_2021 import STRENGTHS
from priorauth.facts.resolution import Narrowed
from schemas.base import Side
from schemas.chart import NerveRecording, NerveSegment
from tests.electrodiagnosis.cases import (
    STUDIED_ON,
    case,
    four_nerves,
    motor,
    nerve_study,
    reason_of,
    sense,
    studied,
    unknown,
    value_of,
)


KEY = "edx.ean_pns_2021"


def both(nerves: tuple[str, str], **values: str | bool) -> tuple[NerveRecording, ...]:
    return four_nerves(*(motor(nerve, **values) for nerve in nerves))


@pytest.mark.parametrize(
    ("nerves", "values", "expected"),
    [
        # M-a: 50 % over 6.0 ms
        (("tibial", "fibular"), {"latency": "9.0"}, "strongly_supportive"),
        (("tibial", "fibular"), {"latency": "8.99"}, "not_supportive"),
        # M-b: 30 % under 40 m/s
        (("tibial", "fibular"), {"velocity": "28"}, "strongly_supportive"),
        (("tibial", "fibular"), {"velocity": "28.1"}, "not_supportive"),
        # M-c: 20 % over 56 ms is 67.2; 50 % is 84 where the distal CMAP is below 80 % of its limit
        (("tibial", "fibular"), {"f_wave": "67.2"}, "strongly_supportive"),
        (("tibial", "fibular"), {"f_wave": "67.1"}, "not_supportive"),
        (("tibial", "fibular"), {"f_wave": "83.9", "amplitude": "1.5"}, "not_supportive"),
        (("tibial", "fibular"), {"f_wave": "84", "amplitude": "1.5"}, "strongly_supportive"),
        # M-e: a fall of 30 % in median and ulnar
        (("median", "ulnar"), {"amplitude": "10", "proximal": "7"}, "strongly_supportive"),
        (("median", "ulnar"), {"amplitude": "10", "proximal": "7.1"}, "not_supportive"),
        # M-e: the distal CMAP must reach 20 % of its limit
        (("median", "fibular"), {"amplitude": "0.7", "proximal": "0.1"}, "weakly_supportive"),
        # M-f: more than 30 % longer
        (("median", "ulnar"), {"duration": "5", "proximal_duration": "6.51"}, "strongly_supportive"),
        (("median", "ulnar"), {"duration": "5", "proximal_duration": "6.5"}, "not_supportive"),
    ],
)
def test_each_item_counts_from_its_cutoff(
    nerves: tuple[str, str], values: dict[str, str], expected: str
) -> None:
    assert value_of(studied(*both(nerves, **values)), KEY) == expected


def test_finding_in_one_nerve_is_weakly_supportive() -> None:
    assert value_of(studied(*four_nerves(motor("ulnar", velocity="30"))), KEY) == "weakly_supportive"


def test_same_nerve_of_both_sides_counts_as_two() -> None:
    context = studied(*four_nerves(motor("ulnar", velocity="30"), motor("ulnar", Side.LEFT, velocity="30")))
    assert value_of(context, KEY) == "strongly_supportive"


def test_two_items_in_one_nerve_are_not_two_nerves() -> None:
    assert (
        value_of(studied(*four_nerves(motor("ulnar", velocity="30", latency="6"))), KEY)
        == "weakly_supportive"
    )


def test_absent_f_waves_need_another_finding_in_another_nerve() -> None:
    absent = (motor("tibial", f_wave_absent=True), motor("fibular", f_wave_absent=True))
    assert value_of(studied(*four_nerves(*absent)), KEY) == "not_supportive"
    assert value_of(studied(*four_nerves(*absent, motor("ulnar", latency="6"))), KEY) == "strongly_supportive"
    in_the_same = (motor("tibial", f_wave_absent=True, velocity="20"), motor("fibular", f_wave_absent=True))
    assert value_of(studied(*four_nerves(*in_the_same)), KEY) == "weakly_supportive"


def test_absent_f_wave_counts_only_with_enough_distal_response() -> None:
    small = (motor("tibial", f_wave_absent=True, amplitude="0.79"), motor("fibular", f_wave_absent=True))
    enough = (motor("tibial", f_wave_absent=True, amplitude="0.8"), motor("fibular", f_wave_absent=True))
    other = motor("ulnar", latency="6")
    assert value_of(studied(*four_nerves(*small, other)), KEY) == "weakly_supportive"
    assert value_of(studied(*four_nerves(*enough, other)), KEY) == "strongly_supportive"


def test_block_in_one_nerve_needs_a_finding_other_than_absent_f_waves() -> None:
    blocked = motor("ulnar", amplitude="10", proximal="5")
    assert (
        value_of(studied(*four_nerves(blocked, motor("tibial", f_wave_absent=True))), KEY)
        == "weakly_supportive"
    )
    assert (
        value_of(studied(*four_nerves(blocked, motor("tibial", velocity="20"))), KEY) == "strongly_supportive"
    )


def test_tibial_block_does_not_count() -> None:
    tibial = [motor("tibial", side, amplitude="10", proximal="3") for side in Side]
    assert value_of(studied(*four_nerves(*tibial)), KEY) == "not_supportive"


def test_tibial_dispersion_needs_a_doubled_duration() -> None:
    doubled = [motor("tibial", side, duration="6", proximal_duration="12") for side in Side]
    less = [motor("tibial", side, duration="6", proximal_duration="11.9") for side in Side]
    assert value_of(studied(*four_nerves(*doubled)), KEY) == "strongly_supportive"
    assert value_of(studied(*four_nerves(*less)), KEY) == "not_supportive"


@pytest.mark.parametrize(
    ("filter_hz", "duration", "expected"),
    [
        ("2", "8.4", "not_supportive"),
        ("2", "8.41", "weakly_supportive"),
        ("20", "7.41", "weakly_supportive"),
        ("20", "7.4", "not_supportive"),
    ],
)
def test_distal_duration_is_judged_by_the_filter(filter_hz: str, duration: str, expected: str) -> None:
    recordings = four_nerves(motor("median", duration=duration))
    assert value_of(studied(*recordings, low_frequency_filter_hz=Decimal(filter_hz)), KEY) == expected


def test_duration_between_the_cutoffs_is_open_while_the_filter_is_unknown() -> None:
    recordings = four_nerves(motor("median", duration="8.0"))
    resolution = unknown(studied(*recordings, low_frequency_filter_hz=None).resolve(KEY))
    assert "low-frequency filter setting (right median)" in resolution.reason


def test_distal_duration_with_another_finding_elsewhere_is_strong() -> None:
    recordings = four_nerves(motor("median", duration="9"), motor("tibial", velocity="20"))
    assert value_of(studied(*recordings), KEY) == "strongly_supportive"


def test_median_latency_alone_waits_for_the_exclusion_of_carpal_tunnel_syndrome() -> None:
    wrists = [motor("median", side, latency="7") for side in Side]
    resolution = unknown(studied(*four_nerves(*wrists)).resolve(KEY))
    assert "exclusion of carpal tunnel syndrome (left median, right median)" in resolution.reason
    assert value_of(studied(*four_nerves(*wrists, motor("ulnar", latency="5"))), KEY) == "strongly_supportive"


def test_sites_of_entrapment_are_left_out() -> None:
    marked = [
        motor(
            "ulnar",
            side,
            amplitude="10",
            proximal="3",
            proximal_segment={"segment": "elbow", "entrapment_site": True},
        )
        for side in Side
    ]
    named = [
        motor("ulnar", side, amplitude="10", proximal="3", proximal_segment={"segment": "above elbow"})
        for side in Side
    ]
    latency = [motor("ulnar", side, latency="9", distal_segment={"entrapment_site": True}) for side in Side]
    for recordings in (marked, named, latency):
        assert value_of(studied(*four_nerves(*recordings)), KEY) == "not_supportive"


def test_slowing_in_a_cold_limb_is_open() -> None:
    recordings = four_nerves(motor("median", velocity="30"), motor("ulnar", velocity="30"))
    resolution = studied(*recordings, temperature_arm_c=Decimal("32.9")).resolve(KEY)
    assert isinstance(resolution, Narrowed)
    assert resolution.possible == STRENGTHS
    assert "values from a warmed limb (right median, right ulnar)" in resolution.reason
    assert value_of(studied(*recordings, temperature_arm_c=Decimal(33)), KEY) == "strongly_supportive"


def test_block_in_a_cold_limb_still_counts() -> None:
    recordings = four_nerves(motor("median", proximal="3"), motor("ulnar", proximal="3"))
    assert value_of(studied(*recordings, temperature_arm_c=Decimal(28)), KEY) == "strongly_supportive"


def test_missing_temperature_is_a_caution() -> None:
    recordings = four_nerves(motor("median", velocity="30"), motor("ulnar", velocity="30"))
    assert "limb temperature not recorded throughout" in reason_of(
        studied(*recordings, temperature_arm_c=None), KEY
    )


def test_value_without_its_limit_is_open_not_normal() -> None:
    recordings = four_nerves(motor("fibular", limits=False), motor("tibial", limits=False))
    resolution = unknown(studied(*recordings).resolve(KEY))
    assert "upper limit of the distal latency (right fibular, right tibial)" in resolution.reason
    assert resolution.missing == ("nerve_study_report",)


def test_missing_values_do_not_matter_once_two_nerves_decide() -> None:
    recordings = (
        motor("ulnar", velocity="30"),
        motor("median", velocity="30"),
        motor("tibial", limits=False),
    )
    assert value_of(studied(*recordings), KEY) == "strongly_supportive"


def test_item_measured_nowhere_keeps_a_negative_open() -> None:
    recordings = four_nerves(
        *(motor(nerve, f_wave=None) for nerve in ("median", "ulnar", "fibular", "tibial"))
    )
    assert (
        "f-wave latency (right fibular, right median, right tibial, right ulnar)"
        in unknown(studied(*recordings).resolve(KEY)).reason
    )


def test_item_measured_in_two_nerves_and_normal_was_looked_for() -> None:
    recordings = four_nerves(*(motor(nerve, f_wave=None) for nerve in ("median", "ulnar")))
    assert value_of(studied(*recordings), KEY) == "not_supportive"


def test_item_measured_in_a_single_nerve_was_not_looked_for() -> None:
    recordings = four_nerves(*(motor(nerve, f_wave=None) for nerve in ("median", "ulnar", "tibial")))
    unknown(studied(*recordings).resolve(KEY))


def test_limit_printed_once_for_a_nerve_holds_for_its_other_segments() -> None:
    ulnar = motor("ulnar")
    axilla = NerveSegment(segment="axilla", velocity_m_s=Decimal(30))
    longer = ulnar.model_copy(update={"segments": (*ulnar.segments, axilla)})
    assert value_of(studied(*four_nerves(longer)), KEY) == "weakly_supportive"


def test_rows_may_stand_from_proximal_to_distal() -> None:
    ulnar = motor("ulnar", proximal="3")
    distal, proximal = ulnar.segments
    upwards = ulnar.model_copy(update={"segments": (proximal, distal)})
    assert value_of(studied(*four_nerves(upwards)), KEY) == "weakly_supportive"


def test_too_few_nerves_decide_no_negative() -> None:
    resolution = unknown(studied(motor("median"), motor("ulnar"), motor("tibial")).resolve(KEY))
    assert "motor nerves studied: 3, while a negative needs 4" in resolution.reason


def test_reason_names_rule_set_nerves_values_and_unverified_numbers() -> None:
    recordings = four_nerves(motor("ulnar", f_wave="39"), motor("tibial", f_wave="68"))
    reason = reason_of(studied(*recordings), KEY)
    assert reason.startswith(
        "EAN/PNS 2021 criteria for CIDP: motor conduction strongly supportive (study of 2026-10-12)"
    )
    assert "right ulnar 39 ms (22% above the limit of 32)" in reason
    assert "Cut-offs not verified: f-wave latency (20 percent above the upper limit of normal" in reason


def test_witnesses_cite_the_study_with_each_value() -> None:
    recordings = four_nerves(motor("ulnar", velocity="30"), motor("tibial", velocity="20"))
    cited = studied(*recordings).resolve(KEY).facts
    assert [(entry.label, entry.value) for entry in cited] == [
        ("Motor conduction velocity, right ulnar", "30 m/s (40% below the limit of 50)"),
        ("Motor conduction velocity, right tibial", "20 m/s (50% below the limit of 40)"),
    ]


def test_older_name_of_the_fibular_nerve_is_understood() -> None:
    renamed = motor("fibular", velocity="20").model_copy(update={"nerve": "peroneal"})
    context = studied(motor("median"), motor("ulnar"), motor("tibial", velocity="20"), renamed)
    assert value_of(context, KEY) == "strongly_supportive"


# --- Which study counts ---------------------------------------------------------------------------------------------


def test_newest_study_decides_and_says_so() -> None:
    old = nerve_study(
        four_nerves(motor("ulnar", velocity="30"), motor("tibial", velocity="20")), dated=date(2024, 1, 5)
    )
    context = case(studies=[old, nerve_study(four_nerves())])
    assert value_of(context, KEY) == "not_supportive"
    assert "study of 2026-10-12, newest of 2" in reason_of(context, KEY)


@pytest.mark.parametrize(
    ("recordings", "dated", "says"),
    [
        ((), STUDIED_ON, "only by its conclusion"),
        (four_nerves(), None, "has no date"),
        (four_nerves(), date(2026, 11, 24), "only after 2026-11-23"),
    ],
)
def test_study_that_cannot_be_used_is_unknown_and_says_why(
    recordings: tuple[NerveRecording, ...], dated: date | None, says: str
) -> None:
    context = case(studies=[nerve_study(recordings, dated=dated, interpretation="Findings of CIDP")])
    for key in (KEY, "nerve_study_report", "edx.three_of_four", "edx.mmn_block", "edx.age_days"):
        resolution = unknown(context.resolve(key))
        assert says in resolution.reason
        assert resolution.missing == ("nerve_study_report",)


def test_no_study_at_all_is_unknown() -> None:
    assert unknown(case().resolve(KEY)).reason == "No nerve conduction study is documented"


def test_report_in_two_parts_of_one_day_is_one_study() -> None:
    arms = nerve_study([motor("median"), motor("ulnar", velocity="30")])
    legs = nerve_study([motor("fibular"), motor("tibial", velocity="20")])
    assert value_of(case(studies=[arms, legs]), KEY) == "strongly_supportive"


def test_age_of_the_study_in_days() -> None:
    assert value_of(studied(*four_nerves()), "edx.age_days") == 42


# --- Properties -------------------------------------------------------------------------------------------------------

NERVES = ("median", "ulnar", "fibular", "tibial")
FACTORS = st.sampled_from(["1", "1.1", "1.3", "1.6"])


@st.composite
def recordings(draw: st.DrawFn) -> list[NerveRecording]:
    drawn = []
    for nerve in NERVES:
        slow, late, fall = (Decimal(draw(FACTORS)) for _ in range(3))
        limits = draw(st.booleans())
        drawn.append(
            motor(
                nerve,
                limits=limits,
                velocity=str(40 / slow),
                latency=str(4 * late),
                amplitude="10",
                proximal=str(10 / fall),
            )
        )
    return drawn


@given(recordings(), st.permutations(range(4)))
def test_order_of_the_nerves_decides_nothing(drawn: list[NerveRecording], order: list[int]) -> None:
    first, second = studied(*drawn), studied(*(drawn[place] for place in order))
    for key in (
        KEY,
        "edx.efns_pns_2010",
        "edx.three_of_four",
        "edx.any_demyelinating_feature",
        "edx.mmn_block",
    ):
        assert first.resolve(key) == second.resolve(key)


@given(recordings())
def test_unusable_study_changes_nothing(drawn: list[NerveRecording]) -> None:
    usable = nerve_study(drawn)
    severe = [motor(nerve, velocity="10", latency="20") for nerve in NERVES]
    alone = case(studies=[usable])
    beside = case(
        studies=[nerve_study(severe, dated=None), usable, nerve_study(severe, dated=date(2027, 1, 1))]
    )
    for key in (KEY, "edx.efns_pns_2010", "edx.three_of_four"):
        assert alone.resolve(key) == beside.resolve(key)


@given(recordings(), st.sampled_from(NERVES))
def test_worse_nerve_never_lowers_the_grade(drawn: list[NerveRecording], nerve: str) -> None:
    before = studied(*drawn).resolve(KEY)
    worse = [
        motor(nerve, velocity="10", latency="20", amplitude="10", proximal="1")
        if entry.nerve == nerve
        else entry
        for entry in drawn
    ]
    after = studied(*worse).resolve(KEY)
    assert lowest(after) >= lowest(before)


@given(recordings())
def test_completed_limits_only_decide_what_was_open(drawn: list[NerveRecording]) -> None:
    open_result = studied(*drawn).resolve(KEY)
    completed = [motor(entry.nerve, **_values(entry)) for entry in drawn]
    decided = studied(*completed).resolve(KEY)
    possible = open_result.possible if isinstance(open_result, Narrowed) else (open_result.value,)  # type: ignore[union-attr]
    grades = decided.possible if isinstance(decided, Narrowed) else (decided.value,)  # type: ignore[union-attr]
    assert set(grades) <= set(possible)


def lowest(resolution: object) -> int:
    grade = resolution.possible[0] if isinstance(resolution, Narrowed) else resolution.value  # type: ignore[attr-defined]
    return STRENGTHS.index(grade)


def _values(entry: NerveRecording) -> dict[str, str]:
    distal, proximal = entry.segments
    return {
        "velocity": str(proximal.velocity_m_s),
        "latency": str(distal.latency_ms),
        "amplitude": "10",
        "proximal": str(proximal.amplitude),
    }


def test_sensory_recordings_are_no_motor_nerves() -> None:
    assert (
        value_of(studied(*four_nerves(), sense("sural", amplitude="0"), sense("median", amplitude="0")), KEY)
        == "not_supportive"
    )
