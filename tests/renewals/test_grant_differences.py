"""A partial approval is compared with the request, and every difference has a name."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from priorauth.grant_differences import difference_words, grant_differences
from schemas.base import Phase, SiteOfCare
from schemas.renewal import GrantPart
from schemas.treatment import DoseOrder, DosePhase, TreatmentRequest
from tests.renewals.courses import PRODUCTS, grant


REQUEST = TreatmentRequest(
    phase=Phase.CONTINUATION,
    product="privigen",
    hcpcs="J1459",
    orders=(DoseOrder(phase=DosePhase.MAINTENANCE, grams=Decimal(70), over_days=2, every_days=21, doses=9),),
    starts=date(2027, 1, 4),
    ends=date(2027, 7, 3),
    site_of_care=SiteOfCare.HOME,
)
ASKED_UNITS = 9 * 140


def granted(**changes: Any) -> Any:
    fields = {"starts": REQUEST.starts, "ends": REQUEST.ends, "units": ASKED_UNITS, **changes}
    starts, ends, units = fields.pop("starts"), fields.pop("ends"), fields.pop("units")
    return grant(starts, ends, units, **fields)


def test_what_was_asked_for_is_no_difference() -> None:
    assert grant_differences(REQUEST, granted(), PRODUCTS) == ()


def test_more_than_was_asked_for_is_no_difference() -> None:
    more = granted(
        starts=date(2026, 12, 1), ends=date(2027, 12, 31), units=ASKED_UNITS + 1, units_per_visit=70
    )
    assert grant_differences(REQUEST, more, PRODUCTS) == ()


@pytest.mark.parametrize(
    ("changes", "part", "words"),
    [
        ({"hcpcs": "J1561"}, GrantPart.CODE, "code: J1561 granted, J1459 asked"),
        ({"product": "gammaked"}, GrantPart.PRODUCT, "product: gammaked granted, privigen asked"),
        ({"starts": date(2027, 1, 5)}, GrantPart.STARTS, "starts: 2027-01-05 granted, 2027-01-04 asked"),
        ({"ends": date(2027, 7, 2)}, GrantPart.ENDS, "ends: 2027-07-02 granted, 2027-07-03 asked"),
        ({"sites": (SiteOfCare.OFFICE,)}, GrantPart.SITE, "site: office granted, home asked"),
        ({"units": ASKED_UNITS - 1}, GrantPart.UNITS, "units: 1259 granted, 1260 asked"),
        ({"units": None, "visits": 17}, GrantPart.VISITS, "visits: 17 granted, 18 asked"),
        ({"units_per_visit": 69}, GrantPart.UNITS_PER_VISIT, "units per visit: 69 granted, 70 asked"),
    ],
)
def test_every_difference_is_named(changes: dict[str, Any], part: GrantPart, words: str) -> None:
    (difference,) = grant_differences(REQUEST, granted(**changes), PRODUCTS)
    assert difference.part is part
    assert difference_words([difference]) == words


def test_a_dose_without_grams_asks_for_no_number() -> None:
    order = REQUEST.orders[0].model_copy(update={"grams": None, "grams_per_kg": Decimal(1)})
    request = REQUEST.model_copy(update={"orders": (order,)})
    assert grant_differences(request, granted(units=1), PRODUCTS) == ()
