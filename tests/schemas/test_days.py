"""Days to count from lie within a calendar: 9999-12-31, a usual open end, is refused with what to write instead."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.base import FIRST_DAY, LAST_DAY, Model
from schemas.chart import GivenInfusion
from schemas.treatment import Authorization, PlannedInfusion, TreatmentRequest


SOURCE = {"recorded_by": "Ann Lee"}
WHOLE: dict[type[Model], dict[str, Any]] = {
    TreatmentRequest: {
        "phase": "continuation", "requested_on": date(2026, 11, 23), "starts": date(2026, 12, 1), "ends": date(2027, 5, 31),
        "next_assessment": date(2027, 3, 1),
    },
    Authorization: {
        "number": "A-1", "payer": "aetna", "hcpcs": "J1459", "starts": date(2026, 12, 1), "ends": date(2027, 5, 31), "source": SOURCE,
    },
    PlannedInfusion: {"on": date(2026, 12, 1), "product": "privigen", "grams": 70},
    GivenInfusion: {"on": date(2026, 12, 1), "product": "privigen", "grams": 70, "source": SOURCE},
}  # fmt: skip
DATES = [
    (model, name) for model, fields in WHOLE.items() for name in fields if isinstance(fields[name], date)
]


@pytest.mark.parametrize(("model", "name"), DATES, ids=lambda value: getattr(value, "__name__", value))
@pytest.mark.parametrize("day", [date(9999, 12, 31), date(1, 1, 1)])
def test_a_day_out_of_reach_is_refused(model: type[Model], name: str, day: date) -> None:
    model.model_validate(WHOLE[model])

    with pytest.raises(ValidationError, match=f"found {day.year:04}-.*expected a day from 1900 to 2100"):
        model.model_validate({**WHOLE[model], name: day})


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (TreatmentRequest, "leave it empty where there is no end"),
        (Authorization, "enter the day on which the plan is to be asked again"),
    ],
)
def test_an_open_end_is_answered_with_what_to_write_instead(model: type[Model], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        model.model_validate({**WHOLE[model], "ends": date.max})


def test_the_first_and_the_last_day_are_in_reach() -> None:
    request = {**WHOLE[TreatmentRequest], "starts": FIRST_DAY, "ends": LAST_DAY}

    assert TreatmentRequest.model_validate(request).ends == date(2100, 12, 31)
