"""Published vignettes whose expectation lies outside a single assessment: a silent payer, and an appeal."""

from __future__ import annotations

from datetime import timedelta

from priorauth.knowledge import load_knowledge
from priorauth.policies import Governing, governing_policy
from priorauth.renewals import plan_renewal
from priorauth.verification import verify_under
from schemas.assessment import Recommendation, Status
from schemas.base import ConditionId
from schemas.condition import Position
from schemas.policy import ConditionRules, Criterion, Question
from schemas.renewal import Level
from tests.policies.assessed import KNOWLEDGE, VIGNETTES
from tests.policies.vignette import Vignette


def vignette(number: str) -> Vignette:
    return next(one for one in VIGNETTES.values() if one.number == number)


def test_v34_a_medicaid_plan_silent_beyond_its_24_hours_is_escalated() -> None:
    one = vignette("V34")
    sent, knowledge = one.as_of, load_knowledge(KNOWLEDGE)
    infusion = sent + timedelta(days=40)
    case = one.model_copy(
        update={"course": {"planned": [{"on": infusion, "product": "gammagard_liquid", "grams": 72}]}}
    ).case()

    levels = []
    for days in (1, 2):
        plan = plan_renewal(case, knowledge, as_of=sent + timedelta(days=days), submitted_on=sent)
        assert plan is not None
        (need,) = plan.needs
        levels.append((need.decision_due == sent + timedelta(days=1), need.level))

    assert levels == [(True, Level.REMIND), (True, Level.ESCALATE)]


STEP = Criterion(
    id="STEP",
    title="Corticosteroid tried first",
    clause="A corticosteroid has been tried and failed, or cannot be used.",
    require=Question(fact="corticosteroid_outcome", is_one_of=("failed", "not_tolerated", "contraindicated")),
)


def with_step(rules: ConditionRules) -> ConditionRules:
    assert rules.initiation is not None
    criteria = (*rules.initiation.criteria, STEP)
    return rules.model_copy(update={"initiation": rules.initiation.model_copy(update={"criteria": criteria})})


def test_v20_a_steroid_step_in_mmn_is_not_met_and_the_guideline_gives_the_exception() -> None:
    one, knowledge = vignette("V20"), load_knowledge(KNOWLEDGE)
    case = one.case()
    policy = governing_policy(case, one.as_of, knowledge).policy
    assert policy is not None
    stepped = policy.model_copy(
        update={
            "conditions": {
                **policy.conditions,
                ConditionId.MMN: with_step(policy.conditions[ConditionId.MMN]),
            }
        }
    )

    found = verify_under(Governing(stepped, "a plan with a step"), case, as_of=one.as_of, knowledge=knowledge)

    assert found.recommendation is Recommendation.DENIAL_EXPECTED
    of_the_plan = [finding for finding in found.findings if finding.policy is not None]
    assert [finding.criterion for finding in of_the_plan if finding.status is Status.NOT_MET] == ["STEP"]
    steroid = next(
        entry for entry in knowledge.conditions["mmn"].treatments if entry.treatment == "corticosteroid"
    )
    assert steroid.position is Position.NOT_RECOMMENDED
    assert "may worsen" in steroid.words
    assert set(steroid.publications) == {"efns_pns_2010_mmn"}
