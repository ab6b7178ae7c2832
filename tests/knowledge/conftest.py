"""The knowledge as shipped, and copies of it to break."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from priorauth.knowledge import Knowledge, load_knowledge


SHIPPED = Path(__file__).parents[2] / "knowledge"


@pytest.fixture(scope="session")
def shipped() -> Path:
    return SHIPPED


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge(SHIPPED)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return shutil.copytree(SHIPPED, tmp_path / "knowledge")


@pytest.fixture
def edit(copy: Path) -> Callable[[str, str, str], Path]:
    """Replace the first occurrence of a text in one file of a copy; return the copy."""

    def replace(name: str, before: str, after: str) -> Path:
        path = copy / name
        text = path.read_text(encoding="utf-8")
        assert before in text, f"{name} does not hold {before!r} any more; adapt this test"
        path.write_text(text.replace(before, after, 1), encoding="utf-8")
        return copy

    return replace
