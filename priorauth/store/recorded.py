"""What people record on a case after intake, and how it joins what the referral said.

A referral that is read again replaces what it said before and never what was recorded since.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from pydantic import ValidationError

from priorauth.store.errors import RecordContradicts
from schemas.base import Model
from schemas.case import Case, Document
from schemas.chart import (
    Chart,
    Diagnosis,
    Fact,
    GivenInfusion,
    Measurement,
    MuscleStrength,
    NerveStudy,
    Therapy,
)
from schemas.treatment import Authorization, Course, TreatmentRequest, WithdrawnAuthorization


class Part(StrEnum):
    """The part of a case that an entry belongs to."""

    DOCUMENT = "document"
    FACT = "fact"
    MEASUREMENT = "measurement"
    MUSCLE_STRENGTH = "muscle_strength"
    NERVE_STUDY = "nerve_study"
    THERAPY = "therapy"
    DIAGNOSIS = "diagnosis"
    GIVEN_INFUSION = "given_infusion"
    AUTHORIZATION = "authorization"
    WITHDRAWN_AUTHORIZATION = "withdrawn_authorization"
    REQUEST = "request"


MODELS: dict[Part, type[Model]] = {
    Part.DOCUMENT: Document,
    Part.FACT: Fact,
    Part.MEASUREMENT: Measurement,
    Part.MUSCLE_STRENGTH: MuscleStrength,
    Part.NERVE_STUDY: NerveStudy,
    Part.THERAPY: Therapy,
    Part.DIAGNOSIS: Diagnosis,
    Part.GIVEN_INFUSION: GivenInfusion,
    Part.AUTHORIZATION: Authorization,
    Part.WITHDRAWN_AUTHORIZATION: WithdrawnAuthorization,
    Part.REQUEST: TreatmentRequest,
}

_CHART_FIELDS = {
    Part.FACT: "facts",
    Part.MEASUREMENT: "measurements",
    Part.MUSCLE_STRENGTH: "muscle_strength",
    Part.NERVE_STUDY: "nerve_studies",
    Part.THERAPY: "therapies",
    Part.DIAGNOSIS: "diagnoses",
    Part.GIVEN_INFUSION: "infusions",
}

GRANTS = (Part.AUTHORIZATION, Part.WITHDRAWN_AUTHORIZATION)
"""Parts of which the newest entry of a number counts, so that one that was corrected can be recorded again."""

Recorded = tuple[Part, Model]


def part_of(entry: Model) -> Part:
    """Return the part an entry belongs to; KeyError names a model that is no part of a case."""
    for part, model in MODELS.items():
        if isinstance(entry, model):
            return part
    raise KeyError(type(entry).__name__)


def with_recorded(received: Case, recorded: Iterable[Recorded]) -> Case:
    """Join a case as received with what was recorded since."""
    entries: dict[Part, list[Model]] = {}
    grants: list[Model] = [*received.course.authorizations]
    for part, entry in recorded:
        if part in GRANTS:
            grants.append(entry)
        entries.setdefault(part, []).append(entry)
    if not entries:
        return received
    chart = {
        name: _joined(getattr(received.chart, name), entries.get(part, []))
        for part, name in _CHART_FIELDS.items()
    }
    course = {
        **dict(received.course),
        "authorizations": _latest_by_number(grants),
    }
    try:
        return Case.model_validate(
            {
                **dict(received),
                "request": _present_request(received.request, entries.get(Part.REQUEST, [])),
                "chart": Chart.model_validate(chart),
                "course": Course.model_validate(course),
                "documents": _joined(received.documents, entries.get(Part.DOCUMENT, [])),
            }
        )
    except ValidationError as error:
        reasons = "; ".join(
            details["msg"].removeprefix("Value error, ") for details in error.errors(include_url=False)
        )
        raise RecordContradicts(
            f"the referral of case {received.case_id} and what was recorded on it do not fit together: {reasons}"
        ) from None


def _joined(received: Iterable[Model], recorded: Iterable[Model]) -> tuple[Model, ...]:
    return tuple(dict.fromkeys([*received, *recorded]))


_OF_A_PERIOD = ("phase", "starts", "ends", "requested_on", "urgency", "urgency_reason")


def _present_request(received: TreatmentRequest | None, recorded: Iterable[Model]) -> TreatmentRequest | None:
    """Return the request for the latest period, since a referral may bring a newer one than was recorded.

    A renewal on record says for which period the course is to go on; what is ordered, where and by whom is what the
    referral says now, which may have been corrected since the renewal was opened.
    """
    renewals = [one for one in recorded if isinstance(one, TreatmentRequest)]
    renewal = max(renewals, key=lambda one: one.starts or date.min, default=None)
    if received is None or renewal is None:
        return received or renewal
    if (received.starts or date.min) >= (renewal.starts or date.min):
        return received
    period = {name: getattr(renewal, name) for name in _OF_A_PERIOD}
    return received.model_copy(update={**period, "orders": received.going_on or renewal.orders})


def _latest_by_number(grants: Iterable[Model]) -> tuple[Authorization, ...]:
    """Keep one authorization for each number of a payer: what was recorded of it last, unless that withdraws it."""
    found: dict[tuple[str, str], Authorization] = {}
    for one in grants:
        if isinstance(one, Authorization):
            found[one.payer, one.number] = one
        elif isinstance(one, WithdrawnAuthorization):
            found.pop((one.payer, one.number), None)
    return tuple(found.values())
