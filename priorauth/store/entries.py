"""What people record on a case after intake, joined to what the referral said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, RowMapping, select, update

from priorauth.formats.case_file import case_from_json
from priorauth.lifecycle import AT_PAYER, Actor, CaseStatus, Reason
from priorauth.store.audit import write_audit_event
from priorauth.store.case_rows import case_columns, locked_case, move_case
from priorauth.store.connection import Connected, insert_once
from priorauth.store.copies import copy_course
from priorauth.store.recorded import GRANTS, MODELS, Part, Recorded, part_of, with_recorded
from priorauth.store.records import Put
from priorauth.store.tables import cases, recorded_entries
from schemas.base import CaseId, Model
from schemas.case import Case
from schemas.treatment import Authorization, WithdrawnAuthorization


# A request that was found complete is not known to be so once its record changes.
_VERIFIED = frozenset({CaseStatus.READY, CaseStatus.IN_REVIEW})


class Entries(Connected):
    """Entries of people, kept apart from the referral, which may be read again at any time."""

    def record(self, case_id: CaseId, *entries: Model, by: Actor, at: datetime) -> Put:
        """Add facts, documents, given infusions or authorizations to a case; what is there already is not added again."""
        with self.transaction() as connection:
            return record_entries(connection, case_id, entries, by=by, at=at)


def record_entries(
    connection: Connection, case_id: CaseId, entries: Sequence[Model], *, by: Actor, at: datetime
) -> Put:
    """Add entries to a case inside an open transaction."""
    stored = locked_case(connection, case_id)
    added = [entry for entry in entries if _insert_entry(connection, case_id, entry, by=by, at=at)]
    if not added:
        return Put.UNCHANGED
    parts = ",".join(sorted({part_of(entry) for entry in added}))
    received = case_from_json(stored["received"].encode())
    compose_again(connection, received, stored, by=by, at=at, event="case_completed", detail=parts)
    return Put.UPDATED


def _insert_entry(connection: Connection, case_id: CaseId, entry: Model, *, by: Actor, at: datetime) -> bool:
    content = entry.model_dump_json(exclude_defaults=True)
    part = part_of(entry)
    named = content
    if isinstance(entry, Authorization | WithdrawnAuthorization):
        newest = _newest_of_number(connection, case_id, entry)
        if newest is not None and (newest["part"], newest["content"]) == (part, content):
            return False
        # What follows another entry of its number is an entry of its own, even where it says what an older one said.
        named = content if newest is None else f"{newest['entry_id']} {content}"
    return insert_once(
        connection,
        recorded_entries,
        {
            "case_id": case_id,
            "part": part,
            "sha256": sha256(named.encode()).hexdigest(),
            "content": content,
            "recorded_by": by.name,
            "recorded_at": at,
        },
    )


def _newest_of_number(
    connection: Connection, case_id: CaseId, entry: Authorization | WithdrawnAuthorization
) -> RowMapping | None:
    """Return what was recorded last of an authorization: its grant or its withdrawal."""
    wanted = (
        select(recorded_entries)
        .where(recorded_entries.c.case_id == case_id, recorded_entries.c.part.in_(GRANTS))
        .order_by(recorded_entries.c.entry_id.desc())
    )
    for row in connection.execute(wanted).mappings():
        found = MODELS[Part(row["part"])].model_validate_json(row["content"])
        if isinstance(found, Authorization | WithdrawnAuthorization) and (found.payer, found.number) == (
            entry.payer,
            entry.number,
        ):
            return row
    return None


def compose_again(
    connection: Connection,
    received: Case,
    stored: RowMapping,
    *,
    by: Actor,
    at: datetime,
    event: str,
    detail: str | None = None,
) -> None:
    """Join a case as received with its recorded entries, and store the result with all that follows from it."""
    case = with_recorded(received, _recorded(connection, received.case_id))
    changed = {**case_columns(case), "version": stored["version"] + 1, "updated_at": at}
    connection.execute(update(cases).where(cases.c.case_id == case.case_id).values(**changed))
    copy_course(connection, case)
    write_audit_event(connection, event, by=by, at=at, case_id=case.case_id, detail=detail)
    status = CaseStatus(stored["status"])
    if status in _VERIFIED:
        move_case(connection, stored, CaseStatus.DRAFT, by=by, at=at, reason=Reason.RECORD_CHANGED)
    elif status in AT_PAYER and stored["payer"] not in (None, changed["payer"]):
        # The request lies at a plan that will not pay; what was known of it stays in the submissions.
        move_case(connection, stored, CaseStatus.DRAFT, by=by, at=at, reason=Reason.PLAN_CHANGED)


def _recorded(connection: Connection, case_id: CaseId) -> list[Recorded]:
    wanted = select(recorded_entries.c.part, recorded_entries.c.content).where(
        recorded_entries.c.case_id == case_id
    )
    rows = connection.execute(wanted.order_by(recorded_entries.c.entry_id))
    return [(Part(part), MODELS[Part(part)].model_validate_json(content)) for part, content in rows]
