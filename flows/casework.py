"""The work on cases that flows and commands share, with settings, store, knowledge and clock put together.

Everything here returns ids, codes and counts: results may be shown in Prefect. What holds patient data stays in
the store and in the files of the output folder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from flows.settings import ROOT, Settings, prepare_home
from priorauth.intake import keep_referral, read_folder
from priorauth.knowledge import Knowledge, load_knowledge
from priorauth.lifecycle import SOFTWARE, Actor, CaseStatus, Reason, can_move
from priorauth.store import Store, open_store
from priorauth.store.records import Put
from priorauth.verification import verify
from schemas.assessment import Assessment, Recommendation
from schemas.base import CaseId
from schemas.treatment import Determination


KNOWLEDGE = ROOT / "knowledge"

# A request that would be approved, as it is or with a change that the practice makes itself, can go to the signer.
_SENDABLE = frozenset({Recommendation.APPROVE_EXPECTED, Recommendation.MODIFY})


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


def open_casework(settings: Settings) -> Casework:
    """Open the store and load the knowledge. YamlMistakes holds every mistake where the knowledge has any."""
    prepare_home(settings)
    return Casework(settings, open_store(settings.database_url, settings.documents), load_knowledge(KNOWLEDGE))


def take_in(work: Casework, folder: Path, *, at: datetime) -> TakenIn:
    """Store every referral below a folder; what cannot be read is kept as a fault, and the rest is taken in."""
    result = read_folder(folder, work.knowledge)
    cases = {referred.case.case_id: keep_referral(work.store, referred, at=at) for referred in result.cases}
    faults = work.store.put_faults(result.faults, at=at)
    return TakenIn(cases, faults, Counter(fault.code.value for fault in result.faults))


def assess(work: Casework, case_id: CaseId, *, as_of: date, at: datetime) -> Assessment:
    """Verify a case, keep the assessment, and move the case to where it now stands."""
    assessment = verify(work.store.get_case(case_id), as_of=as_of, knowledge=work.knowledge)
    with work.store.transaction():
        work.store.put_assessment(assessment, at=at)
        _follow(work.store, case_id, assessment, at=at)
    return assessment


def record_determination(work: Casework, case_id: CaseId, determination: Determination, *, by: Actor, at: datetime) -> Put:
    """Record the payer's decision; MoveRefused where the case is not at the payer."""
    return work.store.record_determination(case_id, determination, by=by, at=at)


def _follow(store: Store, case_id: CaseId, assessment: Assessment, *, at: datetime) -> None:
    """Move a case that has not been sent yet to draft or ready, as the assessment has it."""
    status = store.case_summary(case_id).status
    sendable = assessment.recommendation in _SENDABLE
    target, reason = (CaseStatus.READY, Reason.VERIFIED) if sendable else (CaseStatus.DRAFT, _why_draft(assessment))
    unsent = status in (CaseStatus.DRAFT, CaseStatus.READY, CaseStatus.IN_REVIEW)
    if unsent and not (sendable and status is CaseStatus.IN_REVIEW) and can_move(status, target, SOFTWARE.role):
        store.move(case_id, target, by=SOFTWARE, at=at, reason=reason)


def _why_draft(assessment: Assessment) -> Reason:
    if assessment.recommendation is Recommendation.DENIAL_EXPECTED:
        return Reason.DENIAL_EXPECTED
    return Reason.INFORMATION_MISSING
