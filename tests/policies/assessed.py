"""All vignettes, each assessed once however many tests look at it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from priorauth.knowledge import load_knowledge
from priorauth.verification import verify
from schemas.assessment import Assessment
from tests.policies.vignette_files import read_vignettes


ROOT = Path(__file__).parents[2]
KNOWLEDGE = ROOT / "knowledge"
VIGNETTES = dict(read_vignettes(ROOT / "tests" / "cases"))


@cache
def assessed(name: str) -> Assessment:
    """Assess the vignette of this name on its own day."""
    vignette = VIGNETTES[name]
    return verify(vignette.case(), as_of=vignette.as_of, knowledge=load_knowledge(KNOWLEDGE))
