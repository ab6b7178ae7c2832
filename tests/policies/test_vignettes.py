"""Every vignette of ``tests/cases`` comes out as it says."""

from __future__ import annotations

import pytest

from priorauth.knowledge import Knowledge, load_knowledge
from priorauth.verification import context_for, verify
from schemas.assessment import Assessment
from schemas.regulation import RequestKind, ReviewUrgency
from tests.policies.assessed import KNOWLEDGE, VIGNETTES, assessed
from tests.policies.vignette import Expected, Vignette


# The list of ICD-10-CM codes reads its files by a way that Python means to retire.


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
    if expected.total_units:
        said["total_units"] = assessment.total_units
    if expected.work_names:
        said["work_names"] = sorted(
            {key for item in assessment.work for key in item.facts} & set(expected.work_names)
        )
    return said


def rules_of_the_line(vignette: Vignette, assessment: Assessment, knowledge: Knowledge) -> dict[str, object]:
    """Return what law and pledges say of the case, as far as the vignette expects something of them."""
    expected = vignette.expect
    if not (expected.decision_within or expected.rights or expected.questions_for_counsel):
        return {}
    coverage = vignette.case().coverage
    assert coverage is not None
    line, state = coverage.line_of_business, coverage.state
    assert line is not None
    timeframe = knowledge.decision_timeframe(
        line, RequestKind.DRUG, urgency=ReviewUrgency.STANDARD, day=vignette.as_of, state=state
    )
    rights = {right.rule: right for right in assessment.rights}
    said: dict[str, object] = {}
    if expected.decision_within and timeframe and timeframe.within:
        said["decision_within"] = f"{timeframe.within.amount} {timeframe.within.unit.value}"
    if expected.rights:
        said["rights"] = tuple(right for right in expected.rights if right in rights)
    if expected.questions_for_counsel:
        open_ones = {name for name, rule in rights.items() if rule.open_question}
        said["questions_for_counsel"] = tuple(
            name for name in expected.questions_for_counsel if name in open_ones
        )
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


def facts_found(vignette: Vignette, knowledge: Knowledge) -> dict[str, object]:
    """Return the values of the facts that the vignette expects something of."""
    if not vignette.expect.facts:
        return {}
    context = context_for(vignette.case(), vignette.as_of, knowledge)
    return {"facts": {key: context.value(key) for key in vignette.expect.facts}}


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in VIGNETTES])
def test_vignette_comes_out_as_it_says(name: str) -> None:
    vignette, assessment = VIGNETTES[name], assessed(name)

    expected = wanted(vignette.expect)
    reasons = "\n".join(
        f"{finding.criterion}: {finding.status.value}, {finding.reason}"
        for finding in assessment.findings
        if finding.criterion in expected or finding.effect not in (None, "advise")
    )
    knowledge = load_knowledge(KNOWLEDGE)
    found = came_out(assessment, vignette.expect) | rules_of_the_line(vignette, assessment, knowledge)
    found |= facts_found(vignette, knowledge)
    assert found == expected, f"{assessment.because}\n{reasons}"


def test_assessing_again_gives_the_same_assessment() -> None:
    name, vignette = next(iter(VIGNETTES.items()))

    again = verify(vignette.case(), as_of=vignette.as_of, knowledge=load_knowledge(KNOWLEDGE))

    assert again.model_dump_json() == assessed(name).model_dump_json()


def test_nothing_is_expected_of_a_criterion_twice() -> None:
    stated = {
        name: [*expect.met, *expect.not_met, *expect.undocumented, *expect.held_back]
        for name, vignette in VIGNETTES.items()
        for expect in [vignette.expect]
    }

    assert [name for name, criteria in stated.items() if len(criteria) != len(set(criteria))] == []
