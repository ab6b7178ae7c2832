"""However long a policy or a record is: verification does not fail, and nothing that it says is cut."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from priorauth.knowledge import Knowledge
from priorauth.verification import verify
from schemas.assessment import Assessment, Status
from schemas.case import Case
from schemas.chart import NerveStudy, Source
from schemas.policy import CoveragePolicy
from schemas.vocabulary import FactKind
from tests.logic.governed import SHIPPED, case_of, changed, knowing, versions


# The list of ICD-10-CM codes reads its files by a way that Python means to retire.
pytestmark = pytest.mark.filterwarnings("ignore:(read|open)_text is deprecated:DeprecationWarning")

DAY = date(2026, 6, 1)
TITLE = "Immune globulin " + "and its many names " * 14
QUESTIONS = {FactKind.YES_NO: {"is": True}, FactKind.NUMBER: {"at_least": 1}}
ASKED = {
    key: QUESTIONS[definition.kind]
    for key, definition in SHIPPED.vocabulary.items()
    if definition.kind in QUESTIONS and (not definition.derived or key.startswith("edx."))
}
RECORDED = [SHIPPED.vocabulary[key].title for key in ASKED if not SHIPPED.vocabulary[key].derived]


def long_policy() -> CoveragePolicy:
    """A policy with a title as long as titles may be, and one criterion that asks of every number and every yes or no."""
    shipped, _ = versions()
    written = shipped.model_dump(mode="json")
    first = written["conditions"]["cidp"]["continuation"]["criteria"][0]
    first["require"] = {"all_of": [{"fact": key, **asked} for key, asked in ASKED.items()]}
    return changed(shipped, title=TITLE.strip()[:300], conditions=written["conditions"])


def long_winded() -> Knowledge:
    """The knowledge with that policy alone, and with titles of facts that are whole sentences."""
    vocabulary = {
        key: definition.model_copy(
            update={"title": f"{definition.title}, as the record of this patient has it"}
        )
        for key, definition in SHIPPED.vocabulary.items()
    }
    return replace(knowing(long_policy()), vocabulary=vocabulary)


def unrecorded() -> Case:
    """The request of a patient of whom nothing but a study is recorded, and that by a long conclusion."""
    case = case_of(DAY)
    study = NerveStudy(dated=DAY, source=Source(recorded_by="test"), interpretation="Slow. " * 600 + "End")
    return case.model_copy(
        update={"chart": case.chart.model_copy(update={"facts": (), "nerve_studies": (study,)})}
    )


def test_a_long_policy_is_verified_and_every_reason_is_said_in_full():
    assessment = verify(unrecorded(), as_of=DAY, knowledge=long_winded())

    finding = max(assessment.findings, key=lambda finding: len(finding.reason))
    assert finding.status is Status.UNDOCUMENTED
    assert all(title in finding.reason for title in RECORDED)
    assert len(finding.reason) > 4000
    assert finding.reason in assessment.because
    assert Assessment.model_validate_json(assessment.model_dump_json()) == assessment


def test_a_long_conclusion_of_a_study_is_cited_to_its_end():
    assessment = verify(unrecorded(), as_of=DAY, knowledge=long_winded())

    cited = [fact.value for finding in assessment.findings for fact in finding.facts]
    assert any(value.endswith("Slow. End") for value in cited)
    assert Assessment.model_validate_json(assessment.model_dump_json()) == assessment
