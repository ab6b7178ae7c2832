"""Runs many practices, each from its own seed, over the processors there are."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

from priorauth.knowledge import Knowledge, load_knowledge
from twin.simulation.habits import Habit, Sweep, peers
from twin.simulation.keeping import kept, what_decides
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

    def practices(self) -> list[tuple[int, int]]:
        """List every practice: its seed, made of the seed and its number, and how many patients it has."""
        whole, rest = divmod(self.patients, PATIENTS_OF_A_PRACTICE)
        patients = [PATIENTS_OF_A_PRACTICE] * whole + ([rest] if rest else [])
        return [
            (seed * 1000 + number, count)
            for seed in range(1, self.seeds + 1)
            for number, count in enumerate(patients)
        ]


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
    total = Tally()
    for tally in simulated(habit, size, odds=odds, processes=processes):
        total += tally
    return total


def simulated(
    habit: int, size: Size, *, odds: Odds = USUAL, processes: int = 1, folder: Path | None = None
) -> Iterator[Tally]:
    """Run one habit, practice by practice in order of their seeds; those kept in ``folder`` are not run again."""
    one = partial(_one_practice, habit, size.years, odds)
    if folder is not None:
        folder = folder / what_decides(odds)[:16]
        folder.mkdir(parents=True, exist_ok=True)
        one = partial(_kept_practice, folder, habit, size.years, odds)
    if processes == 1:
        yield from map(one, size.practices())
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(one, size.practices())


def _kept_practice(folder: Path, habit: int, years: int, odds: Odds, seed: tuple[int, int]) -> Tally:
    number, patients = seed
    name = f"habit {habit}, practice {number}, {patients} courses, {years} years"
    return kept(folder, name, lambda: _one_practice(habit, years, odds, seed))


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
