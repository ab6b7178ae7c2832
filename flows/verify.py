"""Flow: verify one case."""

from datetime import date

from prefect import flow
from prefect.client.schemas.objects import State

from flows import casework
from flows.boundary import case_task, coded
from flows.casework import Verified, open_casework
from flows.clock import now, today
from flows.forms import CaseForm, day_of
from flows.outcomes import outcome_of
from flows.publishing import publish_cases, publish_work_list, tag_run
from flows.settings import read_settings


@case_task("verify")
async def check_case(case_id: str, as_of: date) -> Verified:
    """Verify the case and keep the assessment."""
    work = open_casework(read_settings())
    return casework.verify_case(work, case_id, as_of=as_of, at=now(work.settings))


@flow(name="verify_case", flow_run_name="verify {form.case_id}{form.occasion}", persist_result=False)
@coded
async def verify_case(form: CaseForm) -> State[None]:
    """Check coverage, diagnosis, criteria, dose, codes and safety of one case.

    Args:
        form: The case id, and the day to verify for.
    """
    work = open_casework(read_settings())
    as_of = day_of(form.as_of, otherwise=today(work.settings))
    verified = await check_case(form.case_id, as_of)
    await publish_cases(work, [form.case_id])
    await publish_work_list(work, as_of=as_of)
    await tag_run(verified.recommendation)
    return outcome_of(verified.recommendation, to_get=verified.to_get)
