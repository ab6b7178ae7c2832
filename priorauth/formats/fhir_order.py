"""The order for immunoglobulin and the infusions given, from the medication resources of a FHIR Bundle."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from priorauth.formats.fhir_codes import ICD10
from priorauth.formats.fhir_people import who
from priorauth.formats.fhir_products import Medication, read_medication
from priorauth.formats.fhir_resources import Bundle, Resource
from priorauth.formats.fhir_values import Json, Unusable, code_in, day, many, number, one, read_each, words
from priorauth.knowledge import Knowledge
from schemas.base import Phase, Route
from schemas.case import IntakeNote
from schemas.chart import GivenInfusion, Source
from schemas.treatment import DoseOrder, DosePhase, TreatmentRequest


_ENDED = frozenset({"stopped", "completed", "draft"})
_PER_KILOGRAM = {"g/kg": Decimal(1), "mg/kg": Decimal("0.001")}
_ABSOLUTE = {"g": Decimal(1), "mg": Decimal("0.001")}
_DAYS = {"d": 1, "wk": 7}
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
        lambda pair: _dose(pair[1]),
        lambda pair: f"{order.resource.name} dosageInstruction[{pair[0]}]"[:300],
        notes,
    )
    period = one(one(content.get("dispenseRequest")).get("validityPeriod"))
    starts, ends = day(period.get("start")), day(period.get("end"))
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
        grams = _amount(dose, _ABSOLUTE)
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


def _dose(dosage: Json) -> DoseOrder:
    """Read one dosage. Only what is coded is read: a dose written in words is for a person to enter."""
    amounts = many(dosage.get("doseAndRate"))
    quantity = one(amounts[0].get("doseQuantity")) if amounts else {}
    per_kg, grams = _amount(quantity, _PER_KILOGRAM), _amount(quantity, _ABSOLUTE)
    repeat = one(one(dosage.get("timing")).get("repeat"))
    every, days = _every_days(repeat), _bound_days(repeat)
    if per_kg is None and grams is None:
        raise Unusable(
            f"the dosage '{words(dosage.get('text'))}'", "a dose in g, mg, g/kg or mg/kg; enter it by hand"
        )
    if every is None:
        raise Unusable(
            f"the dosage '{words(dosage.get('text'))}' with no interval in whole days",
            "one dose each so many days or weeks; enter it by hand",
        )
    rate = _amount(one(amounts[0].get("rateQuantity")), {"mg/kg/min": Decimal(1)})
    if every > 1:
        return DoseOrder(
            phase=DosePhase.MAINTENANCE,
            grams_per_kg=per_kg,
            grams=grams,
            every_days=every,
            over_days=1,
            rate_mg_per_kg_min=rate,
        )
    # Given every day: the course of so many days is one loading dose.
    if days is None:
        raise Unusable(
            f"the daily dosage '{words(dosage.get('text'))}' without its number of days",
            "the number of days; enter it by hand",
        )
    return DoseOrder(
        phase=DosePhase.LOADING,
        grams_per_kg=per_kg * days if per_kg else None,
        grams=grams * days if grams else None,
        over_days=days,
        rate_mg_per_kg_min=rate,
    )


def _amount(quantity: Json, factors: dict[str, Decimal]) -> Decimal | None:
    value = number(quantity.get("value"))
    factor = factors.get(words(quantity.get("code"))) or factors.get(words(quantity.get("unit")))
    return value * factor if value and factor else None


def _every_days(repeat: Json) -> int | None:
    frequency, period = number(repeat.get("frequency")) or Decimal(1), number(repeat.get("period"))
    unit = _DAYS.get(words(repeat.get("periodUnit")))
    if frequency != 1 or period is None or unit is None:
        return None
    days = period * unit
    return int(days) if days == int(days) and 0 < days <= 3660 else None


def _bound_days(repeat: Json) -> int | None:
    count = number(repeat.get("count"))
    duration = one(repeat.get("boundsDuration"))
    bound = number(duration.get("value")) if words(duration.get("code")) == "d" else None
    days = count or bound
    return int(days) if days is not None and days == int(days) and 0 < days <= 14 else None


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
