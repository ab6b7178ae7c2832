"""Two ledgers that share no code come to the same result."""

from __future__ import annotations

import pytest

from priorauth.ledger import course_ledger
from schemas.renewal import LineKind
from tests.renewals.courses import PRODUCTS
from tests.renewals.random_courses import random_course
from tests.renewals.sql_ledger import Row, Use, sql_ledger


@pytest.mark.slow
@pytest.mark.parametrize("block", range(4))
def test_the_ledger_in_sql_agrees_on_random_courses(block: int) -> None:
    for seed in range(block * 500, block * 500 + 500):
        case, weights = random_course(seed)
        ledger = course_ledger(case, PRODUCTS, dosing_weights=weights)
        lines = [
            Row(
                str(line.on),
                line.kind,
                line.product,
                line.units,
                line.authorization,
                line.charged,
                line.obstacle,
            )
            for line in ledger.lines
            if line.kind is not LineKind.PROJECTED
        ]
        uses = [
            Use(use.number, use.units_used, use.units_planned, use.visits_used, use.visits_planned)
            for use in ledger.uses
        ]
        assert (lines, uses) == sql_ledger(case, PRODUCTS, weights), f"seed {seed}"
