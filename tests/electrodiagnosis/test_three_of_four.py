"""The AAN rule "three of four", feature by feature on both sides of its cut-off."""

from __future__ import annotations

import pytest

from tests.electrodiagnosis.cases import four_nerves, motor, reason_of, studied, unknown, value_of


KEY = "edx.three_of_four"


def count(*nerves: str, **values: str | bool) -> object:
    return value_of(studied(*four_nerves(*(motor(nerve, **values) for nerve in nerves))), KEY)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"velocity": "31.9"}, 1),
        ({"velocity": "32"}, 0),
        ({"velocity": "28", "amplitude": "1.5"}, 0),
        ({"velocity": "27.9", "amplitude": "1.5"}, 1),
        ({"latency": "7.51"}, 1),
        ({"latency": "7.5"}, 0),
        ({"latency": "9", "amplitude": "1.5"}, 0),
        ({"latency": "9.1", "amplitude": "1.5"}, 1),
        ({"f_wave": "67.3"}, 1),
        ({"f_wave": "67.2"}, 0),
        ({"f_wave_absent": True}, 1),
    ],
)
def test_features_of_two_nerves_count_from_their_cutoffs(values: dict[str, str], expected: int) -> None:
    assert count("tibial", "fibular", **values) == expected
    assert count("tibial", **values) == 0


@pytest.mark.parametrize(("proximal", "expected"), [("7.9", 1), ("8", 0)])
def test_block_counts_in_a_single_nerve(proximal: str, expected: int) -> None:
    assert count("ulnar", amplitude="10", proximal=proximal) == expected


def test_tibial_and_radial_block_do_not_count() -> None:
    assert count("tibial", "radial", amplitude="10", proximal="5") == 0


def test_block_above_the_elbow_does_not_count() -> None:
    axilla = motor("median", amplitude="10", proximal="5", proximal_segment={"segment": "axilla"})
    assert value_of(studied(*four_nerves(axilla)), KEY) == 0


def test_fall_with_longer_duration_is_named_dispersion() -> None:
    blocked = motor("ulnar", amplitude="10", proximal="7", duration="6", proximal_duration="6.8")
    spread = motor("ulnar", amplitude="10", proximal="7", duration="6", proximal_duration="7")
    assert "; block: wrist to below elbow, duration 6 → 6.8 ms" in reason_of(
        studied(*four_nerves(blocked)), KEY
    )
    assert "; dispersion: wrist to below elbow, duration 6 → 7 ms" in reason_of(
        studied(*four_nerves(spread)), KEY
    )


def test_longer_duration_without_a_fall_does_not_count() -> None:
    assert count("ulnar", duration="6", proximal_duration="9") == 0


def test_fall_of_area_counts_like_one_of_amplitude() -> None:
    assert count("ulnar", area="30", proximal_area="20") == 1


def test_four_features_are_counted_and_named() -> None:
    values = {"velocity": "20", "latency": "12", "f_wave_absent": True, "amplitude": "10", "proximal": "5"}
    context = studied(*four_nerves(*(motor(nerve, **values) for nerve in ("median", "ulnar"))))
    assert value_of(context, KEY) == 4


def test_count_is_open_while_missing_values_could_reach_three() -> None:
    limitless = [motor(nerve, limits=False) for nerve in ("median", "ulnar")]
    slow = [motor(nerve, velocity="20", latency="20") for nerve in ("tibial", "fibular")]
    resolution = unknown(studied(*limitless, *slow).resolve(KEY))
    assert "2 shown, up to 3 possible" in resolution.reason


def test_count_below_three_is_known_once_three_cannot_be_reached() -> None:
    no_f_waves = [
        motor(nerve, f_wave=None, velocity="20") for nerve in ("median", "ulnar", "tibial", "fibular")
    ]
    context = studied(*no_f_waves)
    assert value_of(context, KEY) == 1
    assert "at most 2 possible" in reason_of(context, KEY)
