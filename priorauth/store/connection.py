"""One engine, its transactions, and the settings each database needs to be used by several processes at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError

from priorauth.store.errors import StatementRefused, StoreBusy


_WAIT_FOR_LOCK_MS = 30_000
_READ_ONLY = "priorauth_read_only"


def connect(url: str) -> Engine:
    """Make the engine for a database URL; ``hide_parameters`` keeps what is stored out of error messages."""
    address = _with_driver(make_url(url))
    if address.get_backend_name() != "sqlite":
        return create_engine(address, hide_parameters=True, pool_pre_ping=True)
    _make_private(address)
    engine = create_engine(address, hide_parameters=True, connect_args={"timeout": _WAIT_FOR_LOCK_MS / 1000})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _with_driver(address: URL) -> URL:
    return address.set(drivername="postgresql+psycopg") if address.drivername == "postgresql" else address


def _make_private(address: URL) -> None:
    """Create the file readable by its owner only, since SQLite itself would follow the umask."""
    if address.database and address.database != ":memory:":
        file = Path(address.database)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Never opened where it is there: closing it would drop the locks this process holds on it (POSIX), and
        # another process would then delete the write-ahead log under its feet.
        if not file.exists():
            os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver would begin transactions by itself, and too late: see _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_WAIT_FOR_LOCK_MS}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at the start: a transaction that reads first and writes later fails at once under contention."""
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def insert_once(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless a unique one like it exists; return whether it was inserted."""
    # The drivers do not agree on what a row count means here, so the row itself is asked for.
    statement = (
        _insert(connection)(table).values(**values).on_conflict_do_nothing().returning(*table.primary_key)
    )
    return connection.execute(statement).first() is not None


def put_all(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: str,
    instead: Mapping[str, Callable[[Any], Any]] | None = None,
) -> None:
    """Insert rows, or bring those that exist up to date; ``instead`` computes a column of an existing row from the new one."""
    if not rows:
        return
    statement = _insert(connection)(table)
    new = statement.excluded
    values = {name: new[name] for name in rows[0] if name != key}
    values |= {name: compute(new) for name, compute in (instead or {}).items()}
    connection.execute(statement.on_conflict_do_update(index_elements=[key], set_=values), rows)


def _insert(connection: Connection) -> Any:
    return postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert


class Connected:
    """A database and the folder of its documents. What happens inside ``transaction`` happens wholly or not at all."""

    def __init__(self, engine: Engine, documents_folder: Path) -> None:
        self.engine = engine
        self.documents_folder = documents_folder
        self._open: ContextVar[Connection | None] = ContextVar("open_transaction", default=None)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Join the transaction that is open here, or begin one."""
        joined = self._open.get()
        if joined is not None:
            with joined.begin_nested():
                yield joined
            return
        with database_errors(), self.engine.begin() as connection:
            token = self._open.set(connection)
            try:
                yield connection
            finally:
                self._open.reset(token)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read from one consistent state, without a write lock."""
        joined = self._open.get()
        if joined is not None:
            yield joined
            return
        with database_errors(), self.engine.connect() as connection:
            yield connection.execution_options(**{_READ_ONLY: True})


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn the errors of either database into ours. PostgreSQL puts whole rows into its messages, so those stop here."""
    try:
        yield
    except OperationalError as error:
        raise StoreBusy(f"the database does not answer: {_without_values(error)}") from None
    except DBAPIError as error:
        raise StatementRefused(f"the database refused a statement: {_without_values(error)}") from None


def _without_values(error: DBAPIError) -> str:
    diagnosis = getattr(error.orig, "diag", None)
    primary = getattr(diagnosis, "message_primary", None)
    return str(primary or error.orig)
