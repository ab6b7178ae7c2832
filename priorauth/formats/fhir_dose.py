"""Doses as FHIR codes them. What a dosage says only in words is for a person to enter."""

from __future__ import annotations

from decimal import Decimal

from priorauth.formats.fhir_values import Json, Unusable, many, number, one, words
from schemas.treatment import DoseOrder, DosePhase


_PER_KILOGRAM = {"g/kg": Decimal(1), "mg/kg": Decimal("0.001")}
_ABSOLUTE = {"g": Decimal(1), "mg": Decimal("0.001")}
_DAYS = {"d": 1, "wk": 7}


def read_dose(dosage: Json) -> DoseOrder:
    """Read one dosage. Only what is coded is read: a dose written in words is for a person to enter."""
    amounts = many(dosage.get("doseAndRate"))
    quantity = one(amounts[0].get("doseQuantity")) if amounts else {}
    per_kg, grams = _amount(quantity, _PER_KILOGRAM), grams_of(quantity)
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


def grams_of(quantity: Json) -> Decimal | None:
    """Return an absolute amount in grams, or None where the quantity is none."""
    return _amount(quantity, _ABSOLUTE)


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
