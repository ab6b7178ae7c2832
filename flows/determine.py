"""Flow: record the payer's determination."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.boundary import case_task, coded
from flows.casework import open_casework
from flows.clock import today
from flows.determining import check_days, record
from flows.forms import DeterminationForm
from flows.looking import look_after_what_changed
from flows.publishing import publish_work_list
from flows.settings import read_settings
from priorauth.store.records import Put
from priorauth.wording import slug_words


@case_task("record the decision")
async def record_decision(form: DeterminationForm) -> Put:
    """Store the decision with what it grants."""
    work = open_casework(read_settings())
    check_days(work, form)
    return record(work, form)


@flow(name="record_determination", flow_run_name="decision on {form.case_id}", persist_result=False)
@coded
async def record_determination(form: DeterminationForm) -> State[None]:
    """Record what the payer decided; an approval becomes an authorization that the renewal sweep watches.

    Args:
        form: The case, the date of the notice, and the decision.
    """
    put = await record_decision(form)
    work = open_casework(read_settings())
    as_of = today(work.settings)
    await look_after_what_changed([form.case_id], as_of)
    await publish_work_list(work, as_of=as_of)
    if put is Put.UNCHANGED:
        return Completed(name="AlreadyRecorded", message="this decision was recorded before")
    status = work.store.case_summary(form.case_id).status
    return Completed(name=type(form.decision).__name__, message=f"the case is now {slug_words(status.value)}")
