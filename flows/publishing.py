"""Artifacts and tags: case reports, the work list and the renewal calendar as the Prefect UI shows them."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from datetime import date

from prefect.artifacts import Artifact, MarkdownArtifact, TableArtifact
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import ArtifactUpdate
from prefect.client.schemas.filters import ArtifactCollectionFilter, ArtifactCollectionFilterKey
from prefect.client.schemas.objects import ArtifactCollection
from prefect.exceptions import ObjectNotFound
from prefect.runtime import flow_run

from flows.casework import Casework
from flows.clock import now
from flows.heartbeat import check_heartbeat
from flows.outcomes import TAGS
from flows.reports import (
    LEVEL_WORDS,
    RECOMMENDATION_WORDS,
    case_report,
    crowd_words,
    render,
    run_link,
)
from flows.sweeping import RenewalCalendar
from flows.versions import final_letter, letter_in_review, packets_with, version_of
from priorauth.lifecycle import CaseStatus
from priorauth.payer_tasks import appeal_kind
from priorauth.store.records import CaseSummary, OutgoingDocument, RenewalException
from schemas.assessment import Assessment, Recommendation, WorkItem
from schemas.base import CaseId
from schemas.renewal import CalendarRow, Level, TaskKind


WORK_LIST_KEY = "work-list"
CALENDAR_KEY = "renewal-calendar"
MOST_ROWS = 200
"""Of each part of the work list; the UI becomes slow with more, and nobody works off more in a day."""

DEPLOYMENTS = {
    "Verify": "verify_case/Verify a case",
    "Prepare": "prepare_request/Prepare a request",
    "Record review": "record_review/Record a review",
    "Record sending": "record_sending/Record a sending",
    "Record decision": "record_determination/Record a determination",
    "Close": "close_case/Close a case",
}
"""The steps that lists link to: the word of the link, and flow and deployment behind it."""

NEXT_STEPS = {
    CaseStatus.IN_REVIEW: ("Record sending", "Record review", "Record decision", "Prepare"),
    CaseStatus.READY: ("Prepare", "Record decision"),
    CaseStatus.PENDED: ("Prepare", "Record review", "Record sending", "Record decision"),
    CaseStatus.SUBMITTED: ("Record decision",),
    CaseStatus.DENIED: ("Record review", "Record sending", "Record decision", "Close"),
    CaseStatus.DRAFT: ("Verify", "Prepare", "Close"),
}
"""What can be done next with a case, in the order of the list; a status that is not here waits for nobody."""


APPEAL = "appeal: `priorauth packet {case_id} --kind {kind} --matter denial.yaml`, then review and sent"
"""What writes the letter that a denied case needs; examples/matters/denial.yaml is such a matter. It quotes the notice, so that no
form asks for it."""

_ON_A_VERSION = ("Record review", "Record sending")


async def publish_cases(work: Casework, case_ids: Sequence[CaseId]) -> None:
    """Bring the reports of cases up to date; a report that says the same gets no new version."""
    async with get_client() as client:
        deployments = await deployment_ids(client)
        for case_id in case_ids:
            assessment = work.store.latest_assessment(case_id)
            if assessment is not None:
                await _publish(client, _report(work, assessment, deployments))


async def publish_calendar(found: RenewalCalendar) -> None:
    """Bring the renewal calendar up to date."""
    table = [_calendar_cells(row) for row in found.rows if not row.folded]
    calendar = TableArtifact(
        key=CALENDAR_KEY,
        table=table or [{"case": "no course on therapy"}],
        description=" ".join(("Renewals, the most pressing first.", *map(crowd_words, found.crowds))),
    )
    async with get_client() as client:
        await _publish(client, calendar)


async def publish_work_list(work: Casework, *, as_of: date) -> None:
    """Write the work list in place, so that its address stays the same."""
    async with get_client() as client:
        markdown = work_list(work, await deployment_ids(client), as_of=as_of)
        newest = await _newest(client, WORK_LIST_KEY)
        if newest is not None:
            await client.update_artifact(newest.latest_id, ArtifactUpdate(data=markdown))
            return
        artifact = MarkdownArtifact(
            key=WORK_LIST_KEY, markdown=markdown, description="What waits for somebody"
        )
        await artifact.acreate(client)


async def work_list_page() -> str:
    """Return the page of the UI that shows the work list; before there is one, the page of all artifacts."""
    async with get_client() as client:
        newest = await _newest(client, WORK_LIST_KEY)
    return f"artifacts/artifact/{newest.latest_id}" if newest else "artifacts"


async def tag_run(recommendation: Recommendation) -> None:
    """Tag the run that is under way, so that the list of runs can be narrowed to what came of it."""
    if flow_run.id is None:
        return
    async with get_client() as client:
        await client.update_flow_run(flow_run.id, tags=sorted({*flow_run.tags, TAGS[recommendation]}))


async def deployment_ids(client: PrefectClient) -> Mapping[str, str]:
    """Return the ids of the deployments that lists link to; those not deployed are left out."""
    found = {}
    for word, name in DEPLOYMENTS.items():
        try:
            found[word] = str((await client.read_deployment_by_name(name)).id)
        except ObjectNotFound:
            continue
    return found


def step_links(
    deployments: Mapping[str, str],
    case_id: CaseId,
    steps: Sequence[str],
    versions: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the addresses of the run forms for a case, filled in; a step on a version is left out where there is none."""
    versions = versions or {}
    links = {}
    for step in steps:
        if step not in deployments or (step in _ON_A_VERSION and step not in versions):
            continue
        version = {"version": versions[step]} if step in versions else {}
        filled = json.dumps({"form": {"case_id": case_id} | version}, separators=(",", ":"))
        links[step] = run_link(deployments[step], filled)
    return links


