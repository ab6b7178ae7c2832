"""Gait and INCAT score of one examination, held against each other."""

from __future__ import annotations

from decimal import Decimal

from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Resolution
from priorauth.response.courses import MeasurePoint, usable_points
from priorauth.response.walking import cited_gaits, gaits
from priorauth.wording import plain
from schemas.chart import Fact
from schemas.measure import Measure


_SCORES = frozenset({"incat", "adjusted_incat"})
_MOST_FOR_THE_ARMS = 5
# Charts hold the sum of arms and legs. Legs 0 or 1 is walking without support, 4 or 5 no more than a few steps.
_LEGS_THAT_NEED_SUPPORT = 2
_LEGS_THAT_DO_NOT_WALK = 4


def gait_contradicts_score(context: Context) -> Resolution:
    """Whether no division of the sum score between arms and legs fits the gait of the same day, on the newest such day."""
    walking = dict(gaits(context))
    pairs = [
        (measure, point, walking[point.on])
        for measure, _, point in usable_points(context)
        if measure.id in _SCORES and point.on in walking
    ]
    newest = max((point.on for _, point, _ in pairs), default=None)
    for measure, point, gait in pairs:
        if point.on == newest and _contradicts(point.value, gait):
            return _contradiction(context, measure, point, gait)
    return Known(value=False, reason="No gait contradicts the INCAT score of the same day", facts=())


def _contradicts(score: Decimal, gait: Fact) -> bool:
    if gait.value is True:
        return score - _MOST_FOR_THE_ARMS >= _LEGS_THAT_DO_NOT_WALK
    return score < _LEGS_THAT_NEED_SUPPORT


def _contradiction(context: Context, measure: Measure, point: MeasurePoint, gait: Fact) -> Known:
    walks = "walks without aid" if gait.value else "cannot walk without aid"
    meaning = "no more than a few steps" if gait.value else "walking without support"
    scored = context.cite(
        "function.gait_contradicts_score", measure.short_name, plain(point.value), point.entry
    )
    return Known(
        value=True,
        reason=f"On {point.on} the note says that the patient {walks}, and {measure.short_name} {plain(point.value)} means {meaning}",
        facts=(*cited_gaits(context, gait), scored),
    )
