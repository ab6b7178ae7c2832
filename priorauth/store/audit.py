"""The audit trail: written with what it tells of, in one transaction, and never changed."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from priorauth.lifecycle import BEGINS_A_REQUEST, Actor, CaseStatus, Reason
from priorauth.store.connection import Connected
from priorauth.store.records import AuditEvent
from priorauth.store.tables import audit_events
from schemas.base import CaseId


_COLUMNS = [audit_events.c[field.name] for field in fields(AuditEvent)]


def write_audit_event(
    connection: Connection,
    event: str,
    *,
    by: Actor,
    at: datetime,
    case_id: CaseId | None = None,
    moved: tuple[CaseStatus | None, CaseStatus] | None = None,
    reason: Reason | None = None,
    detail: str | None = None,
) -> None:
    """Append one event; ``moved`` is the status before and after. ``detail`` holds codes and ids, not what they stand for."""
    before, after = moved or (None, None)
    connection.execute(
        insert(audit_events).values(
            at=at,
            role=by.role,
            actor=by.name,
            case_id=case_id,
            event=event,
            before=before,
            after=after,
            reason=reason,
            detail=detail,
        )
    )


class AuditTrail(Connected):
    """Reading what happened."""

    def audit_trail(self, case_id: CaseId) -> tuple[AuditEvent, ...]:
        """Return all events of a case, oldest first."""
        wanted = select(*_COLUMNS).where(audit_events.c.case_id == case_id).order_by(audit_events.c.event_id)
        with self.reading() as connection:
            return tuple(AuditEvent(**row) for row in connection.execute(wanted).mappings())

    def request_began(self, case_id: CaseId) -> datetime | None:
        """Return when the present request of a case was begun; None where it is the first."""
        wanted = select(func.max(audit_events.c.at)).where(
            audit_events.c.case_id == case_id,
            audit_events.c.event == "case_moved",
            audit_events.c.reason.in_(BEGINS_A_REQUEST),
        )
        with self.reading() as connection:
            began: datetime | None = connection.execute(wanted).scalar_one()
        return began

    def count_appeals(self, case_id: CaseId) -> int:
        """Count the appeals of the present request that were sent."""
        began = self.request_began(case_id)
        wanted = select(func.count()).where(
            audit_events.c.case_id == case_id,
            audit_events.c.event == "case_moved",
            audit_events.c.reason == Reason.APPEAL_SENT,
        )
        with self.reading() as connection:
            found = connection.execute(wanted if began is None else wanted.where(audit_events.c.at > began))
            return found.scalar_one()
