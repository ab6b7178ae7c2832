"""Flow: close a case that needs nothing more."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import closing
from flows.boundary import case_task, coded
from flows.casework import open_casework
from flows.clock import now, today
from flows.closing import Closed
from flows.forms import CloseForm
from flows.looking import look_after_what_changed
from flows.publishing import publish_work_list
from flows.reports import several
from flows.settings import read_settings
from priorauth.lifecycle import Actor, Role
from priorauth.store.records import Put


@case_task("close the case")
async def write_closing(form: CloseForm) -> Closed:
    """Close the case and its open tasks."""
    work = open_casework(read_settings())
    return closing.close(
        work,
        form.case_id,
        form.reason,
        by=Actor(Role.COORDINATOR, form.recorded_by),
        on=today(work.settings),
        at=now(work.settings),
    )


@flow(name="close_case", flow_run_name="closing of {form.case_id}", persist_result=False)
@coded
async def close_case(form: CloseForm) -> State[None]:
    """Close a case that needs nothing more, with the reason; its open tasks end with it.

    Args:
        form: The case, the reason, and who closes it.
    """
    closed = await write_closing(form)
    work = open_casework(read_settings())
    as_of = today(work.settings)
    await look_after_what_changed([form.case_id], as_of)
    await publish_work_list(work, as_of=as_of)
    if closed.put is Put.UNCHANGED:
        return Completed(name="AlreadyClosed", message="this case was closed before")
    left = several(len(closed.unwatched), "planned infusion")
    return Completed(
        name="Closed", message=f"{several(closed.tasks, 'task')} closed; {left} not watched any more"
    )
