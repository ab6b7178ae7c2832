"""The payer's decisions, each recorded with what it does to the case."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import select

from priorauth.lifecycle import STATUS_AFTER, Actor, Reason
from priorauth.store.audit import write_audit_event
from priorauth.store.case_rows import locked_case, move_case
from priorauth.store.connection import Connected, insert_once
from priorauth.store.entries import record_entries
from priorauth.store.records import Put
from priorauth.store.tables import determinations
from schemas.base import CaseId
from schemas.treatment import Determination, DeterminationOutcome


_REASONS = {
    DeterminationOutcome.MORE_INFORMATION: Reason.MORE_INFORMATION_ASKED,
    DeterminationOutcome.WITHDRAWN: Reason.WITHDRAWN,
}


class Determinations(Connected):
    """Decisions and what they grant."""

    def record_determination(
        self, case_id: CaseId, determination: Determination, *, by: Actor, at: datetime
    ) -> Put:
        """Record a decision, the authorization it grants and the new status together; MoveRefused where it cannot follow."""
        content = determination.model_dump_json(exclude_defaults=True)
        row = {
            "case_id": case_id,
            "outcome": determination.outcome,
            "decided_on": determination.decided_on,
            "reference": determination.reference,
            "respond_by": determination.respond_by,
            "content": content,
            "sha256": sha256(content.encode()).hexdigest(),
            "recorded_by": determination.recorded_by,
            "recorded_at": at,
        }
        with self.transaction() as connection:
            stored = locked_case(connection, case_id)
            if not insert_once(connection, determinations, row):
                return Put.UNCHANGED
            reason = _REASONS.get(determination.outcome, Reason.DECIDED)
            move_case(connection, stored, STATUS_AFTER[determination.outcome], by=by, at=at, reason=reason)
            if determination.authorization is not None:
                record_entries(connection, case_id, [determination.authorization], by=by, at=at)
            return Put.CREATED

    def note_acceptance(self, case_id: CaseId, *, by: Actor, at: datetime) -> None:
        """Record that the practice takes what was granted in part."""
        with self.transaction() as connection:
            write_audit_event(connection, "partial_approval_accepted", by=by, at=at, case_id=case_id)

    def list_determinations(self, case_id: CaseId) -> tuple[Determination, ...]:
        """Return the decisions on a case, oldest first."""
        wanted = select(determinations.c.content).where(determinations.c.case_id == case_id)
        with self.reading() as connection:
            rows = connection.execute(wanted.order_by(determinations.c.determination_id)).scalars()
            return tuple(Determination.model_validate_json(content) for content in rows)
