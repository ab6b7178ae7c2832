"""The JSON of an assessment is documented, stable, and enough without the engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from priorauth.assessment_reference import assessment_reference
from priorauth.letters.rows import criterion_row
from schemas.assessment import Assessment
from tests.policies.assessed import VIGNETTES, assessed


# The list of ICD-10-CM codes reads its files by a way that Python means to retire.
pytestmark = [
    pytest.mark.filterwarnings("ignore:(read|open)_text is deprecated:DeprecationWarning"),
    pytest.mark.slow,
]

SOME = list(VIGNETTES)[::20]


def test_the_developers_page_documents_every_field():
    page = (Path(__file__).parents[2] / "DEVELOPERS.md").read_text("utf-8")

    # Mend a difference with: python -m flows.reference
    assert assessment_reference() in page


@pytest.mark.parametrize("name", SOME)
def test_read_back_it_is_the_same_to_the_byte(name):
    written = assessed(name).model_dump_json()

    assert Assessment.model_validate_json(written).model_dump_json() == written


@pytest.mark.parametrize("name", SOME)
def test_the_criteria_table_of_a_letter_is_rebuilt_from_it(name):
    read = Assessment.model_validate_json(assessed(name).model_dump_json())

    assert [criterion_row(1, finding) for finding in read.findings] == [
        criterion_row(1, finding) for finding in assessed(name).findings
    ]
