"""The vocabulary and the functions that derive facts fit together."""

from __future__ import annotations

from pathlib import Path

from priorauth.facts.derived import DERIVATIONS
from priorauth.knowledge import load_knowledge


VOCABULARY = load_knowledge(Path(__file__).parents[2] / "knowledge").vocabulary


def test_every_derived_fact_has_a_function_and_every_function_a_fact():
    derived = {key for key, definition in VOCABULARY.items() if definition.derived}

    assert set(DERIVATIONS) == derived


def test_every_ask_reads_as_a_request():
    assert [
        key
        for key, definition in VOCABULARY.items()
        if definition.ask.endswith(".") or not definition.ask[0].isupper()
    ] == []
