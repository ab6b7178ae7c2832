"""Closes runs that nothing is working on any more.

A worker that is stopped leaves its runs shown as running for ever. Prefect's documentation suggests an
automation on missing heartbeats; that one also closes runs that only wait for an answer, so it is not used.
"""

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkerFilter,
    WorkerFilterStatus,
)
from prefect.client.schemas.objects import StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Crashed


IN_PROGRESS = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
PAGE = 200


async def close_orphans(pool: str, own_worker: str) -> int:
    """Closes runs left in progress; call it before the worker `own_worker` starts. Returns how many there were.

    With no worker at work nothing can be running. Another worker of the pool may have live runs,
    and the server cannot tell whose a run is, so in its presence nothing is touched.
    """
    async with get_client() as client:
        if await _another_worker_is_online(client, pool, own_worker):
            return 0
        closed = 0
        while runs := await client.read_flow_runs(flow_run_filter=_in_progress(), limit=PAGE):
            for run in runs:
                await client.set_flow_run_state(
                    run.id,
                    Crashed(message="The workbench stopped while this run was in progress."),
                    force=True,
                )
            closed += len(runs)
        return closed


async def _another_worker_is_online(client: PrefectClient, pool: str, own_worker: str) -> bool:
    try:
        workers = await client.read_workers_for_work_pool(
            pool, WorkerFilter(status=WorkerFilterStatus(any_=["ONLINE"]))
        )
    except ObjectNotFound:
        return False
    return any(worker.name != own_worker for worker in workers)


def _in_progress() -> FlowRunFilter:
    return FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=IN_PROGRESS)))
