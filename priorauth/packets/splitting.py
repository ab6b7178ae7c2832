"""Which exhibits go into which part of a packet, so that no part has more pages or bytes than the payer takes.

Exhibits stay in their order. One is divided only where no part could hold it whole. How large a part becomes is only
known once it is made, so a plan rests on the size of each exhibit alone and is made again, with less room, where a part
came out too large.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO

import pikepdf

from priorauth.packets.acceptance import AcceptedExhibit, Piece
from priorauth.packets.errors import LimitTooSmall
from priorauth.packets.model import Packet, SizeLimits


Plan = tuple[tuple[Piece, ...], ...]
"""The pieces of each part; the letter is in the first."""

_STAMPED = 500
"""Bytes that a page takes beyond its drawing: stamp, tag and bookmark."""


@dataclass
class Splitting:
    """Makes plans until one keeps the limits. `first` and `other` are parts without exhibits, with and without a letter."""

    accepted: Sequence[AcceptedExhibit]
    limits: SizeLimits
    first: Packet
    other: Packet
    _more_pages: int = 0
    _more_bytes: int = 0
    _weights: dict[tuple[str, int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.limits.allow(pages=self.first.page_count, size=len(self.first.content)):
            return
        raise LimitTooSmall(
            f"packet limits: cover, index and letter alone have {_size(self.first)}, which is over the limit of "
            f"{_words(self.limits)}. Raise the limit, or send the packet by a channel that takes more."
        )

    def plan(self) -> Plan:
        """Fill one part after the other. Raises LimitTooSmall where a single page is too much for a part."""
        parts: list[list[Piece]] = [[]]
        for one in self.accepted:
            start, end = 0, len(one.sheets)
            if not self._fits(parts, Piece.whole(one)) and self._fits([[], []], Piece.whole(one)):
                parts.append([])
            while start < end:
                stop = self._most(parts, one, start)
                if stop > start:
                    parts[-1].append(Piece(one, start, stop))
                    start = stop
                elif len(parts) > 1 and not parts[-1]:
                    raise self._refusal(one, start)
                if start < end:
                    parts.append([])
        return tuple(map(tuple, parts))

    def keeps(self, packets: Sequence[Packet]) -> bool:
        """Whether all parts keep the limits; the next plan leaves as much room free as was wanting."""
        over_pages = max(packet.page_count - (self.limits.pages or packet.page_count) for packet in packets)
        over_bytes = max(
            len(packet.content) - (self.limits.most_bytes or len(packet.content)) for packet in packets
        )
        self._more_pages += max(over_pages, 0)
        self._more_bytes += max(over_bytes, 0)
        return over_pages <= 0 and over_bytes <= 0

    def _most(self, parts: Sequence[Sequence[Piece]], one: AcceptedExhibit, start: int) -> int:
        """The page up to which the exhibit fits into the last part: halved again and again, since sizes only grow."""
        low, high = start, len(one.sheets)
        while low < high:
            middle = (low + high + 1) // 2
            if self._fits(parts, Piece(one, start, middle)):
                low = middle
            else:
                high = middle - 1
        return low

    def _fits(self, parts: Sequence[Sequence[Piece]], piece: Piece) -> bool:
        pieces = [*parts[-1], piece]
        bare = self.first if len(parts) == 1 else self.other
        pages = sum(each.stop - each.start for each in pieces)
        size = sum(map(self._weight, pieces)) + pages * _STAMPED
        return self.limits.allow(
            pages=bare.page_count + pages + self._more_pages,
            size=len(bare.content) + size + self._more_bytes,
        )

    def _weight(self, piece: Piece) -> int:
        key = piece.accepted.exhibit.label, piece.start, piece.stop
        if key not in self._weights:
            self._weights[key] = _saved_size(piece)
        return self._weights[key]

    def _refusal(self, one: AcceptedExhibit, start: int) -> LimitTooSmall:
        megabytes = self._weight(Piece(one, start, start + 1)) / 1_000_000
        return LimitTooSmall(
            f"packet limits: page {start + 1} of exhibit {one.exhibit.label} ({megabytes:.1f} MB) does not fit into a "
            f"part of {_words(self.limits)} with its cover and index ({_size(self.other)}). Scan it again with fewer "
            "dots, raise the limit, or send the packet by a channel that takes more."
        )


def _saved_size(piece: Piece) -> int:
    with pikepdf.new() as alone:
        for sheet in piece.sheets:
            page = alone.add_blank_page()
            page.obj.Resources = pikepdf.Dictionary(
                XObject=pikepdf.Dictionary(Sheet=alone.copy_foreign(sheet.form))
            )
        target = BytesIO()
        alone.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return len(target.getvalue())


def _size(packet: Packet) -> str:
    return f"{packet.page_count} pages and {len(packet.content) / 1_000_000:.1f} MB"


def _words(limits: SizeLimits) -> str:
    pages = [f"{limits.pages} pages"] if limits.pages is not None else []
    return " and ".join([*pages, *([f"{limits.megabytes} MB"] if limits.megabytes is not None else [])])
