"""Flow: the dead man's switch of the renewal sweep, red in the list of runs when the sweep is silent."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.boundary import coded
from flows.casework import open_casework
from flows.clock import now, today
from flows.forms import WatchForm
from flows.heartbeat import check_heartbeat
from flows.publishing import publish_work_list
from flows.settings import read_settings


@flow(name="watch_sweep", flow_run_name="is the sweep alive", persist_result=False)
@coded
async def watch_sweep(form: WatchForm) -> State[None]:
    """Fail, in red, where no renewal sweep has succeeded in time, and say so on top of the work list.

    Args:
        form: Within how many hours a sweep must have succeeded.
    """
    work = open_casework(read_settings())
    beat = check_heartbeat(work, at=now(work.settings), hours=form.hours)
    await publish_work_list(work, as_of=today(work.settings))
    if beat.alive:
        return Completed(name="SweepAlive", message=beat.why)
    return Failed(name="SweepSilent", message=f"{beat.why}; start Sweep renewals")
