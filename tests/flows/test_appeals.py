"""After a denial: the task of the appeal, the time there is for it, and what ends it."""

from datetime import date

import pytest

from flows.publishing import work_list
from priorauth.payer_tasks import appeal_by, appeal_task
from priorauth.verification import verify
from schemas.assessment import Recommendation
from schemas.base import LineOfBusiness
from schemas.treatment import Determination
from tests.flows.conftest import NOON
from tests.samples import cases, knowledge


NOTICE = date(2026, 11, 20)


def insured_by(lob):
    case = cases()["01_cidp_initial"]
    return case.model_copy(update={"coverage": case.coverage.model_copy(update={"line_of_business": lob})})


@pytest.mark.parametrize(
    ("lob", "due", "words"),
    [
        (
            LineOfBusiness.COMMERCIAL_SELF_FUNDED,
            date(2027, 5, 19),
            "internal appeal within 180 calendar days",
        ),
        (
            LineOfBusiness.MEDICARE_ADVANTAGE,
            date(2027, 1, 24),
            "plan reconsideration within 65 calendar days",
        ),
        (LineOfBusiness.FEHB, date(2027, 5, 20), "to be confirmed with the notice"),
        (
            LineOfBusiness.MEDICAID_FEE_FOR_SERVICE,
            date(2027, 1, 19),
            "is not known for this plan: the shortest",
        ),
        (
            None,
            date(2027, 1, 19),
            "is not known for this plan: the shortest usual one is taken; see the notice",
        ),
    ],
)
def test_the_appeal_is_due_when_the_law_of_the_plan_says(lob, due, words):
    day, why = appeal_by(insured_by(lob), NOTICE, knowledge())

    assert day == due
    assert words in why


def test_the_task_of_an_appeal_names_reasons_and_reference():
    denied = Determination(
        outcome="denied",
        decided_on=NOTICE,
        reference="DN-1",
        denial_reasons=("no baseline", "renewal late"),
        recorded_by="AL",
    )

    task = appeal_task(cases()["01_cidp_initial"], denied, knowledge())

    assert (task.kind, task.owner) == ("appeal", "coordinator")
    assert task.detail.startswith(
        "denied for no baseline; renewal late (reference DN-1); internal appeal within 180"
    )


def test_a_case_that_needs_no_authorization_and_lacks_nothing_is_not_in_the_work_list(work, case_of):
    case_id = case_of("01_cidp_initial")
    found = verify(work.store.get_case(case_id), as_of=NOTICE, knowledge=work.knowledge)
    assert case_id in work_list(work, {}, as_of=NOTICE)

    free = found.model_copy(update={"recommendation": Recommendation.NOT_REQUIRED, "work": ()})
    work.store.put_assessment(free, at=NOON)

    assert f"case-{case_id.lower()}" not in work_list(work, {}, as_of=NOTICE)
