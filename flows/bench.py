"""The benchmarks: measures, prints a table, and fails where a limit is not kept."""

from __future__ import annotations

import sys

from bench.assessing import measurements


def main() -> int:
    """Print each measurement as soon as it is taken."""
    kept = True
    for measured in measurements():
        limit = f"under {measured.under:g} {measured.unit}" if measured.under is not None else ""
        mark = "" if measured.kept else "  NOT KEPT"
        print(f"{measured.value:10.2f} {measured.unit:3} {limit:14} {measured.what}{mark}", flush=True)  # noqa: T201
        kept = kept and measured.kept
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
