"""Finds a planned dose that the order and the newest weight no longer come to: the body changes, the calendar does not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from priorauth.course_days import booked_from
from priorauth.dosing import agrees, grams_for, to_a_tenth
from priorauth.ledger import DatedWeight
from schemas.case import Case
from schemas.renewal import DoseDrift


# Common practice and no rule of a payer, likely but not verified: a weight that has changed by more than a tenth
# calls for a new dose.
TOLERATED_PERCENT = Decimal(10)


def dose_drift(case: Case, weights: Sequence[DatedWeight], *, as_of: date) -> DoseDrift | None:
    """Compare the next planned dose with every order at the newest dosing weight; None where one of them comes to it.

    ``weights`` are dosing weights in kg in order of date. Nothing is said where an order states no dose per kilogram,
    since a dose in grams alone does not follow the weight.
    """
    ahead = booked_from(case, as_of)
    orders = case.request.orders if case.request else ()
    known = [(day, kilograms) for day, kilograms in weights if day <= as_of]
    doses = [order.grams_per_kg for order in orders if order.grams_per_kg is not None]
    if not ahead or not known or not doses or len(doses) < len(orders):
        return None
    infusion = min(ahead, key=lambda one: one.on)
    weighed_on, kilograms = known[-1]
    computed = [(grams_for(dose, kilograms), dose) for dose in doses]
    if any(agrees(infusion.grams, grams, TOLERATED_PERCENT) for grams, _ in computed):
        return None
    grams, dose = min(computed, key=lambda one: abs(one[0] - infusion.grams))
    return DoseDrift(
        infusion=infusion.on,
        grams=infusion.grams,
        grams_per_kg=dose,
        kilograms=to_a_tenth(kilograms),
        weighed_on=weighed_on,
        expected=to_a_tenth(grams),
    )
