"""The run forms: one model for each flow. Prefect stores what is entered, so they ask for codes and never for people.

Dates are text with a pattern, because the server does not check the format of a date before a run starts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from flows.heartbeat import USUAL_HOURS
from schemas.base import FIRST_DAY, LAST_DAY, SiteOfCare


CASE_ID = r"^PA-[0-9A-HJKMNP-TV-Z]{8}$"
ISO_DATE = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
# No letters beyond codes: these go into Prefect's database as they are typed.
REFERENCE = r"^[A-Za-z0-9][A-Za-z0-9 ./-]*$"


class FormMistake(ValueError):
    """A date that its pattern lets through and no calendar has, or dates that cannot be so."""


class FormIncomplete(FormMistake):
    """Something that the decision entered cannot go without."""


class Form(BaseModel):
    """A run form: closed, so that a misspelt key is refused and not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def boxed(position: int) -> Callable[[dict[str, Any]], None]:
    """Draw an optional field as a plain box: offered null as well, the UI would draw a switch between two types."""

    def without_null(schema: dict[str, Any]) -> None:
        (only,) = [part for part in schema.pop("anyOf") if part != {"type": "null"}]
        del schema["default"]
        schema.update(only, position=position)

    return without_null


CaseIdField = Annotated[
    str,
    Field(
        pattern=CASE_ID,
        title="Case id",
        description="As in the work list: PA- and eight characters.",
        json_schema_extra={"position": 0},
    ),
]
RequiredDate = Annotated[str, Field(pattern=ISO_DATE, description="YYYY-MM-DD")]
Initials = Annotated[str, Field(pattern=r"^[A-Za-z]{2,5}$")]
Version = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
AsOf = Annotated[
    str | None,
    Field(
        pattern=ISO_DATE,
        title="As of",
        description="YYYY-MM-DD; leave empty for today.",
        json_schema_extra=boxed(9),
    ),
]


class DatedForm(Form):
    """A form that can ask for another day than today."""

    as_of: AsOf = None

    @property
    def occasion(self) -> str:
        """What the name of the run says of the day, where it is not the day of the run."""
        return f" as of {self.as_of}" if self.as_of else ""


class TakeInForm(DatedForm):
    """Which folder to take referrals in from."""

    folder: str = Field(
        "examples/referrals",
        title="Folder of referrals",
        description="Below the project folder or absolute. Choose a folder name that names no patient.",
        min_length=1,
        max_length=300,
        json_schema_extra={"position": 0},
    )


class CaseForm(DatedForm):
    """Which case to work on."""

    case_id: CaseIdField


class PrepareManyForm(DatedForm):
    """Which cases to prepare; none named means every case that has not been sent yet and has no final packet."""

    case_ids: list[Annotated[str, Field(pattern=CASE_ID)]] = Field(
        [],
        title="Case ids",
        description="Leave empty for every case that has not been sent and has no final packet to send.",
        json_schema_extra={"position": 0},
    )


class SweepForm(DatedForm):
    """How far the sweep looks."""

    every_course: bool = Field(
        False,
        title="Every course",
        description="Look at every course, not only those that are due.",
        json_schema_extra={"position": 0},
    )


class WatchForm(Form):
    """Within what time a sweep must have succeeded."""

    hours: float = Field(
        USUAL_HOURS,
        gt=0,
        le=24 * 14,
        title="Within hours",
        description="A sweep must have succeeded within so many hours.",
        json_schema_extra={"position": 0},
    )


class DenialReason(StrEnum):
    """Why payers deny immunoglobulin, as codes; the words of the notice belong in the case store."""

    NERVE_STUDY_MISSING = "nerve_study_missing"
    NERVE_STUDY_CRITERIA_NOT_MET = "nerve_study_criteria_not_met"
    NO_BASELINE = "no_baseline"
    NO_OBJECTIVE_RESPONSE = "no_objective_response"
    DIAGNOSIS_NOT_COVERED = "diagnosis_not_covered"
    WRONG_BENEFIT = "wrong_benefit"
    DOSE_ABOVE_LIMIT = "dose_above_limit"
    NON_PREFERRED_PRODUCT = "non_preferred_product"
    SITE_OF_CARE = "site_of_care"
    PRESCRIBER_SPECIALTY = "prescriber_specialty"
    MIMIC_NOT_EXCLUDED = "mimic_not_excluded"
    RENEWAL_LATE = "renewal_late"
    UNITS_OR_CODES = "units_or_codes"
    NOT_ESTABLISHED = "not_established"
    NO_TAPER_EVIDENCE = "no_taper_evidence"
    DUPLICATE_THERAPY = "duplicate_therapy"
    OTHER = "other"


