"""The order for immunoglobulin and the infusions given, from the medication resources of a FHIR Bundle."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from priorauth.formats.fhir_codes import ICD10
from priorauth.formats.fhir_dose import grams_of, read_dose
from priorauth.formats.fhir_people import who
from priorauth.formats.fhir_products import Medication, read_medication
from priorauth.formats.fhir_resources import Bundle, Resource
from priorauth.formats.fhir_values import (
    Json,
    Unusable,
    code_in,
    day,
    day_in_reach,
    many,
    one,
    read_each,
    words,
)
from priorauth.knowledge import Knowledge
from schemas.base import Phase, Route
from schemas.case import IntakeNote
from schemas.chart import GivenInfusion, Source
from schemas.treatment import TreatmentRequest


_ENDED = frozenset({"stopped", "completed", "draft"})
# SNOMED CT
_ROUTES = {"47625008": Route.INTRAVENOUS, "34206005": Route.SUBCUTANEOUS}


@dataclass(frozen=True)
class Order:
    """The MedicationRequest that asks for immunoglobulin, and what it asks for."""

    resource: Resource
    medication: Medication


def find_order(bundle: Bundle, knowledge: Knowledge) -> Order | None:
    """Find the newest live order for immunoglobulin; other medications are named in one note."""
    found: list[Order] = []
    others: Counter[str] = Counter()
    for resource in bundle.of_kind("MedicationRequest"):
        medication = read_medication(bundle, resource, knowledge, day(resource.content.get("authoredOn")))
        if not medication.immunoglobulin:
            others[medication.words or "a medication without a name"] += 1
        elif words(resource.content.get("status")) in _ENDED:
            bundle.notes.append(
                IntakeNote(
                    where=resource.name[:300],
                    found=f"an order for {medication.words} that is {words(resource.content.get('status'))}",
                )
            )
        else:
            found.append(Order(resource, medication))
    bundle.notes.extend(
        IntakeNote(
            where="MedicationRequest",
            found=f"{name} ({count} times), which is not immunoglobulin; enter it under therapies if it matters",
        )
        for name, count in others.items()
    )
    if not found:
        return None
    found.sort(key=lambda order: str(day(order.resource.content.get("authoredOn"))), reverse=True)
    for older in found[1:]:
        bundle.notes.append(
            IntakeNote(
                where=older.resource.name[:300],
                found="a further order for immunoglobulin",
                expected="one order; the newest was taken",
            )
        )
    return found[0]


def read_request(
    bundle: Bundle, order: Order, infusions: tuple[GivenInfusion, ...], knowledge: Knowledge
) -> TreatmentRequest:
    """Read what is asked for. A bundle does not say initiation or continuation: what was assumed is noted."""
    content, notes = order.resource.content, bundle.notes
    before = [
        infusion for infusion in infusions if infusion.on < (day(content.get("authoredOn")) or date.max)
    ]
    phase = Phase.CONTINUATION if before else Phase.INITIATION
    because = f"{len(before)} earlier infusions are recorded" if before else "no earlier infusion is recorded"
    notes.append(
        IntakeNote(
            where=f"{order.resource.name} phase"[:300],
            found=f"not stated; taken as {phase.value}, since {because}",
            expected="initiation or continuation, confirmed by the practice",
        )
    )
    if order.medication.product is None:
        notes.append(
            IntakeNote(
                where=order.resource.name[:300],
                found=f"'{order.medication.words}', which may be several products",
                expected="a brand name or NDC",
            )
        )
    if words(content.get("priority")) in ("urgent", "asap", "stat"):
        notes.append(
            IntakeNote(
                where=f"{order.resource.name} priority"[:300],
                found=words(content.get("priority")),
                expected="a reason, if the plan is to be asked for an expedited review",
            )
        )
    dosages = many(content.get("dosageInstruction"))
    orders = read_each(
        enumerate(dosages),
        lambda pair: read_dose(pair[1]),
        lambda pair: f"{order.resource.name} dosageInstruction[{pair[0]}]"[:300],
        notes,
    )
    period = one(one(content.get("dispenseRequest")).get("validityPeriod"))
    starts, ends = (
        day_in_reach(period.get(end), f"{order.resource.name} validityPeriod.{end}", notes)
        for end in ("start", "end")
    )
    return TreatmentRequest(
        phase=phase,
        product=order.medication.product,
        route=_route(bundle, order, dosages, knowledge),
        hcpcs=order.medication.hcpcs,
        ndc=order.medication.ndc,
        icd10=_reason(bundle, content),
        orders=tuple(orders),
        starts=starts,
        ends=ends if not (starts and ends and ends < starts) else None,
        source=Source(recorded_by=who(bundle, order.resource, "requester")),
    )


def read_infusions(bundle: Bundle, knowledge: Knowledge) -> tuple[GivenInfusion, ...]:
    """Read the infusions that were given; one without its product or grams is named in the notes."""
    given = [
        (resource, medication)
        for resource in bundle.of_kind("MedicationAdministration")
        if (medication := read_medication(bundle, resource, knowledge, _given_on(resource))).immunoglobulin
    ]

    def read(pair: tuple[Resource, Medication]) -> GivenInfusion:
        resource, medication = pair
        if words(resource.content.get("status")) != "completed":
            raise Unusable(
                f"an infusion that is {words(resource.content.get('status')) or 'of no status'}",
                "a completed one",
            )
        on = _given_on(resource)
        dose = one(one(resource.content.get("dosage")).get("dose"))
        grams = grams_of(dose)
        if on is None or medication.product is None or grams is None:
            raise Unusable(
                f"an infusion of '{medication.words}' on {on or 'no date'}, {grams or 'no'} g",
                "day, brand and grams",
            )
        return GivenInfusion(
            on=on,
            dated=on,
            product=medication.product,
            grams=grams,
            source=Source(recorded_by=who(bundle, resource, "performer")),
        )

    return tuple(
        sorted(
            read_each(given, read, lambda pair: pair[0].name[:300], bundle.notes),
            key=lambda infusion: infusion.on,
        )
    )


def _given_on(resource: Resource) -> date | None:
    return day(resource.content.get("effectiveDateTime")) or day(
        one(resource.content.get("effectivePeriod")).get("start")
    )


def _route(bundle: Bundle, order: Order, dosages: list[Json], knowledge: Knowledge) -> Route:
    for dosage in dosages:
        for coding in many(one(dosage.get("route")).get("coding")):
            if words(coding.get("code")) in _ROUTES:
                return _ROUTES[words(coding.get("code"))]
    routes = knowledge.products[order.medication.product].routes if order.medication.product else ()
    if len(routes) == 1:
        return routes[0]
    bundle.notes.append(
        IntakeNote(
            where=f"{order.resource.name} route"[:300],
            found="not stated; taken as intravenous",
            expected="the route, confirmed by the practice",
        )
    )
    return Route.INTRAVENOUS


def _reason(bundle: Bundle, content: Json) -> str | None:
    concepts: list[Any] = many(content.get("reasonCode"))
    for reference in many(content.get("reasonReference")):
        condition = bundle.resolve(reference, "Condition")
        concepts += [condition.content.get("code")] if condition else []
    return next((code for concept in concepts if (code := code_in(concept, ICD10))), None)
