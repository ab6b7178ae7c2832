"""What a page consists of, whatever it is printed with: headings, paragraphs and tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from schemas.base import Model
from schemas.chart import Source


@dataclass(frozen=True)
class Heading:
    """A line that opens a part of the page."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """Running text; ``look`` is a class of the style sheet, such as body, small, hand, signature."""

    text: str
    look: str = "body"


@dataclass(frozen=True)
class Table:
    """Rows of cells; ``look`` is grid, pairs (label and text) or flow (outcome flowsheet)."""

    rows: tuple[tuple[str, ...], ...]
    head: tuple[str, ...] = ()
    caption: str | None = None
    look: str = "grid"


Piece = Heading | Paragraph | Table


@dataclass(frozen=True)
class Place:
    """Where a block stands: document and page to cite, the date it speaks of, and the case it belongs to."""

    document: str
    page: int
    dated: date | None
    dates: str
    case: dict[str, Any]
    study: dict[str, Any] = field(default_factory=dict)

    @property
    def source(self) -> Source:
        """The source that an entry made here cites."""
        return Source(document=self.document, page=self.page)

    def day(self, on: date) -> str:
        """Write a date the way this institution does."""
        return on.strftime(self.dates)


@dataclass
class Block:
    """One block of a page: what is printed, and what the chart may cite from it."""

    pieces: list[Piece] = field(default_factory=list)
    entries: list[Model] = field(default_factory=list)

    def add(self, piece: Piece, entries: Iterable[Model] = ()) -> None:
        """Print a piece and keep what it documents."""
        self.pieces.append(piece)
        self.entries.extend(entries)