def versions_of(work: Casework, case: CaseSummary) -> dict[str, str]:
    """Return the versions that a review and a sending would be of: of a letter nobody has released yet, and of a final packet."""
    if case.status not in (CaseStatus.IN_REVIEW, CaseStatus.PENDED, CaseStatus.DENIED):
        return {}
    letter, final = letter_in_review(work.store, case.case_id), final_letter(work.store, case.case_id)
    denied = case.status is CaseStatus.DENIED
    if denied:
        # What was denied has no matter; its appeal has.
        letter, final = (made if made and made.matter else None for made in (letter, final))
    packets = packets_with(work.store, final) if final else ()
    versions = {}
    if packets and not (denied and _went_out(work, packets)):
        versions["Record sending"] = version_of(packets[0])
    if letter and not (final and letter.outgoing_id < final.outgoing_id):
        versions["Record review"] = version_of(letter)
    return versions


def _went_out(work: Casework, packets: Sequence[OutgoingDocument]) -> bool:
    sent = {one.packet_sha256 for one in work.store.list_submissions(packets[0].case_id)}
    return any(packet.sha256 in sent for packet in packets)


def work_list(work: Casework, deployments: Mapping[str, str], *, as_of: date) -> str:
    """Write the work list: the renewals that press, then one line for each case that waits for somebody."""
    order = list(NEXT_STEPS)
    not_required = work.store.newest_found(Recommendation.NOT_REQUIRED)
    waiting = sorted(
        (case for case in work.store.list_cases() if _waits(work, case, not_required)),
        key=lambda case: (order.index(case.status), case.case_id),
    )
    tasks = work.store.list_exceptions()
    return render(
        "work_list.md.j2",
        as_of=as_of,
        beat=check_heartbeat(work, at=now(work.settings)),
        tasks=tasks[:MOST_ROWS],
        details={task.key: _detail(task) for task in tasks[:MOST_ROWS]},
        levels={level.value: words for level, words in LEVEL_WORDS.items()},
        cases=[_row(work, case, deployments) for case in waiting[:MOST_ROWS]],
        left_out=max(len(tasks) - MOST_ROWS, 0) + max(len(waiting) - MOST_ROWS, 0),
        tags=TAGS,
        words=RECOMMENDATION_WORDS,
    )


