"""Coverage policies: a payer's published rules as dated data, and the language their criteria are written in.

A requirement is a tree. Its leaves ask one fact of the vocabulary one question; its branches are ``all_of``,
``any_of``, ``at_least`` and ``not``::

    require:
      all_of:
        - {fact: course_pattern, is_one_of: [progressive, relapsing]}
        - {fact: symptom_duration_months, at_least: 2}
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Self

from pydantic import ConfigDict, Field, StrictBool, model_validator

from schemas.base import (
    ConditionId,
    Exact,
    FactKey,
    Line,
    LineOfBusiness,
    Model,
    Phase,
    SiteOfCare,
    Slug,
    Text,
)
from schemas.codes import Icd10Code
from schemas.provenance import Provenance


class Question(Model):
    """A leaf: one fact, one comparison. Exactly one of the comparisons is set."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    fact: FactKey
    is_: StrictBool | Line | None = Field(None, alias="is")
    is_one_of: tuple[Line, ...] = ()
    is_none_of: tuple[Line, ...] = ()
    at_least: Exact | None = None
    more_than: Exact | None = None
    at_most: Exact | None = None
    less_than: Exact | None = None
    within_days: int | None = Field(
        None, gt=0, description="the entry may be at most this old on the day assessed"
    )

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        asked = [name for name in COMPARISONS if getattr(self, name) not in (None, ())]
        if len(asked) != 1:
            raise ValueError(
                f"the question about '{self.fact}' has {len(asked)} comparisons {asked}; expected exactly one of "
                "is, is_one_of, is_none_of, at_least, more_than, at_most, less_than"
            )
        return self


COMPARISONS = ("is_", "is_one_of", "is_none_of", "at_least", "more_than", "at_most", "less_than")


class AllOf(Model):
    """Every part must hold."""

    all_of: tuple[Requirement, ...] = Field(min_length=1)


class AnyOf(Model):
    """One part must hold."""

    any_of: tuple[Requirement, ...] = Field(min_length=1)


