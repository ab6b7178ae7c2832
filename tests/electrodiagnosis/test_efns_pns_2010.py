"""EFNS/PNS 2010, where its numbers and levels differ from 2021, and the list of payers that rests on it."""

from __future__ import annotations

import pytest

from priorauth.facts.resolution import Narrowed
from schemas.base import Side
from tests.electrodiagnosis.cases import four_nerves, motor, reason_of, sense, studied, unknown, value_of


KEY = "edx.efns_pns_2010"
LIST = "edx.any_demyelinating_feature"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"latency": "9.0"}, "definite"),
        ({"latency": "8.99"}, "not_fulfilled"),
        ({"velocity": "28"}, "definite"),
        ({"velocity": "28.1"}, "not_fulfilled"),
        ({"f_wave": "72.8"}, "definite"),
        ({"f_wave": "72.7"}, "not_fulfilled"),
        ({"f_wave": "84", "amplitude": "1.5"}, "definite"),
        ({"f_wave": "83.9", "amplitude": "1.5"}, "not_fulfilled"),
        ({"proximal_duration": "7.81"}, "definite"),
        ({"proximal_duration": "7.8"}, "not_fulfilled"),
    ],
)
def test_each_item_counts_from_its_cutoff(values: dict[str, str], expected: str) -> None:
    assert (
        value_of(studied(*four_nerves(motor("tibial", **values), motor("fibular", **values))), KEY)
        == expected
    )


@pytest.mark.parametrize(
    ("proximal", "expected"),
    [("5", "definite"), ("5.1", "probable"), ("7", "probable"), ("7.1", "not_fulfilled")],
)
def test_block_is_definite_from_half_and_probable_from_a_third(proximal: str, expected: str) -> None:
    blocked = [motor(nerve, amplitude="10", proximal=proximal) for nerve in ("median", "ulnar")]
    assert value_of(studied(*four_nerves(*blocked)), KEY) == expected


def test_f_waves_between_the_numbers_of_2010_and_2021_divide_the_rule_sets() -> None:
    context = studied(*four_nerves(*(motor(nerve, f_wave="70") for nerve in ("tibial", "fibular"))))
    assert value_of(context, KEY) == "not_fulfilled"
    assert value_of(context, "edx.ean_pns_2021") == "strongly_supportive"


def test_finding_in_one_nerve_is_possible() -> None:
    assert value_of(studied(*four_nerves(motor("ulnar", velocity="30"))), KEY) == "possible"


def test_probable_block_in_one_nerve_alone_is_nothing() -> None:
    assert (
        value_of(studied(*four_nerves(motor("ulnar", amplitude="10", proximal="6"))), KEY) == "not_fulfilled"
    )


def test_probable_block_beside_another_finding_is_probable() -> None:
    recordings = four_nerves(motor("ulnar", amplitude="10", proximal="6"), motor("tibial", velocity="20"))
    assert value_of(studied(*recordings), KEY) == "probable"


def test_definite_and_probable_block_of_two_nerves_are_probable_together() -> None:
    recordings = four_nerves(
        motor("ulnar", amplitude="10", proximal="4"), motor("median", amplitude="10", proximal="6")
    )
    assert value_of(studied(*recordings), KEY) == "probable"


def test_distal_duration_counts_from_its_cutoff_beside_another_finding() -> None:
    slow = motor("tibial", velocity="20")
    assert value_of(studied(*four_nerves(motor("median", duration="6.6"), slow)), KEY) == "definite"
    assert value_of(studied(*four_nerves(motor("median", duration="6.5"), slow)), KEY) == "possible"


def test_open_levels_are_narrowed() -> None:
    recordings = four_nerves(motor("ulnar", velocity="30"), motor("tibial", limits=False))
    resolution = studied(*recordings).resolve(KEY)
    assert isinstance(resolution, Narrowed)
    assert resolution.possible == ("possible", "probable", "definite")


@pytest.mark.parametrize(("proximal", "expected"), [("7", True), ("7.1", False)])
def test_payers_list_takes_block_of_either_grade(proximal: str, expected: bool) -> None:
    blocked = [motor("ulnar", side, amplitude="10", proximal=proximal) for side in Side]
    assert value_of(studied(*four_nerves(*blocked)), LIST) is expected


def test_payers_list_is_not_fulfilled_by_one_nerve_and_says_what_was_found() -> None:
    context = studied(*four_nerves(motor("ulnar", velocity="30")))
    assert value_of(context, LIST) is False
    assert "right ulnar 30 m/s (40% below the limit of 50)" in reason_of(context, LIST)


def test_payers_list_is_open_while_a_value_could_fulfil_it() -> None:
    recordings = four_nerves(motor("ulnar", velocity="30"), motor("tibial", limits=False))
    assert "lower limit of the velocity (right tibial)" in unknown(studied(*recordings).resolve(LIST)).reason


def test_study_supports_cidp_by_either_guideline_and_not_where_neither_finds_anything() -> None:
    by_2021_only = four_nerves(*(motor(nerve, f_wave="70") for nerve in ("tibial", "fibular")))
    two_sensory = (sense("ulnar", amplitude="2"), sense("sural", amplitude="2"))
    assert value_of(studied(*by_2021_only, *two_sensory), "edx.supports_cidp") is True
    assert value_of(studied(*four_nerves()), "edx.supports_cidp") is False


def test_finding_in_one_nerve_leaves_support_open_and_names_what_would_decide() -> None:
    resolution = unknown(studied(*four_nerves(motor("ulnar", velocity="30"))).resolve("edx.supports_cidp"))
    assert "supportive criteria" in resolution.reason
    assert {"nerve_study_report", "csf_protein", "nerve_ultrasound_enlarged"} <= set(resolution.missing)


def test_tibial_block_is_definite_in_its_own_right_but_nothing_beside_probable_block() -> None:
    recordings = four_nerves(
        motor("ulnar", amplitude="10", proximal="6"), motor("tibial", amplitude="10", proximal="4")
    )
    assert value_of(studied(*recordings), KEY) == "possible"
