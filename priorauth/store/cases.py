"""Cases: put by intake, moved through their life, completed by what people record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, select, update

from priorauth.formats.case_file import case_from_json, case_json
from priorauth.lifecycle import SOFTWARE, Actor, CaseStatus, Reason, check_can_move
from priorauth.store.audit import write_audit_event
from priorauth.store.connection import Connected, insert_once
from priorauth.store.copies import copy_course
from priorauth.store.errors import CaseIdTaken, NoSuchRecord
from priorauth.store.recorded import MODELS, Part, Recorded, part_of, with_recorded
from priorauth.store.records import CaseSummary, Put
from priorauth.store.tables import cases, recorded_entries
from schemas.base import CaseId, ConditionId, Model, Phase
from schemas.case import Case
from schemas.treatment import PlannedInfusion


_BATCH = 500

# A request that was found complete is not known to be so once its record changes.
_VERIFIED = frozenset({CaseStatus.READY, CaseStatus.IN_REVIEW})

_SUMMARY = [
    cases.c[name]
    for name in (
        "case_id",
        "status",
        "reason",
        "condition",
        "phase",
        "payer",
        "version",
        "sha256",
        "created_at",
        "updated_at",
    )
]


class Cases(Connected):
    """What is stored of each case."""

    def put_case(self, case: Case, *, at: datetime, by: Actor = SOFTWARE) -> Put:
        """Store a case as intake read it. The same referral is the same case, whoever puts it and however often."""
        received = case_json(case)
        digest = sha256(received).hexdigest()
        with self.transaction() as connection:
            first = {
                "status": CaseStatus.DRAFT,
                "reason": Reason.RECEIVED,
                "version": 1,
                "created_at": at,
                "updated_at": at,
            }
            row = {**_columns(case), **first, "received": received.decode(), "received_sha256": digest}
            if insert_once(connection, cases, row):
                copy_course(connection, case, at=at)
                write_audit_event(
                    connection,
                    "case_received",
                    by=by,
                    at=at,
                    case_id=case.case_id,
                    moved=(None, CaseStatus.DRAFT),
                    reason=Reason.RECEIVED,
                )
                return Put.CREATED
            stored = locked_case(connection, case.case_id)
            if (stored["referral_system"], stored["referral_identifier"]) != (
                case.referral.system,
                case.referral.identifier,
            ):
                raise CaseIdTaken(
                    f"another referral already has the case id {case.case_id}; give this referral an identifier of its own"
                )
            if stored["received_sha256"] == digest:
                return Put.UNCHANGED
            connection.execute(
                update(cases)
                .where(cases.c.case_id == case.case_id)
                .values(received=received.decode(), received_sha256=digest)
            )
            _compose_again(connection, case, stored, by=by, at=at, event="case_changed")
            return Put.UPDATED

    def get_case(self, case_id: CaseId) -> Case:
        """Return a case with all that was recorded on it."""
        with self.reading() as connection:
            content = connection.execute(
                select(cases.c.content).where(cases.c.case_id == case_id)
            ).scalar_one_or_none()
        if content is None:
            raise NoSuchRecord(f"no case is stored under {case_id}; `priorauth intake` takes referrals in")
        return case_from_json(content.encode())

    def get_cases(self, case_ids: Sequence[CaseId]) -> Iterator[Case]:
        """Yield many cases in the order asked for, read in batches; ids that are not stored are left out."""
        for start in range(0, len(case_ids), _BATCH):
            batch = case_ids[start : start + _BATCH]
            with self.reading() as connection:
                rows = connection.execute(
                    select(cases.c.case_id, cases.c.content).where(cases.c.case_id.in_(batch))
                )
                found = {row.case_id: row.content for row in rows}
            yield from (case_from_json(found[case_id].encode()) for case_id in batch if case_id in found)

    def case_summary(self, case_id: CaseId) -> CaseSummary:
        """Return status and codes of one case."""
        with self.reading() as connection:
            row = (
                connection.execute(select(*_SUMMARY).where(cases.c.case_id == case_id))
                .mappings()
                .one_or_none()
            )
        if row is None:
            raise NoSuchRecord(f"no case is stored under {case_id}; `priorauth intake` takes referrals in")
        return _summary(row)

    def list_cases(
        self,
        *,
        status: CaseStatus | None = None,
        condition: ConditionId | None = None,
        payer: str | None = None,
    ) -> tuple[CaseSummary, ...]:
        """List cases in the order of their ids, all or those that match."""
        wanted = select(*_SUMMARY).order_by(cases.c.case_id)
        for column, value in (
            (cases.c.status, status),
            (cases.c.condition, condition),
            (cases.c.payer, payer),
        ):
            if value is not None:
                wanted = wanted.where(column == value)
        with self.reading() as connection:
            return tuple(_summary(row) for row in connection.execute(wanted).mappings())

    def move(self, case_id: CaseId, to: CaseStatus, *, by: Actor, at: datetime, reason: Reason) -> None:
        """Change the status and write it down, together or not at all; MoveRefused says why not."""
        with self.transaction() as connection:
            move_case(connection, locked_case(connection, case_id), to, by=by, at=at, reason=reason)

    def record(self, case_id: CaseId, *entries: Model, by: Actor, at: datetime) -> Put:
        """Add facts, documents, given infusions or authorizations to a case; what is there already is not added again."""
        with self.transaction() as connection:
            return record_entries(connection, case_id, entries, by=by, at=at)

    def plan_infusions(
        self, case_id: CaseId, planned: Sequence[PlannedInfusion], *, by: Actor, at: datetime
    ) -> None:
        """Replace the practice's calendar of a case."""
        with self.transaction() as connection:
            stored = locked_case(connection, case_id)
            connection.execute(
                delete(recorded_entries)
                .where(recorded_entries.c.case_id == case_id)
                .where(recorded_entries.c.part == Part.PLANNED_INFUSION)
            )
            for infusion in planned:
                _insert_entry(connection, case_id, infusion, by=by, at=at)
            received = case_from_json(stored["received"].encode())
            _compose_again(connection, received, stored, by=by, at=at, event="infusions_planned")


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
    """Change the status of a locked case; nothing happens where it has that status already."""
    before = CaseStatus(stored["status"])
    if before is to:
        return
    check_can_move(before, to, by.role)
    connection.execute(
        update(cases)
        .where(cases.c.case_id == stored["case_id"])
        .values(status=to, reason=reason, updated_at=at)
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
    _compose_again(connection, received, stored, by=by, at=at, event="case_completed", detail=parts)
    return Put.UPDATED


def _insert_entry(connection: Connection, case_id: CaseId, entry: Model, *, by: Actor, at: datetime) -> bool:
    content = entry.model_dump_json(exclude_defaults=True)
    return insert_once(
        connection,
        recorded_entries,
        {
            "case_id": case_id,
            "part": part_of(entry),
            "sha256": sha256(content.encode()).hexdigest(),
            "content": content,
            "recorded_by": by.name,
            "recorded_at": at,
        },
    )


def _compose_again(
    connection: Connection,
    received: Case,
    stored: RowMapping,
    *,
    by: Actor,
    at: datetime,
    event: str,
    detail: str | None = None,
) -> None:
    case = with_recorded(received, _recorded(connection, received.case_id))
    changed = {**_columns(case), "version": stored["version"] + 1, "updated_at": at}
    connection.execute(update(cases).where(cases.c.case_id == case.case_id).values(**changed))
    copy_course(connection, case, at=at)
    write_audit_event(connection, event, by=by, at=at, case_id=case.case_id, detail=detail)
    if CaseStatus(stored["status"]) in _VERIFIED:
        move_case(connection, stored, CaseStatus.DRAFT, by=by, at=at, reason=Reason.RECORD_CHANGED)


def _recorded(connection: Connection, case_id: CaseId) -> list[Recorded]:
    wanted = select(recorded_entries.c.part, recorded_entries.c.content).where(
        recorded_entries.c.case_id == case_id
    )
    rows = connection.execute(wanted.order_by(recorded_entries.c.entry_id))
    return [(Part(part), MODELS[Part(part)].model_validate_json(content)) for part, content in rows]


def _columns(case: Case) -> dict[str, Any]:
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


def _summary(row: RowMapping) -> CaseSummary:
    return CaseSummary(
        **{
            **row,
            "status": CaseStatus(row["status"]),
            "condition": ConditionId(row["condition"]) if row["condition"] else None,
            "phase": Phase(row["phase"]) if row["phase"] else None,
        }
    )
