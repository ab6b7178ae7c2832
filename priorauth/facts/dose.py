"""Facts of the dose: the order recomputed from g/kg and the dosing weight."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from priorauth import dosing
from priorauth.facts.context import Context
from priorauth.facts.request import cite_request, date_of_service, request_of
from priorauth.facts.resolution import Known, Resolution, Unknown, facts_of
from priorauth.wording import plain
from schemas.assessment import CitedFact
from schemas.base import Phase
from schemas.policy import DosingWeightRule
from schemas.product import Product
from schemas.treatment import DoseOrder, DosePhase


def weight_known(context: Context) -> Resolution:
    """The weight to dose on, by the policy's rule: actual, or adjusted when obese."""
    key = "dose.weight_known"
    weight = dosing_weight(context)
    if isinstance(weight, Unknown):
        return Unknown(weight.reason, weight.missing or (key,), weight.facts)
    return Known(True, weight.reason, weight.facts)


def dosing_weight(context: Context) -> Resolution:
    """Return the dosing weight in kg as a Known, with the weighing behind it."""
    actual = context.resolve("weight")
    if isinstance(actual, Unknown) or not isinstance(actual.value, Decimal):
        return actual
    if context.policy is None or context.policy.dosing_weight is DosingWeightRule.ACTUAL:
        return actual
    height = context.resolve("height")
    chosen = dosing.dosing_weight(
        context.policy.dosing_weight,
        actual.value,
        height_cm=height.value if isinstance(height, Known) and isinstance(height.value, Decimal) else None,
        sex=context.case.patient.sex,
    )
    if chosen is None:
        reason = "The policy doses obese patients on adjusted weight; height and sex are needed to tell"
        return Unknown(reason, ("height",), actual.facts)
    return Known(chosen.kilograms, f"{plain(chosen.kilograms)} kg, {chosen.basis}", facts_of(actual, height))


def grams_agree(context: Context) -> Resolution:
    """Every amount in grams equals g/kg times the dosing weight, up to rounding to vials."""
    key = "dose.grams_agree"
    in_grams = [(order, order.grams) for order in request_of(context).orders if order.grams is not None]
    if not in_grams:
        return Unknown("The order states no amount in grams", (key,))
    compared = [
        (order, grams, order.grams_per_kg) for order, grams in in_grams if order.grams_per_kg is not None
    ]
    if not compared:
        return Known(
            True,
            "The order is written in grams alone",
            cite_orders(context, key, [order for order, _ in in_grams]),
        )
    weight = dosing_weight(context)
    if isinstance(weight, Unknown):
        return weight
    tolerance = rounding_percent(context)
    wrong = []
    for order, grams, grams_per_kg in compared:
        computed = dosing.grams_for(grams_per_kg, weight.number)
        if not dosing.agrees(grams, computed, tolerance):
            product = f"{plain(grams_per_kg)} g/kg × {plain(weight.number)} kg = {plain(computed)} g"
            wrong.append(f"{order.phase.value}: {product}, ordered {plain(grams)} g")
    facts = (*cite_orders(context, key, [order for order, *_ in compared]), *weight.facts)
    if wrong:
        return Known(False, "; ".join(wrong), facts)
    return Known(
        True, f"Grams agree with g/kg and {plain(weight.number)} kg within {plain(tolerance)} %", facts
    )


def units_agree(context: Context) -> Resolution:
    """Every number of billing units equals grams divided by the unit of the HCPCS code."""
    key = "dose.units_agree"
    compared = [
        (order, order.grams)
        for order in request_of(context).orders
        if order.units is not None and order.grams is not None
    ]
    if not compared:
        return Unknown("The order does not state grams and billing units together", (key,))
    unit_mg = billing_unit_mg(context)
    if unit_mg is None:
        return Unknown(
            "The size of the billing unit is unknown without the product", (key, "request.product")
        )
    wrong = []
    for order, grams in compared:
        expected = dosing.hcpcs_units(grams, unit_mg)
        if order.units != expected:
            wrong.append(
                f"{plain(grams)} g are {expected} units of {unit_mg} mg, the order says {order.units}"
            )
    facts = cite_orders(context, key, [order for order, _ in compared])
    if wrong:
        return Known(False, "; ".join(wrong), facts)
    return Known(True, f"Units agree with grams at {unit_mg} mg a unit", facts)


