"""Bringing a database to the tables of this version."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from priorauth.store.connection import database_errors
from priorauth.store.errors import NewerDatabase


HEAD = "0004"
"""The newest revision under migrations/versions. Kept here so that opening an up-to-date store need not load Alembic."""

_FOLDER = Path(__file__).parent / "migrations"
# Any number will do, as long as every process of this product uses the same.
_ADVISORY_LOCK = 7_214_205_011


def bring_up_to_date(engine: Engine) -> None:
    """Run the migrations that are missing, one process at a time."""
    with database_errors(), engine.connect() as connection:
        if _revision(connection) == HEAD:
            return
    # On SQLite beginning takes the write lock; on PostgreSQL a lock for this purpose does.
    with database_errors(), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        if _revision(connection) != HEAD:
            upgrade(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar_one_or_none()
    return found


def upgrade(connection: Connection, revision: str = HEAD) -> None:
    """Run the migrations up to a revision inside the caller's transaction."""
    from alembic import command  # noqa: PLC0415 (a third of a second that only a new or old database needs)
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError:
        raise NewerDatabase(
            f"found the revision '{_revision(connection)}', which this version does not know, expected {HEAD} or an earlier one; "
            "start the newer version of the product that this database was used with"
        ) from None
