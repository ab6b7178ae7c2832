"""Characters that no bundled font can draw, found before rendering and named by the field they stand in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from priorauth.rendering.fonts import check_coverage, covered_characters
from priorauth.rendering.record_text import clean
from schemas.base import Model
from schemas.case import Case
from schemas.letter_matter import Matter


def check_glyphs(html: str, case: Case, matter: Matter | None, *, fonts: Path) -> None:
    """Raise UnprintableText naming the field of the case, or of the letter's matter, that cannot be printed."""
    missing = {character for character in set(html) if ord(character) not in covered_characters(fonts)}
    if not missing:
        return
    for root, model in (("case", case), ("matter", matter)):
        for path, text in _texts(model, root):
            if missing & set(clean(text)):
                check_coverage(clean(text), fonts, where=path)
    check_coverage(html, fonts, where="the letter")


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield path, value
        case Model():
            for name in type(value).model_fields:
                yield from _texts(getattr(value, name), f"{path}.{name}")
        case tuple():
            for number, item in enumerate(value):
                yield from _texts(item, f"{path}[{number}]")
        case _:
            return
