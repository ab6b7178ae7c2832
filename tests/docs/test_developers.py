"""What the documentation shows is what the code does."""

from __future__ import annotations

from pathlib import Path

from priorauth.lifecycle import lifecycle_diagram


ROOT = Path(__file__).parents[2]


def test_the_picture_of_the_life_of_a_case_is_the_table():
    assert lifecycle_diagram() in (ROOT / "DEVELOPERS.md").read_text()
