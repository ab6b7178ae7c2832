"""Writes the reference of the assessment JSON into DEVELOPERS.md: ``python -m flows.reference``."""

from __future__ import annotations

from pathlib import Path

from priorauth.assessment_reference import BEGIN, END, assessment_reference


PAGE = Path(__file__).parents[1] / "DEVELOPERS.md"


def main() -> None:
    """Replace what stands between the two marks."""
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + assessment_reference() + after, "utf-8")


if __name__ == "__main__":
    main()
