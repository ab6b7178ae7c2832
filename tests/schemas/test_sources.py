"""Every entry of a chart cites a document that the case lists, whatever kind of entry it is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.case import Case
from schemas.chart import Chart


ENTRIES: dict[str, dict[str, Any]] = {
    "facts": {"fact": "weight", "value": 72, "unit": "kg"},
    "measurements": {"measure": "incat", "value": 4},
    "muscle_strength": {"muscle": "deltoid", "right": "4"},
    "nerve_studies": {},
    "therapies": {"treatment": "prednisone"},
    "diagnoses": {"code": "G61.81"},
    "infusions": {"on": date(2026, 10, 1), "product": "privigen", "grams": 70},
}


def case_with(name: str, document: str) -> Case:
    entry = {**ENTRIES[name], "dated": date(2026, 10, 1), "source": {"document": document, "page": 1}}
    return Case.model_validate(
        {
            "case_id": "PA-00000001",
            "referral": {"system": "tests", "identifier": "1"},
            "patient": {},
            "chart": {name: [entry]},
            "documents": [{"document": "note", "title": "Visit note"}],
        }
    )


@pytest.mark.parametrize("name", Chart.model_fields)
def test_an_entry_that_cites_a_document_nobody_lists_is_refused(name: str) -> None:
    case_with(name, "note")

    with pytest.raises(ValidationError, match=rf"chart\.{name}\[0\] cites the document 'nowhere'"):
        case_with(name, "nowhere")
