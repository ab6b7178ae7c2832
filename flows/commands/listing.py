"""The list of stored cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rich.console import RenderableType
from rich.text import Text

from flows.casework import Casework
from flows.commands.mistakes import Refused
from flows.reports import RECOMMENDATION_WORDS
from flows.terminal import RECOMMENDATION_STYLES, plain_table
from priorauth.lifecycle import CaseStatus
from priorauth.wording import listed, slug_words
from schemas.assessment import Recommendation
from schemas.base import CaseId, ConditionId, Phase


@dataclass(frozen=True)
class ListedCase:
    """One line of the list; ``to_get`` counts what the request waits for, as last assessed."""

    case_id: CaseId
    status: CaseStatus
    reason: str
    condition: ConditionId | None
    phase: Phase | None
    payer: str | None
    recommendation: Recommendation | None
    assessed_on: date | None
    to_get: int


def status_named(name: str) -> CaseStatus:
    """Return the status of a name; Refused lists those there are."""
    try:
        return CaseStatus(name)
    except ValueError:
        known = listed([status.value for status in CaseStatus], "or")
        raise Refused(f"found the status '{name}', expected {known}") from None


def listed_cases(work: Casework, *, status: CaseStatus | None = None) -> tuple[ListedCase, ...]:
    """List cases with what their latest assessment says."""
    found = []
    for summary in work.store.list_cases(status=status):
        assessment = work.store.latest_assessment(summary.case_id)
        found.append(
            ListedCase(
                case_id=summary.case_id,
                status=summary.status,
                reason=summary.reason,
                condition=summary.condition,
                phase=summary.phase,
                payer=summary.payer,
                recommendation=assessment.recommendation if assessment else None,
                assessed_on=assessment.assessed_on if assessment else None,
                to_get=sum(item.blocking for item in assessment.work) if assessment else 0,
            )
        )
    return tuple(found)


def case_table(cases: Sequence[ListedCase]) -> RenderableType:
    """Lay the list out as a table."""
    names = ("Case", "Status", "Condition", "Phase", "Payer", "Expected", "To get")
    table = plain_table(*names, whole=("Case",))
    for case in cases:
        table.add_row(
            case.case_id,
            slug_words(case.status.value),
            case.condition.value.upper() if case.condition else "none on file",
            case.phase.value if case.phase else "no request",
            slug_words(case.payer) if case.payer else "not known",
            _expected(case.recommendation),
            str(case.to_get) if case.to_get else "",
        )
    return table


def _expected(recommendation: Recommendation | None) -> Text:
    if recommendation is None:
        return Text("not assessed yet", style="dim")
    return Text(RECOMMENDATION_WORDS[recommendation], style=RECOMMENDATION_STYLES[recommendation])
