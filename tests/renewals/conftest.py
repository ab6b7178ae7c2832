"""The shipped knowledge, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from priorauth.knowledge import Knowledge, load_knowledge


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge(Path(__file__).parents[2] / "knowledge")
