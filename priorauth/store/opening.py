"""All of the case store in one class, and how it is opened."""

from __future__ import annotations

from pathlib import Path

from priorauth.store.assessments import Assessments
from priorauth.store.audit import AuditTrail
from priorauth.store.cases import Cases
from priorauth.store.connection import connect
from priorauth.store.courses import Courses
from priorauth.store.determinations import Determinations
from priorauth.store.entries import Entries
from priorauth.store.faults import Faults
from priorauth.store.migrating import bring_up_to_date
from priorauth.store.outgoing import Outgoing


class Store(Cases, Entries, Assessments, Outgoing, Determinations, Courses, Faults, AuditTrail):
    """All that is stored. ``with store.transaction():`` makes several steps one."""


def open_store(url: str, documents_folder: Path) -> Store:
    """Open the store of a database URL, made or migrated where needed; several processes may do so at once."""
    engine = connect(url)
    try:
        bring_up_to_date(engine)
    except BaseException:
        engine.dispose()
        raise
    documents_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Store(engine, documents_folder)
