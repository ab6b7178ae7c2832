"""What the practice should know before it sends a letter: doses without units, weighing not written down, contradictions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from priorauth.dosing import uncovered_dose
from priorauth.facts.context import Context
from priorauth.facts.resolution import Known
from priorauth.letters.certainty_notes import certainty_notes
from priorauth.rendering.filters import counted, full_stop, longdate, quoted, shortdate
from schemas.assessment import Assessment
from schemas.base import DocumentId, Phase, Route
from schemas.chart import Fact
from schemas.treatment import TreatmentRequest


# An older exhibit that calls a finding normal is the first thing a reviewer holds against a letter.
_NORMAL = {
    "reflexes": ("normal", "normal reflexes"),
    "sensory_loss": ("none", "normal sensation"),
    "weakness_pattern": ("none", "no weakness"),
}
# A rate, its first minutes and what is given before each infusion: a dose under the skin has none of these.
_OF_A_VEIN = re.compile(r"\b(IV|intravenous|infusions?|rate|slow\w*|minutes?|mL/kg|mg/kg)\b", re.IGNORECASE)
_BEFORE_FIRST_DOSE = ("iga", "creatinine", "hepatitis_serology", "hemoglobin")


def notes_for_practice(
    context: Context, assessment: Assessment, exhibits: Mapping[DocumentId, str]
) -> tuple[str, ...]:
    """List what to know or mend; each a whole sentence."""
    request = context.case.request
    if request is None:
        return ()
    return (
        *_doses(request, assessment),
        *_weighing(context),
        *_immobile(context),
        *_vein_precautions(context),
        *certainty_notes(context),
        *(_contradictions(context, exhibits) if request.phase is Phase.INITIATION else ()),
    )


def to_get_before_first_dose(context: Context) -> tuple[str, ...]:
    """List what should be known before a course begins and is not documented."""
    request = context.case.request
    if request is None or request.phase is not Phase.INITIATION:
        return ()
    open_keys = [key for key in _BEFORE_FIRST_DOSE if not isinstance(context.resolve(key), Known)]
    return tuple(context.definition(key).ask for key in open_keys)


def _doses(request: TreatmentRequest, assessment: Assessment) -> Iterator[str]:
    if len(assessment.doses) != len(request.orders):
        return
    for order, line in zip(request.orders, assessment.doses, strict=True):
        number = len(line.dates)
        if order.doses is not None and 0 < number < order.doses:
            yield (
                f"The order has {counted(order.doses, f'{line.phase} dose')}; only {number} fit into the period asked "
                f"for, so units are asked for {number}. Lengthen the period or correct the order."
            )
    last = assessment.doses[-1]
    following = uncovered_dose(last, request.ends)
    if following is None or request.ends is None:
        return
    more = f"the dose of about {shortdate(following)} is not part of this request"
    mend = (
        "End the period before it if the response is to be judged first; otherwise add a dose."
        if request.phase is Phase.INITIATION
        else "Add a dose or shorten the period."
    )
    yield (
        f"The order has {counted(len(last.dates), f'{last.phase} dose')}, and the period asked for runs to "
        f"{shortdate(request.ends)}: {more}. {mend}"
    )


def vein_precautions(context: Context) -> str:
    """Quote precautions that speak of an infusion into a vein, where the dose goes under the skin; empty otherwise."""
    request, plan = context.case.request, context.resolve("mitigation_plan")
    if request is None or request.route is not Route.SUBCUTANEOUS or not isinstance(plan, Known):
        return ""
    note = plan.facts[0].note or ""
    return note if _OF_A_VEIN.search(note) else ""


def _vein_precautions(context: Context) -> Iterator[str]:
    if note := vein_precautions(context):
        yield (
            f"The precautions on record are those of an infusion into a vein and are left out: {full_stop(quoted(note))} "
            "Enter those for doses under the skin."
        )


def _immobile(context: Context) -> Iterator[str]:
    # Grade 4 of the GBS disability scale is bedbound or in a chair.
    grades = [entry for entry in context.case.chart.measurements if entry.measure == "gbs_disability_scale"]
    newest = max(grades, key=lambda entry: entry.dated or date.min, default=None)
    if newest is not None and newest.value >= 4 and context.value("immobilization") is None:
        yield "The patient cannot walk: enter immobilization as a thrombotic risk, with what is done against it."


def _weighing(context: Context) -> Iterator[str]:
    risks = {"safety.thrombosis_risk": "thrombosis", "safety.renal_risk": "kidney injury"}
    present = [name for key, name in risks.items() if context.value(key) is True]
    if present and context.value("risk_benefit_documented") is not True:
        yield (
            f"The record names a risk of {' and of '.join(present)}. Get a note in which the prescriber weighs the "
            "benefit against it."
        )


def _contradictions(context: Context, exhibits: Mapping[DocumentId, str]) -> Iterator[str]:
    for key, (normal, words) in _NORMAL.items():
        newest = context.resolve(key)
        if not isinstance(newest, Known) or newest.value == normal:
            continue
        for fact in context.case.chart.facts:
            if fact.fact == key and fact.value == normal and fact.dated and fact.dated <= context.as_of:
                yield (
                    f"{_place(fact, exhibits)} records {words} ({longdate(fact.dated)}), which the newest examination "
                    "does not. Address it in the note or leave the document out."
                )


def _place(fact: Fact, exhibits: Mapping[DocumentId, str]) -> str:
    label = exhibits.get(fact.source.document) if fact.source.document else None
    if label is None:
        return f"The entry of {fact.source.recorded_by or fact.source.document}"
    return f"Ex. {label} p. {fact.source.page or 1}"
