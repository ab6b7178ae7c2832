"""Flow: record that a final packet was sent to the payer."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import releasing
from flows.boundary import case_task, coded
from flows.casework import open_casework
from flows.clock import now, today
from flows.forms import SendingForm
from flows.looking import look_after_what_changed
from flows.publishing import publish_cases, publish_work_list
from flows.settings import read_settings
from priorauth.lifecycle import Actor, Role
from priorauth.store.records import Put
from priorauth.wording import slug_words


@case_task("record the sending")
async def write_sending(form: SendingForm) -> Put:
    """Keep the sending of a final packet, and move its case."""
    work = open_casework(read_settings())
    return releasing.record_sending(
        work,
        form.case_id,
        form.version,
        channel=form.channel.value,
        reference=form.reference,
        by=Actor(Role.COORDINATOR, form.recorded_by),
        at=now(work.settings),
    )


@flow(name="record_sending", flow_run_name="sending of {form.case_id}", persist_result=False)
@coded
async def record_sending(form: SendingForm) -> State[None]:
    """Record that the final packet of a request went to the payer; its case then waits for the decision.

    Args:
        form: The case, the version that was sent, the channel, and the payer's reference.
    """
    put = await write_sending(form)
    work = open_casework(read_settings())
    as_of = today(work.settings)
    await look_after_what_changed([form.case_id], as_of)
    await publish_cases(work, [form.case_id])
    await publish_work_list(work, as_of=as_of)
    if put is Put.UNCHANGED:
        return Completed(name="AlreadyRecorded", message="this sending was recorded before")
    status = work.store.case_summary(form.case_id).status
    return Completed(name="Sent", message=f"the case is now {slug_words(status.value)}")
