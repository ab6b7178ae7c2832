"""Files of the record, kept under the hash of their content: written whole or not at all, and checked when read."""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from priorauth.store.connection import Connected, insert_once
from priorauth.store.errors import DocumentDamaged, NoSuchRecord
from priorauth.store.records import StoredDocument
from priorauth.store.tables import documents
from priorauth.writing import write_whole


_SHA256 = re.compile(r"^[0-9a-f]{64}$")


class DocumentFiles(Connected):
    """Bytes on disk, one row for each."""

    def put_document(self, content: bytes, *, media_type: str, at: datetime, pages: int | None = None) -> str:
        """Keep a file and return its hash. The file is written before its row, so that no row lacks its file."""
        digest = sha256(content).hexdigest()
        path = self.document_path(digest)
        # A file of another length under the right name is a damaged one, and is written again.
        if not path.exists() or path.stat().st_size != len(content):
            write_whole(path, content)
        with self.transaction() as connection:
            row = {
                "sha256": digest,
                "media_type": media_type,
                "pages": pages,
                "size": len(content),
                "stored_at": at,
            }
            insert_once(connection, documents, row)
        return digest

    def read_document(self, digest: str) -> bytes:
        """Return the content stored under a hash; DocumentDamaged where the file no longer has it."""
        path = self.document_path(digest)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise DocumentDamaged(
                f"the file of document {digest} is not under {self.documents_folder}; restore it from a backup"
            ) from None
        if sha256(content).hexdigest() != digest:
            raise DocumentDamaged(
                f"the file {path} was changed after it was stored; restore it from a backup"
            )
        return content

    def document(self, digest: str) -> StoredDocument:
        """Return what is known of a stored file."""
        fields = [documents.c[name] for name in ("sha256", "media_type", "pages", "size")]
        with self.reading() as connection:
            row = (
                connection.execute(select(*fields).where(documents.c.sha256 == digest))
                .mappings()
                .one_or_none()
            )
        if row is None:
            raise NoSuchRecord(f"no document is stored under {digest}")
        return StoredDocument(**row)

    def document_path(self, digest: str) -> Path:
        """Return where the file of a hash lies or would lie."""
        if not _SHA256.match(digest):
            raise NoSuchRecord(
                f"found '{digest}', expected the SHA-256 of a document in 64 hexadecimal digits"
            )
        return self.documents_folder / digest[:2] / digest
