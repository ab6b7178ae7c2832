"""Renewals on paper: what to measure at the next visit of one patient, and one month of the practice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from priorauth.evidence_radar import SERVED_BY_ANY
from priorauth.rendering.environment import environment
from priorauth.rendering.metadata import DocumentMetadata, Letterhead, page_frame
from priorauth.rendering.pdf import TEMPLATES, render_pdf
from priorauth.wording import plain
from schemas.base import CaseId
from schemas.case import Case
from schemas.renewal import Evidence, RenewalPlan


ONE_PAGE = 1
MONTH_PAGES = 20


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One thing to measure."""

    what: str
    last: str
    how: str
    collect_from: date
    collect_by: date


@dataclass(frozen=True, slots=True)
class MonthDay:
    """One entry of the printed month."""

    on: date
    case_id: CaseId
    what: str
    why: str


def visit_sheet(case: Case, plan: RenewalPlan, *, letterhead: Letterhead, at: datetime) -> bytes:
    """Print what to measure, its last value and how, on one page. ``at`` is the time of printing, with its zone."""
    names = (case.patient.given_name, case.patient.family_name)
    renewal = next((need for need in plan.needs if need.decision_due is None), None)
    content = {
        "patient": " ".join(name for name in names if name),
        "born": case.patient.born,
        "renew_by": renewal.renew_by if renewal else None,
        "lines": sheet_lines(case, plan),
        "visits": sorted({item.visit for item in plan.to_collect if item.visit}),
    }
    title = f"Visit sheet, case {case.case_id}"
    return _printed("sheets/visit.html.j2", title, content, letterhead, at=at, most_pages=ONE_PAGE)


def sheet_lines(case: Case, plan: RenewalPlan) -> tuple[SheetLine, ...]:
    """List what the plan asks for, each with the last value on record."""
    return tuple(
        SheetLine(
            what=item.what,
            last=_last(case, item),
            how=item.how or item.ask,
            collect_from=item.collect_from,
            collect_by=item.collect_by,
        )
        for item in plan.to_collect
    )


def _last(case: Case, item: Evidence) -> str:
    if item.last is None:
        return "none on record"
    values = [
        f"{plain(fact.value) if isinstance(fact.value, Decimal) else fact.value} {fact.unit or ''}".strip()
        for fact in case.chart.facts
        if fact.fact in SERVED_BY_ANY.get(item.key, (item.key,))
        and fact.dated == item.last
        and not isinstance(fact.value, bool | date)
    ]
    return f"{', '.join(values)} on {item.last:%m/%d/%Y}" if values else f"{item.last:%m/%d/%Y}"


def month_sheet(plans: Iterable[RenewalPlan], month: date, *, letterhead: Letterhead, at: datetime) -> bytes:
    """Print one month: requests to send, answers due and infusions without cover, by day and by case id alone."""
    title = f"Renewals in {month:%B %Y}"
    days = month_days(plans, month)
    return _printed("sheets/month.html.j2", title, {"days": days}, letterhead, at=at, most_pages=MONTH_PAGES)


def month_days(plans: Iterable[RenewalPlan], month: date) -> tuple[MonthDay, ...]:
    """List what falls into the month of a day, in order of date."""
    entries = (entry for plan in plans for entry in _entries(plan))
    inside = [entry for entry in entries if (entry.on.year, entry.on.month) == (month.year, month.month)]
    return tuple(sorted(inside, key=lambda entry: (entry.on, entry.case_id, entry.what)))


def _entries(plan: RenewalPlan) -> Iterator[MonthDay]:
    for need in plan.needs:
        kind = need.kind.value.replace("_", " ")
        if need.decision_due is not None:
            yield MonthDay(need.decision_due, plan.case_id, f"{kind}: answer due", need.words)
        else:
            yield MonthDay(need.submit_on, plan.case_id, f"{kind}: send", need.words)
        yield MonthDay(need.infusion, plan.case_id, "infusion without cover", need.words)


def _printed(
    template: str,
    title: str,
    content: Mapping[str, object],
    letterhead: Letterhead,
    *,
    at: datetime,
    most_pages: int,
) -> bytes:
    metadata = DocumentMetadata(title=title, author=letterhead.name, created=at)
    frame = page_frame(metadata, letterhead, case_number="", running_head=title, draft=False)
    html = environment(TEMPLATES).get_template(template).render(**frame, **content, today=at.date())
    return render_pdf(html, metadata=metadata, most_pages=most_pages)
