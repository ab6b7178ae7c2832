"""What the practice should know before it sends a letter: failed safety checks, doses without units, contradictions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from priorauth.course_days import infusions_after_switch, last_into_a_vein, start_under_the_skin
from priorauth.dosing import uncovered_dose
from priorauth.facts.context import Context, fact_words
from priorauth.facts.dose import dosing_weight
from priorauth.facts.record import contradictions
from priorauth.facts.resolution import Known, Unknown
from priorauth.letters.certainty_notes import certainty_notes
from priorauth.letters.reasons import tabled
from priorauth.letters.rows import strength_words
from priorauth.rendering.filters import (
    counted,
    full_stop,
    listing,
    longdate,
    quoted,
    sentence_case,
    shortdate,
)
from priorauth.response.treatment_start import first_dose_day
from priorauth.response.walking import gaits
from priorauth.wording import capital
from schemas.assessment import Assessment, Status
from schemas.base import DocumentId, Phase, Route
from schemas.chart import Entry, Fact
from schemas.policy import Effect, Topic
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
        *_safety(assessment),
        *_doses(request, assessment),
        *_weight(context),
        *_weighing(context),
        *_immobile(context),
        *_vein_precautions(context),
        *certainty_notes(context),
        *_switch(context),
        *contradiction_notes(context, exhibits),
        *(
            _overtaken(context, exhibits)
            if request.phase is Phase.INITIATION
            else _found_before_treatment(context, exhibits)
        ),
    )


def to_get_before_first_dose(context: Context) -> tuple[str, ...]:
    """List what should be known before a course begins and is not documented."""
    request = context.case.request
    if request is None or request.phase is not Phase.INITIATION:
        return ()
    open_keys = [key for key in _BEFORE_FIRST_DOSE if not isinstance(context.resolve(key), Known)]
    return tuple(context.definition(key).ask for key in open_keys)


def _safety(assessment: Assessment) -> Iterator[str]:
    for finding in assessment.findings:
        # What stops treatment stands above the whole letter, with its mend.
        if (
            finding.topic is Topic.SAFETY
            and finding.status is Status.NOT_MET
            and finding.effect is not Effect.ESCALATE
        ):
            reason = full_stop(tabled(finding.reason, finding.facts))
            yield f"Not met: {sentence_case(finding.title)}. {reason} {finding.mend or ''}".rstrip()


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


def _switch(context: Context) -> Iterator[str]:
    request, products = context.case.request, context.knowledge.products
    starts, last = (
        find(context.case, products, context.as_of) for find in (start_under_the_skin, last_into_a_vein)
    )
    if request is not None and request.starts and starts and last and starts < request.starts:
        yield (
            f"The label starts the product {counted((starts - last).days, 'day')} after the last infusion into a vein "
            f"({shortdate(last)}), on {shortdate(starts)}; the period asked for begins on {shortdate(request.starts)}. "
            f"Ask for it from {shortdate(starts)}."
        )
    if booked := infusions_after_switch(context.case, products, context.as_of):
        yield (
            f"Infusions into a vein are still booked from {shortdate(booked[0])} on, after the change. Take them off "
            "the calendar once the change is approved."
        )


def _immobile(context: Context) -> Iterator[str]:
    # Grade 4 of the GBS disability scale is bedbound or in a chair.
    grades = [entry for entry in context.case.chart.measurements if entry.measure == "gbs_disability_scale"]
    newest = max(grades, key=lambda entry: entry.dated or date.min, default=None)
    if newest is not None and newest.value >= 4 and context.value("immobilization") is None:
        yield "The patient cannot walk: enter immobilization as a thrombotic risk, with what is done against it."


def _weight(context: Context) -> Iterator[str]:
    dosed_on = dosing_weight(context)
    if isinstance(dosed_on, Unknown) and isinstance(context.resolve("weight"), Known):
        yield f"The weight to dose on is open. {full_stop(dosed_on.reason)}"


def _weighing(context: Context) -> Iterator[str]:
    risks = {"safety.thrombosis_risk": "thrombosis", "safety.renal_risk": "kidney injury"}
    present = [name for key, name in risks.items() if context.value(key) is True]
    if present and context.value("risk_benefit_documented") is not True:
        yield (
            f"The record names a risk of {' and of '.join(present)}. Get a note in which the prescriber weighs the "
            "benefit against it."
        )


def contradiction_notes(context: Context, exhibits: Mapping[DocumentId, str]) -> Iterator[str]:
    """Say where entries of one day contradict each other, with the page of each."""
    for facts in contradictions(context):
        said = (f"{_said(fact, context)} ({_place(fact, exhibits)})" for fact in facts)
        title = context.definition(facts[0].fact).title
        yield (
            f"The record of {longdate(facts[0].dated or context.as_of)} contradicts itself on "
            f"{sentence_case(title)}: {listing(said)}. Ask its author which is right, and have the note corrected."
        )


def _found_before_treatment(context: Context, exhibits: Mapping[DocumentId, str]) -> Iterator[str]:
    """Name what was examined before the first dose where nobody took an outcome measure; no score is made of it."""
    start = first_dose_day(context)
    if start is None or context.value("baseline.objective_measure") is True:
        return
    graded = [entry for entry in context.case.chart.muscle_strength if entry.dated and entry.dated <= start]
    walked = [fact for day, fact in gaits(context) if day <= start]
    days = [entry.dated for entry in (*graded, *walked) if entry.dated]
    if not days:
        return
    strength = [entry for entry in graded if entry.dated == max(days)]
    walking = [fact for fact in walked if fact.dated == max(days)]
    muscles = "; ".join(f"{sentence_case(entry.muscle)} {strength_words(entry)}" for entry in strength)
    said = [f"MRC grades ({muscles})"] if muscles else []
    said += [_said(fact, context) for fact in walking]
    places = dict.fromkeys(_place(entry, exhibits) for entry in (*strength, *walking))
    yield (
        "No outcome measure was taken before the first dose. The neurologist may derive a baseline from what the "
        f"examination of {longdate(max(days))} recorded, and from nothing later: {listing(said)} ({', '.join(places)}). "
        "The note then says that it was derived, from what, by whom, and when."
    )


def _overtaken(context: Context, exhibits: Mapping[DocumentId, str]) -> Iterator[str]:
    for key, (normal, words) in _NORMAL.items():
        newest = context.resolve(key)
        if not isinstance(newest, Known) or newest.value == normal:
            continue
        for fact in context.case.chart.facts:
            if fact.fact == key and fact.value == normal and fact.dated and fact.dated <= context.as_of:
                yield (
                    f"{capital(_place(fact, exhibits))} records {words} ({longdate(fact.dated)}), which the newest examination "
                    "does not. Address it in the note or leave the document out."
                )


def _said(fact: Fact, context: Context) -> str:
    if fact.note:
        return quoted(fact.note)
    definition = context.definition(fact.fact)
    return f"{sentence_case(definition.title)}: {fact_words(fact, definition)}"


def _place(entry: Entry, exhibits: Mapping[DocumentId, str]) -> str:
    label = exhibits.get(entry.source.document) if entry.source.document else None
    if label is None:
        return f"the entry of {entry.source.recorded_by or entry.source.document}"
    return f"Ex. {label} p. {entry.source.page or 1}"
