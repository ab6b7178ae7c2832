"""The row of one case: locked, moved, and filled from the case it stands for."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from priorauth.formats.case_file import case_json
from priorauth.lifecycle import Actor, CaseStatus, MoveRefused, Reason, check_can_move
from priorauth.store.audit import write_audit_event
from priorauth.store.errors import NoSuchRecord
from priorauth.store.records import DUE_AT_ONCE
from priorauth.store.tables import cases, courses
from schemas.base import CaseId
from schemas.case import Case


def locked_case(connection: Connection, case_id: CaseId) -> RowMapping:
    """Read the row of a case and keep others from changing it until the transaction ends."""
    # SQLite has no row locks and leaves FOR UPDATE out; there the transaction holds the only write lock.
    row = (
        connection.execute(select(cases).where(cases.c.case_id == case_id).with_for_update())
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NoSuchRecord(f"no case is stored under {case_id}; `priorauth intake` takes referrals in")
    return row


def move_case(
    connection: Connection, stored: RowMapping, to: CaseStatus, *, by: Actor, at: datetime, reason: Reason
) -> None:
    """Change the status of a locked case; nothing happens where it has that status already.

    A closed one moves only because it is opened again: a late decision or sending does not do it by the way.
    """
    before = CaseStatus(stored["status"])
    if before is to:
        return
    if before is CaseStatus.CLOSED and reason is not Reason.OPENED_AGAIN:
        raise MoveRefused(f"{stored['case_id']} is closed: open it again first (priorauth reopen)")
    check_can_move(before, to, by.role)
    connection.execute(
        update(cases)
        .where(cases.c.case_id == stored["case_id"])
        .values(status=to, reason=reason, updated_at=at)
    )
    # What is at the payer is watched by other clocks, so its course is looked at again.
    connection.execute(
        update(courses)
        .where(courses.c.case_id == stored["case_id"])
        .values(next_action_on=DUE_AT_ONCE, looked_at=None)
    )
    write_audit_event(
        connection,
        "case_moved",
        by=by,
        at=at,
        case_id=stored["case_id"],
        moved=(before, to),
        reason=reason,
    )


def case_columns(case: Case) -> dict[str, Any]:
    """Return what the columns of a case say of its present content."""
    content = case_json(case)
    return {
        "case_id": case.case_id,
        "referral_system": case.referral.system,
        "referral_identifier": case.referral.identifier,
        "condition": case.condition,
        "phase": case.request.phase if case.request else None,
        "payer": case.coverage.payer if case.coverage else None,
        "content": content.decode(),
        "sha256": sha256(content).hexdigest(),
    }
