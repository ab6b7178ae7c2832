"""Benchmark: lapses over years, under the sweep and under the habits of peers, on the same seeds.

Run it with ``python -m twin.bench_lapses [courses] [years] [seeds]``.
"""

from __future__ import annotations

import sys
from os import cpu_count
from time import perf_counter

from twin.simulation.results import Tally
from twin.simulation.running import Size, habits, simulate


FULL = Size(1000, 10, 20)
_HEADINGS = "| habit | infusions | lapses | silent | gap days | work items | requests a working day | busiest day | late requests | 90 % promises met | looks a course-year | seconds |"


def row(name: str, tally: Tally, seconds: float) -> str:
    """Write one line of the table."""
    met = f"{100 * tally.promises_met / tally.promised:.1f} %" if tally.promised else "–"
    cells = (
        name,
        tally.infusions,
        tally.lapses,
        tally.silent,
        tally.gap_days,
        tally.work_items,
        f"{tally.submissions / max(tally.working_days, 1):.2f}",
        tally.busiest,
        tally.after_renew_by,
        met,
        f"{tally.looks / max(tally.years, 1):.1f}",
        f"{seconds:.0f}",
    )
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def main(size: Size = FULL) -> bool:
    """Print the table; return whether the sweep let nothing lapse in silence."""
    print(f"{size.patients} courses, {size.years} years, {size.seeds} seeds")  # noqa: T201
    print(_HEADINGS)  # noqa: T201
    print("|" + " --- |" * (_HEADINGS.count("|") - 1))  # noqa: T201
    silent = 0
    for place, habit in enumerate(habits()):
        began = perf_counter()
        tally = simulate(place, size, processes=cpu_count() or 1)
        print(row(habit.name, tally, perf_counter() - began), flush=True)  # noqa: T201
        if place == 0:
            silent = tally.silent
            for seed, number, on, why in tally.silent_examples[:5]:
                print(f"  silent: seed {seed}, course {number}, {on}: {why}")  # noqa: T201
    return silent == 0


if __name__ == "__main__":
    asked = [int(word) for word in sys.argv[1:]]
    sys.exit(not main(Size(*asked) if asked else FULL))
