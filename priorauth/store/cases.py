"""Cases: put by intake, read, listed and moved through their life."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import RowMapping, select, update

from priorauth.formats.case_file import case_from_json, case_json
from priorauth.lifecycle import SOFTWARE, Actor, CaseStatus, Reason
from priorauth.store.audit import write_audit_event
from priorauth.store.case_rows import case_columns, locked_case, move_case
from priorauth.store.connection import Connected, insert_once
from priorauth.store.copies import copy_course
from priorauth.store.entries import compose_again
from priorauth.store.errors import CaseIdTaken, NoSuchRecord
from priorauth.store.records import CaseSummary, Put
from priorauth.store.tables import cases
from schemas.base import CaseId, ConditionId, Phase
from schemas.case import Case


_BATCH = 500

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
            row = {**case_columns(case), **first, "received": received.decode(), "received_sha256": digest}
            if insert_once(connection, cases, row):
                copy_course(connection, case)
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
            compose_again(connection, case, stored, by=by, at=at, event="case_changed")
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


def _summary(row: RowMapping) -> CaseSummary:
    return CaseSummary(
        **{
            **row,
            "status": CaseStatus(row["status"]),
            "condition": ConditionId(row["condition"]) if row["condition"] else None,
            "phase": Phase(row["phase"]) if row["phase"] else None,
        }
    )
