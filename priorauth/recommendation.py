"""From findings to a recommendation: the gravest effect decides, and a person decides after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from schemas.assessment import Finding, Recommendation, Status
from schemas.policy import Effect


AUTHORIZATION_NEEDED = "authorization.needed"

# Gravest first. Escalation precedes "not required", since a contraindication is one with or without a payer.
_DECISIONS = (
    (Effect.ESCALATE, Recommendation.ESCALATE, "To be decided by a clinician or supervisor"),
    (Effect.DENY, Recommendation.DENIAL_EXPECTED, "Not met"),
    (Effect.PEND, Recommendation.INFORMATION_MISSING, "To be settled first"),
    (Effect.MODIFY, Recommendation.MODIFY, "To be changed"),
)


class Answered(Protocol):
    """What the recommendation looks at: a finding, or the bare answer to a criterion."""

    @property
    def criterion(self) -> str: ...
    @property
    def status(self) -> Status: ...
    @property
    def effect(self) -> Effect | None: ...


def recommended(answers: Sequence[Answered]) -> Recommendation:
    """Return the recommendation alone."""
    effects = {answer.effect for answer in answers}
    if Effect.ESCALATE not in effects and any(map(_exempts, answers)):
        return Recommendation.NOT_REQUIRED
    decisive = (recommendation for effect, recommendation, _ in _DECISIONS if effect in effects)
    return next(decisive, Recommendation.APPROVE_EXPECTED)


def recommend(findings: Sequence[Finding]) -> tuple[Recommendation, str]:
    """Return the recommendation and the sentence that says what it rests on."""
    recommendation = recommended(findings)
    return recommendation, _because(recommendation, findings)


def _because(recommendation: Recommendation, findings: Sequence[Finding]) -> str:
    if recommendation is Recommendation.NOT_REQUIRED:
        return next(filter(_exempts, findings)).reason
    for effect, decided, words in _DECISIONS:
        if decided is recommendation:
            return f"{words}: {_reasons([finding for finding in findings if finding.effect is effect])}"
    return "Every criterion that decides is met"


def _exempts(answer: Answered) -> bool:
    return answer.criterion == AUTHORIZATION_NEEDED and answer.status is Status.NOT_MET


def _reasons(findings: Sequence[Finding]) -> str:
    return "; ".join(f"{finding.title} ({finding.criterion}): {finding.reason}" for finding in findings)
