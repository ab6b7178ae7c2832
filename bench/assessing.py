"""How long it takes to assess a case, and to follow a change of policy through ten thousand cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from decimal import Decimal
from functools import cache
from os import cpu_count
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from bench.crowd import crowd
from bench.measured import Measured
from priorauth.intake import read_folder
from priorauth.knowledge import Knowledge, load_knowledge
from priorauth.policy_impact import PolicyComparison
from priorauth.verification import verify
from schemas.case import Case
from schemas.policy import CoveragePolicy, DosingWeightRule


ROOT = Path(__file__).parents[1]
AS_OF = date(2026, 11, 23)
CASES = 10_000
REPEATS = 15
POLICY = "aetna/immune_globulin/2026-01-01"

Change = Callable[[], CoveragePolicy]


def measurements() -> Iterator[Measured]:
    """Yield the measurements of this file, one after the other."""
    yield Measured("Assess one case with its deciding sets, median of the samples", assessing(), "ms", 5)
    cases = list(crowd(samples(), CASES, payer="aetna"))
    for change, words in (
        (one_criterion, "one criterion"),
        (dosing_weight, "a rule that any fact may rest on"),
    ):
        taken, changed = following(cases, change)
        what = f"Follow a change of {words} through {CASES} cases, {changed} of them changed"
        yield Measured(what, taken, "s", 30)


def assessing() -> float:
    """Return milliseconds on one core: the median over the sample referrals of their medians."""
    known = knowledge()
    return median(_milliseconds(case, known) for case in samples())


def _milliseconds(case: Case, known: Knowledge) -> float:
    taken = []
    for _ in range(REPEATS):
        began = process_time()
        verify(case, as_of=AS_OF, knowledge=known)
        taken.append(process_time() - began)
    return median(taken) * 1000


def following(cases: Sequence[Case], change: Change) -> tuple[float, int]:
    """Return seconds on all cores, with the start of the processes, and how many cases changed."""
    cores = cpu_count() or 1
    shares = [cases[core::cores] for core in range(cores)]
    began = perf_counter()
    with ProcessPoolExecutor(cores) as pool:
        changed = sum(pool.map(_changed_cases, shares, [change] * cores))
    return perf_counter() - began, changed


def _changed_cases(cases: Sequence[Case], change: Change) -> int:
    comparison = PolicyComparison(shipped(), change(), knowledge())
    return sum(1 for _ in comparison.impacts(cases, as_of=AS_OF))


def one_criterion() -> CoveragePolicy:
    """Turn one criterion of the profile into its opposite."""
    entries = shipped().model_dump()
    first = entries["conditions"]["cidp"]["initiation"]["criteria"][0]
    first["require"] = {"not": first["require"]}
    return CoveragePolicy.model_validate({**entries, "version": "next"})


def dosing_weight() -> CoveragePolicy:
    """Change what a dose is computed from."""
    entries = shipped().model_dump()
    rules = {"dosing_weight": DosingWeightRule.ADJUSTED_WHEN_OBESE, "rounding_percent": Decimal(3)}
    return CoveragePolicy.model_validate({**entries, **rules, "version": "next"})


def shipped() -> CoveragePolicy:
    return knowledge().policies[POLICY]


@cache
def knowledge() -> Knowledge:
    return load_knowledge(ROOT / "knowledge")


@cache
def samples() -> tuple[Case, ...]:
    read = read_folder(ROOT / "examples" / "referrals", knowledge())
    return tuple(referred.case for referred in read.cases)
