"""Clues on file that call for antibodies against MAG or the node of Ranvier. Nobody has to test without one.

These answers are always known: a clue that nobody wrote down is none. A result on file counts whatever it is, so that
one that excludes CIDP is found, clue or no clue.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from priorauth.electrodiagnosis.kleene import among
from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Resolution, facts_of
from schemas.base import FactKey


# "Very high" has no number in the guideline; a working definition, from no source.
_VERY_HIGH_PROTEIN_FROM = Decimal(200)
_IGM = ("igm_kappa", "igm_lambda")
_OTHER_CLASS = ("igg", "iga")
# The lower edge of the "20/30/40" rule of breathing.
_LOW_VITAL_CAPACITY_BELOW = Decimal(20)


def anti_mag_in_question(context: Context) -> Resolution:
    """Whether an IgM paraprotein, an abnormal immunofixation or a result on file asks for anti-MAG antibodies."""
    return _in_question(context, "anti_mag", "anti-MAG antibodies", _paraprotein(context))


def nodal_antibody_in_question(context: Context) -> Resolution:
    """Whether a clue named by EAN/PNS 2021, or a result on file, asks for nodal and paranodal antibodies."""
    return _in_question(context, "nodal_antibody", "nodal antibodies", _nodal(context))


def _in_question(context: Context, result: FactKey, name: str, clues: Iterator[Known]) -> Known:
    tested = context.resolve(result)
    # A result that cannot be used, as one without a date, is a result still.
    found: list[Resolution] = [*([tested] if tested.facts else []), *clues]
    if not found:
        return Known(value=False, reason=f"No clue on file asks for {name}")
    return Known(value=True, reason="; ".join(clue.reason for clue in found), facts=facts_of(*found))


def _paraprotein(context: Context) -> Iterator[Known]:
    protein, fixation = context.resolve("paraprotein"), context.resolve("immunofixation_normal")
    if isinstance(protein, Known) and protein.value in _IGM:
        yield protein
    elif isinstance(fixation, Known) and fixation.value is False and not among(protein, *_OTHER_CLASS):
        yield fixation


def _nodal(context: Context) -> Iterator[Known]:
    for key in ("tremor", "respiratory_weakness", "bulbar_signs"):
        sign = context.resolve(key)
        if isinstance(sign, Known) and sign.value is True:
            yield sign
    capacity, protein = context.resolve("forced_vital_capacity"), context.resolve("csf_protein")
    if isinstance(capacity, Known) and capacity.number < _LOW_VITAL_CAPACITY_BELOW:
        yield capacity
    if isinstance(protein, Known) and protein.number >= _VERY_HIGH_PROTEIN_FROM:
        yield protein
    yield from _rapid_onset(context)
    yield from _no_response(context)


def _rapid_onset(context: Context) -> Iterator[Known]:
    """A nadir before the weeks that CIDP takes to develop."""
    weeks = context.knowledge.conditions["cidp"].time_rule.at_least_weeks
    onset, nadir = context.resolve("symptom_onset"), context.resolve("nadir")
    if weeks is None or not isinstance(onset, Known) or not isinstance(nadir, Known):
        return
    began, worst = onset.value, nadir.value
    if isinstance(began, date) and isinstance(worst, date) and 0 <= (worst - began).days < weeks * 7:
        yield Known(value=True, reason=f"{onset.reason}; {nadir.reason}", facts=facts_of(onset, nadir))


def _no_response(context: Context) -> Iterator[Known]:
    """No response to immunoglobulin once it can be judged, or to a corticosteroid and none shown since."""
    improved, steroid = (
        context.resolve("response.improved_since_baseline"),
        context.resolve("corticosteroid_outcome"),
    )
    weeks = context.resolve("response.weeks_on_treatment")
    long_enough = context.knowledge.rule_sets["response_to_therapy"].cutoff("weeks_before_non_response_min")
    judged = isinstance(weeks, Known) and long_enough.passed_by(weeks.number)
    if judged and isinstance(improved, Known) and improved.value is False:
        yield improved
    if isinstance(steroid, Known) and steroid.value == "failed" and not among(improved, True):
        yield steroid


DERIVATIONS = {
    "diagnosis.anti_mag_in_question": anti_mag_in_question,
    "diagnosis.nodal_antibody_in_question": nodal_antibody_in_question,
}