def _waits(work: Casework, case: CaseSummary, not_required: Container[CaseId]) -> bool:
    """Whether a case waits for somebody; a draft that needs no authorization and lacks nothing does not."""
    if case.status is not CaseStatus.DRAFT or case.case_id not in not_required:
        return case.status in NEXT_STEPS
    assessment = work.store.latest_assessment(case.case_id)
    return assessment is None or any(item.blocking for item in assessment.work)


async def _publish(client: PrefectClient, artifact: Artifact) -> None:
    newest = await _newest(client, str(artifact.key))
    if newest is None or (newest.data, newest.description) != (
        await artifact.aformat(),
        artifact.description,
    ):
        await artifact.acreate(client)


async def _newest(client: PrefectClient, key: str) -> ArtifactCollection | None:
    found = await client.read_latest_artifacts(
        artifact_filter=ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=[key])), limit=1
    )
    return found[0] if found else None


def _report(work: Casework, assessment: Assessment, deployments: Mapping[str, str]) -> MarkdownArtifact:
    case_id = assessment.case_id
    packets = [made for made in work.store.list_outgoing(case_id) if made.kind == "packet"]
    return MarkdownArtifact(
        key=f"case-{case_id.lower()}",
        markdown=case_report(
            assessment,
            packet_pages=packets[-1].pages if packets else None,
            packet_draft=packets[-1].draft if packets else True,
            links=step_links(
                deployments,
                case_id,
                tuple(DEPLOYMENTS),
                versions_of(work, work.store.case_summary(case_id)),
            ),
        ),
        description=RECOMMENDATION_WORDS[assessment.recommendation],
    )


def _row(work: Casework, case: CaseSummary, deployments: Mapping[str, str]) -> dict[str, object]:
    assessment = work.store.latest_assessment(case.case_id)
    return {
        "case": case,
        "found": RECOMMENDATION_WORDS[assessment.recommendation] if assessment else "not verified yet",
        "to_do": _to_do(work, case, assessment),
        "links": step_links(deployments, case.case_id, NEXT_STEPS[case.status], versions_of(work, case)),
    }


def _to_do(work: Casework, case: CaseSummary, assessment: Assessment | None) -> str:
    if case.status is CaseStatus.DENIED:
        kind = appeal_kind(work.store.count_appeals(case.case_id))
        return APPEAL.format(case_id=case.case_id, kind=kind.value)
    return _first_of(assessment.work) if assessment else ""


def _detail(task: RenewalException) -> str:
    """Say what a task is about, without what the chart says: a weight is shown by the command alone."""
    return (
        f"see priorauth renewals --case {task.case_id}" if task.kind == TaskKind.DOSE_DRIFT else task.detail
    )


def _first_of(work: Sequence[WorkItem], most: int = 3) -> str:
    """List the first items to wait for; the report of the case has them all."""
    asks = [item.ask.rstrip(".") for item in work if item.blocking]
    rest = len(asks) - most
    return "; ".join(asks[:most]) + (f"; and {rest} more" if rest > 0 else "")


def _calendar_cells(row: CalendarRow) -> dict[str, str]:
    # The UI cuts the table off at the right, so that what there is to do comes first.
    return {
        "case": row.case_id,
        "status": row.status.value.replace("_", " "),
        "now": LEVEL_WORDS[Level(row.level)],
        "submit on": _day(row.submit_on),
        "renew by": _day(row.renew_by),
        "not covered": _day(row.first_uncovered),
        "covered until": _day(row.covered_until),
        "units used": f"{row.units.done} of {row.units.of}" if row.units else "",
    }


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
