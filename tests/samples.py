"""The sample referrals, read once, with their assessments as of the day they are set in."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from priorauth.intake import read_folder
from priorauth.knowledge import Knowledge, load_knowledge
from priorauth.verification import verify
from schemas.assessment import Assessment
from schemas.case import Case


ROOT = Path(__file__).parents[1]
AS_OF = date(2026, 11, 23)
NAMES = sorted(path.name for path in (ROOT / "examples" / "referrals").iterdir() if path.is_dir())


@cache
def knowledge() -> Knowledge:
    return load_knowledge(ROOT / "knowledge")


@cache
def cases() -> dict[str, Case]:
    """Return the sample cases by the folder they are in."""
    result = read_folder(ROOT / "examples" / "referrals", knowledge())
    assert not result.faults, result.faults
    return {referred.name.split("/")[0]: referred.case for referred in result.cases}


@cache
def assessment(name: str) -> Assessment:
    return verify(cases()[name], as_of=AS_OF, knowledge=knowledge())
