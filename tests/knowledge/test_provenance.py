"""Every value of a record has a provenance, its own or that of the record."""

from datetime import date

import pytest
from pydantic import ValidationError

from schemas.product import Product
from schemas.provenance import Confidence, provenance_of, value_at


RECORD = {
    "id": "sample",
    "brand": "Sample",
    "manufacturer": "Maker",
    "routes": ["intravenous"],
    "concentrations_percent": [10],
    "hcpcs": [{"code": "J1599", "unit_mg": 500}],
    "labelled": {
        "cidp": {"labelled": True, "since": "2017-09"},
        "mmn": {"labelled": False},
        "gbs": {"labelled": False},
    },
    "provenance": {"confidence": "L", "source": "The label", "retrieved_on": date(2026, 11, 23)},
}


def record(**exceptions):
    return Product.model_validate({**RECORD, "exceptions": exceptions})


def test_a_value_without_exception_has_the_provenance_of_its_record():
    assert provenance_of(record(), "labelled/cidp/since").source == "The label"


def test_the_nearest_exception_counts():
    product = record(**{"labelled": {"confidence": "M"}, "labelled/cidp/since": {"confidence": "M?"}})

    assert provenance_of(product, "labelled/cidp/since").confidence is Confidence.UNVERIFIED
    assert provenance_of(product, "labelled/cidp/labelled").confidence is Confidence.ESTABLISHED
    assert provenance_of(product, "brand").confidence is Confidence.LOOKED_UP


def test_an_exception_takes_what_it_leaves_out_from_its_record():
    exception = provenance_of(record(brand={"confidence": "M"}), "brand")

    assert (exception.source, exception.retrieved_on) == ("The label", date(2026, 11, 23))


def test_an_item_of_a_list_is_reached_by_its_first_field():
    assert value_at(record(), "hcpcs/J1599/unit_mg") == 500


@pytest.mark.parametrize("path", ["brnd", "hcpcs/J1561", "labelled/cidp/until", "brand/name"])
def test_an_exception_for_a_value_that_does_not_exist_is_refused(path):
    with pytest.raises(ValidationError, match="expected one of"):
        record(**{path: {"confidence": "M"}})


def test_the_provenance_of_a_value_that_does_not_exist_is_refused():
    with pytest.raises(KeyError, match="found 'brnd' in the path 'brnd'"):
        provenance_of(record(), "brnd")


def test_every_mark_has_words():
    assert all(mark.words for mark in Confidence)


def test_marks_short_of_a_primary_source_ask_to_be_verified():
    asking = {mark for mark in Confidence if mark.needs_verifying}

    assert asking == {Confidence.LOOKED_UP_SECOND_HAND, Confidence.UNVERIFIED, Confidence.UNCONFIRMED}