class InformationAsked(StrEnum):
    """What payers ask for, as codes."""

    NERVE_STUDY = "nerve_study"
    CHART_NOTES = "chart_notes"
    OUTCOME_MEASURES = "outcome_measures"
    LABORATORY = "laboratory"
    WEIGHT = "weight"
    PRIOR_THERAPY = "prior_therapy"
    SITE_OF_CARE_REASON = "site_of_care_reason"
    OTHER = "other"


class Modification(StrEnum):
    """In what a partial approval differs from the request."""

    UNITS = "units"
    DATES = "dates"
    PRODUCT = "product"
    SITE_OF_CARE = "site_of_care"
    OTHER = "other"


class Granted(Form):
    """What an approval of either kind grants."""

    authorization_number: str = Field(
        min_length=2,
        max_length=60,
        pattern=REFERENCE,
        title="Authorization number",
        description="The payer's number of the authorization.",
        json_schema_extra={"position": 0},
    )
    starts: RequiredDate = Field(title="From", json_schema_extra={"position": 1})
    ends: RequiredDate = Field(title="Until", json_schema_extra={"position": 2})
    units: int | None = Field(
        None,
        gt=0,
        le=100_000,
        title="Units",
        description="HCPCS billing units granted; empty if the notice counts visits.",
        json_schema_extra=boxed(3),
    )
    visits: int | None = Field(
        None,
        gt=0,
        le=1000,
        title="Visits",
        description="Visits granted, if the notice counts visits.",
        json_schema_extra=boxed(4),
    )
    no_limit: bool = Field(
        False,
        title="No limit",
        description="Switch on only if the notice names neither units nor visits.",
        json_schema_extra={"position": 5},
    )
    instead_of: str | None = Field(
        None,
        max_length=60,
        pattern=REFERENCE,
        title="Instead of",
        description="A number of an authorization that was entered by mistake and is to fall.",
        json_schema_extra=boxed(10),
    )


class Approved(Granted):
    """The request is approved as submitted."""

    model_config = ConfigDict(title="Approved")


class PartiallyApproved(Granted):
    """Something else was granted than was asked for."""

    model_config = ConfigDict(title="Partially approved")

    # Also tells this form from Approved, which it would otherwise be read as.
    modified: list[Modification] = Field(
        min_length=1,
        title="Modified",
        description="In what the approval differs from the request.",
        json_schema_extra={"position": 6},
    )
    sites: list[SiteOfCare] = Field(
        [],
        title="Sites of care",
        description="Every site the notice allows, where it allows another than asked for.",
        json_schema_extra={"position": 7},
    )
    product: str | None = Field(
        None,
        pattern=r"^[a-z0-9_]{2,60}$",
        title="Product",
        description="The product granted, where it is another than asked for, as the order would name it: octagam_10.",
        json_schema_extra=boxed(8),
    )
    hcpcs: str | None = Field(
        None,
        pattern=r"^[A-Z][0-9]{4}$",
        title="HCPCS code",
        description="The code granted, where it is another than the one asked for.",
        json_schema_extra=boxed(9),
    )


class Accepted(Form):
    """The practice takes what was granted in part, and asks for no more."""

    model_config = ConfigDict(title="Partial approval accepted by the practice")

    accepted: Literal[True] = Field(
        title="Accepted",
        description="Closes the task of the partial approval.",
        json_schema_extra={"position": 0},
    )


class Denied(Form):
    """The request is denied."""

    model_config = ConfigDict(title="Denied")

    reasons: list[DenialReason] = Field(
        min_length=1, title="Reasons", description="Every reason the notice gives."
    )


class MoreInformation(Form):
    """The payer asks for more before it decides."""

    model_config = ConfigDict(title="More information asked")

    asked: list[InformationAsked] = Field(min_length=1, title="Asked for", json_schema_extra={"position": 0})
    respond_by: RequiredDate = Field(title="Respond by", json_schema_extra={"position": 1})


