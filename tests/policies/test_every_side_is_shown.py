"""Every criterion of every profile is shown met, not met and undocumented by some vignette, or says why it cannot be."""

from __future__ import annotations

from collections import defaultdict

import pytest

from priorauth.knowledge import load_knowledge
from priorauth.verification import answers, context_for, criteria_asked
from schemas.assessment import Status
from schemas.base import FactKey
from schemas.policy import Criterion, questions
from tests.policies.assessed import KNOWLEDGE, VIGNETTES
from tests.policies.profiles import criteria_of, is_question


# These facts are true or unknown: a measure or report that nobody can find may still exist.
NEVER_FALSE: frozenset[FactKey] = frozenset(
    {"baseline.objective_measure", "response.current_measure", "nerve_study_report"}
)

CANNOT_FAIL = {
    "BM-CIDP1": "any documented response will do",
    "BM-MMN1": "any documented response will do",
    **{
        f"MM-{of}{test}": "any result will do"
        for of in ("CIDP1", "CIDP2", "MMN1", "MMN2", "GBS1")
        for test in "ab"
    },
}


def wanted(criterion: Criterion) -> set[Status]:
    """Return the statuses that vignettes have to show for a criterion."""
    sides = {Status.MET, Status.NOT_MET, Status.UNDOCUMENTED}
    asked = {question.fact for question in questions(criterion.require)}
    if is_question(criterion):
        return {Status.UNDOCUMENTED}
    if criterion.id in CANNOT_FAIL or asked <= NEVER_FALSE:
        sides.remove(Status.NOT_MET)
    return sides


@pytest.mark.slow
def test_every_criterion_is_shown_from_every_side() -> None:
    knowledge = load_knowledge(KNOWLEDGE)
    shown: defaultdict[tuple[str, str, str], set[Status]] = defaultdict(set)
    for vignette in VIGNETTES.values():
        context = context_for(vignette.case(), vignette.as_of, knowledge)
        if context.policy is not None:
            asked = [one.criterion for one in criteria_asked(context) if one.policy is not None]
            for answer in answers(asked, context):
                shown[context.policy.payer, context.policy.policy, answer.criterion].add(answer.status)

    never_shown = sorted(
        f"{policy.payer}/{policy.policy} {criterion.id}: never {', '.join(sorted(side.value for side in missing))}"
        for policy in knowledge.policies.values()
        for criterion in criteria_of(policy)
        if (missing := wanted(criterion) - shown[policy.payer, policy.policy, criterion.id])
    )
    assert never_shown == []
