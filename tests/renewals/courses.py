"""Courses to plan with: one product a code, authorizations and infusions in few words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from schemas.base import ConditionId, LineOfBusiness, Phase, Route, SiteOfCare
from schemas.case import Case, Coverage, Patient, Referral
from schemas.chart import Chart, Fact, GivenInfusion, Source
from schemas.product import HcpcsAssignment, LabelledIndication, Product
from schemas.provenance import Confidence, Provenance
from schemas.treatment import Authorization, Course, DoseOrder, DosePhase, PlannedInfusion, TreatmentRequest


CASE_ID = "PA-0000000A"
RECORDED = Source(recorded_by="coordinator")
MADE_UP = Provenance(
    confidence=Confidence.ESTABLISHED, source="made up for these tests", retrieved_on=date(2026, 11, 23)
)


def product(name: str, *codes: HcpcsAssignment) -> Product:
    return Product(
        id=name,
        brand=name,
        manufacturer="maker",
        routes=(Route.INTRAVENOUS,),
        concentrations_percent=(Decimal(10),),
        hcpcs=codes,
        labelled={condition: LabelledIndication(labelled=False) for condition in ConditionId},
        provenance=MADE_UP,
    )


PRODUCTS = {
    "privigen": product("privigen", HcpcsAssignment(code="J1459", unit_mg=500)),
    "gamunex_c": product("gamunex_c", HcpcsAssignment(code="J1561", unit_mg=500)),
    "gammaked": product("gammaked", HcpcsAssignment(code="J1561", unit_mg=500)),
    "hizentra": product("hizentra", HcpcsAssignment(code="J1559", unit_mg=100)),
    "unsized": product("unsized", HcpcsAssignment(code="J1599", unit_mg=None)),
    "uncoded": product("uncoded"),
    "recoded": product(
        "recoded",
        HcpcsAssignment(code="J1599", unit_mg=500, effective_to=date(2026, 12, 31)),
        HcpcsAssignment(code="J1576", unit_mg=500, effective_from=date(2027, 1, 1)),
    ),
}


def planned(on: date, grams: str = "70", *, name: str = "privigen", **more: Any) -> PlannedInfusion:
    return PlannedInfusion(on=on, product=name, grams=Decimal(grams), **more)


def every(days: int, first: date, number: int, grams: str = "70", **more: Any) -> tuple[PlannedInfusion, ...]:
    return tuple(planned(first + timedelta(days=days * place), grams, **more) for place in range(number))


def given(on: date, grams: str = "70", *, name: str = "privigen", **more: Any) -> GivenInfusion:
    return GivenInfusion(on=on, product=name, grams=Decimal(grams), dated=on, source=RECORDED, **more)


def grant(
    starts: date, ends: date, units: int | None = None, *, number: str = "A1", **more: Any
) -> Authorization:
    fields = {"payer": "aetna", "hcpcs": "J1459", **more}
    return Authorization(number=number, starts=starts, ends=ends, units=units, source=RECORDED, **fields)


def fact(key: str, value: Any, dated: date, unit: str | None = None) -> Fact:
    return Fact(fact=key, value=value, dated=dated, unit=unit, source=RECORDED)


ACTIVE = Coverage(
    payer="aetna",
    line_of_business=LineOfBusiness.COMMERCIAL_SELF_FUNDED,
    active=True,
    verified_on=date(2026, 11, 2),
)


def a_case(
    infusions: Iterable[PlannedInfusion] = (),
    grants: Iterable[Authorization] = (),
    *,
    were_given: Iterable[GivenInfusion] = (),
    facts: Iterable[Fact] = (),
    every_days: int | None = None,
    coverage: Coverage | None = ACTIVE,
    condition: ConditionId = ConditionId.CIDP,
    **course: Any,
) -> Case:
    """A case in CIDP; it is projected at ``every_days``, else at the interval of its last two infusions."""
    order = DoseOrder(phase=DosePhase.MAINTENANCE, grams_per_kg=Decimal(1), every_days=every_days)
    patient = course.pop("patient", Patient())
    return Case(
        case_id=CASE_ID,
        referral=Referral(system="tests", identifier="1"),
        condition=condition,
        patient=patient,
        coverage=coverage,
        request=TreatmentRequest(
            phase=Phase.CONTINUATION, product="privigen", orders=(order,), site_of_care=SiteOfCare.OFFICE
        ),
        chart=Chart(facts=tuple(facts), infusions=tuple(were_given)),
        course=Course(planned=tuple(infusions), authorizations=tuple(grants), **course),
    )
