"""Facts of time, function and cerebrospinal fluid, computed from recorded dates and values."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date
from decimal import ROUND_DOWN, Decimal

from priorauth.facts.context import Context
from priorauth.facts.request import date_of_service
from priorauth.facts.resolution import Known, Resolution, Unknown, facts_of, first_unknown
from priorauth.response.courses import CURRENT_WITHIN_DAYS, usable_points
from priorauth.wording import plain
from schemas.assessment import CitedFact
from schemas.base import ConditionId
from schemas.chart import Source


_HUNDREDTH = Decimal("0.01")

# US payers read CSF as raised above 45 mg/dL, with fewer than 10 cells. The guideline's own limits are higher.
CSF_PROTEIN_RAISED_ABOVE = Decimal(45)
CSF_CELLS_BELOW = Decimal(10)

# Working definitions of moderate to severe disability: at or beyond the first grade it is, up to the second it is not,
# between them the neurologist has to say. On the Rankin scale grade 3 is "moderate disability" by its own wording.
_DISABILITY_GRADES = {
    "incat": (4, 1),
    "adjusted_incat": (4, 1),
    "incat_odss": (4, 1),
    "onls": (4, 1),
    "modified_rankin": (3, 2),
    "gbs_disability_scale": (3, 1),
}
_GBS_SCALE = "gbs_disability_scale"
_CANNOT_WALK_UNAIDED = Decimal(3)
# Of the "20/30/40" rule: forced vital capacity below 20 mL/kg.
_VITAL_CAPACITY_LOW_BELOW = Decimal(20)
_GAIT_FRESH_FOR_DAYS = 30


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
    return Known(months, f"{plain(months)} months from {started} to {context.as_of}", facts)


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
    return Known(weeks, f"{plain(weeks)} weeks from {started} to {until}", facts)


def age(context: Context) -> Resolution:
    """Age in completed years on the day assessed."""
    born = context.case.patient.born
    if born is None or born > context.as_of:
        return Unknown("The date of birth is not documented", ("age",))
    years = completed_years(born, context.as_of)
    # Without the birth date itself, which a finding has no need to repeat.
    source = Source(recorded_by="referral")
    cited = CitedFact.model_construct(
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
    reason = f"{protein.reason}; {cells.reason}: protein above {plain(CSF_PROTEIN_RAISED_ABOVE)} mg/dL with few cells, as US payers read it"
    return Known(value=True, reason=reason, facts=facts)


def moderate_to_severe(context: Context) -> Resolution:
    """Disability as the neurologist grades it, else from a current disability score where the grade is beyond doubt."""
    graded = context.resolve("functional_disability")
    from_scores = _disability_from_scores(context)
    if isinstance(graded, Unknown):
        return (
            from_scores
            if isinstance(from_scores, Known)
            else Unknown(from_scores.reason, ("functional_disability",), from_scores.facts)
        )
    value = graded.value in ("moderate", "severe")
    if isinstance(from_scores, Known) and from_scores.value is not value:
        reason = f"The neurologist's grade and the score contradict each other: {graded.reason}; {from_scores.reason}"
        return Unknown(reason, ("functional_disability",), facts_of(graded, from_scores))
    return Known(
        value,
        graded.reason,
        facts_of(graded, from_scores) if isinstance(from_scores, Known) else graded.facts,
    )


def gbs_severe(context: Context) -> Resolution:
    """Cannot walk unaided, or respiratory weakness; the newest of gait and disability scale decides.

    The scale grades the whole patient, ventilation included, so a grade of 2 or less answers both questions; a
    note that the patient walks answers only one.
    """
    gait, breathing, capacity = (
        _newest_gait(context),
        context.resolve("respiratory_weakness"),
        context.resolve("forced_vital_capacity"),
    )
    for cause in (gait, breathing):
        if isinstance(cause, Known) and cause.value is True:
            return cause
    if (
        isinstance(capacity, Known)
        and isinstance(capacity.value, Decimal)
        and capacity.value < _VITAL_CAPACITY_LOW_BELOW
    ):
        return Known(
            value=True,
            reason=f"{capacity.reason}: below {plain(_VITAL_CAPACITY_LOW_BELOW)} mL/kg",
            facts=capacity.facts,
        )
    if isinstance(gait, Known) and (isinstance(breathing, Known) or gait.facts[0].key != "walks_unaided"):
        facts = facts_of(gait, breathing) if isinstance(breathing, Known) else gait.facts
        return Known(
            value=False,
            reason="; ".join(entry.reason for entry in (gait, breathing) if isinstance(entry, Known)),
            facts=facts,
        )
    open_parts = [part for part in (gait, breathing) if isinstance(part, Unknown)]
    return first_unknown(*open_parts) or gait


def _newest_gait(context: Context) -> Resolution:
    """Whether the patient cannot walk unaided, from the newer of the gait and the GBS disability scale."""
    walks = context.resolve("walks_unaided")
    points = [
        point
        for measure, _, point in usable_points(context)
        if measure.id == _GBS_SCALE and (context.as_of - point.on).days <= _GAIT_FRESH_FOR_DAYS
    ]
    cannot = (
        Known(value=walks.value is False, reason=walks.reason, facts=walks.facts)
        if isinstance(walks, Known)
        else walks
    )
    if not points:
        return cannot
    newest = max(points, key=lambda point: (point.on, point.value))
    cited = context.cite("function.gbs_severe", "GBS disability scale", plain(newest.value), newest.entry)
    scale = Known(
        value=newest.value >= _CANNOT_WALK_UNAIDED,
        reason=f"GBS disability scale {plain(newest.value)} ({newest.on})",
        facts=(cited,),
    )
    examined = walks.facts[0].dated if isinstance(walks, Known) else None
    if isinstance(cannot, Unknown) or examined is None or newest.on > examined:
        return scale
    if newest.on == examined and scale.value is not cannot.value:
        return Unknown(
            f"Gait and disability scale contradict each other on {newest.on}",
            ("walks_unaided",),
            facts_of(scale, cannot),
        )
    return scale if newest.on == examined else cannot


def _disability_from_scores(context: Context) -> Resolution:
    points = [
        (measure, point)
        for measure, _, point in usable_points(context)
        if measure.id in _DISABILITY_GRADES and (context.as_of - point.on).days <= CURRENT_WITHIN_DAYS
    ]
    if not points:
        return Unknown(
            "Disability is neither graded nor scored in the last six months", ("functional_disability",)
        )
    newest = max(point.on for _, point in points)
    # Of two scales on one day the one that shows more disability speaks, since a scale of the legs misses the hands.
    measure, point = max(
        ((measure, point) for measure, point in points if point.on == newest),
        key=lambda pair: (pair[1].value - _DISABILITY_GRADES[pair[0].id][0], pair[0].id),
    )
    is_from, is_not_to = _DISABILITY_GRADES[measure.id]
    cited = (
        context.cite("function.moderate_to_severe", measure.short_name, plain(point.value), point.entry),
    )
    words = f"{measure.short_name} {plain(point.value)} ({point.on})"
    if point.value >= is_from:
        return Known(
            value=True, reason=f"{words}: moderate to severe from {is_from} (working definition)", facts=cited
        )
    if point.value <= is_not_to:
        return Known(
            value=False,
            reason=f"{words}: less than moderate up to {is_not_to} (working definition)",
            facts=cited,
        )
    return Unknown(
        f"{words} lies between mild and moderate; the neurologist has to grade it",
        ("functional_disability",),
        cited,
    )


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
    "function.moderate_to_severe": moderate_to_severe,
    "function.gbs_severe": gbs_severe,
}
