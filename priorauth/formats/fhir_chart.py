"""Diagnoses and facts from the Conditions and Observations of a FHIR Bundle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from priorauth.formats.fact_entries import misfit
from priorauth.formats.fhir_codes import ICD10, LOINC, FhirCodes
from priorauth.formats.fhir_people import who
from priorauth.formats.fhir_resources import Bundle, Resource
from priorauth.formats.fhir_values import (
    Unusable,
    code_in,
    concept_words,
    day,
    many,
    number,
    one,
    read_each,
    words,
)
from schemas.base import FactKey
from schemas.case import IntakeNote
from schemas.chart import Diagnosis, Fact, Source
from schemas.vocabulary import FactDefinition


def read_diagnoses(bundle: Bundle) -> tuple[Diagnosis, ...]:
    """Read the Conditions that carry an ICD-10-CM code; the others are named in the notes."""

    def read(resource: Resource) -> Diagnosis:
        content = resource.content
        name = concept_words(content.get("code"))
        code = code_in(content.get("code"), ICD10)
        if code is None:
            raise Unusable(f"the condition '{name}' without an ICD-10-CM code", "an ICD-10-CM code")
        if _clinical_status(resource) in ("resolved", "inactive", "remission"):
            raise Unusable(f"the condition {code}, which is {_clinical_status(resource)}")
        return Diagnosis(
            code=code,
            description=name or None,
            dated=day(content.get("recordedDate")) or day(content.get("onsetDateTime")),
            source=Source(recorded_by=who(bundle, resource, "recorder", "asserter")),
        )

    return tuple(read_each(bundle.of_kind("Condition"), read, _name, bundle.notes))


def read_facts(
    bundle: Bundle, codes: FhirCodes, vocabulary: Mapping[str, FactDefinition]
) -> tuple[Fact, ...]:
    """Read the Observations whose code stands for a fact; the others are named, each code once."""
    known: list[tuple[Resource, FactKey]] = []
    unknown: Counter[str] = Counter()
    for resource in bundle.of_kind("Observation"):
        code = code_in(resource.content.get("code"), [LOINC])
        if code is not None and code in codes.facts:
            known.append((resource, codes.facts[code]))
        else:
            name = concept_words(resource.content.get("code"))
            unknown[" ".join(dict.fromkeys([code or "without LOINC code", name])).strip()] += 1
    bundle.notes.extend(
        IntakeNote(
            where=f"Observation {code}"[:300],
            found=f"{count} of them, which stand for no fact that is asked for",
        )
        for code, count in unknown.items()
    )
    return tuple(
        read_each(
            known,
            lambda pair: _fact(bundle, *pair, codes=codes, vocabulary=vocabulary),
            lambda pair: pair[0].name,
            bundle.notes,
        )
    )


def _fact(
    bundle: Bundle,
    resource: Resource,
    key: FactKey,
    *,
    codes: FhirCodes,
    vocabulary: Mapping[str, FactDefinition],
) -> Fact:
    content = resource.content
    if words(content.get("status")) not in ("final", "amended", "corrected", ""):
        raise Unusable(f"an Observation that is {words(content.get('status'))}", "a final result")
    quantity = one(content.get("valueQuantity"))
    value = number(quantity.get("value"))
    if value is None:
        raise Unusable(f"no number under valueQuantity for {key}", "a number with its unit")
    unit = words(quantity.get("code")) or words(quantity.get("unit"))
    comparator = words(quantity.get("comparator"))
    if comparator:
        raise Unusable(
            f"the result {comparator} {value} {unit} for {key}",
            "an exact number; enter what the report says by hand",
        )
    fact = Fact(
        fact=key,
        value=value,
        unit=codes.units.get(unit, unit) or None,
        dated=day(content.get("effectiveDateTime")) or day(one(content.get("effectivePeriod")).get("start")),
        source=Source(recorded_by=who(bundle, resource, "performer")),
    )
    wrong = misfit(fact, vocabulary)
    if wrong is not None:
        raise Unusable(wrong.found, wrong.expected)
    return fact


def _clinical_status(resource: Resource) -> str:
    return next(
        (
            words(coding.get("code"))
            for coding in many(one(resource.content.get("clinicalStatus")).get("coding"))
        ),
        "",
    )


def _name(resource: Resource) -> str:
    return resource.name[:300]
