"""Help teaches: every command shows how it is used, and what it shows can be typed."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from flows.commands import app
from tests.commands.conftest import SAMPLES


HEAVY = ("prefect", "weasyprint", "sqlalchemy", "pydantic", "jinja2", "pikepdf", "icalendar")


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


TREE = dict(commands(typer.main.get_command(app)))


def examples_of(command: Any) -> list[str]:
    text = command.help.replace("Example: priorauth", "\n\npriorauth")
    paragraphs = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return [paragraph for paragraph in paragraphs if paragraph.startswith("priorauth ")]


EXAMPLES = [example for command in TREE.values() for example in examples_of(command)]


@pytest.mark.parametrize("path", TREE, ids=" ".join)
def test_every_command_has_help_with_an_example_of_itself(path):
    assert [
        example for example in examples_of(TREE[path]) if example.startswith(" ".join(("priorauth", *path)))
    ]


@pytest.mark.parametrize("path", TREE, ids=" ".join)
def test_help_is_printed_for_every_command(path, run):
    result = run(*path, "--help")

    assert result.exit_code == 0
    assert "Usage: " in result.stdout
    assert "priorauth " in result.stdout


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_can_be_typed(example, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letter.pdf").touch()
    words = shlex.split(example)[1:]
    path = max((path for path in TREE if tuple(words[: len(path)]) == path), key=len)

    context = TREE[path].make_context(path[-1], words[len(path) :])

    assert not context.args


@pytest.mark.parametrize(
    "path", [path for path in TREE if path and not hasattr(TREE[path], "commands")], ids=" ".join
)
def test_every_result_can_be_had_as_json(path):
    options = [option for parameter in TREE[path].params for option in parameter.opts]

    assert "--json" in options


@pytest.mark.slow
def test_an_assessment_loads_neither_prefect_nor_a_page_layout():
    code = (
        "import sys; from flows.commands import app;"
        f" app(['assess', '{SAMPLES / '01_cidp_initial'}', '--json'], standalone_mode=False);"
        " print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    assessed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert {"prefect", "weasyprint"} & set(assessed.stderr.split()) == set()


def test_help_comes_at_once_because_nothing_heavy_is_imported():
    code = "import sys, flows.commands; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    imported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert set(HEAVY) & set(imported.stdout.split()) == set()
