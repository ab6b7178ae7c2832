"""The sample referrals as the tests see them: the case of each, and the text of every page of its PDFs."""

import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from priorauth.formats.case_file import read_case_file
from priorauth.knowledge import Knowledge, load_knowledge
from schemas.case import Case


ROOT = Path(__file__).parents[2]
REFERRALS = ROOT / "examples" / "referrals"


@cache
def page_texts(path: Path) -> tuple[str, ...]:
    """Return the text of each page, with every run of white space as one space."""
    run = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True)
    return tuple(" ".join(page.split()) for page in run.stdout.split("\f")[:-1])


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge(ROOT / "knowledge")


@pytest.fixture(scope="session")
def case_of(knowledge: Knowledge) -> Callable[[str], Case]:
    @cache
    def read(name: str) -> Case:
        content = (REFERRALS / name / "case.yaml").read_bytes()
        return read_case_file(content, name, knowledge.vocabulary)

    return read


@pytest.fixture(scope="session")
def pages_of() -> Callable[[str, str], tuple[str, ...]]:
    def read(name: str, file: str) -> tuple[str, ...]:
        return page_texts(REFERRALS / name / file)

    return read


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "referral" in metafunc.fixturenames:
        metafunc.parametrize("referral", sorted(path.parent.name for path in REFERRALS.glob("*/case.yaml")))
