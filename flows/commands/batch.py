"""Many requests prepared on the command line, over all processors."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import get_context

from pydantic import ValidationError

from flows.casework import open_casework
from flows.clock import now
from flows.commands.mistakes import REFUSED, UNREADABLE, lines_of
from flows.commands.subjects import day_or_today
from flows.preparing import Prepared, prepare_request
from flows.settings import Settings, read_settings
from flows.terminal import progress
from flows.versions import to_prepare
from schemas.base import CaseId


@dataclass(frozen=True)
class PreparedMany:
    """What was prepared, in the order of the case ids, and why the rest was not, a line for each reason."""

    prepared: tuple[Prepared, ...] = ()
    refused: dict[CaseId, tuple[str, ...]] = field(default_factory=dict)


def prepare_many(case_ids: Sequence[CaseId], as_of: date | None) -> PreparedMany:
    """Prepare the cases named, or every case that has not been sent and has no final waiting; one that cannot be prepared stops no other."""
    settings, day = read_settings(), day_or_today(as_of)
    if not case_ids:
        case_ids = to_prepare(open_casework(settings).store)
    done: dict[CaseId, Prepared | tuple[str, ...]] = {}
    # Spawned, because forked children would inherit the connection of this process.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        running = {pool.submit(_prepare, settings, case_id, day): case_id for case_id in case_ids}
        for finished in progress(as_completed(running), "preparing", total=len(running)):
            done[running[finished]] = finished.result()
    return PreparedMany(
        tuple(found for case_id in case_ids if isinstance(found := done[case_id], Prepared)),
        {case_id: found for case_id in case_ids if isinstance(found := done[case_id], tuple)},
    )


def _prepare(settings: Settings, case_id: CaseId, as_of: date) -> Prepared | tuple[str, ...]:
    try:
        work = open_casework(settings)
        return prepare_request(work, case_id, as_of=as_of, at=now(settings))
    except (*UNREADABLE, *REFUSED) as error:
        return tuple(lines_of(error))
    except ValidationError:
        return ("what is stored of this case cannot be read; take its referral in again: priorauth intake",)
