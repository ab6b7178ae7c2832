"""How runs end: states named by what was found, so that the list of runs can be read without opening one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.boundary import CaseFault, FaultCode
from flows.reports import several
from flows.sweeping import Swept
from schemas.assessment import Recommendation


STATE_NAMES: Mapping[Recommendation, str] = {
    Recommendation.APPROVE_EXPECTED: "ReadyForReview",
    Recommendation.MODIFY: "ChangeNeeded",
    Recommendation.INFORMATION_MISSING: "NeedsInformation",
    Recommendation.DENIAL_EXPECTED: "DenialExpected",
    Recommendation.NOT_REQUIRED: "NotRequired",
    Recommendation.ESCALATE: "Escalated",
}

TAGS: Mapping[Recommendation, str] = {
    Recommendation.APPROVE_EXPECTED: "ready-for-review",
    Recommendation.MODIFY: "change-needed",
    Recommendation.INFORMATION_MISSING: "needs-information",
    Recommendation.DENIAL_EXPECTED: "denial-expected",
    Recommendation.NOT_REQUIRED: "not-required",
    Recommendation.ESCALATE: "escalated",
}


def outcome_of(recommendation: Recommendation, *, to_get: int) -> State[None]:
    """End the run of one case by its recommendation, with the count of what is left to do."""
    return Completed(name=STATE_NAMES[recommendation], message=f"{to_get} to do before sending")


def batch_outcome(count: int, faults: Mapping[str, FaultCode]) -> State[None]:
    """End the run of many cases: failed where one could not be done, since nobody reads the list of a success."""
    if not faults:
        return Completed(message=f"{count} prepared")
    words = [f"{case_id} {code.value}" for case_id, code in sorted(faults.items())]
    return Failed(name="SomeFailed", message=f"{count - len(faults)} prepared; not prepared: {_first(words)}")


def sweep_outcome(swept: Swept, *, opened: int, faults: Mapping[str, CaseFault]) -> State[None]:
    """End a sweep with its counts: failed where a course could not be planned, or its renewal not opened or written."""
    counts = (
        f"{swept.looked_at} looked at, {swept.skipped} skipped, {swept.opened} opened, "
        f"{swept.escalated} escalated, {swept.updated} updated, {swept.closed} closed"
    )
    if opened:
        counts += f"; {several(opened, 'renewal')} opened"
    if swept.succeeded and not faults:
        return Completed(message=counts)
    left = f"{len(swept.failed)} failed, {len(swept.unreadable)} unreadable"
    words = [f"{case_id} {fault.code.value}" for case_id, fault in sorted(faults.items())]
    return Failed(
        name="SomeFailed", message=f"{counts}, {left}: {_first([*swept.failed, *swept.unreadable, *words])}"
    )


def _first(names: Sequence[str], most: int = 20) -> str:
    """List the first of many, so that a message stays short."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
