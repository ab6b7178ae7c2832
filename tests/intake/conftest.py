"""The knowledge, pages to refer to, and a folder for referrals."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from priorauth.knowledge import Knowledge, load_knowledge


ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge(ROOT / "knowledge")


@pytest.fixture(scope="session")
def two_pages() -> bytes:
    """A PDF of two blank pages."""
    pdf = pikepdf.new()
    for _ in range(2):
        pdf.add_blank_page().Contents = pdf.make_stream(b"72 72 200 100 re f")
    content = BytesIO()
    pdf.save(content, deterministic_id=True)
    return content.getvalue()


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder
