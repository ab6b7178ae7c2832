"""On how many random courses the ledger and an independent one in SQL disagree."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from os import cpu_count

from bench.measured import Measured
from priorauth.ledger import course_ledger
from schemas.renewal import LineKind
from tests.renewals.courses import PRODUCTS
from tests.renewals.random_courses import random_course
from tests.renewals.sql_ledger import Row, Use, sql_ledger


COURSES = 100_000
_BLOCK = 1_000


def measurements(number: int = COURSES) -> Iterator[Measured]:
    """Yield how many of the courses the two come to different results on."""
    with ProcessPoolExecutor(cpu_count()) as pool:
        disagreements = sum(pool.map(_disagreements, range(0, number, _BLOCK)))
    yield Measured(f"Of {number} random courses, two ledgers disagree on", disagreements, "", 1)


def _disagreements(start: int) -> int:
    return sum(not _agree(seed) for seed in range(start, start + _BLOCK))


def _agree(seed: int) -> bool:
    case, weights = random_course(seed)
    ledger = course_ledger(case, PRODUCTS, dosing_weights=weights)
    lines = [
        Row(
            str(line.on), line.kind, line.product, line.units, line.authorization, line.charged, line.obstacle
        )
        for line in ledger.lines
        if line.kind is not LineKind.PROJECTED
    ]
    uses = [
        Use(use.number, use.units_used, use.units_planned, use.visits_used, use.visits_planned)
        for use in ledger.uses
    ]
    return (lines, uses) == sql_ledger(case, PRODUCTS, weights)
