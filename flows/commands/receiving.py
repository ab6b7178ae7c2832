"""What intake does on the command line: read folders and files, store the cases, keep the faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.casework import Casework
from flows.clock import now
from flows.commands.mistakes import Refused
from flows.sweeping import look_after_changes
from flows.terminal import progress
from priorauth.formats.unreadable import Fault, Unreadable
from priorauth.intake import IntakeResult, Referred, keep_referrals, read_folder, read_referral, unread
from priorauth.knowledge import Knowledge
from priorauth.store.records import Put
from schemas.base import CaseId, ConditionId, Phase


@dataclass(frozen=True)
class ReceivedCase:
    """One case as taken in; ``notes`` counts what intake could not read in it or found missing."""

    case_id: CaseId
    put: Put
    name: str
    condition: ConditionId | None
    phase: Phase | None
    payer: str | None
    documents: int
    notes: int


@dataclass(frozen=True)
class Received:
    """What a command took in. The lines of the faults may hold patient data."""

    cases: tuple[ReceivedCase, ...]
    faults: tuple[Fault, ...]


def receive(work: Casework, sources: Sequence[Path], *, as_of: date) -> Received:
    """Read every source, store its cases, keep its faults, and look at the courses that have changed."""
    results = [_read(source, work.knowledge) for source in progress(sources, "reading", total=len(sources))]
    faults = [fault for result in results for fault in result.faults]
    referrals = [referred for result in results for referred in result.cases]
    kept = keep_referrals(
        work.store,
        progress(referrals, "storing", total=len(referrals)),
        faults,
        at=now(work.settings),
    )
    cases = tuple(_case(referred, put) for referred, put in kept.cases)
    look_after_changes(work, [case.case_id for case in cases], as_of=as_of)
    return Received(cases, kept.faults)


def _read(source: Path, knowledge: Knowledge) -> IntakeResult:
    if source.is_dir():
        result = read_folder(source, knowledge)
        if not result.cases and not result.faults:
            raise Refused(
                f"{source} holds no referral; expected case files (YAML or JSON) or FHIR bundles in it"
            )
        return result
    try:
        referred = read_referral(source, knowledge, name=str(source))
    except Unreadable as error:
        return IntakeResult((), (unread(source, str(source), error),))
    return IntakeResult((referred,), referred.faults)


def _case(referred: Referred, put: Put) -> ReceivedCase:
    case = referred.case
    return ReceivedCase(
        case_id=case.case_id,
        put=put,
        name=referred.name,
        condition=case.condition,
        phase=case.request.phase if case.request else None,
        payer=case.coverage.payer if case.coverage else None,
        documents=len(case.documents),
        notes=len(case.intake_notes),
    )
