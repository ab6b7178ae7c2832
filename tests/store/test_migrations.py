"""The tables that migrations make are the tables that the code uses."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from traceback import format_exception

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import delete, text, update

from priorauth.store import Store, migrating, open_store
from priorauth.store.connection import connect
from priorauth.store.errors import NewerDatabase, StatementRefused, StoreBusy
from priorauth.store.tables import assessments, audit_events
from schemas.assessment import Assessment, Recommendation
from schemas.case import Case
from tests.store.people import NOON


def test_migrations_lead_to_the_tables_in_the_code(store: Store) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), audit_events.metadata) == []


def test_the_newest_migration_is_the_one_that_opening_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrating.__file__).parent / "migrations"))

    assert ScriptDirectory.from_config(config).get_heads() == [migrating.HEAD]


def test_opening_an_up_to_date_store_changes_nothing(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "upgrade", lambda *_: pytest.fail("ran a migration"))

    open_store(url, tmp_path / "documents").close()


def test_a_database_of_a_newer_version_is_refused(store: Store, url: str, tmp_path: Path) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(NewerDatabase, match="'9999'"):
        open_store(url, tmp_path / "documents")


def test_the_database_itself_keeps_the_audit_trail_from_change(
    store: Store, case: Callable[..., Case]
) -> None:
    store.put_case(case(), at=NOON)

    for change in (update(audit_events).values(event="other"), delete(audit_events)):
        with (
            pytest.raises(StatementRefused, match="audit_events are only appended to"),
            store.transaction() as connection,
        ):
            connection.execute(change)


def test_the_database_itself_keeps_assessments_from_change(store: Store, case: Callable[..., Case]) -> None:
    store.put_case(case(), at=NOON)
    store.put_assessment(
        Assessment(
            case_id=case().case_id, assessed_on=NOON.date(), recommendation=Recommendation.ESCALATE, because="a test",
            findings=(), case_sha256="0" * 64, engine="test",
        ),
        at=NOON,
    )  # fmt: skip

    for change in (update(assessments).values(recommendation="deny"), delete(assessments)):
        with (
            pytest.raises(StatementRefused, match="assessments are only appended to"),
            store.transaction() as connection,
        ):
            connection.execute(change)


def test_what_is_stored_never_appears_in_the_error_of_a_failed_statement(store: Store) -> None:
    with pytest.raises(StatementRefused) as failed, store.transaction() as connection:
        connection.execute(audit_events.insert().values(at=NOON, role="x", actor="Jane Doe", event=None))

    assert "Jane Doe" not in "".join(format_exception(failed.value))


def test_the_database_file_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path / 'new' / 'cases.db'}", tmp_path / "documents").close()

    assert stat.S_IMODE((tmp_path / "new" / "cases.db").stat().st_mode) == 0o600


def test_a_server_that_does_not_answer_is_worth_trying_again(tmp_path: Path) -> None:
    with pytest.raises(StoreBusy):
        open_store("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2", tmp_path)


_ROWS_OF_THE_FIRST_VERSION = """
INSERT INTO cases
  (case_id, referral_system, referral_identifier, status, reason, payer,
   received, received_sha256, content, sha256, version, created_at, updated_at)
  VALUES ('PA-00000001', 'tests', '1', 'submitted', 'sent', 'aetna',
   '', '', '', '', 1, '2026-11-20 12:00:00', '2026-11-20 12:00:00');
INSERT INTO submissions (case_id, channel, packet_sha256, state, claimed_by, claimed_at)
  VALUES ('PA-00000001', 'fax', '', 'confirmed', 'Ann Lee', '2026-11-20 12:00:00');
INSERT INTO intake_faults (fault_id, name, code, line, first_seen_at, last_seen_at)
  VALUES ('F-1', 'a.yaml', 'truncated', '', '2026-11-20 12:00:00', '2026-11-20 12:00:00')
"""


def test_a_database_of_the_first_version_keeps_its_sendings_and_faults(
    empty_url: str, tmp_path: Path
) -> None:
    engine = connect(empty_url)
    with engine.begin() as connection:
        migrating.upgrade(connection, "0001")
        for statement in _ROWS_OF_THE_FIRST_VERSION.split(";"):
            connection.execute(text(statement))
    engine.dispose()

    store = open_store(empty_url, tmp_path / "documents")
    (sending,) = store.list_submissions("PA-00000001")
    (fault,) = store.list_faults()
    store.close()

    assert (sending.channel, sending.payer, sending.sent_on) == ("fax", None, None)
    assert fault.name == "a.yaml"
