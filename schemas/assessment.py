"""The result of verification: a finding for every criterion, complete enough to print without the engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.base import (
    BillingUnits,
    CaseId,
    ConditionId,
    DocumentId,
    Exact,
    FactKey,
    Grams,
    Line,
    Model,
    Phase,
    Slug,
    Text,
    Words,
)
from schemas.chart import Source
from schemas.policy import Effect, Topic
from schemas.provenance import Provenance


class Status(StrEnum):
    """The three values. Undocumented is neither met nor not met."""

    MET = "met"
    NOT_MET = "not_met"
    UNDOCUMENTED = "undocumented"


class Recommendation(StrEnum):
    """What the software recommends; a person decides."""

    APPROVE_EXPECTED = "approve_expected"
    MODIFY = "modify"
    INFORMATION_MISSING = "information_missing"
    DENIAL_EXPECTED = "denial_expected"
    NOT_REQUIRED = "not_required"
    ESCALATE = "escalate"


# Of these three there are hundreds in an assessment, made of values that have been checked: no model checks them again.
# What is read from outside is validated like any other part of an assessment.
@dataclass(frozen=True, slots=True)
class CitedFact:
    """A chart entry that a finding rests on, copied so that the assessment stands alone."""

    __pydantic_config__ = Model.model_config

    key: FactKey
    label: Words
    value: Annotated[Words, Field(description="in words, with its unit")]
    dated: date | None
    source: Source
    note: Annotated[Text | None, Field(description="the record's own wording")] = None


@dataclass(frozen=True, slots=True)
class Proof:
    """A node of the proof tree: what was asked, what came out, and why, in words."""

    __pydantic_config__ = Model.model_config

    asked: Words
    status: Status
    reason: Words
    facts: tuple[CitedFact, ...] = ()
    missing: Annotated[
        tuple[FactKey, ...], Field(description="facts that would settle an undocumented node")
    ] = ()
    parts: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The answer to one criterion."""

    __pydantic_config__ = Model.model_config

    criterion: Line
    topic: Topic
    title: Line
    clause: Text | None = None
    section: Line | None = None
    policy: Annotated[
        Words | None,
        Field(description="policy and version the clause comes from; empty for the product's own checks"),
    ] = None
    rule_set: Slug | None = None
    status: Status
    reason: Words
    facts: tuple[CitedFact, ...] = ()
    missing: Annotated[
        tuple[FactKey, ...], Field(description="facts that would settle an undocumented finding")
    ] = ()
    effect: Annotated[
        Effect | None, Field(description="what the finding does to the recommendation; empty when it is met")
    ] = None
    mend: Text | None = None
    provenance: Provenance
    proof: Proof


class WorkKind(StrEnum):
    """Whether something has to be got, or something that is there has to be mended."""

    GET = "get"
    MEND = "mend"


class WorkItem(Model):
    """One named document or measurement to get, or one thing to mend."""

    kind: WorkKind = WorkKind.GET
    ask: Text
    facts: tuple[FactKey, ...] = Field((), description="facts it would document; empty for something to mend")
    criteria: tuple[Line, ...] = Field(description="criteria it would settle")
    effort: int = Field(ge=1, le=5)
    blocking: bool = Field(description="whether the request should wait for it")


class DecidingSet(Model):
    """A smallest set of missing facts that could make the policy met, whatever the other missing facts are."""

    facts: tuple[FactKey, ...]
    asks: tuple[Text, ...] = Field(
        description="the documents and measurements that would show them, each once"
    )
    effort: int = Field(ge=1, description="sum of the effort of the asks")
    words: Words


class Outlook(Model):
    """The policy as a whole under every completion of what is not documented.

    ``status`` is the second opinion: met when every completion meets the policy, not met when none does.
    """

    status: Status
    doomed_by: tuple[Line, ...] = Field((), description="criteria that are not met by what is documented")
    sets: tuple[DecidingSet, ...] = Field((), description="all smallest sets, easiest first")
    bounded: Line | None = Field(None, description="says so where the search was not exhaustive")


class DoseLine(Model):
    """One dose computed from the order: what one cycle is, and on which dates it falls."""

    phase: Line
    grams_per_kg: Exact | None = None
    grams: Grams
    ordered_grams: Grams | None = Field(
        None, description="what the order states, where g/kg and weight come to something else"
    )
    vials: tuple[tuple[Exact, int], ...] = Field((), description="vial size in g and count, largest first")
    units: BillingUnits
    over_days: int
    every_days: int | None = None
    dates: tuple[date, ...] = ()


class PolicyPin(Model):
    """Which rule governed: identity, version and the hash of its content."""

    payer: Slug
    policy: Slug
    version: Line
    sha256: Line
    modelled_on: Line
    confirmed: bool
    note: Words | None = Field(
        None, description="why this version governs, or that the profile is unconfirmed or overdue"
    )


class Right(Model):
    """A law or pledge that may bear on the case: a note for a person, never a finding, and never certain."""

    rule: Slug
    title: Line
    words: Text
    why: Words = Field(description="what in the case it may bear on")
    until: date | None = None
    citation: Line | None = None
    voluntary: bool = Field(False, description="a pledge, not a duty")
    exceptions_words: Text | None = None
    open_question: Line | None = None
    provenance: Provenance


class Assessment(Model):
    """Findings for every criterion of one policy version on one date, and what follows from them."""

    case_id: CaseId
    assessed_on: date
    condition: ConditionId | None = None
    phase: Phase | None = None
    policy: PolicyPin | None = None
    certainty: Words | None = Field(
        None, description="level of certainty of the diagnosis by the guideline of the condition"
    )
    recommendation: Recommendation
    because: Words
    findings: tuple[Finding, ...]
    outlook: Outlook | None = Field(None, description="empty where no policy governs")
    work: tuple[WorkItem, ...] = ()
    doses: tuple[DoseLine, ...] = ()
    total_units: int | None = None
    approval_months: Exact | None = None
    documents_asked: tuple[Line, ...] = ()
    exhibits: tuple[DocumentId, ...] = Field(
        (), description="documents that findings rest on, in order of first use"
    )
    rights: tuple[Right, ...] = Field(
        (), description="rules of continuity to be looked at by a person; no finding rests on them"
    )
    case_sha256: Line = Field(description="names the version of the case, as the store does")
    engine: Line
