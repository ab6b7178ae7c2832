"""The work on cases that flows and commands share, with settings, store, knowledge and clock put together.

Everything here returns ids, codes and counts: results may be shown in Prefect. What holds patient data stays in
the store and in the files of the output folder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from flows.settings import ROOT, Settings, prepare_home
from priorauth import store as case_store
from priorauth.intake import keep_referrals, read_folder
from priorauth.knowledge import Knowledge, load_knowledge
from priorauth.lifecycle import SOFTWARE, UNSENT, CaseStatus, Reason, can_move
from priorauth.payer_tasks import PayerTask, task_key
from priorauth.store.records import Put
from priorauth.verification import verify
from schemas.assessment import Assessment, Recommendation
from schemas.base import CaseId
from schemas.policy import Effect, Topic


if TYPE_CHECKING:
    from priorauth.store import Store


KNOWLEDGE = ROOT / "knowledge"

# A request that would be approved, as it is or with a change that the practice makes itself, can go to the signer.
_SENDABLE = frozenset({Recommendation.APPROVE_EXPECTED, Recommendation.MODIFY})

_WHY_NOT = {
    Recommendation.DENIAL_EXPECTED: Reason.DENIAL_EXPECTED,
    Recommendation.NOT_REQUIRED: Reason.NOT_REQUIRED,
}
"""Why a request is not sent on, where nothing has to be got for it."""

_AGAINST = frozenset({Effect.PEND, Effect.DENY, Effect.ESCALATE})


@dataclass(frozen=True)
class Casework:
    """Where the work happens: the settings of this process, the open store and the knowledge."""

    settings: Settings
    store: Store
    knowledge: Knowledge


@dataclass(frozen=True)
class TakenIn:
    """What taking in a folder did. Faults are ids; their words, which may name people, are in the store."""

    cases: Mapping[CaseId, Put] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    fault_codes: Mapping[str, int] = field(default_factory=dict)

    def count(self, put: Put) -> int:
        """Count the cases that intake created, updated or left unchanged."""
        return sum(one is put for one in self.cases.values())


@dataclass(frozen=True)
class Verified:
    """What verification of a case came to; ``to_get`` counts the documents the request should wait for."""

    case_id: CaseId
    assessment_id: int
    recommendation: Recommendation
    to_get: int


@cache
def open_casework(settings: Settings) -> Casework:
    """Open the store and load the knowledge, once in a process. YamlMistakes holds every mistake of the knowledge."""
    prepare_home(settings)
    return Casework(
        settings, case_store.open_store(settings.database_url, settings.documents), load_knowledge(KNOWLEDGE)
    )


def take_in(work: Casework, folder: Path, *, at: datetime) -> TakenIn:
    """Store every referral below a folder; what cannot be taken in is kept as a fault, and the rest is taken in."""
    result = read_folder(folder, work.knowledge)
    kept = keep_referrals(work.store, result.cases, result.faults, at=at)
    cases = {referred.case.case_id: put for referred, put in kept.cases}
    return TakenIn(cases, kept.fault_ids, Counter(fault.code.value for fault in kept.faults))


def verify_case(work: Casework, case_id: CaseId, *, as_of: date, at: datetime) -> Verified:
    """Verify a case, keep the assessment, and move the case to where it now stands."""
    assessment = verify(work.store.get_case(case_id), as_of=as_of, knowledge=work.knowledge)
    return keep_assessment(work, assessment, at=at)


def keep_assessment(work: Casework, assessment: Assessment, *, at: datetime) -> Verified:
    """Store an assessment together with the move of its case."""
    with work.store.transaction():
        assessment_id = work.store.put_assessment(assessment, at=at)
        _follow(work.store, assessment, at=at)
    to_get = sum(item.blocking for item in assessment.work)
    return Verified(assessment.case_id, assessment_id, assessment.recommendation, to_get)


def settle(work: Casework, case_id: CaseId, *kinds: PayerTask, on: date, because: str) -> None:
    """Close those of the tasks a payer's answer left behind that are open."""
    keys = {task_key(case_id, kind) for kind in kinds}
    for task in work.store.list_exceptions(case_id=case_id):
        if task.key in keys:
            work.store.close_exception(task.key, on=on, because=because)


def is_sendable(assessment: Assessment) -> bool:
    """Whether the request can go to the signer: nothing stands against it but the authorization it is to bring.

    That the next infusion has none escalates a renewal, and holding the renewal back would make it worse.
    """
    if assessment.recommendation is not Recommendation.ESCALATE:
        return assessment.recommendation in _SENDABLE
    against = {finding.topic for finding in assessment.findings if finding.effect in _AGAINST}
    return against == {Topic.AUTHORIZATION}


def _follow(store: Store, assessment: Assessment, *, at: datetime) -> None:
    """Move a case that has not been sent yet to draft or ready, as the assessment has it."""
    status = store.case_summary(assessment.case_id).status
    sendable = is_sendable(assessment)
    if status not in UNSENT or (sendable and status is CaseStatus.IN_REVIEW):
        return
    target = CaseStatus.READY if sendable else CaseStatus.DRAFT
    reason = (
        Reason.VERIFIED if sendable else _WHY_NOT.get(assessment.recommendation, Reason.INFORMATION_MISSING)
    )
    if can_move(status, target, SOFTWARE.role):
        store.move(assessment.case_id, target, by=SOFTWARE, at=at, reason=reason)
