"""The infusion days of a course: those given, those still to come, and those that follow if the course goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from priorauth.dosing import dose_starts, hcpcs_units, infusion_days
from schemas.base import ConditionId, Phase, Route, SiteOfCare
from schemas.case import Case
from schemas.chart import GivenInfusion
from schemas.product import HcpcsAssignment, Product
from schemas.renewal import LineKind
from schemas.treatment import DosePhase, PlannedInfusion, TreatmentRequest


GIVEN_LATE = timedelta(days=7)
GIVEN_EARLY = timedelta(days=2)
"""An infusion given this much after or before a planned day, and on no planned day, is taken to be that one."""

RECORDED_LATE = timedelta(days=14)
"""How long after its day an infusion may still come onto the record; one that has not becomes pressing.

Until then it is not taken to be one given near it: of two days booked in a row the first leaves the calendar when it is
recorded, and the second keeps its units until its own entry has come.
"""


LOOK_AHEAD = timedelta(days=730)
"""How far a course is projected at most."""


class InfusionDay(NamedTuple):
    """One day of one infusion, before it is known which authorization covers it."""

    on: date
    kind: LineKind
    product: str
    dose_grams: Decimal
    units: int | None
    hcpcs: str | None
    site: SiteOfCare | None = None
    day: int = 1
    days: int = 1
    not_given_because: str | None = None
    """Why it is on hold, or was missed."""
    claimed: str | None = None
    """Number of the authorization that the claim of a given infusion names."""


def course_days(
    case: Case, products: Mapping[str, Product], *, as_of: date = date.max
) -> tuple[InfusionDay, ...]:
    """List all infusion days of a case in order of date; a planned day that was given appears once, as given.

    What may still come onto the record by ``as_of`` counts as given only where it was given on its very day.
    """
    given = _given_days(case, products)
    planned = [
        day
        for infusion in case.course.planned
        for day in _days_of_dose(
            infusion,
            infusion.on,
            _kind_of(infusion),
            case=case,
            products=products,
        )
    ]
    projected = _projected_days(case, products, as_of=as_of)
    days = [*given, *_not_yet_given(planned, given, as_of=as_of), *projected]
    return tuple(sorted(days, key=lambda day: (day.on, day.kind is not LineKind.GIVEN)))


def first_dose_asked(case: Case, products: Mapping[str, Product], as_of: date) -> date | None:
    """Return the day of the first dose of the period asked for: a course under way goes on at its own rhythm.

    It is the first day on the calendar, else the first multiple of the interval after the last dose given; the
    first day asked for where the course has neither, and for a course that is to begin. A course that changes from
    the vein to the skin goes on when the label starts the new product, and no infusion booked after that counts.
    """
    request = case.request
    if request is None or request.starts is None or request.phase is Phase.INITIATION:
        return request.starts if request else None
    given = dose_starts(infusion.on for infusion in case.chart.infusions if infusion.on <= as_of)
    earliest = max(request.starts, as_of)
    if last_into_a_vein(case, products, as_of) is not None:
        under_the_skin = [day.on for day in booked_from(case, earliest) if day.product == request.product]
        by_label = start_under_the_skin(case, products, as_of)
        return min(under_the_skin, default=max(earliest, by_label or earliest))
    booked = [infusion.on for infusion in booked_from(case, earliest)]
    ahead = [day for day in given if day >= request.starts] + booked
    if ahead:
        return min(ahead)
    interval = request.orders[0].every_days if request.orders else None
    if not given or interval is None:
        return request.starts
    behind = (earliest - given[-1]).days
    return given[-1] + timedelta(days=-(-behind // interval) * interval)


def last_into_a_vein(case: Case, products: Mapping[str, Product], as_of: date) -> date | None:
    """Return the day of the last infusion into a vein, given or booked, before a request to go on under the skin.

    None where the route does not change: the last dose given was not into a vein, or the request is for one.
    """
    request = case.request
    if request is None or request.starts is None or request.route is not Route.SUBCUTANEOUS:
        return None
    given = [infusion for infusion in case.chart.infusions if infusion.on <= as_of]
    last = max(given, key=lambda infusion: infusion.on, default=None)
    if last is None or not _into_a_vein(last.product, request, products):
        return None
    booked = [
        infusion_days(infusion.on, infusion.over_days)[-1]
        for infusion in booked_from(case, as_of)
        if infusion.on < request.starts and _into_a_vein(infusion.product, request, products)
    ]
    return max([last.on, *booked])


def start_under_the_skin(case: Case, products: Mapping[str, Product], as_of: date) -> date | None:
    """Return the day on which the label starts the product asked for, after the last infusion into a vein."""
    last, request = last_into_a_vein(case, products, as_of), case.request
    product = products.get(request.product) if request and request.product else None
    label = product.dosing.get(case.condition) if product and case.condition else None
    if last is None or label is None or label.days_after_intravenous is None:
        return None
    return last + timedelta(days=label.days_after_intravenous)


def infusions_after_switch(case: Case, products: Mapping[str, Product], as_of: date) -> tuple[date, ...]:
    """List the infusions into a vein that are still booked for the time of a request to go on under the skin."""
    request, last = case.request, last_into_a_vein(case, products, as_of)
    if request is None or last is None:
        return ()
    return tuple(
        infusion.on
        for infusion in booked_from(case, as_of)
        if infusion.on > last and _into_a_vein(infusion.product, request, products)
    )


def booked_from(case: Case, day: date) -> list[PlannedInfusion]:
    """List what is to be given as planned, from a day on."""
    return [infusion for infusion in case.course.planned if infusion.stands and infusion.on >= day]


def _into_a_vein(name: str, request: TreatmentRequest, products: Mapping[str, Product]) -> bool:
    product = products.get(name)
    return product is not None and name != request.product and Route.INTRAVENOUS in product.routes


def _projected_days(case: Case, products: Mapping[str, Product], *, as_of: date) -> list[InfusionDay]:
    """Continue a course at its interval until one infusion lies behind the end of every authorization and behind today.

    Schedules are often kept for a few weeks only, and an authorization ends for the infusion nobody has booked
    yet as well. Nothing is projected for a course that has ended, for GBS, which is treated once, or where no
    interval is known.
    """
    interval = _interval(case)
    last = _last_infusion(case)
    if interval is None or last is None or case.condition is ConditionId.GBS:
        return []
    until = max((grant.ends for grant in case.course.authorizations), default=date.min)
    over = date.min
    if as_of < date.max:
        # An authorization without an end would be projected for ever.
        until = min(until, max(as_of, last.on) + LOOK_AHEAD)
        over = as_of - timedelta(days=last.over_days - 1)
    days: list[InfusionDay] = []
    on = last.on
    while on <= until or on <= over or not (days or case.course.planned):
        on += interval
        days += _days_of_dose(last, on, LineKind.PROJECTED, case=case, products=products)
    return [day for day in days if day.kind is LineKind.PROJECTED]


def _interval(case: Case) -> timedelta | None:
    orders = case.request.orders if case.request else ()
    ordered = [
        order.every_days for order in orders if order.phase is DosePhase.MAINTENANCE and order.every_days
    ]
    if ordered:
        return timedelta(days=ordered[-1])
    starts = sorted({infusion.on for infusion in case.course.planned})
    return starts[-1] - starts[-2] if len(starts) > 1 else None


def _last_infusion(case: Case) -> PlannedInfusion | None:
    """Return the dose to count on from: the last one planned, on the first day of the last one given if that is later."""
    given = _last_dose_given(case.chart.infusions)
    planned = max(case.course.planned, key=lambda infusion: infusion.on, default=None)
    if planned is None or given is None:
        return planned or given
    return planned if given.on <= planned.on else planned.model_copy(update={"on": given.on})


def _last_dose_given(infusions: Sequence[GivenInfusion]) -> PlannedInfusion | None:
    """Return the last dose given as one that could be planned: two lots, or days in a row, are one dose."""
    grams: dict[date, Decimal] = {}
    for infusion in infusions:
        grams[infusion.on] = grams.get(infusion.on, Decimal(0)) + infusion.grams
    if not grams:
        return None
    last = starts = max(grams)
    while starts - timedelta(days=1) in grams:
        starts -= timedelta(days=1)
    return PlannedInfusion(
        on=starts,
        product=next(infusion.product for infusion in reversed(infusions) if infusion.on == last),
        grams=sum((each for on, each in grams.items() if on >= starts), Decimal(0)),
        over_days=(last - starts).days + 1,
    )


def _given_days(case: Case, products: Mapping[str, Product]) -> list[InfusionDay]:
    """Sum what was given on one day of one product; two lots make two entries but one visit."""
    together: dict[tuple[date, str], list[GivenInfusion]] = {}
    for infusion in case.chart.infusions:
        together.setdefault((infusion.on, infusion.product), []).append(infusion)
    site = case.request.site_of_care if case.request else None
    return [_given_day(entries, products, site=site) for _, entries in sorted(together.items())]


def _given_day(
    entries: list[GivenInfusion], products: Mapping[str, Product], *, site: SiteOfCare | None
) -> InfusionDay:
    on, product = entries[0].on, entries[0].product
    code = code_on(products, product, on)
    claimed = {entry.authorization for entry in entries}
    return InfusionDay(
        on=on,
        kind=LineKind.GIVEN,
        product=product,
        dose_grams=sum((entry.grams for entry in entries), Decimal(0)),
        units=_units_charged(entries, code),
        hcpcs=code.code if code else None,
        site=site,
        claimed=claimed.pop() if len(claimed) == 1 else None,
    )


def _units_charged(entries: list[GivenInfusion], code: HcpcsAssignment | None) -> int | None:
    total = 0
    for entry in entries:
        if entry.units is None:
            # Discarded drug is billed too (modifier JW) and counts against what was authorized.
            return units_of(sum((one.grams + one.wasted_grams for one in entries), Decimal(0)), code)
        total += entry.units
    return total


def _days_of_dose(
    dose: PlannedInfusion, starts: date, kind: LineKind, *, case: Case, products: Mapping[str, Product]
) -> list[InfusionDay]:
    """List the days of one dose from the day it starts; what comes after the end of the course is marked so."""
    site = dose.site_of_care or (case.request.site_of_care if case.request else None)
    not_given_because = None if kind is LineKind.PROJECTED else dose.held or dose.missed
    last_day = _last_day(case)
    days: list[InfusionDay] = []
    for number, on in enumerate(infusion_days(starts, dose.over_days)):
        code = code_on(products, dose.product, on)
        days.append(
            InfusionDay(
                on=on,
                kind=LineKind.ENDED if last_day is not None and on > last_day else kind,
                product=dose.product,
                dose_grams=dose.grams,
                units=_share(units_of(dose.grams, code), number, dose.over_days),
                hcpcs=code.code if code else None,
                site=site,
                day=number + 1,
                days=dose.over_days,
                not_given_because=not_given_because,
            )
        )
    return days


def _kind_of(infusion: PlannedInfusion) -> LineKind:
    if infusion.missed:
        return LineKind.MISSED
    return LineKind.HELD if infusion.held else LineKind.PLANNED


def _last_day(case: Case) -> date | None:
    """Return the day on which the course was discontinued or the patient died."""
    ends = [end for end in (case.course.discontinued_on, case.patient.died) if end is not None]
    return min(ends, default=None)


def _share(units: int | None, number: int, days: int) -> int | None:
    """Spread the units of a dose over its days so that they add up to the dose: 145 over two days is 73 and 72."""
    if units is None:
        return None
    each, rest = divmod(units, days)
    return each + (1 if number < rest else 0)


def _not_yet_given(planned: list[InfusionDay], given: list[InfusionDay], *, as_of: date) -> list[InfusionDay]:
    left = sorted(planned, key=lambda day: day.on)
    if not left:
        return left
    # What was given long before the first planned day stands for none of them.
    recent = [infusion for infusion in given if infusion.on >= left[0].on - GIVEN_EARLY]
    unplanned: list[InfusionDay] = []
    for infusion in recent:
        same_day = next((day for day in left if day.on == infusion.on), None)
        if same_day is None:
            unplanned.append(infusion)
        else:
            left.remove(same_day)
    for infusion in unplanned:
        near = [
            day
            for day in left
            if day.kind is LineKind.PLANNED
            and day.on < as_of - RECORDED_LATE
            and infusion.on - GIVEN_LATE <= day.on <= infusion.on + GIVEN_EARLY
        ]
        if near:
            left.remove(min(near, key=lambda day: (abs(day.on - infusion.on), day.on)))
    return left


def code_on(products: Mapping[str, Product], product: str, day: date) -> HcpcsAssignment | None:
    known = products.get(product)
    return known.hcpcs_on(day) if known else None


def units_of(grams: Decimal, code: HcpcsAssignment | None) -> int | None:
    return None if code is None or code.unit_mg is None else hcpcs_units(grams, code.unit_mg)