class AtLeast(Model):
    """A number of the parts must hold, as in "three of the four"."""

    at_least: int = Field(ge=1)
    of: tuple[Requirement, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.at_least > len(self.of):
            raise ValueError(
                f"asks for at least {self.at_least} of {len(self.of)} parts, which can never hold"
            )
        return self


class Not(Model):
    """The part must not hold."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    not_: Requirement = Field(alias="not")


Requirement = Annotated[Question | AllOf | AnyOf | AtLeast | Not, Field(union_mode="smart")]


def questions(requirement: Requirement) -> Iterator[Question]:
    """Yield the leaves of a requirement in their order."""
    match requirement:
        case Question():
            yield requirement
            return
        case AllOf():
            parts = requirement.all_of
        case AnyOf():
            parts = requirement.any_of
        case AtLeast():
            parts = requirement.of
        case Not():
            parts = (requirement.not_,)
    for part in parts:
        yield from questions(part)


class Effect(StrEnum):
    """What a criterion does to the recommendation when it is not met, mildest first."""

    ADVISE = "advise"
    MODIFY = "modify"
    PEND = "pend"
    DENY = "deny"
    ESCALATE = "escalate"


class Topic(StrEnum):
    """Which part of verification a criterion belongs to; the order is the order of the report."""

    COVERAGE = "coverage"
    DIAGNOSIS = "diagnosis"
    CRITERIA = "criteria"
    PRESCRIBER = "prescriber"
    DOSE = "dose"
    PRODUCT = "product"
    SITE_OF_CARE = "site_of_care"
    CODES = "codes"
    DOCUMENTS = "documents"
    SAFETY = "safety"
    AUTHORIZATION = "authorization"


class Criterion(Model):
    """One requirement with its clause. ``clause`` paraphrases the payer's passage; it is not a quotation.

    ``applies_when`` holds the criterion back until it is met; while it is undocumented the criterion is asked.
    ``if_undocumented`` says what a missing answer does: ``pend`` in a payer's criteria, ``advise`` for screening.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$", max_length=60)]
    title: Line
    clause: Text | None = None
    section: Line | None = None
    topic: Topic = Topic.CRITERIA
    require: Requirement
    applies_when: Requirement | None = None
    rule_set: Slug | None = Field(
        None, description="id of the electrodiagnostic or clinical rule set that the clause applies"
    )
    if_not_met: Effect = Effect.DENY
    if_undocumented: Effect = Effect.PEND
    mend: Text | None = Field(None, description="what to do when it is not met")
    provenance: Provenance | None = Field(None, description="where it differs from the policy's own")


class PhaseRules(Model):
    """The criteria for opening or continuing therapy of one condition, and what an approval would grant."""

    criteria: tuple[Criterion, ...] = Field(min_length=1)
    approval_months: Exact | None = Field(None, gt=0, le=24)
    approval_note: Line | None = None
    documents: tuple[Line, ...] = Field((), description="documents the payer asks for, by name")
    provenance: Provenance | None = None

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question that the criteria ask, in their order."""
        return tuple(question for criterion in self.criteria for question in questions(criterion.require))


class DoseLimits(Model):
    """Upper limits of the policy for one condition; empty where the policy states none or it could not be confirmed."""

    loading_g_per_kg: Exact | None = Field(None, gt=0)
    maintenance_g_per_kg: Exact | None = Field(None, gt=0)
    maintenance_every_days_min: int | None = Field(None, gt=0)
    g_per_kg_per_28_days: Exact | None = Field(None, gt=0)
    provenance: Provenance | None = None


class ConditionRules(Model):
    """All a policy says of one condition. A phase that is absent is not offered, as maintenance after GBS."""

    icd10: tuple[Icd10Code, ...] = Field(min_length=1)
    initiation: PhaseRules | None = None
    continuation: PhaseRules | None = None
    not_renewable: Text | None = Field(
        None, description="why there is no continuation, where the policy offers none"
    )
    dose_limits: DoseLimits = DoseLimits()

    @model_validator(mode="after")
    def _continuation_is_accounted_for(self) -> Self:
        if self.continuation is None and self.not_renewable is None:
            raise ValueError("expected continuation criteria, or not_renewable with the reason")
        return self

    def phase(self, phase: Phase) -> PhaseRules | None:
        """Return the rules of one phase, or None where the policy does not offer it."""
        return self.initiation if phase is Phase.INITIATION else self.continuation


class ProductPreference(Model):
    """Preferred brands and the step a non-preferred one must take."""

    preferred: tuple[Slug, ...] = ()
    non_preferred: tuple[Slug, ...] = ()
    failures_needed: int | None = Field(
        None, gt=0, description="preferred products tried and failed before a non-preferred one"
    )
    not_covered: tuple[Slug, ...] = ()
    provenance: Provenance | None = None


class DosingWeightRule(StrEnum):
    """Which weight the policy doses on."""

    ACTUAL = "actual"
    ADJUSTED_WHEN_OBESE = "adjusted_when_obese"


class Confirmation(Model):
    """Who compared the profile with the payer's text, with which bulletin, and when."""

    compared_by: Line
    bulletin: Line
    compared_on: date
    valid_until: date

    @model_validator(mode="after")
    def _holds_for_a_while(self) -> Self:
        if self.valid_until < self.compared_on:
            raise ValueError(f"valid_until {self.valid_until} is before compared_on {self.compared_on}")
        return self


class ConfirmationRecord(Confirmation):
    """A comparison as it is recorded. It holds for the content compared: a profile changed since has another hash."""

    policy: Line = Field(description="folder and file of the version, such as immune_globulin/2026-01-01")
    sha256: Line = Field(pattern=r"^[0-9a-f]{64}$", description="hash of what the profile said")


class Confirmations(Model):
    """All comparisons of one payer's profiles, in a file of their own, since a policy version is never edited."""

    confirmations: tuple[ConfirmationRecord, ...] = Field(min_length=1)


class PolicyNote(Model):
    """Something the plan says that no fact of a chart answers, with its own source."""

    words: Text
    provenance: Provenance


class CoveragePolicy(Model):
    """One version of one payer's rules. Never edited once in force: a change is a new file with its own dates."""

    payer: Slug
    policy: Slug = Field(description="identity that stays the same from version to version")
    version: Line
    title: Line
    modelled_on: Line = Field(
        description="the published document this profile is modelled on; never 'the current policy of'"
    )
    lines_of_business: tuple[LineOfBusiness, ...] = Field(min_length=1)
    effective_from: date
    first_day_known: bool = Field(
        True, description="false where no source gives the first day, so that effective_from is a stand-in"
    )
    effective_to: date | None = None
    review_by: date | None = Field(
        None, description="after this date the profile counts as overdue for comparison"
    )
    supersedes: Line | None = None
    falls_back_to: Slug | None = Field(
        None, description="policy that governs where this one is silent, as an LCD for Medicare Advantage"
    )
    no_authorization_at: tuple[SiteOfCare, ...] = Field(
        (), description="sites at which the plan asks for no drug authorization"
    )
    no_authorization_at_all: bool = Field(
        False, description="Original Medicare: coverage is decided on the claim"
    )
    no_authorization_duty: Text | None = Field(
        None, description="what is still owed there, such as notice of the admission"
    )
    notes: tuple[PolicyNote, ...] = Field(
        (), description="what the plan says that no criterion asks, such as how the drug is bought"
    )
    prescriber_specialties: tuple[Slug, ...] = ()
    dosing_weight: DosingWeightRule = DosingWeightRule.ACTUAL
    rounding_percent: Exact | None = Field(
        None, ge=0, le=15, description="how far a dose may be rounded to whole vials"
    )
    products: ProductPreference = ProductPreference()
    site_of_care: tuple[Criterion, ...] = ()
    exclusions: tuple[Criterion, ...] = Field(
        (), description="criteria of every condition and phase; not met means excluded"
    )
    conditions: dict[ConditionId, ConditionRules]
    renewal_earliest_days: int | None = Field(
        None, gt=0, description="how long before the end a renewal is accepted"
    )
    provenance: Provenance
    confirmation: Confirmation | None = Field(
        None,
        description="set by the loader from confirmations.yaml of the payer, never in the file of a policy",
    )

    @cached_property
    def content_sha256(self) -> str:
        """Hash of what the policy says, whatever the layout of its file and whoever confirmed it."""
        return sha256(self.model_dump_json(exclude={"confirmation"}).encode()).hexdigest()

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.effective_to is not None and self.effective_to < self.effective_from:
            raise ValueError(
                f"effective_to {self.effective_to} is before effective_from {self.effective_from}"
            )
        return self


class CheckList(Model):
    """The product's own checks of every request, written in the same language as a payer's criteria."""

    title: Line
    checks: tuple[Criterion, ...] = Field(min_length=1)
    provenance: Provenance