def single_course(context: Context) -> Resolution:
    """For GBS: one course of about 2 g/kg, no repeated or maintenance dosing."""
    key = "dose.single_course"
    orders = request_of(context).orders
    if not orders:
        return Unknown("No dose is ordered", (key,))
    cited = cite_orders(context, key, orders)
    repeated = [
        order
        for order in orders
        if order.phase is DosePhase.MAINTENANCE or (order.doses or 1) > 1 or order.every_days
    ]
    if repeated:
        return Known(
            False, "The order repeats the dose: " + "; ".join(order_words(order) for order in repeated), cited
        )
    if len(orders) > 1:
        return Known(False, f"The order holds {len(orders)} courses", cited)
    return Known(True, "One course, no repeated dosing", cited)


def loads_again(context: Context) -> Resolution:
    """Whether a request to continue a course orders a loading dose."""
    key = "dose.loads_again"
    request = context.case.request
    if request is None or not request.orders:
        return Unknown("No dose is ordered", (key,))
    loading = [order for order in request.orders if order.phase is DosePhase.LOADING]
    if request.phase is not Phase.CONTINUATION or not loading:
        return Known(
            False, "No loading dose in a course under way", cite_orders(context, key, request.orders)
        )
    words = "; ".join(order_words(order) for order in loading)
    return Known(True, f"A loading dose in a course under way: {words}", cite_orders(context, key, loading))


def weight_change_percent(context: Context) -> Resolution:
    """Change of weight since the newest authorization whose weight is on file, in per cent, gain or loss."""
    key = "dose.weight_change_percent"
    known = [
        (grant, grant.dosing_weight_kg)
        for grant in context.case.course.authorizations
        if grant.dosing_weight_kg is not None and grant.starts <= context.as_of
    ]
    weight = context.resolve("weight")
    if not known:
        return Unknown("The weight behind the current authorization is not on file", (key,))
    if isinstance(weight, Unknown):
        return weight
    newest, before = max(known, key=lambda pair: pair[0].starts)
    change = (weight.number - before) * 100 / before
    sign = "+" if change > 0 else ""
    now = f"now {plain(weight.number)} kg ({sign}{plain(change.quantize(Decimal(1)))} %)"
    return Known(abs(change), f"{plain(before)} kg at authorization {newest.number}, {now}", weight.facts)


def product_asked(context: Context) -> Product | None:
    """Return the product of the request: the one named, else the one its NDC belongs to."""
    request = request_of(context)
    if request.product is not None:
        return context.knowledge.products.get(request.product)
    return context.knowledge.product_for_ndc(request.ndc) if request.ndc else None


def billing_unit_mg(context: Context) -> int | None:
    """Return the size of one billing unit of the product on the date of service, in mg."""
    product = product_asked(context)
    assigned = product.hcpcs_on(date_of_service(context)) if product else None
    return assigned.unit_mg if assigned else None


def rounding_percent(context: Context) -> Decimal:
    """How far a dose may be moved to whole vials."""
    stated = context.policy.rounding_percent if context.policy else None
    return dosing.USUAL_ROUNDING_PERCENT if stated is None else stated


def cite_orders(context: Context, key: str, orders: Sequence[DoseOrder]) -> tuple[CitedFact, ...]:
    """Cite the order line by line."""
    return tuple(
        cited
        for order in orders
        for cited in cite_request(context, key, f"{order.phase.value} dose".capitalize(), order_words(order))
    )


def order_words(order: DoseOrder) -> str:
    """Say an order line in words: "1 g/kg (72 g, 144 units) every 21 days"."""
    amount = f"{plain(order.grams_per_kg)} g/kg" if order.grams_per_kg is not None else ""
    totals = [f"{plain(order.grams)} g"] if order.grams is not None else []
    totals += [f"{order.units} units"] if order.units is not None else []
    spelled = f"{amount} ({', '.join(totals)})" if amount and totals else amount or ", ".join(totals)
    days = f" over {order.over_days} days" if order.over_days and order.over_days > 1 else ""
    interval = f" every {order.every_days} days" if order.every_days else ""
    return f"{spelled}{days}{interval}"


DERIVATIONS = {
    "dose.weight_known": weight_known,
    "dose.grams_agree": grams_agree,
    "dose.units_agree": units_agree,
    "dose.single_course": single_course,
    "dose.loads_again": loads_again,
    "dose.weight_change_percent": weight_change_percent,
}
