"""What an authorization grants compared with what was asked for: every difference by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from priorauth.course_days import units_of
from priorauth.dosing import request_dates
from schemas.product import HcpcsAssignment, Product
from schemas.renewal import GrantDifference, GrantPart
from schemas.treatment import Authorization, DoseOrder, TreatmentRequest


def grant_differences(
    request: TreatmentRequest,
    grant: Authorization,
    products: Mapping[str, Product],
    *,
    first: date | None = None,
) -> tuple[GrantDifference, ...]:
    """Name everything the authorization gives less or otherwise than the request asked.

    More than was asked, and what the request does not state, is no difference. ``first`` is the day of the first
    dose asked for, where that is not the first day of the period.
    """
    return (
        *_product(request, grant),
        *_period(request, grant),
        *_site(request, grant),
        *_quantity(request, grant, products, first=first),
    )


def _product(request: TreatmentRequest, grant: Authorization) -> Iterator[GrantDifference]:
    if request.hcpcs is not None and grant.hcpcs != request.hcpcs:
        yield _difference(GrantPart.CODE, request.hcpcs, grant.hcpcs)
    if grant.product is not None and request.product is not None and grant.product != request.product:
        yield _difference(GrantPart.PRODUCT, request.product, grant.product)


def _period(request: TreatmentRequest, grant: Authorization) -> Iterator[GrantDifference]:
    if request.starts is not None and grant.starts > request.starts:
        yield _difference(GrantPart.STARTS, request.starts, grant.starts)
    if request.ends is not None and grant.ends < request.ends:
        yield _difference(GrantPart.ENDS, request.ends, grant.ends)


def _site(request: TreatmentRequest, grant: Authorization) -> Iterator[GrantDifference]:
    if request.site_of_care is not None and grant.sites and request.site_of_care not in grant.sites:
        granted = ", ".join(site.value for site in grant.sites)
        yield _difference(GrantPart.SITE, request.site_of_care.value, granted)


def _quantity(
    request: TreatmentRequest,
    grant: Authorization,
    products: Mapping[str, Product],
    *,
    first: date | None,
) -> Iterator[GrantDifference]:
    """Compare the doses that fall into the period asked for; an order whose grams are not stated asks for no number."""
    series = zip(request.orders, request_dates(request, first=first), strict=True)
    doses = [(order, dates) for order, dates in series if dates]
    if len(doses) < len(request.orders):
        return
    visits = sum(len(dates) * (order.over_days or 1) for order, dates in doses)
    if grant.visits is not None and grant.visits < visits:
        yield _difference(GrantPart.VISITS, visits, grant.visits)
    product = products.get(request.product or "")
    asked = [(_units(order, product, dates[0]), order, dates) for order, dates in doses]
    known = [(units, order, dates) for units, order, dates in asked if units is not None]
    if len(known) < len(doses) or not known:
        return
    total = sum(units * len(dates) for units, _, dates in known)
    if grant.units is not None and grant.units < total:
        yield _difference(GrantPart.UNITS, total, grant.units)
    largest = max(-(-units // (order.over_days or 1)) for units, order, _ in known)
    if grant.units_per_visit is not None and grant.units_per_visit < largest:
        yield _difference(GrantPart.UNITS_PER_VISIT, largest, grant.units_per_visit)


def _units(order: DoseOrder, product: Product | None, on: date) -> int | None:
    if order.units is not None:
        return order.units
    code: HcpcsAssignment | None = product.hcpcs_on(on) if product else None
    return units_of(order.grams, code) if order.grams is not None else None


def _difference(part: GrantPart, asked: object, granted: object) -> GrantDifference:
    return GrantDifference(part=part, asked=str(asked), granted=str(granted))


def difference_words(differences: Sequence[GrantDifference]) -> str:
    """Say in one line what was asked and what was granted."""
    return "; ".join(
        f"{one.part.value.replace('_', ' ')}: {one.granted} granted, {one.asked} asked" for one in differences
    )
