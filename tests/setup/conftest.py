"""Shared by the tests of set-up."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture
def restored_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)
