"""Accepting exhibits of a packet: those that can be put in, page by page, and those that are refused."""

from collections.abc import Sequence
from dataclasses import dataclass

import pikepdf
from pikepdf import Matrix

from priorauth.packets.errors import UnusableExhibit
from priorauth.packets.exhibits import open_exhibit
from priorauth.packets.model import Exhibit, IndexEntry, RefusedExhibit
from priorauth.packets.sheets import on_letter


@dataclass(frozen=True)
class Sheet:
    """One page of an exhibit, ready to be placed on a Letter sheet. Without text it is a scan."""

    form: pikepdf.Object
    matrix: Matrix
    has_text: bool


@dataclass(frozen=True)
class AcceptedExhibit:
    """An exhibit that goes into the packet. `source` is kept open for as long as its pages are copied."""

    exhibit: Exhibit
    source: pikepdf.Pdf
    sheets: tuple[Sheet, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Piece:
    """Pages `start` to `stop` of an exhibit, counted from 0 without the last, that lie in one part of the packet."""

    accepted: AcceptedExhibit
    start: int
    stop: int

    @classmethod
    def whole(cls, accepted: AcceptedExhibit) -> "Piece":
        """The exhibit undivided."""
        return cls(accepted, 0, len(accepted.sheets))

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        """The pages."""
        return self.accepted.sheets[self.start : self.stop]

    def entry(self, part: int) -> IndexEntry:
        """Its line of the index, not placed yet."""
        exhibit = self.accepted.exhibit
        return IndexEntry(
            label=exhibit.label,
            title=exhibit.title,
            first_page=0,
            page_count=self.stop - self.start,
            part=part,
            from_page=self.start + 1,
            of_pages=len(self.accepted.sheets),
            document_id=exhibit.document_id,
            date=exhibit.date,
            notes=self.accepted.notes,
        )


def open_all(exhibits: Sequence[Exhibit]) -> tuple[list[AcceptedExhibit], list[RefusedExhibit]]:
    """Sort the exhibits into accepted and refused, in the order given."""
    accepted, refused = [], []
    for exhibit in exhibits:
        try:
            accepted.append(_accept(exhibit))
        except UnusableExhibit as unusable:
            refused.append(
                RefusedExhibit(
                    label=exhibit.label,
                    title=exhibit.title,
                    document_id=exhibit.document_id,
                    reason=str(unusable),
                )
            )
    return accepted, refused


def check_exhibit(content: bytes, media_type: str) -> str | None:
    """Return why this document cannot be an exhibit, in words for the coordinator, or None if it can.

    It does all that assembling a packet does with the document, so what passes here is not refused there.
    """
    exhibit = Exhibit(label="A", title="", media_type=media_type, content=content, document_id="")
    try:
        _accept(exhibit)
    except UnusableExhibit as unusable:
        return str(unusable)
    return None


def _accept(exhibit: Exhibit) -> AcceptedExhibit:
    document = open_exhibit(exhibit.content, exhibit.media_type)
    sheets = tuple(
        Sheet(*on_letter(page), has_text=drawing.has_text)
        for page, drawing in zip(document.pdf.pages, document.drawings, strict=True)
    )
    return AcceptedExhibit(exhibit, document.pdf, sheets, document.notes)
