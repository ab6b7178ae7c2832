"""Ten thousand different cases: the sample referrals with entries taken out and numbers moved, from a fixed seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from random import Random

from schemas.base import LineOfBusiness
from schemas.case import Case
from schemas.chart import Chart, Fact


_KEPT = 0.85
_MOVED = (Decimal("0.8"), Decimal("0.9"), Decimal(1), Decimal("1.1"), Decimal("1.25"))


def crowd(samples: Sequence[Case], number: int, *, payer: str) -> Iterator[Case]:
    """Yield cases of one commercial payer; the same number gives the same cases."""
    random = Random(number)  # noqa: S311 - reproducible examples, nothing secret
    insured = [case for case in samples if case.coverage is not None]
    for place in range(number):
        case = insured[place % len(insured)]
        coverage = case.coverage
        if coverage is not None:
            coverage = coverage.model_copy(
                update={"payer": payer, "line_of_business": LineOfBusiness.COMMERCIAL_FULLY_INSURED}
            )
        yield case.model_copy(
            update={"case_id": f"PA-{place:08d}", "coverage": coverage, "chart": _varied(case.chart, random)}
        )


def _varied(chart: Chart, random: Random) -> Chart:
    facts = tuple(_moved(fact, random) for fact in chart.facts if random.random() < _KEPT)
    studies = chart.nerve_studies if random.random() < _KEPT else ()
    return chart.model_copy(update={"facts": facts, "nerve_studies": studies})


def _moved(fact: Fact, random: Random) -> Fact:
    if not isinstance(fact.value, Decimal):
        return fact
    return fact.model_copy(update={"value": fact.value * random.choice(_MOVED)})
