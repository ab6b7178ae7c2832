"""What the outlook of a policy names: what would decide it, and never what only advises."""

from __future__ import annotations

import pytest

from priorauth.verification import context_for, criteria_asked
from schemas.assessment import Status, WorkKind
from schemas.policy import Effect, questions
from tests.samples import AS_OF, NAMES, assessment, cases, knowledge


@pytest.mark.parametrize("name", NAMES)
def test_what_only_advises_is_never_said_to_decide(name: str) -> None:
    assessed = assessment(name)
    if assessed.outlook is None:
        return
    weighing = {
        finding.criterion
        for finding in assessed.findings
        if finding.policy and finding.effect not in (None, Effect.ADVISE)
    }
    asked = {
        question.fact
        for one in criteria_asked(context_for(cases()[name], AS_OF, knowledge()))
        if one.policy and one.criterion.id in weighing
        for question in questions(one.criterion.require)
    }

    assert {fact for chosen in assessed.outlook.sets for fact in chosen.facts} <= asked
    if not weighing:
        assert assessed.outlook.status is Status.MET


def test_a_request_with_every_criterion_met_has_nothing_left_to_decide() -> None:
    outlook = assessment("01_cidp_initial").outlook

    assert outlook is not None
    assert (outlook.status, outlook.sets, outlook.doomed_by) == (Status.MET, (), ())


def test_a_policy_nobody_has_read_is_undocumented_and_its_text_is_the_document_that_settles_it() -> None:
    assessed = assessment("17_nonpreferred_product")
    (unread,) = (finding for finding in assessed.findings if finding.criterion == "NC-Q3")
    ask = knowledge().vocabulary["policy.criteria_read"].ask

    assert assessed.outlook is not None
    assert unread.status is Status.UNDOCUMENTED
    assert assessed.outlook.doomed_by == ()
    assert [chosen.asks for chosen in assessed.outlook.sets] == [(ask,)]
    (got,) = (item for item in assessed.work if item.ask == ask)
    assert (got.kind, got.blocking, got.criteria) == (WorkKind.GET, True, ("NC-Q3",))


def test_a_switch_names_the_preferred_product_with_the_label() -> None:
    """V19: of the plan's preferred products only Gammagard Liquid is labeled for MMN."""
    findings = assessment("17_nonpreferred_product").findings
    (preferred,) = (finding for finding in findings if finding.criterion == "product.preferred")

    assert preferred.reason.endswith("Preferred and labeled for MMN: Gammagard Liquid")
