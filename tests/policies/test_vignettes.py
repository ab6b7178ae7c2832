"""Every vignette of ``tests/cases`` comes out as it says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from priorauth.knowledge import Knowledge, load_knowledge
from priorauth.verification import verify
from schemas.assessment import Assessment
from schemas.regulation import RequestKind, ReviewUrgency
from tests.policies.vignette import Expected, Vignette
from tests.policies.vignette_files import read_vignettes


ROOT = Path(__file__).parents[2]
VIGNETTES = list(read_vignettes(ROOT / "tests" / "cases"))


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge(ROOT / "knowledge")


def came_out(assessment: Assessment, expected: Expected) -> dict[str, object]:
    """Return what the assessment says of everything that the vignette expects of it."""
    status = {finding.criterion: finding.status.value for finding in assessment.findings}
    named = (*expected.met, *expected.not_met, *expected.undocumented, *expected.held_back)
    said: dict[str, object] = {criterion: status.get(criterion, "held_back") for criterion in named}
    if expected.recommendation:
        said["recommendation"] = assessment.recommendation.value
    if expected.approval_months:
        said["approval_months"] = assessment.approval_months
    if expected.policy_version:
        said["policy_version"] = assessment.policy.version if assessment.policy else None
    if expected.units:
        said["units"] = tuple(line.units for line in assessment.doses)
    if expected.work_names:
        said["work_names"] = sorted({key for item in assessment.work for key in item.facts} & set(expected.work_names))
    return said


def rules_of_the_line(vignette: Vignette, knowledge: Knowledge) -> dict[str, object]:
    """Return what law and pledges say of the case, as far as the vignette expects something of them."""
    case, expected = vignette.case(), vignette.expect
    coverage = case.coverage
    assert coverage is not None
    line, state = coverage.line_of_business, coverage.state
    assert line is not None
    timeframe = knowledge.decision_timeframe(
        line, RequestKind.DRUG, urgency=ReviewUrgency.STANDARD, day=vignette.as_of, state=state
    )
    rights = {rule.id: rule for rule in knowledge.continuity_rules(line, day=vignette.as_of, state=state)}
    said: dict[str, object] = {}
    if expected.decision_within and timeframe and timeframe.within:
        said["decision_within"] = f"{timeframe.within.amount} {timeframe.within.unit.value}"
    if expected.rights:
        said["rights"] = tuple(right for right in expected.rights if right in rights)
    if expected.questions_for_counsel:
        open_ones = {name for name, rule in rights.items() if rule.open_question}
        said["questions_for_counsel"] = tuple(name for name in expected.questions_for_counsel if name in open_ones)
    return said


def wanted(expected: Expected) -> dict[str, object]:
    said: dict[str, object] = {}
    for status in ("met", "not_met", "undocumented", "held_back"):
        said |= dict.fromkeys(getattr(expected, status), status)
    stated = expected.model_dump(exclude={"met", "not_met", "undocumented", "held_back", "work_names"})
    said |= {name: value for name, value in stated.items() if value}
    if expected.work_names:
        said["work_names"] = sorted(expected.work_names)
    return said


@pytest.mark.parametrize("vignette", [pytest.param(vignette, id=name) for name, vignette in VIGNETTES])
def test_vignette_comes_out_as_it_says(vignette: Vignette, knowledge: Knowledge) -> None:
    assessment = verify(vignette.case(), as_of=vignette.as_of, knowledge=knowledge)

    reasons = "\n".join(
        f"{finding.criterion}: {finding.status.value}, {finding.reason}"
        for finding in assessment.findings
        if finding.criterion in wanted(vignette.expect) or finding.effect not in (None, "advise")
    )
    found = came_out(assessment, vignette.expect) | rules_of_the_line(vignette, knowledge)
    assert found == wanted(vignette.expect), f"{assessment.because}\n{reasons}"


def test_names_of_vignettes_are_unique() -> None:
    names = Counter(name for name, _ in VIGNETTES)

    assert [name for name, count in names.items() if count > 1] == []


def test_assessing_again_gives_the_same_assessment(knowledge: Knowledge) -> None:
    _, vignette = VIGNETTES[0]
    first, second = (verify(vignette.case(), as_of=vignette.as_of, knowledge=knowledge) for _ in range(2))

    assert first.model_dump_json() == second.model_dump_json()
