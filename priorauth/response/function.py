"""How disabled the patient is: as the neurologist grades it, or from a current score where it is beyond doubt."""

from __future__ import annotations

from decimal import Decimal

from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Resolution, Unknown, facts_of, first_unknown
from priorauth.response.courses import CURRENT_WITHIN_DAYS, MeasurePoint, usable_points
from priorauth.wording import plain
from schemas.base import FactKey
from schemas.measure import Measure


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
_GAIT: FactKey = "function.cannot_walk_unaided"
# The "20/30/40" rule of breathing, with the unit of each measure.
_BREATHING_LOW_BELOW: tuple[tuple[FactKey, Decimal, str], ...] = (
    ("forced_vital_capacity", Decimal(20), "mL/kg"),
    ("maximum_inspiratory_pressure", Decimal(30), "cmH2O"),
    ("maximum_expiratory_pressure", Decimal(40), "cmH2O"),
)
_GAIT_FRESH_FOR_DAYS = 30


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
    scores = from_scores.facts if isinstance(from_scores, Known) else ()
    scored = "".join(f"; {score.label} {score.value} ({score.dated})" for score in scores)
    return Known(value, f"{graded.reason}{scored}", (*graded.facts, *scores))


def gbs_severe(context: Context) -> Resolution:
    """Cannot walk unaided, or respiratory weakness; the newest of gait and disability scale decides.

    The scale grades the whole patient, ventilation included, so a grade of 2 or less answers both questions; a
    note that the patient walks answers only one.
    """
    gait, breathing = context.resolve(_GAIT), context.resolve("respiratory_weakness")
    for cause in (gait, breathing):
        if isinstance(cause, Known) and cause.value is True:
            return cause
    low = _low_breathing(context)
    if low is not None:
        return low
    if isinstance(gait, Known) and (isinstance(breathing, Known) or gait.facts[0].key != "walks_unaided"):
        facts = facts_of(gait, breathing) if isinstance(breathing, Known) else gait.facts
        return Known(
            value=False,
            reason="; ".join(entry.reason for entry in (gait, breathing) if isinstance(entry, Known)),
            facts=facts,
        )
    open_parts = [part for part in (gait, breathing) if isinstance(part, Unknown)]
    return first_unknown(*open_parts) or gait


def _low_breathing(context: Context) -> Known | None:
    for key, limit, unit in _BREATHING_LOW_BELOW:
        measured = context.resolve(key)
        # A negative pressure recorded with its sign counts by its size.
        if isinstance(measured, Known) and abs(measured.number) < limit:
            reason = f"{measured.reason}: below {plain(limit)} {unit}"
            return Known(value=True, reason=reason, facts=measured.facts)
    return None


def cannot_walk_unaided(context: Context) -> Resolution:
    """Whether the patient needs aid to walk, from the newer of the gait and the GBS disability scale.

    Breathing says nothing here: a policy that asks for aid to walk is not met by a patient who walks.
    """
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
    cited = context.cite(_GAIT, "GBS disability scale", plain(newest.value), newest.entry)
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


def _score(measure: Measure, point: MeasurePoint) -> str:
    return f"{plain(point.value)} of {plain(measure.maximum)}" if measure.maximum else plain(point.value)


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
        context.cite("function.moderate_to_severe", measure.short_name, _score(measure, point), point.entry),
    )
    words = f"{measure.short_name} {_score(measure, point)} ({point.on})"
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
