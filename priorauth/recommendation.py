"""From findings to a recommendation: the gravest effect decides, and a person decides after it."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.assessment import Finding, Recommendation, Status
from schemas.policy import Effect


AUTHORIZATION_NEEDED = "authorization.needed"

# Gravest first. Escalation precedes "not required", since a contraindication is one with or without a payer.
_DECISIONS = (
    (Effect.DENY, Recommendation.DENIAL_EXPECTED, "Not met"),
    (Effect.PEND, Recommendation.INFORMATION_MISSING, "To be settled first"),
    (Effect.MODIFY, Recommendation.MODIFY, "To be changed"),
)


def recommend(findings: Sequence[Finding]) -> tuple[Recommendation, str]:
    """Return the recommendation and the sentence that says what it rests on."""
    escalated = [finding for finding in findings if finding.effect is Effect.ESCALATE]
    if escalated:
        return Recommendation.ESCALATE, f"To be decided by a clinician or supervisor: {_reasons(escalated)}"
    exempt = [
        finding
        for finding in findings
        if finding.criterion == AUTHORIZATION_NEEDED and finding.status is Status.NOT_MET
    ]
    if exempt:
        return Recommendation.NOT_REQUIRED, exempt[0].reason
    for effect, recommendation, words in _DECISIONS:
        decisive = [finding for finding in findings if finding.effect is effect]
        if decisive:
            return recommendation, f"{words}: {_reasons(decisive)}"
    return Recommendation.APPROVE_EXPECTED, "Every criterion that decides is met"


def _reasons(findings: Sequence[Finding]) -> str:
    return "; ".join(f"{finding.title} ({finding.criterion}): {finding.reason}" for finding in findings)[
        :3900
    ]
