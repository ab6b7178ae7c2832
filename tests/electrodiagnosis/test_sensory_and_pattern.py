"""Sensory conduction, polyneuropathy of any kind, and uniform slowing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from priorauth.facts.resolution import Narrowed
from schemas.base import Side
from schemas.chart import NerveRecording
from tests.electrodiagnosis.cases import four_nerves, motor, reason_of, sense, studied, unknown, value_of


EXTENT = "edx.ean_pns_2021_sensory"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"amplitude": "10"}, "normal"),
        ({"amplitude": "9.9"}, "two_nerves"),
        ({"velocity": "50"}, "normal"),
        ({"velocity": "49.9"}, "two_nerves"),
        ({"amplitude": "0"}, "two_nerves"),
    ],
)
def test_sensory_nerve_is_abnormal_beyond_its_limit(changed: dict[str, str], expected: str) -> None:
    assert value_of(studied(sense("ulnar", **changed), sense("sural", **changed)), EXTENT) == expected


def test_one_abnormal_nerve_of_several_is_one() -> None:
    assert (
        value_of(studied(sense("ulnar", amplitude="2"), sense("sural"), sense("radial")), EXTENT)
        == "one_nerve"
    )


def test_single_nerve_leaves_the_extent_open() -> None:
    resolution = studied(sense("sural", amplitude="2")).resolve(EXTENT)
    assert isinstance(resolution, Narrowed)
    assert resolution.possible == ("one_nerve", "two_nerves")


def test_median_nerves_alone_may_be_carpal_tunnel_syndrome() -> None:
    wrists = [sense("median", side, velocity="40") for side in Side]
    assert "exclusion of carpal tunnel syndrome" in unknown(studied(*wrists).resolve(EXTENT)).reason


def test_slow_sensory_nerve_in_a_cold_limb_is_open_and_a_small_one_is_not() -> None:
    cold = {"temperature_arm_c": Decimal(30)}
    unknown(studied(sense("ulnar", velocity="40"), sense("radial", velocity="40"), **cold).resolve(EXTENT))
    assert (
        value_of(studied(sense("ulnar", amplitude="2"), sense("radial", amplitude="2"), **cold), EXTENT)
        == "two_nerves"
    )


def test_sensory_conduction_is_not_normal_as_soon_as_one_nerve_is_abnormal() -> None:
    assert value_of(studied(sense("sural", amplitude="2")), "edx.sensory_normal") is False
    assert value_of(studied(sense("sural"), sense("ulnar")), "edx.sensory_normal") is True
    unknown(studied(sense("sural")).resolve("edx.sensory_normal"))


@pytest.mark.parametrize(
    ("recordings", "expected"),
    [
        (four_nerves(), False),
        (four_nerves(motor("tibial", amplitude="3")), False),
        (four_nerves(motor("tibial", amplitude="3"), motor("fibular", amplitude="1")), True),
        (four_nerves(motor("tibial", amplitude="3"), sense("sural", amplitude="2")), True),
        (four_nerves(motor("median", proximal="3"), motor("ulnar", proximal="3")), True),
        ((motor("median"),), "unknown"),
    ],
)
def test_polyneuropathy_is_any_abnormality_in_two_nerves(
    recordings: tuple[NerveRecording, ...], expected: object
) -> None:
    assert value_of(studied(*recordings), "edx.polyneuropathy") == expected


@pytest.mark.parametrize(
    ("median", "ulnar", "expected"),
    [("37", "30", True), ("37", "27", True), ("37", "26.9", False), ("38", "30", False)],
)
def test_slowing_is_uniform_where_all_arm_nerves_are_slow_alike(
    median: str, ulnar: str, expected: bool
) -> None:
    recordings = four_nerves(motor("median", velocity=median), motor("ulnar", velocity=ulnar))
    assert value_of(studied(*recordings), "edx.uniform_slowing") is expected


def test_block_or_dispersion_speaks_against_uniform_slowing() -> None:
    recordings = four_nerves(motor("median", velocity="30", proximal="4"), motor("ulnar", velocity="30"))
    context = studied(*recordings)
    assert value_of(context, "edx.uniform_slowing") is False
    assert "with block or dispersion" in reason_of(context, "edx.uniform_slowing")


def test_uniform_slowing_is_open_while_amplitudes_are_missing() -> None:
    bare = [
        motor(nerve, velocity="30", amplitude=None, proximal=None, duration=None, proximal_duration=None)
        for nerve in ("median", "ulnar")
    ]
    unknown(studied(*bare).resolve("edx.uniform_slowing"))
