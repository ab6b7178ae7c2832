"""The benchmarks: measures, prints a table, and fails where a limit is not kept."""

from __future__ import annotations

import sys
from itertools import chain

from bench import assessing, ledgers, letters, sweeping
from twin import bench_lapses
from twin.simulation.running import Size


LAPSES = Size(patients=200, years=10, seeds=2)
"""Minutes on two cores; ``python -m twin.bench_lapses 1000 10 20`` is the whole proof and takes an hour and a half."""


def main() -> int:
    """Print each measurement as soon as it is taken."""
    kept = True
    parts = (assessing, letters, ledgers, sweeping)
    for measured in chain.from_iterable(part.measurements() for part in parts):
        mark = "" if measured.kept else "  NOT KEPT"
        line = f"{measured.value:10.2f} {measured.unit:3} {measured.limit:14} {measured.what}{mark}"
        print(line, flush=True)  # noqa: T201
        kept = kept and measured.kept
    kept = bench_lapses.main(LAPSES) and kept
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
