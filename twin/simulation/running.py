"""Runs many practices, each from its own seed, over the processors there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

from priorauth.knowledge import Knowledge, load_knowledge
from twin.simulation.habits import Habit, Sweep, peers
from twin.simulation.odds import BY_NAME, USUAL, Odds
from twin.simulation.practice import Practice
from twin.simulation.results import Tally


KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
PATIENTS_OF_A_PRACTICE = 50


@dataclass(frozen=True)
class Size:
    """How much to simulate, for each seed."""

    patients: int
    years: int
    seeds: int


@cache
def simulated_knowledge() -> Knowledge:
    """The shipped knowledge, with the days from which the simulated payers accept a renewal."""
    knowledge = load_knowledge(KNOWLEDGE)
    policies = {
        key: policy.model_copy(update={"renewal_earliest_days": BY_NAME[policy.payer].earliest_days})
        if policy.payer in BY_NAME
        else policy
        for key, policy in knowledge.policies.items()
    }
    return replace(knowledge, policies=policies)


def habits() -> tuple[Habit, ...]:
    return (Sweep(simulated_knowledge()), *peers())


def simulate(habit: int, size: Size, *, odds: Odds = USUAL, processes: int = 1) -> Tally:
    """Run one habit, by its place in ``habits``, over all practices of all seeds."""
    seeds = [
        (seed * 1000 + number, patients)
        for seed in range(1, size.seeds + 1)
        for number, patients in enumerate(_practices(size.patients))
    ]
    one = partial(_one_practice, habit, size.years, odds)
    total = Tally()
    for tally in _over(processes, one, seeds):
        total += tally
    return total


def _over(
    processes: int, one: Callable[[tuple[int, int]], Tally], seeds: list[tuple[int, int]]
) -> Iterable[Tally]:
    if processes == 1:
        yield from map(one, seeds)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(one, seeds)


def _one_practice(habit: int, years: int, odds: Odds, seed: tuple[int, int]) -> Tally:
    number, patients = seed
    practice = Practice(
        number,
        habits()[habit],
        knowledge=simulated_knowledge(),
        patients=patients,
        years=years,
        odds=odds,
    )
    return practice.run()


def _practices(patients: int) -> list[int]:
    whole, rest = divmod(patients, PATIENTS_OF_A_PRACTICE)
    return [PATIENTS_OF_A_PRACTICE] * whole + ([rest] if rest else [])
