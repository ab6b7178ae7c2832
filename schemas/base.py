"""The base model and the words, quantities and identifiers that every other schema is made of."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints


class Model(BaseModel):
    """A noun of the field: immutable, and closed to keys nobody has defined.

    Defaults are not validated each time a record is read, which would take as long as the record itself; a test holds
    that they are valid.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def _exact_number(value: Any) -> Any:
    """Refuse binary floats and booleans, which would carry rounding or nonsense into a dose."""
    if isinstance(value, bool):
        raise ValueError(f"found {value}, expected a number")
    if isinstance(value, float):
        raise ValueError(
            f"found the binary float {value}, expected a decimal number such as '{value}' in quotes"
        )
    return value


Exact = Annotated[Decimal, BeforeValidator(_exact_number)]
"""A decimal number: never a binary float."""

Kilograms = Annotated[Exact, Field(gt=Decimal("0.3"), le=500, description="kg")]
Centimetres = Annotated[Exact, Field(gt=20, le=260, description="cm")]
Grams = Annotated[Exact, Field(gt=0, le=1000, description="g")]
GramsPerKilogram = Annotated[
    Exact, Field(gt=0, le=4, description="g of immunoglobulin per kg of dosing weight")
]
BillingUnits = Annotated[int, Field(gt=0, le=100_000, description="HCPCS billing units")]
Days = Annotated[int, Field(gt=0, le=3660, description="days")]

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)


def _in_reach(otherwise: str = "") -> AfterValidator:
    def check(day: date) -> date:
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValueError(
                f"found {day}, expected a day from {FIRST_DAY.year} to {LAST_DAY.year}{otherwise}"
            )
        return day

    return AfterValidator(check)


Day = Annotated[date, _in_reach()]
"""A day to count from. Systems write 9999-12-31 for an end they do not know, and no calendar goes on from there."""

OpenEnd = Annotated[date, _in_reach("; leave it empty where there is no end")]
GrantEnd = Annotated[
    date, _in_reach("; where the notice gives no end, enter the day on which the plan is to be asked again")
]

Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Line = Annotated[
    str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$")
]
Words = Annotated[str, StringConstraints(min_length=1)]
"""What the product composes of entries: as long as they make it, since a limit would fail it or cut it."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$", max_length=80)]
"""An identifier inside the product's own data: lower case words joined by underscores."""

FactKey = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*(\.[a-z0-9]+(_[a-z0-9]+)*)?$", max_length=80)
]
"""A key of the vocabulary; derived facts carry their family before a dot, as in ``dose.grams_agree``."""

DocumentId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")]
CaseId = Annotated[str, StringConstraints(pattern=r"^PA-[0-9A-HJKMNP-TV-Z]{8}$")]
"""Opaque: says nothing about the patient, so that it may appear in Prefect."""


class LineOfBusiness(StrEnum):
    """Who regulates the plan, which decides the clocks and the rights of appeal."""

    COMMERCIAL_FULLY_INSURED = "commercial_fully_insured"
    COMMERCIAL_SELF_FUNDED = "commercial_self_funded"
    MARKETPLACE = "marketplace"
    MEDICARE_ADVANTAGE = "medicare_advantage"
    ORIGINAL_MEDICARE = "original_medicare"
    MEDICAID_MANAGED_CARE = "medicaid_managed_care"
    MEDICAID_FEE_FOR_SERVICE = "medicaid_fee_for_service"
    TRICARE = "tricare"
    FEHB = "fehb"


class ConditionId(StrEnum):
    """The immune neuropathies that the product knows criteria for."""

    CIDP = "cidp"
    GBS = "gbs"
    MMN = "mmn"


class Phase(StrEnum):
    """Whether the request opens a course or asks to go on with it."""

    INITIATION = "initiation"
    CONTINUATION = "continuation"


class Route(StrEnum):
    """How the immunoglobulin is given."""

    INTRAVENOUS = "intravenous"
    SUBCUTANEOUS = "subcutaneous"


class Urgency(StrEnum):
    """Which decision timeframe the request asks for."""

    STANDARD = "standard"
    EXPEDITED = "expedited"


class SiteOfCare(StrEnum):
    """Where the infusion is given."""

    OFFICE = "office"
    INFUSION_SUITE = "infusion_suite"
    HOME = "home"
    OUTPATIENT_HOSPITAL = "outpatient_hospital"
    INPATIENT_HOSPITAL = "inpatient_hospital"
    EMERGENCY_ROOM = "emergency_room"
    SKILLED_NURSING_FACILITY = "skilled_nursing_facility"


class BenefitChannel(StrEnum):
    """Which side of the plan pays."""

    MEDICAL = "medical"
    PHARMACY = "pharmacy"


class Side(StrEnum):
    """Side of the body."""

    LEFT = "left"
    RIGHT = "right"
