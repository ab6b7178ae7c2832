"""Finds billing units that are not what the grams come to, in orders, infusion records and authorizations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from priorauth.course_days import code_on, units_of
from schemas.case import Case
from schemas.product import HcpcsAssignment, Product
from schemas.renewal import UnitSlip
from schemas.treatment import Authorization, TreatmentRequest


def unit_slips(case: Case, products: Mapping[str, Product]) -> tuple[UnitSlip, ...]:
    """List every slip, in the order of orders, infusions given and authorizations."""
    in_orders = _in_orders(case.request, products) if case.request else ()
    in_grants = (
        slip for grant in case.course.authorizations for slip in _in_authorization(grant, case, products)
    )
    return (*in_orders, *_in_infusions(case, products), *in_grants)


def _in_orders(request: TreatmentRequest, products: Mapping[str, Product]) -> Iterator[UnitSlip]:
    code = _code_of_request(request, products)
    for order in request.orders:
        expected = units_of(order.grams, code) if order.grams is not None else None
        if order.grams is not None and order.units is not None and expected not in (None, order.units):
            yield UnitSlip(
                where=f"{order.phase.value} order", grams=order.grams, units=order.units, expected=expected
            )


def _code_of_request(request: TreatmentRequest, products: Mapping[str, Product]) -> HcpcsAssignment | None:
    product = products.get(request.product or "")
    day = request.starts or request.requested_on
    if product is None:
        return None
    # A product's unit size has stayed the same through its changes of code, so the newest one serves undated requests.
    return product.hcpcs_on(day) if day else next(reversed(product.hcpcs), None)


def _in_infusions(case: Case, products: Mapping[str, Product]) -> Iterator[UnitSlip]:
    # The infusions of a course are much alike, and most are right whatever their day.
    right: dict[tuple[str, Decimal, int], bool] = {}
    for given in case.chart.infusions:
        if given.units is None:
            continue
        alike = (given.product, given.grams, given.units)
        if alike not in right:
            right[alike] = _right_on_every_day(*alike, products)
        if right[alike]:
            continue
        code = code_on(products, given.product, given.on)
        expected = units_of(given.grams, code)
        if (
            expected is not None
            and expected != given.units
            and units_of(given.grams + given.wasted_grams, code) != given.units
        ):
            yield UnitSlip(
                where=f"infusion given on {given.on}", grams=given.grams, units=given.units, expected=expected
            )


def _right_on_every_day(product: str, grams: Decimal, units: int, products: Mapping[str, Product]) -> bool:
    known = products.get(product)
    return known is None or all(units_of(grams, code) in (None, units) for code in known.hcpcs)


def _in_authorization(
    grant: Authorization, case: Case, products: Mapping[str, Product]
) -> Iterator[UnitSlip]:
    """Compare what is granted for one visit with the single-day doses planned under the authorization."""
    doses = [
        (infusion.grams, expected)
        for infusion in case.course.planned
        if grant.starts <= infusion.on <= grant.ends and infusion.over_days == 1
        if (expected := units_of(infusion.grams, code_on(products, infusion.product, infusion.on)))
        is not None
    ]
    if not doses:
        return
    granted = {
        "units for a visit": (grant.units_per_visit, 1),
        f"units for {grant.visits} visits": (grant.units, grant.visits),
    }
    for what, (units, visits) in granted.items():
        if (
            units is not None
            and visits is not None
            and all(units != expected * visits for _, expected in doses)
        ):
            grams, expected = doses[0]
            yield UnitSlip(
                where=f"authorization that ends on {grant.ends}, {what}",
                grams=grams,
                units=units,
                expected=expected * visits,
            )
