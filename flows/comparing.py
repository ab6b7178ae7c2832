"""Two versions of a policy over every case of the store: in this process, or in as many as there are cores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from itertools import chain
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path

from flows.casework import open_casework
from flows.settings import Settings
from priorauth.knowledge import load_knowledge
from priorauth.policy_impact import CaseImpact, PolicyComparison
from schemas.base import CaseId
from schemas.policy import CoveragePolicy


BATCH = 500
WORTH_A_POOL = 2000
"""Cases from which on it pays to start more processes, each of which reads the knowledge first."""

Versions = tuple[CoveragePolicy, CoveragePolicy]


def impacts_in_store(
    settings: Settings, case_ids: Sequence[CaseId], versions: Versions, *, knowledge: Path, as_of: date
) -> Iterator[CaseImpact | None]:
    """Yield for every case, in the order asked for, what the new version does to it; None where that is nothing."""
    batches = [case_ids[start : start + BATCH] for start in range(0, len(case_ids), BATCH)]
    one = partial(_of_batch, settings, versions, knowledge=knowledge, as_of=as_of)
    if len(case_ids) < WORTH_A_POOL:
        yield from chain.from_iterable(map(one, batches))
        return
    # Started afresh, as for the sweep: a fork would copy the connections of the store.
    with ProcessPoolExecutor(cpu_count(), mp_context=get_context("spawn")) as pool:
        yield from chain.from_iterable(pool.map(one, batches))


def _of_batch(
    settings: Settings, versions: Versions, case_ids: Sequence[CaseId], *, knowledge: Path, as_of: date
) -> list[CaseImpact | None]:
    comparison = PolicyComparison(*versions, load_knowledge(knowledge))
    cases = open_casework(settings).store.get_cases(case_ids)
    return [comparison.impact(case, as_of=as_of) for case in cases]
