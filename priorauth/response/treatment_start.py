"""The day of the first dose, which parts the measurements into baseline and response."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from priorauth.facts.context import Context, once
from priorauth.facts.resolution import Known, Resolution, Unknown
from schemas.assessment import CitedFact
from schemas.chart import Entry


KEY = "first_dose"


def first_dose(context: Context) -> Resolution:
    """Return the earliest documented dose: stated in the record, given as an infusion, or begun as a therapy.

    The earliest counts, because a measurement taken after any dose is no baseline.
    """
    recorded = context.resolve(KEY)
    given = sorted(
        _doses(context), key=lambda dose: (dose[0], str(dose[1].dated), dose[1].source.document or "")
    )
    if (
        isinstance(recorded, Known)
        and isinstance(recorded.value, date)
        and (not given or recorded.value <= given[0][0])
    ):
        if recorded.value > context.as_of:
            return Unknown(
                f"The first dose is recorded for {recorded.value}, after {context.as_of}, the day assessed",
                (KEY,),
                recorded.facts,
            )
        return recorded
    if not given:
        return (
            recorded
            if isinstance(recorded, Unknown)
            else Unknown("The first dose is not documented as a date", (KEY,))
        )
    day, entry = given[0]
    return Known(day, f"First documented dose of immunoglobulin on {day}", (_cited(context, day, entry),))


@once
def first_dose_day(context: Context) -> date | None:
    """Return the day of the first dose, or None while none is documented."""
    stated = context.value(KEY)
    days = [stated] if isinstance(stated, date) and stated <= context.as_of else []
    return min([*days, *(day for day, _ in _doses(context))], default=None)


def _doses(context: Context) -> Iterator[tuple[date, Entry]]:
    for infusion in context.case.chart.infusions:
        if infusion.on <= context.as_of:
            yield infusion.on, infusion
    for therapy in context.case.chart.therapies:
        is_immunoglobulin = therapy.treatment in context.knowledge.products
        if is_immunoglobulin and therapy.started is not None and therapy.started <= context.as_of:
            yield therapy.started, therapy


def _cited(context: Context, day: date, entry: Entry) -> CitedFact:
    return context.cite(KEY, "First dose of immunoglobulin", day.isoformat(), entry)
