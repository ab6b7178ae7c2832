"""When antibodies against MAG or the node are asked for: with a clue or a result on file, and not otherwise."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.chart import FactValue
from tests.electrodiagnosis.cases import AS_OF, case, facts, score, value_of


MAG, NODAL = "diagnosis.anti_mag_in_question", "diagnosis.nodal_antibody_in_question"


@pytest.mark.parametrize(
    ("documented", "asked"),
    [
        ({}, False),
        ({"paraprotein": "none", "immunofixation_normal": True}, False),
        ({"paraprotein": "igm_kappa"}, True),
        ({"paraprotein": "igm_lambda"}, True),
        ({"immunofixation_normal": False}, True),
        ({"immunofixation_normal": False, "paraprotein": "igg"}, False),
        ({"anti_mag": "high_titer"}, True),
        ({"anti_mag": "negative"}, True),
    ],
)
def test_anti_mag_is_asked_for_with_an_igm_paraprotein(documented: dict[str, FactValue], asked: bool) -> None:
    assert value_of(case(facts=facts(**documented)), MAG) is asked


@pytest.mark.parametrize(
    ("documented", "asked"),
    [
        ({}, False),
        ({"tremor": False, "respiratory_weakness": False, "bulbar_signs": False, "csf_protein": 118}, False),
        ({"tremor": True}, True),
        ({"respiratory_weakness": True}, True),
        ({"forced_vital_capacity": 19}, True),
        ({"forced_vital_capacity": 20}, False),
        ({"bulbar_signs": True}, True),
        ({"csf_protein": 199}, False),
        ({"csf_protein": 200}, True),
        ({"symptom_onset": date(2026, 6, 1), "nadir": date(2026, 7, 26)}, True),
        ({"symptom_onset": date(2026, 6, 1), "nadir": date(2026, 7, 27)}, False),
        ({"corticosteroid_outcome": "failed"}, True),
        ({"corticosteroid_outcome": "not_tried"}, False),
        ({"nodal_antibody": "nf155"}, True),
    ],
)
def test_nodal_antibodies_are_asked_for_with_a_clue(documented: dict[str, FactValue], asked: bool) -> None:
    assert value_of(case(facts=facts(**documented)), NODAL) is asked


@pytest.mark.parametrize(
    ("first_dose", "now", "steroid", "asked"),
    [
        (date(2026, 8, 31), 5, "not_tried", True),
        (date(2026, 9, 1), 5, "not_tried", False),
        (date(2026, 8, 31), 4, "not_tried", False),
        (date(2026, 8, 31), 4, "failed", False),
    ],
)
def test_twelve_weeks_without_a_response_are_a_clue(
    first_dose: date, now: int, steroid: str, asked: bool
) -> None:
    scores = (score("incat", 5, date(2026, 8, 30)), score("incat", now, AS_OF))
    context = case(facts=facts(first_dose=first_dose, corticosteroid_outcome=steroid), measurements=scores)

    assert value_of(context, NODAL) is asked


def test_a_result_without_a_date_is_asked_about() -> None:
    assert value_of(case(facts=facts(None, nodal_antibody="nf155")), NODAL) is True
