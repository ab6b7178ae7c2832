"""A case and two versions of one policy, to ask which of them governs on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from priorauth.knowledge import Knowledge, load_knowledge
from schemas.case import Case, Coverage
from schemas.policy import CoveragePolicy
from schemas.treatment import Authorization, Course
from tests.policies.assessed import VIGNETTES


SHIPPED = load_knowledge(Path(__file__).parents[2] / "knowledge")
CHANGED_ON = date(2026, 7, 1)


def versions() -> tuple[CoveragePolicy, CoveragePolicy]:
    """Return a commercial profile until June 2026 and its next version from July."""
    shipped = SHIPPED.policies["aetna/immune_globulin/2026-01-01"]
    before = changed(shipped, effective_to=date(2026, 6, 30), effective_from=date(2025, 1, 1))
    return before, changed(shipped, effective_from=CHANGED_ON, version="2026-07-01")


def changed(policy: CoveragePolicy, **entries: Any) -> CoveragePolicy:
    """Return another content of a policy; a plain copy would keep the hash of the first."""
    return CoveragePolicy.model_validate({**policy.model_dump(), **entries})


def knowing(*policies: CoveragePolicy) -> Knowledge:
    """Return the shipped knowledge with these policies alone."""
    return replace(SHIPPED, policies={f"{one.payer}/{one.policy}/{one.version}": one for one in policies})


def case_of(requested_on: date, *approved_from: date, **coverage: Any) -> Case:
    """Return a request of one day, of a patient whose earlier authorizations began on the days given."""
    case = VIGNETTES[next(name for name in VIGNETTES if "V07" in name)].case()
    assert case.coverage is not None
    assert case.request is not None
    grants = tuple(
        Authorization(
            number=f"A-{number}",
            payer="aetna",
            hcpcs="J1561",
            starts=starts,
            ends=date(2026, 12, 31),
            units=400,
            source={"recorded_by": "test"},
        )
        for number, starts in enumerate(approved_from)
    )
    return case.model_copy(
        update={
            "coverage": Coverage.model_validate({**case.coverage.model_dump(), **coverage}),
            "request": case.request.model_copy(update={"requested_on": requested_on, "starts": requested_on}),
            "course": Course(authorizations=grants),
        }
    )
