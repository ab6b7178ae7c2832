"""Verification of one case on one day: every check and every criterion, the recommendation, and the work left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from priorauth import dosing
from priorauth.continuity import rights_of
from priorauth.course_days import first_dose_asked
from priorauth.deciding import outlook
from priorauth.electrodiagnosis.levels import level_of_certainty
from priorauth.facts.context import Context
from priorauth.facts.derived import DERIVATIONS
from priorauth.facts.dose import dosing_weight, product_asked, rounding_percent
from priorauth.facts.resolution import Known
from priorauth.formats.case_file import case_sha256
from priorauth.knowledge import Knowledge
from priorauth.logic import prove, status_of
from priorauth.policies import Governing, governing_policy, pin
from priorauth.recommendation import recommend
from priorauth.worklist import work_items
from schemas.assessment import Assessment, DoseLine, Finding, Outlook, Proof, Status
from schemas.base import DocumentId
from schemas.case import Case
from schemas.policy import Criterion, Effect, Topic
from schemas.provenance import Provenance


ENGINE = "priorauth 0.1.0"
_TOPIC_ORDER = {topic: place for place, topic in enumerate(Topic)}


@dataclass(frozen=True, slots=True)
class Asked:
    """A criterion with where it comes from."""

    criterion: Criterion
    policy: str | None
    provenance: Provenance


def verify(case: Case, *, as_of: date, knowledge: Knowledge) -> Assessment:
    """Assess a case as of a day. Pure: the same case, day and knowledge give the same assessment."""
    return verify_under(governing_policy(case, as_of, knowledge), case, as_of=as_of, knowledge=knowledge)


def verify_under(governing: Governing, case: Case, *, as_of: date, knowledge: Knowledge) -> Assessment:
    """Assess a case under a policy version chosen beforehand, as a replay or the comparison of two versions does."""
    context = Context(case, as_of, knowledge, governing.policy, DERIVATIONS)
    asked = tuple(criteria_asked(context))
    proved = tuple(_proved(asked, context))
    findings = _findings(proved)
    recommendation, because = recommend(findings)
    doses = computed_doses(context)
    rules = context.phase_rules
    return Assessment(
        case_id=case.case_id,
        assessed_on=as_of,
        condition=case.condition,
        phase=case.request.phase if case.request else None,
        policy=pin(governing, as_of),
        certainty=str(level) if (level := level_of_certainty(context)) else None,
        recommendation=recommendation,
        because=because,
        findings=findings,
        outlook=_outlook(proved, context) if any(entry.policy for entry in asked) else None,
        work=work_items(findings, knowledge),
        doses=doses,
        total_units=sum(line.units * len(line.dates) for line in doses)
        if doses and all(line.dates for line in doses)
        else None,
        approval_months=rules.approval_months if rules else None,
        documents_asked=rules.documents if rules else (),
        exhibits=_exhibits(findings),
        rights=rights_of(context),
        case_sha256=case_sha256(case),
        engine=ENGINE,
    )


def context_for(case: Case, as_of: date, knowledge: Knowledge) -> Context:
    """Return the context in which the facts of a case are looked up: its day, and the policy that governs."""
    return Context(case, as_of, knowledge, governing_policy(case, as_of, knowledge).policy, DERIVATIONS)


def criteria_asked(context: Context) -> Iterator[Asked]:
    """List the product's own checks, then the policy's exclusions, criteria and site rules."""
    for checklist in context.knowledge.checks.values():
        for check in checklist.checks:
            yield Asked(check, None, check.provenance or checklist.provenance)
    policy, rules = context.policy, context.phase_rules
    if policy is None:
        return
    name = f"{policy.title}, version {policy.version}"
    for criterion in policy.exclusions:
        yield Asked(criterion, name, criterion.provenance or policy.provenance)
    if rules is not None:
        for criterion in rules.criteria:
            yield Asked(criterion, name, criterion.provenance or rules.provenance or policy.provenance)
    for criterion in policy.site_of_care:
        yield Asked(criterion, name, criterion.provenance or policy.provenance)


def computed_doses(context: Context) -> tuple[DoseLine, ...]:
    """Compute grams, vials, units and dates of the order from the dosing weight."""
    if context.case.request is None:
        return ()
    weight = dosing_weight(context)
    kilograms = weight.value if isinstance(weight, Known) and isinstance(weight.value, Decimal) else None
    rounding = context.policy.rounding_percent if context.policy else None
    return dosing.dose_lines(
        context.case.request,
        kilograms,
        product=product_asked(context),
        as_of=context.as_of,
        first=first_dose_asked(context.case, context.knowledge.products, context.as_of),
        rounding_percent=rounding,
        agreeing_percent=rounding_percent(context),
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """The bare answer to a criterion: what a finding says, without facts and reason."""

    criterion: str
    title: str
    status: Status
    effect: Effect | None


def answers(criteria: Iterable[Criterion], context: Context) -> Iterator[Answer]:
    """Answer the criteria that apply, where nothing else of their findings is wanted."""
    for criterion in criteria:
        if _applies(criterion, context):
            status = status_of(criterion.require, context)
            yield Answer(criterion.id, criterion.title, status, _effect(criterion, status))


def _findings(proved: Sequence[tuple[Asked, Proof]]) -> tuple[Finding, ...]:
    found = (_finding(asked, proof) for asked, proof in proved)
    return tuple(sorted(found, key=lambda finding: _TOPIC_ORDER[finding.topic]))


def _outlook(proved: Sequence[tuple[Asked, Proof]], context: Context) -> Outlook:
    return outlook(
        [(asked.criterion, proof.status) for asked, proof in proved if asked.policy is not None], context
    )


def _proved(criteria: Iterable[Asked], context: Context) -> Iterator[tuple[Asked, Proof]]:
    for asked in criteria:
        if _applies(asked.criterion, context):
            yield asked, prove(asked.criterion.require, context)


def _applies(criterion: Criterion, context: Context) -> bool:
    held_back = criterion.applies_when
    return held_back is None or status_of(held_back, context) is not Status.NOT_MET


def _effect(criterion: Criterion, status: Status) -> Effect | None:
    if status is Status.NOT_MET:
        return criterion.if_not_met
    return criterion.if_undocumented if status is Status.UNDOCUMENTED else None


def _finding(asked: Asked, proof: Proof) -> Finding:
    criterion = asked.criterion
    effect = _effect(criterion, proof.status)
    return Finding(
        criterion=criterion.id,
        topic=criterion.topic,
        title=criterion.title,
        clause=criterion.clause,
        section=criterion.section,
        policy=asked.policy,
        rule_set=criterion.rule_set,
        status=proof.status,
        reason=proof.reason,
        facts=proof.facts,
        missing=proof.missing if proof.status is Status.UNDOCUMENTED else (),
        effect=effect,
        mend=criterion.mend if effect is not None else None,
        provenance=asked.provenance,
        proof=proof,
    )


def _exhibits(findings: tuple[Finding, ...]) -> tuple[DocumentId, ...]:
    cited = (fact.source.document for finding in findings for fact in finding.facts)
    return tuple(dict.fromkeys(document for document in cited if document is not None))
