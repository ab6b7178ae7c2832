"""Evaluation of a requirement in strong Kleene logic, with the proof tree that says why.

``all_of`` is not met as soon as one part is not met, met when all are, and undocumented otherwise; ``any_of`` is
its mirror; ``at_least`` counts. A question whose fact is unknown is undocumented: absence of a record is never
taken for a negative finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Narrowed, Resolution, Unknown, Value
from priorauth.wording import listed, question_words, value_words
from schemas.assessment import CitedFact, Proof, Status
from schemas.policy import AllOf, AnyOf, AtLeast, Not, Question, Requirement


def prove(requirement: Requirement, context: Context) -> Proof:
    """Evaluate a requirement for a case; the status of the returned node is the answer."""
    match requirement:
        case Question():
            return _prove_question(requirement, context)
        case AllOf():
            return _prove_count("all of", len(requirement.all_of), requirement.all_of, context)
        case AnyOf():
            return _prove_count("one of", 1, requirement.any_of, context)
        case AtLeast():
            return _prove_count(
                f"at least {requirement.at_least} of", requirement.at_least, requirement.of, context
            )
        case Not():
            return _prove_not(requirement, context)


def status_of(requirement: Requirement, context: Context) -> Status:
    """Answer a requirement without saying why: the status that its proof has, at a fraction of the work."""
    match requirement:
        case Question():
            return _answered(requirement, context.resolve(requirement.fact, requirement.within_days))
        case AllOf():
            return _counted(
                len(requirement.all_of), [status_of(part, context) for part in requirement.all_of]
            )
        case AnyOf():
            return _counted(1, [status_of(part, context) for part in requirement.any_of])
        case AtLeast():
            return _counted(requirement.at_least, [status_of(part, context) for part in requirement.of])
        case Not():
            return _FLIPPED[status_of(requirement.not_, context)]


_FLIPPED = {
    Status.MET: Status.NOT_MET,
    Status.NOT_MET: Status.MET,
    Status.UNDOCUMENTED: Status.UNDOCUMENTED,
}


def _counted(needed: int, parts: Sequence[Status]) -> Status:
    """Return the status of "at least ``needed`` of the parts"."""
    if parts.count(Status.MET) >= needed:
        return Status.MET
    return Status.NOT_MET if len(parts) - parts.count(Status.NOT_MET) < needed else Status.UNDOCUMENTED


def _answered(question: Question, resolution: Resolution) -> Status:
    match resolution:
        case Known():
            return Status.MET if answer(question, resolution.value) else Status.NOT_MET
        case Narrowed():
            answers = {answer(question, value) for value in resolution.possible}
            if len(answers) == 1:
                return Status.MET if answers.pop() else Status.NOT_MET
    return Status.UNDOCUMENTED


def answer(question: Question, value: Value) -> bool:
    """Compare a known value with what the question asks."""
    if question.is_ is not None:
        return value == question.is_
    if question.is_one_of:
        return value in question.is_one_of
    if question.is_none_of:
        return value not in question.is_none_of
    if not isinstance(value, Decimal):
        raise TypeError(f"the question about {question.fact} compares numbers, but its value is {value!r}")
    if question.at_least is not None:
        return value >= question.at_least
    if question.more_than is not None:
        return value > question.more_than
    if question.at_most is not None:
        return value <= question.at_most
    if question.less_than is not None:
        return value < question.less_than
    raise AssertionError(f"the question about {question.fact} compares nothing")


def _prove_question(question: Question, context: Context) -> Proof:
    definition = context.definition(question.fact)
    asked = question_words(question, definition)
    resolution: Resolution = context.resolve(question.fact, question.within_days)
    status = _answered(question, resolution)
    reason = resolution.reason
    if isinstance(resolution, Known) and not reason:
        reason = f"{definition.title}: {value_words(resolution.value, definition)}"
    missing = resolution.missing if isinstance(resolution, Unknown) and status is Status.UNDOCUMENTED else ()
    return Proof(asked, status, reason, resolution.facts, missing)


def _prove_not(requirement: Not, context: Context) -> Proof:
    inner = prove(requirement.not_, context)
    status = _FLIPPED[inner.status]
    return Proof(f"not: {inner.asked}", status, inner.reason, inner.facts, inner.missing, (inner,))


def _prove_count(words: str, needed: int, parts: tuple[Requirement, ...], context: Context) -> Proof:
    proofs = tuple(prove(part, context) for part in parts)
    if len(proofs) == 1:
        return proofs[0]
    status = _counted(needed, [proof.status for proof in proofs])
    decisive = [proof for proof in proofs if proof.status is status]
    reason = "; ".join(dict.fromkeys(proof.reason for proof in decisive))
    asked = f"{words}: {listed([proof.asked for proof in proofs], 'and' if needed == len(proofs) else 'or')}"
    missing = tuple(dict.fromkeys(key for proof in decisive for key in proof.missing))
    return Proof(asked, status, reason, facts_under(decisive), missing, proofs)


def facts_under(proofs: list[Proof]) -> tuple[CitedFact, ...]:
    """Collect the facts of several proofs, each once, in order."""
    return tuple(dict.fromkeys(fact for proof in proofs for fact in proof.facts))
