"""Cover, index, letter and exhibits as one PDF, or as several where the payer takes none so large.

The letter is the file that everything else is added to, so it keeps its tags, its language and the facts
embedded in it. Exhibits come in as drawings only. The same input gives the same bytes.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import pikepdf
from pikepdf import Dictionary, Name, OutlineItem

from priorauth.packets import links, stamps
from priorauth.packets.acceptance import Piece, Sheet, open_all
from priorauth.packets.front import render_fronts
from priorauth.packets.model import (
    NO_LIMITS,
    Exhibit,
    IndexEntry,
    Packet,
    PacketCover,
    RefusedExhibit,
    SizeLimits,
)
from priorauth.packets.sheets import HEIGHT, WIDTH
from priorauth.packets.splitting import Plan, Splitting
from priorauth.packets.tags import StructureTree
from priorauth.rendering.pdf import TEMPLATES


def assemble_packet(
    letter_pdf: bytes,
    exhibits: Sequence[Exhibit],
    *,
    cover: PacketCover,
    case_number: str,
    created: datetime,
) -> Packet:
    """Return the packet, with every exhibit that is not in it and every reference that leads nowhere.

    The letter is one of ours, made by `render_pdf`; it is not checked the way exhibits are.
    """
    (packet,) = assemble_parts(
        letter_pdf, exhibits, cover=cover, case_number=case_number, created=created, limits=NO_LIMITS
    )
    return packet


def assemble_parts(
    letter_pdf: bytes,
    exhibits: Sequence[Exhibit],
    *,
    cover: PacketCover,
    case_number: str,
    created: datetime,
    limits: SizeLimits,
) -> tuple[Packet, ...]:
    """Return the packet in as many parts as the limits ask for, the letter in the first.

    Raises LimitTooSmall where the letter, or a single page of an exhibit, is over the limits by itself.
    """
    _check_names(exhibits, case_number)
    accepted, refused = open_all(exhibits)
    matter = _Matter(letter_pdf, tuple(refused), cover, case_number, created)
    packets = matter.packets((tuple(map(Piece.whole, accepted)),))
    if limits.allow(pages=packets[0].page_count, size=len(packets[0].content)):
        return packets
    first, other = matter.packets(((), ()))
    splitting = Splitting(accepted, limits, first, other)
    while True:
        packets = matter.packets(splitting.plan())
        if splitting.keeps(packets):
            return packets


@dataclass(frozen=True)
class _Matter:
    """What every part of a packet is made from."""

    letter_pdf: bytes
    refused: tuple[RefusedExhibit, ...]
    cover: PacketCover
    case_number: str
    created: datetime

    def packets(self, plan: Plan) -> tuple[Packet, ...]:
        """Make the parts of a plan."""
        with pikepdf.open(BytesIO(self.letter_pdf)) as opened:
            letter = IndexEntry(
                label="", title=str(opened.docinfo.Title), first_page=0, page_count=len(opened.pages)
            )
        entries = [piece.entry(part) for part, pieces in enumerate(plan, start=1) for piece in pieces]
        fronts, index = render_fronts(
            self.cover,
            (letter, *entries),
            self.refused,
            parts=len(plan),
            case_number=self.case_number,
            created=self.created,
        )
        lengths = [
            len(front.pages) + sum(entry.page_count for entry in index if entry.part == part)
            for part, front in enumerate(fronts, start=1)
        ]
        return tuple(
            self._part(pieces, front, index, part=part, lengths=lengths)
            for part, (pieces, front) in enumerate(zip(plan, fronts, strict=True), start=1)
        )

    def _part(
        self,
        pieces: Sequence[Piece],
        front: pikepdf.Pdf,
        index: tuple[IndexEntry, ...],
        *,
        part: int,
        lengths: Sequence[int],
    ) -> Packet:
        here = [entry for entry in index if entry.part == part]
        before, of = sum(lengths[: part - 1]), len(lengths)
        front_pages = len(front.pages)
        if part == 1:
            packet = pikepdf.open(BytesIO(self.letter_pdf))
            _insert_front(packet, front)
        else:
            packet = front
        ours = len(packet.pages)
        _append_exhibits(packet, pieces)
        places = _places(packet, here, before)
        elsewhere = {
            (entry.label, page): entry.part
            for entry in index
            for page in range(entry.from_page, entry.last_page + 1)
            if entry.part != part
        }
        dangling = links.connect(list(packet.pages)[:ours], places, elsewhere)
        named = f"Case {self.case_number}" + (f", part {part} of {of}" if of > 1 else "")
        _stamp(packet, _names(front_pages, here), named=named, before=before, count=sum(lengths))
        _bookmark(packet, here, before)
        _describe(packet, str(front.docinfo.Title))
        if before:
            packet.Root.PageLabels = Dictionary(Nums=[0, Dictionary(S=Name.D, St=before + 1)])
        return Packet(
            content=_saved(packet),
            page_count=len(packet.pages),
            part=part,
            of=of,
            index=index,
            refused=self.refused,
            dangling=tuple(sorted(dangling)),
        )


def _check_names(exhibits: Sequence[Exhibit], case_number: str) -> None:
    twice = [label for label, times in Counter(exhibit.label for exhibit in exhibits).items() if times > 1]
    if twice:
        raise ValueError(f"exhibit labels: found {', '.join(twice)} more than once, expected each label once")
    if not (case_number.isascii() and case_number.isprintable() and 0 < len(case_number) <= 40):
        raise ValueError(
            "case number: expected 1 to 40 plain ASCII characters, as they are stamped on every page"
        )


def _insert_front(packet: pikepdf.Pdf, front: pikepdf.Pdf) -> None:
    tree = StructureTree(packet)
    for position, page in enumerate(front.pages):
        packet.pages.insert(position, page)
    tree.graft(front, list(packet.pages)[: len(front.pages)])
    tree.finish()


def _append_exhibits(packet: pikepdf.Pdf, pieces: Sequence[Piece]) -> None:
    tree = StructureTree(packet)
    for piece in pieces:
        exhibit, count = piece.accepted.exhibit, len(piece.accepted.sheets)
        section = tree.section(f"Exhibit {exhibit.label}: {exhibit.title}")
        for number, sheet in enumerate(piece.sheets, start=piece.start + 1):
            packet.pages.append(_sheet_page(packet, sheet))
            described = f"Exhibit {exhibit.label}, {exhibit.title}: scanned page {number} of {count}"
            tree.page(section, packet.pages[-1], scan_described=None if sheet.has_text else described)
    tree.finish()


def _sheet_page(packet: pikepdf.Pdf, sheet: Sheet) -> pikepdf.Page:
    kind = "P" if sheet.has_text else "Figure"
    drawing = f"/{kind} <</MCID 0>> BDC q {sheet.matrix.encode().decode()} cm /Sheet Do Q EMC\n"
    resources = Dictionary(XObject=Dictionary(Sheet=packet.copy_foreign(sheet.form)))
    return pikepdf.Page(
        packet.make_indirect(
            Dictionary(
                Type=Name.Page,
                MediaBox=[0, 0, WIDTH, HEIGHT],
                Resources=resources,
                Contents=packet.make_stream(drawing.encode()),
            )
        )
    )


def _places(packet: pikepdf.Pdf, here: Sequence[IndexEntry], before: int) -> dict[links.Place, pikepdf.Page]:
    pages = list(packet.pages)
    return {
        (entry.label, entry.from_page + number): pages[entry.first_page - before - 1 + number]
        for entry in here
        for number in range(entry.page_count)
    }


def _stamp(packet: pikepdf.Pdf, names: Sequence[str], *, named: str, before: int, count: int) -> None:
    font = stamps.stamp_font(TEMPLATES / "fonts")
    embedded = stamps.embed(packet, font)
    opening = packet.make_indirect(packet.make_stream(b"q\n"))
    for number, (page, name) in enumerate(zip(packet.pages, names, strict=True), start=before + 1):
        line = stamps.stamp(font, left=named, middle=name, right=f"Packet page {number} of {count}")
        page.contents_add(opening, prepend=True)
        page.contents_add(packet.make_stream(b"Q\n" + line))
        fonts = page.obj.Resources.get("/Font")
        if fonts is None:
            page.obj.Resources.Font = Dictionary({stamps.FONT_NAME: embedded})
        else:
            fonts[stamps.FONT_NAME] = embedded


def _names(front_pages: int, here: Sequence[IndexEntry]) -> list[str]:
    return ["Cover", *["Index"] * (front_pages - 1), *(name for entry in here for name in _pages_of(entry))]


def _pages_of(entry: IndexEntry) -> Iterator[str]:
    name = f"Exhibit {entry.label}" if entry.label else "Letter"
    for number in range(entry.from_page, entry.last_page + 1):
        yield f"{name}, page {number} of {entry.of_pages or entry.page_count}"


def _bookmark(packet: pikepdf.Pdf, here: Sequence[IndexEntry], before: int) -> None:
    with packet.open_outline() as outline:
        headings = list(outline.root)
        outline.root.clear()
        outline.root.append(OutlineItem("Cover", 0))
        outline.root.append(OutlineItem("Index", 1))
        for entry in here:
            title = f"Exhibit {entry.label}: {entry.title}" if entry.label else "Letter"
            item = OutlineItem(title, entry.first_page - before - 1)
            if not entry.label:
                item.children.extend(headings)
                item.is_closed = True
            outline.root.append(item)


def _describe(packet: pikepdf.Pdf, title: str) -> None:
    """The packet takes its title from its cover, and does not call itself PDF/UA: exhibits never are."""
    packet.docinfo.Title = title
    with packet.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        metadata["dc:title"] = title
        del metadata["pdfuaid:part"]


def _saved(packet: pikepdf.Pdf) -> bytes:
    target = BytesIO()
    packet.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return target.getvalue()
