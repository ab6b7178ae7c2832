"""A letter as lines of text, one sentence or table row to a line, and what changed between two versions of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from html.parser import HTMLParser
from itertools import zip_longest

from schemas.letter import LetterRecord


_BLOCKS = frozenset(
    {
        "p",
        "h1",
        "h2",
        "h3",
        "li",
        "tr",
        "caption",
        "section",
        "header",
        "main",
        "div",
        "figure",
        "table",
        "ol",
        "ul",
    }
)
_CELLS = frozenset({"td", "th"})
_UNSEEN = frozenset({"title", "style", "svg", "head"})


@dataclass(frozen=True, slots=True)
class LineChange:
    """One line that differs. ``before`` is empty where the line is new, ``after`` where it is gone."""

    before: str
    after: str

    def __str__(self) -> str:
        return "\n".join(f"{sign} {line}" for sign, line in (("-", self.before), ("+", self.after)) if line)


def letter_lines(html: str) -> tuple[str, ...]:
    """Return what a letter says, one sentence or table row to a line, whatever its layout."""
    reader = _LineReader()
    reader.feed(html)
    reader.close()
    return tuple(reader.lines())


def diff_letters(old: LetterRecord, new: LetterRecord) -> tuple[LineChange, ...]:
    """List the lines that changed from one version of a letter to another, in the order of the letter."""
    return diff_lines(old.lines, new.lines)


def diff_lines(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[LineChange, ...]:
    """List the lines that changed; a changed sentence stands beside what it was."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return tuple(
        LineChange(before, after)
        for tag, start, end, new_start, new_end in matcher.get_opcodes()
        if tag != "equal"
        for before, after in zip_longest(old[start:end], new[new_start:new_end], fillvalue="")
    )


class _LineReader(HTMLParser):
    """Collects text; a block or a sentence begins a new line, a cell is set off by a bar."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._unseen = 0
        self._in_cell = False

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _CELLS:
            self._in_cell = True
            self._pieces.append(" | ")
        elif tag in _BLOCKS or tag == "br":
            self._pieces.append(" / " if self._in_cell and tag == "br" else "\n")
        elif tag == "data":
            self._pieces.append("\v")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen -= 1
        elif tag in _CELLS:
            self._in_cell = False
        elif tag in _BLOCKS:
            self._pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._pieces.append(data.replace("\n", " "))

    def lines(self) -> Iterator[str]:
        """Yield the lines; within a table row a sentence does not begin a new one."""
        for block in "".join(self._pieces).split("\n"):
            parts = [block.replace("\v", "")] if " | " in block else block.split("\v")
            for part in parts:
                line = " ".join(part.split()).removeprefix("| ").strip()
                if line:
                    yield line
