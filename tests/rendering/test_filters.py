"""How dates, numbers and lists are written."""

from datetime import date
from decimal import Decimal

import pytest

from priorauth.rendering.filters import (
    age_on,
    capital,
    counted,
    listing,
    ndc,
    number,
    quantity,
    sentence_case,
)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("71.40"), "71.4"),
        (Decimal("2.0"), "2"),
        (Decimal("0.5"), "0.5"),
        (Decimal(100), "100"),
        (Decimal("1E+2"), "100"),
        (1400, "1,400"),
        (Decimal("12345.60"), "12,345.6"),
        (0, "0"),
    ],
)
def test_numbers_have_no_trailing_zero_and_keep_the_leading_one(value: Decimal | int, written: str) -> None:
    assert number(value) == written


def test_a_unit_stays_beside_its_number() -> None:
    assert quantity(Decimal("71.4"), "kg") == "71.4\xa0kg"
    assert quantity(54, "%") == "54%"


def test_counted_things_agree_in_number() -> None:
    assert counted(1, "infusion") == "1\xa0infusion"
    assert counted(12, "infusion") == "12\xa0infusions"
    assert counted(2, "study", "studies") == "2\xa0studies"


@pytest.mark.parametrize(
    ("items", "written"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b, and c")],
)
def test_lists_have_the_serial_comma(items: list[str], written: str) -> None:
    assert listing(items) == written


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("Chronic neuropathy", "chronic neuropathy"),
        ("CIDP, typical", "CIDP, typical"),
        ("Guillain-Barré syndrome", "Guillain-Barré syndrome"),
        ("I-RODS 42", "I-RODS 42"),
        ("", ""),
    ],
)
def test_a_phrase_inside_a_sentence_keeps_the_capitals_of_names_and_acronyms(
    words: str, written: str
) -> None:
    assert sentence_case(words) == written


def test_a_sentence_begins_with_a_capital_and_keeps_the_rest() -> None:
    assert capital("the MRC sum score") == "The MRC sum score"


@pytest.mark.parametrize(
    ("born", "age"), [(date(1972, 11, 23), 54), (date(1972, 11, 24), 53), (date(2024, 2, 29), 2)]
)
def test_an_age_counts_full_years(born: date, age: int) -> None:
    assert age_on(born, date(2026, 11, 23)) == age


def test_an_ndc_is_written_with_its_hyphens() -> None:
    assert ndc("00944270007") == "00944-2700-07"
