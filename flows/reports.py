"""What Prefect and the terminal show of cases: codes, statuses and counts, worded by templates."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flows.settings import ROOT
from priorauth.renew_by import day_words
from priorauth.wording import slug_words
from priorauth.workload import Crowd
from schemas.assessment import Assessment, Recommendation, Status
from schemas.renewal import Level


RECOMMENDATION_WORDS: Mapping[Recommendation, str] = {
    Recommendation.APPROVE_EXPECTED: "Approval expected",
    Recommendation.MODIFY: "Change before sending",
    Recommendation.INFORMATION_MISSING: "Information missing",
    Recommendation.DENIAL_EXPECTED: "Denial expected as it is",
    Recommendation.NOT_REQUIRED: "No authorization required",
    Recommendation.ESCALATE: "Escalate",
}
"""The word for each recommendation in every list."""

STATUS_WORDS: Mapping[Status, str] = {
    Status.MET: "met",
    Status.NOT_MET: "not met",
    Status.UNDOCUMENTED: "not documented",
}

LEVEL_WORDS: Mapping[Level, str] = {
    Level.NONE: "",
    Level.REMIND: "remind",
    Level.VISIT: "visit",
    Level.SUBMIT: "submit",
    Level.ESCALATE: "escalate",
    Level.PEER_TO_PEER: "peer to peer",
    Level.HOLD_DECISION: "decide on hold",
}


def crowd_words(crowd: Crowd) -> str:
    """Say of days with more to send than the staff can how much more that is."""
    span = f"On {day_words(crowd.first)}"
    if crowd.last != crowd.first:
        span = f"From {day_words(crowd.first)} to {day_words(crowd.last)}"
    return f"{span} {crowd.requests} requests have to go out and there is room for {crowd.room}."


def case_report(
    assessment: Assessment,
    *,
    packet_pages: int | None = None,
    packet_draft: bool = True,
    links: Mapping[str, str] | None = None,
) -> str:
    """Report a case by criterion ids and statuses. Reasons and facts quote the chart and are left out."""
    return render(
        "case_report.md.j2",
        assessment=assessment,
        words=RECOMMENDATION_WORDS[assessment.recommendation],
        findings={
            status: [finding for finding in assessment.findings if finding.status is status]
            for status in (Status.NOT_MET, Status.UNDOCUMENTED, Status.MET)
        },
        statuses=STATUS_WORDS,
        packet_pages=packet_pages,
        packet_draft=packet_draft,
        links=links or {},
    )


def run_link(deployment_id: str, parameters: str) -> str:
    """Return the address of a run form of the UI with its fields filled in from JSON."""
    return f"/v2/deployments/deployment/{deployment_id}/run?parameters={quote(parameters)}"


def render(template: str, **values: Any) -> str:
    """Fill in one of the templates in templates/reports."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates" / "reports"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - Markdown and plain text are no HTML
    )
    environment.filters["words"] = slug_words
    environment.filters["cell"] = _cell
    return environment


def _cell(text: object) -> str:
    """Keep a value inside its cell of a Markdown table."""
    return " ".join(str(text).split()).replace("|", "\\|")


def several(count: int, one: str, more: str | None = None) -> str:
    """Say a count with its noun: "1 case", "3 cases"."""
    return f"{count} {one if count == 1 else more or one + 's'}"
