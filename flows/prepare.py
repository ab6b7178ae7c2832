"""Flows: prepare the letter and packet of one case, or of many."""

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from datetime import date
from functools import partial
from multiprocessing import get_context

from prefect import flow
from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import preparing
from flows.boundary import CaseFault, FaultCode, case_task, coded, result_or_fault
from flows.casework import open_casework
from flows.clock import now, today
from flows.forms import CaseForm, PrepareManyForm, day_of
from flows.outcomes import batch_outcome, outcome_of
from flows.preparing import Prepared
from flows.publishing import publish_cases, publish_work_list, tag_run
from flows.reports import several
from flows.settings import Settings, read_settings
from flows.versions import to_prepare


CHUNK = 25
"""Cases of one task: enough to keep the processes busy, few enough to see a long batch move on."""


@case_task("write letter and packet")
async def write_request(case_id: str, as_of: date) -> Prepared:
    """Verify the case and write its draft letter and packet."""
    work = open_casework(read_settings())
    return preparing.prepare_request(work, case_id, as_of=as_of, at=now(work.settings))


@flow(name="prepare_request", flow_run_name="prepare {form.case_id}{form.occasion}", persist_result=False)
@coded
async def prepare_request(form: CaseForm) -> State[None]:
    """Verify a case and write its draft letter and packet into the output folder.

    Args:
        form: The case id, and the day to verify for.
    """
    work = open_casework(read_settings())
    as_of = day_of(form.as_of, otherwise=today(work.settings))
    prepared = await write_request(form.case_id, as_of)
    await publish_cases(work, [form.case_id])
    await publish_work_list(work, as_of=as_of)
    await tag_run(prepared.recommendation)
    return outcome_of(prepared.recommendation, to_get=prepared.to_get)


@case_task("write letters and packets")
async def write_requests(pool: Executor, case_ids: Sequence[str], as_of: date) -> dict[str, CaseFault]:
    """Write many requests over all processors, and return the faults of those that could not be written."""
    write = partial(_write_in_child, read_settings(), as_of=as_of)
    loop = asyncio.get_running_loop()
    written = await asyncio.gather(*(loop.run_in_executor(pool, write, case_id) for case_id in case_ids))
    faults = {case_id: fault for case_id, fault in zip(case_ids, written, strict=True) if fault}
    busy = next((fault for fault in faults.values() if fault.code is FaultCode.STORE_BUSY), None)
    if busy:
        raise busy
    return faults


async def write_all(case_ids: Sequence[str], as_of: date) -> dict[str, CaseFault]:
    """Write the requests of any number of cases in pieces, show how far it is, and return the faults."""
    if not case_ids:
        return {}
    work = open_casework(read_settings())
    faults: dict[str, CaseFault] = {}
    progress = await acreate_progress_artifact(
        0, description=f"{several(len(case_ids), 'request')} to prepare"
    )
    # Spawned, because forked children would inherit the connections and threads of the run.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for start in range(0, len(case_ids), CHUNK):
            chunk = case_ids[start : start + CHUNK]
            faults |= await write_requests(pool, chunk, as_of)
            await publish_cases(work, chunk)
            await aupdate_progress_artifact(progress, 100 * (start + len(chunk)) / len(case_ids))
    return faults


@flow(name="prepare_requests", flow_run_name="requests{form.occasion}", persist_result=False)
@coded
async def prepare_requests(form: PrepareManyForm) -> State[None]:
    """Prepare every case that has not been sent yet and has no final packet to send, or those named.

    Args:
        form: The case ids, and the day to verify for.
    """
    work = open_casework(read_settings())
    as_of = day_of(form.as_of, otherwise=today(work.settings))
    case_ids = form.case_ids or to_prepare(work.store)
    faults = await write_all(case_ids, as_of)
    await publish_work_list(work, as_of=as_of)
    if not case_ids:
        return Completed(name="NothingToDo", message="no case waits to be prepared")
    return batch_outcome(len(case_ids), {case_id: fault.code for case_id, fault in faults.items()})


def _write_in_child(settings: Settings, case_id: str, *, as_of: date) -> CaseFault | None:
    written = result_or_fault(_write, settings, case_id, as_of=as_of)
    return written if isinstance(written, CaseFault) else None


def _write(settings: Settings, case_id: str, *, as_of: date) -> Prepared:
    work = open_casework(settings)
    return preparing.prepare_request(work, case_id, as_of=as_of, at=now(settings))
