"""Benchmark: lapses over years, under the sweep and under the habits of peers, on the same seeds.

``python -m twin.bench_lapses --help`` says how to run it. It ends with status 1 where the sweep let an
infusion lapse in silence, promised times that were not kept as often as promised, or asked too much of the staff.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from os import cpu_count
from pathlib import Path
from time import perf_counter

from twin.simulation.judging import SILENT, Verdict
from twin.simulation.results import Tally
from twin.simulation.running import Size, habits, simulated


FULL = Size(1000, 10, 20)
MET_PERCENT = (87, 93)
"""Of the windows promised at 90 %, so many are to be met."""
ENOUGH_PROMISES = 400
"""Fewer say too little: by chance alone, one in twenty samples of 400 lies outside."""
_SAY_EVERY = 60
"""Seconds between two lines about a long run."""


def columns(tally: Tally) -> dict[str, str]:
    """Return what the table says of one habit."""
    met = tally.met_percent
    return {
        "infusions": f"{tally.infusions}",
        "lapses": f"{tally.lapses}",
        "**silent**": f"{tally.silent}",
        "gap days": f"{tally.gap_days}",
        "work items": f"{tally.work_items}",
        "requests a working day": f"{tally.submissions / max(tally.working_days, 1):.2f}",
        "busiest day": f"{tally.busiest}",
        "days over capacity": f"{tally.over_capacity}",
        "late though it fitted": f"{tally.needlessly_late}",
        "90 % promises met": "–" if met is None else f"{met:.1f} % of {tally.promised}",
        "looks a course-year": f"{tally.looks / max(tally.years, 1):.1f}",
    }


def verdict_columns(tally: Tally) -> dict[str, str]:
    """Return how the lapses of one habit were judged; those announced at once by what had changed."""
    surprises = ", ".join(f"{number} {cause}" for cause, number in tally.surprises.most_common())
    cells = {verdict.value: f"{tally.verdicts[verdict.value]}" for verdict in Verdict}
    cells[Verdict.AT_ONCE.value] += f" ({surprises})" if surprises else ""
    return {f"**{name}**" if name in SILENT else name: cell for name, cell in cells.items()}


def broken_promises(sweep: Tally) -> Iterator[str]:
    """Say in words what the sweep did not keep."""
    if sweep.silent:
        yield f"{sweep.silent} silent lapses"
    low, high = MET_PERCENT
    met = sweep.met_percent
    if met is not None and sweep.promised >= ENOUGH_PROMISES and not low <= met <= high:
        yield f"{met:.1f} % of the times promised at 90 % were met, not {low} to {high} %"
    if sweep.over_capacity or sweep.needlessly_late:
        yield (
            f"{sweep.over_capacity} days over capacity and {sweep.needlessly_late} requests late "
            "although a schedule would have fitted them"
        )


def main(size: Size = FULL, folder: Path | None = None) -> bool:
    """Print the tables; return whether the sweep kept what is promised. ``folder`` keeps what each practice came to."""
    _say(f"{size.patients} courses, {size.years} years, {size.seeds} seeds")
    tallies: dict[str, Tally] = {}
    for place, habit in enumerate(habits()):
        tallies[habit.name] = _measured(place, habit.name, size, folder)
    for cells_of in (columns, verdict_columns):
        _say("")
        for line in _table([(name, cells_of(tally)) for name, tally in tallies.items()]):
            _say(line)
    sweep = next(iter(tallies.values()))
    _say("")
    _say("what the sweep met: " + ", ".join(f"{n} × {what}" for what, n in sweep.disturbances.most_common()))
    for seed, number, on, why in sweep.silent_examples[:20]:
        _say(f"silent: practice {seed}, course {number}, {on}: {why}")
    for seed, number, on, why in sweep.late_examples[:20]:
        _say(f"late: practice {seed}, course {number}, sent {on}, {why}")
    broken = tuple(broken_promises(sweep))
    for words in broken:
        _say(f"NOT KEPT: {words}")
    return not broken


def _measured(place: int, name: str, size: Size, folder: Path | None) -> Tally:
    began = said = perf_counter()
    total, practices = Tally(), len(size.practices())
    tallies = simulated(place, size, processes=cpu_count() or 1, folder=folder)
    for done, tally in enumerate(tallies, start=1):
        total += tally
        if perf_counter() - said > _SAY_EVERY:
            said = perf_counter()
            _say(
                f"{name}: {done} of {practices} practices, {said - began:.0f} s, {total.silent} silent lapses"
            )
    _say(f"{name}: {perf_counter() - began:.0f} s")
    return total


def _table(rows: Sequence[tuple[str, dict[str, str]]]) -> Iterator[str]:
    headings = ["habit", *rows[0][1]]
    yield "| " + " | ".join(headings) + " |"
    yield "|" + " --- |" * len(headings)
    for name, cells in rows:
        yield "| " + " | ".join((name, *cells.values())) + " |"


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def _asked() -> tuple[Size, Path | None]:
    parser = ArgumentParser(description="Lapses over years, under the sweep and under the habits of peers.")
    parser.add_argument("courses", type=int, nargs="?", default=FULL.patients)
    parser.add_argument("years", type=int, nargs="?", default=FULL.years)
    parser.add_argument("seeds", type=int, nargs="?", default=FULL.seeds)
    parser.add_argument(
        "--keep-in",
        type=Path,
        metavar="FOLDER",
        help="keep what each practice came to, and go on from there when started again on the same code",
    )
    asked = parser.parse_args()
    return Size(asked.courses, asked.years, asked.seeds), asked.keep_in


if __name__ == "__main__":
    sys.exit(not main(*_asked()))
