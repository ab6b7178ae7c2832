"""Facts of time and cerebrospinal fluid, computed from recorded dates and values; function is in priorauth.response."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date
from decimal import ROUND_DOWN, Decimal

from priorauth.facts.context import Context
from priorauth.facts.request import date_of_service
from priorauth.facts.resolution import Known, Resolution, Unknown, facts_of, first_unknown
from priorauth.response import function, gait
from priorauth.wording import plain
from schemas.assessment import CitedFact
from schemas.base import ConditionId
from schemas.chart import Source


_MONTHS_TOLD_FROM = 2
_HUNDREDTH = Decimal("0.01")

# Many US payers read CSF as raised above 45 mg/dL, with fewer than 10 cells (well established, not read again in a policy).
# The guideline's own limits are higher.
CSF_PROTEIN_RAISED_ABOVE = Decimal(45)
CSF_CELLS_BELOW = Decimal(10)


def months_between(start: date, end: date) -> Decimal:
    """Count calendar months, with the days begun as a part of the month they lie in.

    A month is complete on the same day of the next month, or on that month's last day where it is shorter:
    from 31 December to 28 February are two months. Rounded down to hundredths, so that no month is complete early.
    """
    whole = (end.year - start.year) * 12 + end.month - start.month
    if _same_day(start, whole) > end:
        whole -= 1
    reached, following = _same_day(start, whole), _same_day(start, whole + 1)
    part = Decimal((end - reached).days) / (following - reached).days
    return whole + part.quantize(_HUNDREDTH, ROUND_DOWN)


def _same_day(start: date, months_later: int) -> date:
    years, month = divmod(start.month - 1 + months_later, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def completed_years(born: date, day: date) -> int:
    """Age in years; someone born on 29 February comes of age on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def symptom_duration_months(context: Context) -> Resolution:
    """Months from the onset of symptoms to the day assessed."""
    onset = _onset(context)
    if isinstance(onset, Unknown):
        return onset
    started, facts = onset
    months = months_between(started, context.as_of)
    return Known(
        months,
        f"{duration_words(started, context.as_of)} since the onset of symptoms {_onset_words(started, facts)}",
        facts,
    )


def weeks_since_onset(context: Context) -> Resolution:
    """Weeks from the onset to the first date of service, or to the request, or to the day assessed."""
    onset = _onset(context)
    if isinstance(onset, Unknown):
        return onset
    (started, facts), until = onset, date_of_service(context)
    if until < started:
        return Unknown(
            f"Symptoms began on {started}, after {until}, the date of service", ("symptom_onset",), facts
        )
    weeks = (Decimal((until - started).days) / 7).quantize(_HUNDREDTH)
    days = (until - started).days
    return Known(
        weeks, f"{days} days from the onset of symptoms {_onset_words(started, facts)} to {until}", facts
    )


def duration_words(started: date, until: date) -> str:
    """Say how long ago something began: in full months, in days up to two months."""
    whole = int(months_between(started, until))
    if whole >= _MONTHS_TOLD_FROM:
        return f"{whole} months"
    days = (until - started).days
    return f"{days} day{'' if days == 1 else 's'}"


def _onset_words(started: date, facts: tuple[CitedFact, ...]) -> str:
    # A month in the record is entered as a day, which it is not.
    note = next((fact.note for fact in facts if fact.note), None)
    return f"(“{note.rstrip('.')}”)" if note else f"on {started}"


def age(context: Context) -> Resolution:
    """Age in completed years on the day assessed."""
    born = context.case.patient.born
    if born is None or born > context.as_of:
        return Unknown("The date of birth is not documented", ("age",))
    years = completed_years(born, context.as_of)
    # Without the birth date itself, which a finding has no need to repeat.
    source = Source(recorded_by="face sheet")
    cited = CitedFact(
        key="age", label="Age", value=f"{years} years", dated=context.case.referral.received_on, source=source
    )
    return Known(Decimal(years), f"{years} years old on {context.as_of}", (cited,))


def albuminocytologic_dissociation(context: Context) -> Resolution:
    """Protein raised with few cells, both of one sample. In GBS up to 49 cells are allowed (Brighton)."""
    protein, cells = context.resolve("csf_protein"), context.resolve("csf_cells")
    few_cells = _few_cells(context)
    if (
        isinstance(protein, Known)
        and isinstance(protein.value, Decimal)
        and protein.value <= CSF_PROTEIN_RAISED_ABOVE
    ):
        return Known(
            value=False,
            reason=f"{protein.reason}: not above {plain(CSF_PROTEIN_RAISED_ABOVE)} mg/dL",
            facts=protein.facts,
        )
    if isinstance(cells, Known) and isinstance(cells.value, Decimal) and not few_cells(cells.value):
        return Known(value=False, reason=f"{cells.reason}: too many cells", facts=cells.facts)
    unknown = first_unknown(protein, cells)
    if unknown is not None:
        return unknown
    facts = facts_of(protein, cells)
    if len({fact.dated for fact in facts}) > 1:
        return Unknown(
            "CSF protein and cell count are dated differently, so they are not known to be of one sample",
            ("csf_protein", "csf_cells"),
            facts,
        )
    reason = f"{protein.reason}, above {plain(CSF_PROTEIN_RAISED_ABOVE)} mg/dL; {cells.reason}: raised protein without pleocytosis"
    return Known(value=True, reason=reason, facts=facts)


def _few_cells(context: Context) -> Callable[[Decimal], bool]:
    if context.case.condition is ConditionId.GBS:
        return context.knowledge.rule_sets["brighton_gbs"].cutoff("csf_leucocytes_per_microlitre").passed_by
    return lambda cells: cells < CSF_CELLS_BELOW


def _onset(context: Context) -> tuple[date, tuple[CitedFact, ...]] | Unknown:
    onset = context.resolve("symptom_onset")
    if isinstance(onset, Unknown):
        return onset
    if not isinstance(onset.value, date) or onset.value > context.as_of:
        return Unknown(
            f"The onset is recorded for {onset.value}, after {context.as_of}, the day assessed",
            ("symptom_onset",),
            onset.facts,
        )
    return onset.value, onset.facts


DERIVATIONS: dict[str, Callable[[Context], Resolution]] = {
    "symptom_duration_months": symptom_duration_months,
    "weeks_since_onset": weeks_since_onset,
    "age": age,
    "csf.albuminocytologic_dissociation": albuminocytologic_dissociation,
    "function.moderate_to_severe": function.moderate_to_severe,
    "function.gbs_severe": function.gbs_severe,
    "function.cannot_walk_unaided": function.cannot_walk_unaided,
    "function.gait_contradicts_score": gait.gait_contradicts_score,
}
