"""The payer's decisions, each recorded with what it does to the case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, Row, insert, select

from priorauth.lifecycle import DETERMINED, STATUS_AFTER, Actor, CaseStatus, Reason
from priorauth.store.audit import write_audit_event
from priorauth.store.case_rows import locked_case, move_case
from priorauth.store.connection import Connected
from priorauth.store.entries import record_entries
from priorauth.store.records import Put
from priorauth.store.tables import cases, determinations
from schemas.base import CaseId, Model
from schemas.chart import Source
from schemas.treatment import (
    Authorization,
    Determination,
    DeterminationOutcome,
    WithdrawnAuthorization,
)


_REASONS = {
    DeterminationOutcome.MORE_INFORMATION: Reason.MORE_INFORMATION_ASKED,
    DeterminationOutcome.WITHDRAWN: Reason.WITHDRAWN,
}


_GRANTED = (CaseStatus.APPROVED, CaseStatus.PARTIALLY_APPROVED)


class Determinations(Connected):
    """Decisions and what they grant."""

    def record_determination(
        self,
        case_id: CaseId,
        determination: Determination,
        *,
        by: Actor,
        at: datetime,
        instead_of: Authorization | None = None,
    ) -> Put:
        """Record a decision, the authorization it grants and the new status together; MoveRefused where it cannot follow.

        ``instead_of`` is an authorization that was recorded by mistake and falls. So does the one of an approval that a
        denial of the same notice corrects; a denial of a later notice ends it on the day before.
        """
        content = determination.model_dump_json(exclude_defaults=True)
        withdrawn = [] if instead_of is None else [_withdrawal(instead_of, determination)]
        with self.transaction() as connection:
            stored = locked_case(connection, case_id)
            status = CaseStatus(stored["status"])
            before = _recorded_before(connection, case_id)
            if _is_known(content, before, status):
                return record_entries(connection, case_id, withdrawn, by=by, at=at)
            # A decision is named with the one it follows, so that one taken back can be recorded again.
            named = f"{before[-1].determination_id} {content}" if before else content
            row = {
                "case_id": case_id,
                "outcome": determination.outcome,
                "decided_on": determination.decided_on,
                "reference": determination.reference,
                "respond_by": determination.respond_by,
                "content": content,
                "sha256": sha256(named.encode()).hexdigest(),
                "recorded_by": determination.recorded_by,
                "recorded_at": at,
            }
            connection.execute(insert(determinations).values(**row))
            reason = _REASONS.get(determination.outcome, Reason.DECIDED)
            move_case(connection, stored, STATUS_AFTER[determination.outcome], by=by, at=at, reason=reason)
            entries: list[Model] = [*withdrawn]
            if determination.authorization is not None:
                entries.append(determination.authorization)
            elif determination.outcome is DeterminationOutcome.DENIED and status in _GRANTED and before:
                corrected = Determination.model_validate_json(before[-1].content)
                entries += _taken_out(corrected, determination)
            record_entries(connection, case_id, entries, by=by, at=at)
            return Put.CREATED

    def is_recorded(self, case_id: CaseId, determination: Determination) -> bool:
        """Whether a decision is the one on record, or an older one that cannot answer what is under way."""
        content = determination.model_dump_json(exclude_defaults=True)
        with self.reading() as connection:
            status = connection.execute(select(cases.c.status).where(cases.c.case_id == case_id)).scalar_one()
            return _is_known(content, _recorded_before(connection, case_id), CaseStatus(status))

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


def _recorded_before(connection: Connection, case_id: CaseId) -> Sequence[Row[tuple[int, str]]]:
    wanted = select(determinations.c.determination_id, determinations.c.content)
    of_case = wanted.where(determinations.c.case_id == case_id)
    return connection.execute(of_case.order_by(determinations.c.determination_id)).all()


def _is_known(content: str, before: Sequence[Row[tuple[int, str]]], status: CaseStatus) -> bool:
    """Compare a decision with the newest one where that stands; what is under way now was answered by none before."""
    compared = before[-1:] if status in DETERMINED else before
    return content in [one.content for one in compared]


def _taken_out(corrected: Determination, denied: Determination) -> list[Model]:
    grant = corrected.authorization
    if grant is None:
        return []
    same_reference = denied.reference is not None and denied.reference == corrected.reference
    if denied.decided_on <= corrected.decided_on or same_reference or grant.starts >= denied.decided_on:
        return [_withdrawal(grant, denied)]
    last = min(grant.ends, denied.decided_on - timedelta(days=1))
    return [grant.model_copy(update={"ends": last, "source": Source(recorded_by=denied.recorded_by)})]


def _withdrawal(grant: Authorization, by: Determination) -> WithdrawnAuthorization:
    return WithdrawnAuthorization(
        payer=grant.payer, number=grant.number, source=Source(recorded_by=by.recorded_by)
    )
