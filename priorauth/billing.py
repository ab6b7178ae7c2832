"""The modifiers of the drug's claim line, from the route and from the vials that are opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from priorauth.knowledge import Knowledge
from schemas.assessment import DoseLine
from schemas.base import Route
from schemas.billing import BillingCode, CodeSystem
from schemas.product import Product


def claim_modifiers(
    product: Product, route: Route, doses: Sequence[DoseLine], *, day: date, knowledge: Knowledge
) -> tuple[BillingCode, ...]:
    """List the modifiers for a date of service: JB where the product is given by both routes, JW or JZ by the vials.

    Where the vials of a dose are not known neither JW nor JZ can be said.
    """
    wanted = ["JB"] if route is Route.SUBCUTANEOUS and len(product.routes) > 1 else []
    if doses and all(dose.vials for dose in doses):
        wanted.append("JW" if any(_left_over(dose) for dose in doses) else "JZ")
    codes = (knowledge.billing_code(CodeSystem.MODIFIER, code, day) for code in wanted)
    return tuple(code for code in codes if code is not None)


def _left_over(dose: DoseLine) -> bool:
    return sum((size * number for size, number in dose.vials), Decimal(0)) > dose.grams
