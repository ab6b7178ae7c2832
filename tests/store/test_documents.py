"""Files in the store: kept under their content, whole or not at all, and never returned damaged."""

from __future__ import annotations

import stat
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from priorauth.store import Store
from priorauth.store.errors import DocumentDamaged, NoSuchRecord
from tests.store.people import NOON


NOTE = b"%PDF-1.7 a visit note"


def test_a_document_is_kept_once_under_its_content(store: Store) -> None:
    digests = {store.put_document(NOTE, media_type="application/pdf", pages=1, at=NOON) for _ in range(2)}

    assert digests == {sha256(NOTE).hexdigest()}
    found = store.document(digests.pop())
    assert (found.media_type, found.pages, found.size) == ("application/pdf", 1, len(NOTE))


@given(content=st.binary(max_size=500))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_any_bytes_come_back_as_they_were_put(store: Store, content: bytes) -> None:
    assert (
        store.read_document(store.put_document(content, media_type="application/octet-stream", at=NOON))
        == content
    )


def test_documents_can_be_read_by_their_owner_only(store: Store) -> None:
    path = store.document_path(store.put_document(NOTE, media_type="application/pdf", at=NOON))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_document_changed_on_disk_is_refused(store: Store) -> None:
    digest = store.put_document(NOTE, media_type="application/pdf", at=NOON)
    store.document_path(digest).write_bytes(NOTE.replace(b"visit", b"other"))

    with pytest.raises(DocumentDamaged, match="changed after it was stored"):
        store.read_document(digest)


def test_a_document_lost_from_disk_is_named_and_can_be_put_again(store: Store) -> None:
    digest = store.put_document(NOTE, media_type="application/pdf", at=NOON)
    store.document_path(digest).unlink()

    with pytest.raises(DocumentDamaged, match=digest):
        store.read_document(digest)
    store.put_document(NOTE, media_type="application/pdf", at=NOON)
    assert store.read_document(digest) == NOTE


def test_a_file_that_was_cut_off_is_written_again(store: Store) -> None:
    digest = store.put_document(NOTE, media_type="application/pdf", at=NOON)
    store.document_path(digest).write_bytes(NOTE[:5])

    store.put_document(NOTE, media_type="application/pdf", at=NOON)

    assert store.read_document(digest) == NOTE


def test_no_unfinished_file_stays_behind_when_writing_fails(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)

    with pytest.raises(OSError, match="no space left"):
        store.put_document(NOTE, media_type="application/pdf", at=NOON)

    assert [path for path in store.documents_folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "abc", "A" * 64])
def test_what_is_not_a_hash_leads_to_no_file(store: Store, name: str) -> None:
    with pytest.raises(NoSuchRecord, match="expected the SHA-256"):
        store.read_document(name)
