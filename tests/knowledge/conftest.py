"""The knowledge as shipped, and copies of it to break."""

import shutil
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from priorauth import yaml_source
from priorauth.knowledge import Knowledge, load_knowledge
from priorauth.yaml_source import YamlFile, read_yaml


SHIPPED = Path(__file__).parents[2] / "knowledge"


@pytest.fixture(scope="session", autouse=True)
def parsed_once() -> Iterator[None]:
    """Parse a file once however many copies of it are read: a test breaks one file and leaves a hundred as they are."""
    parsed: dict[tuple[str | None, str], YamlFile] = {}

    def read(path: Path, name: str | None = None) -> YamlFile:
        try:
            key = (name, sha256(path.read_bytes()).hexdigest())
        except OSError:
            return read_yaml(path, name)
        if key not in parsed:
            parsed[key] = read_yaml(path, name)
        return parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_source, "read_yaml", read)
        yield


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
