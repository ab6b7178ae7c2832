"""Files that intake could not take in, kept until the same file can be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from hashlib import sha256

from sqlalchemy import and_, or_, select, update

from priorauth.formats.unreadable import Fault
from priorauth.store.connection import Connected, insert_once
from priorauth.store.records import StoredFault
from priorauth.store.tables import intake_faults


class Faults(Connected):
    """Nothing that arrived is lost in silence."""

    def put_faults(self, faults: Iterable[Fault], *, at: datetime) -> tuple[str, ...]:
        """Keep faults and return their ids, which say nothing of the file; the same fault seen again is one fault."""
        ids = []
        with self.transaction() as connection:
            for fault in faults:
                path = fault.path or fault.name
                fault_id = "F-" + sha256(f"{path}\x00{fault.line}".encode()).hexdigest()[:8].upper()
                row = {
                    "fault_id": fault_id,
                    "name": fault.name,
                    "path": path,
                    "code": fault.code,
                    "line": fault.line,
                    "first_seen_at": at,
                    "last_seen_at": at,
                }
                if not insert_once(connection, intake_faults, row):
                    again = update(intake_faults).where(intake_faults.c.fault_id == fault_id)
                    connection.execute(again.values(last_seen_at=at, cleared_at=None))
                ids.append(fault_id)
        return tuple(ids)

    def clear_faults(self, paths: Iterable[str], *, name: str, at: datetime) -> None:
        """Record that a file, with others it brings along, could be read after all; ``name`` is for faults kept without path."""
        of_file = or_(
            intake_faults.c.path.in_(tuple(paths)),
            and_(intake_faults.c.path.is_(None), intake_faults.c.name == name),
        )
        standing = update(intake_faults).where(of_file, intake_faults.c.cleared_at.is_(None))
        with self.transaction() as connection:
            connection.execute(standing.values(cleared_at=at))

    def list_faults(self) -> tuple[StoredFault, ...]:
        """List files that still cannot be read, oldest first."""
        columns = [intake_faults.c[field.name] for field in fields(StoredFault)]
        wanted = (
            select(*columns)
            .where(intake_faults.c.cleared_at.is_(None))
            .order_by(intake_faults.c.first_seen_at, intake_faults.c.fault_id)
        )
        with self.reading() as connection:
            return tuple(StoredFault(**row) for row in connection.execute(wanted).mappings())