class DeterminationForm(Form):
    """The payer's answer to one request."""

    case_id: CaseIdField
    decided_on: RequiredDate = Field(title="Date of the notice", json_schema_extra={"position": 1})
    decision: Approved | PartiallyApproved | Denied | MoreInformation | Accepted = Field(
        title="Decision", json_schema_extra={"position": 2}
    )
    reference: str | None = Field(
        None, max_length=60, pattern=REFERENCE, title="Payer's reference", json_schema_extra=boxed(3)
    )
    recorded_by: Initials = Field(
        title="Your initials",
        description="Two to five letters.",
        json_schema_extra={"position": 4},
    )
    sent_outside: bool = Field(
        False,
        title="Sent outside this product",
        description="Switch on if the request went to the payer by fax, mail or portal and is not shown as submitted.",
        json_schema_extra={"position": 5},
    )


class SendBackReason(StrEnum):
    """Why a letter is not to go out as it is, as codes; what was said about it belongs to the talk in the practice."""

    FACT_WRONG = "fact_wrong"
    FACT_MISSING = "fact_missing"
    EXHIBIT_WRONG_OR_MISSING = "exhibit_wrong_or_missing"
    DOSE_OR_CODES_WRONG = "dose_or_codes_wrong"
    WORDING = "wording"
    NOT_TO_BE_SENT = "not_to_be_sent"
    OTHER = "other"


class Release(Form):
    """The prescriber has read this version against the record and releases it: the final is made."""

    model_config = ConfigDict(title="Released by the prescriber")

    reviewed_on: RequiredDate = Field(title="Read on", json_schema_extra={"position": 0})


class SendBack(Form):
    """The letter is not to go out as it is; the case goes back to be worked on."""

    model_config = ConfigDict(title="Sent back")

    reasons: list[SendBackReason] = Field(min_length=1, title="Reasons", json_schema_extra={"position": 0})


class ReviewForm(Form):
    """What the prescriber said of a letter."""

    case_id: CaseIdField
    version: Version = Field(
        title="Version of the letter",
        description="As the work list fills it in: it stands for the letter that was read.",
        json_schema_extra={"position": 1},
    )
    review: Release | SendBack = Field(title="Review", json_schema_extra={"position": 2})
    recorded_by: Initials = Field(
        title="Your initials", description="Two to five letters.", json_schema_extra={"position": 3}
    )


class Channel(StrEnum):
    """How a packet went to the payer."""

    FAX = "fax"
    PORTAL = "portal"
    MAIL = "mail"
    OTHER = "other"


class SendingForm(Form):
    """The sending of a final packet."""

    case_id: CaseIdField
    version: Version = Field(
        title="Version of the packet",
        description="As the work list fills it in: it stands for the final packet. Of a packet in parts, any part.",
        json_schema_extra={"position": 1},
    )
    channel: Channel = Field(title="Sent by", json_schema_extra={"position": 2})
    reference: str | None = Field(
        None,
        max_length=60,
        pattern=REFERENCE,
        title="Reference",
        description="The number of the portal's or fax's confirmation.",
        json_schema_extra=boxed(3),
    )
    recorded_by: Initials = Field(
        title="Your initials", description="Two to five letters.", json_schema_extra={"position": 4}
    )


class CloseReason(StrEnum):
    """Why a case needs nothing more."""

    NOT_REQUIRED = "not_required"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    COURSE_COMPLETED = "course_completed"
    DISCONTINUED = "discontinued"
    COVERAGE_ENDED = "coverage_ended"
    PATIENT_DIED = "patient_died"


class CloseForm(Form):
    """A case that needs nothing more."""

    case_id: CaseIdField
    reason: CloseReason = Field(title="Reason", json_schema_extra={"position": 1})
    recorded_by: Initials = Field(
        title="Your initials", description="Two to five letters.", json_schema_extra={"position": 2}
    )


def read_day(text: str) -> date:
    """Read a date of a form."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise FormMistake(f"found {text}, expected a day of the calendar as YYYY-MM-DD") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise FormMistake(f"found {day}, expected a day from {FIRST_DAY.year} to {LAST_DAY.year}")
    return day


def day_of(text: str | None, *, otherwise: date) -> date:
    """Read the day a form asks for, or the one that holds where it asks for none."""
    return read_day(text) if text else otherwise


FORMS: dict[str, type[Form]] = {
    "take_in_referrals": TakeInForm,
    "verify_case": CaseForm,
    "prepare_request": CaseForm,
    "prepare_requests": PrepareManyForm,
    "sweep_renewals": SweepForm,
    "watch_sweep": WatchForm,
    "record_review": ReviewForm,
    "record_sending": SendingForm,
    "record_determination": DeterminationForm,
    "close_case": CloseForm,
}
