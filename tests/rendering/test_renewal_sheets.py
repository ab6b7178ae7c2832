"""Renewals on paper: one page for a visit, one list for a month."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from priorauth.knowledge import Knowledge, load_knowledge
from priorauth.rendering.metadata import Letterhead
from priorauth.renewal_sheets import month_days, month_sheet, sheet_lines, visit_sheet
from priorauth.renewals import plan_renewal
from schemas.renewal import RenewalPlan
from tests.renewals.courses import a_case, every, fact, grant


AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
HEAD = Letterhead(name="Harbor Neurology", address="1 Quay Street", contact="555 0100")
CASE = a_case(
    every(21, date(2026, 12, 1), 4),
    [grant(date(2026, 7, 1), date(2027, 1, 31), 2000)],
    facts=[fact("weight", Decimal("70.5"), date(2026, 6, 1), "kg")],
    every_days=21,
)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge(Path(__file__).parents[2] / "knowledge")


@pytest.fixture(scope="module")
def plan(knowledge: Knowledge) -> RenewalPlan:
    planned = plan_renewal(CASE, knowledge, as_of=AT.date())
    assert planned is not None
    return planned


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_every_line_shows_the_last_value(plan: RenewalPlan) -> None:
    weight = next(line for line in sheet_lines(CASE, plan) if "eight" in line.what)
    assert weight.last == "70.5 kg on 06/01/2026"
    assert [line.what for line in sheet_lines(CASE, plan)] == [item.what for item in plan.to_collect]


def test_what_was_never_measured_says_so(plan: RenewalPlan) -> None:
    assert "none on record" in {line.last for line in sheet_lines(CASE, plan)}


@pytest.mark.rendering
def test_the_visit_sheet_is_one_page(plan: RenewalPlan) -> None:
    pdf = visit_sheet(CASE, plan, letterhead=HEAD, at=AT)
    assert len(pikepdf.open(BytesIO(pdf)).pages) == 1
    assert "70.5 kg" in text_of(pdf)


def test_a_month_lists_what_falls_into_it(plan: RenewalPlan) -> None:
    need = plan.first
    assert need is not None
    days = month_days([plan], need.infusion)
    assert (need.infusion, "infusion without cover") in [(day.on, day.what) for day in days]
    assert month_days([plan], date(2020, 1, 1)) == ()


@pytest.mark.rendering
def test_a_printed_month_goes_by_case_id(plan: RenewalPlan) -> None:
    text = text_of(month_sheet([plan], date(2027, 2, 1), letterhead=HEAD, at=AT))
    assert CASE.case_id in text
    assert "infusion without cover" in text
