"""The five supportive criteria of EAN/PNS 2021, each yes, no or not documented."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from priorauth.electrodiagnosis.ean_pns_2021 import RULE_SET
from priorauth.electrodiagnosis.kleene import Answer, among, every
from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Resolution
from priorauth.response.courses import CourseVerdict
from priorauth.response.objective import accepted_courses
from schemas.base import FactKey
from schemas.measure import MeasureKind


_MG_PER_DL_IN_G_PER_L = Decimal(100)
_AGE_LIMIT = Decimal(50)


def supportive(context: Context) -> dict[str, Answer]:
    """Answer S1 to S5."""
    return {
        "S1": objective_response(context),
        "S2": among(context.resolve("nerve_ultrasound_enlarged"), True),
        "S3": among(context.resolve("mri_roots_or_plexus"), True),
        "S4": raised_protein_for_age(context),
        "S5": among(context.resolve("nerve_biopsy_demyelination"), True),
    }


DOCUMENTED_BY: dict[str, tuple[FactKey, ...]] = {
    "S1": ("response.current_measure",),
    "S2": ("nerve_ultrasound_enlarged",),
    "S3": ("mri_roots_or_plexus",),
    "S4": ("csf_protein", "csf_cells"),
    "S5": ("nerve_biopsy_demyelination",),
}
"""The facts that settle each of them."""


def objective_response(context: Context) -> Answer:
    """Improvement on a disability and on an impairment measure; no while either was measured and has not improved."""
    courses = [
        course for course in accepted_courses(context) if course.verdict is not CourseVerdict.NOT_ASSESSABLE
    ]
    better = {
        course.kind
        for course in courses
        if course.verdict in (CourseVerdict.IMPROVED, CourseVerdict.MAINTAINED)
    }
    measured = {course.kind for course in courses}
    wanted = (MeasureKind.DISABILITY, MeasureKind.IMPAIRMENT)
    return every(True if kind in better else (False if kind in measured else None) for kind in wanted)


def raised_protein_for_age(context: Context) -> Answer:
    """CSF protein above the guideline's limit for the age, with few cells."""
    rules = context.knowledge.rule_sets[RULE_SET]
    younger, older = (
        rules.cutoff("csf_protein_g_per_l_to_50_years"),
        rules.cutoff("csf_protein_g_per_l_over_50_years"),
    )
    age = number(context.resolve("age"))

    def raised(milligrams: Decimal) -> Answer:
        grams_per_litre = milligrams / _MG_PER_DL_IN_G_PER_L
        if age is not None:
            return (older if age > _AGE_LIMIT else younger).passed_by(grams_per_litre)
        either = {younger.passed_by(grams_per_litre), older.passed_by(grams_per_litre)}
        return either.pop() if len(either) == 1 else None

    few = rules.cutoff("csf_leucocytes_per_microlitre").passed_by
    return every((_held(context.resolve("csf_protein"), raised), _held(context.resolve("csf_cells"), few)))


def number(resolution: Resolution) -> Decimal | None:
    """Return a known number, or None."""
    if isinstance(resolution, Known) and not isinstance(resolution.value, bool | str | date):
        return resolution.value
    return None


def _held(resolution: Resolution, test: Callable[[Decimal], Answer]) -> Answer:
    value = number(resolution)
    return None if value is None else test(value)
