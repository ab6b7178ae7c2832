"""One PDF from cover, index, letter and exhibits.

The letter is the file that everything else is added to, so it keeps its tags, its language and the facts
embedded in it. Exhibits come in as drawings only. The same input gives the same bytes.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO

import pikepdf
from pikepdf import Dictionary, Name, OutlineItem

from priorauth.packets import links, stamps
from priorauth.packets.acceptance import AcceptedExhibit, Sheet, open_all
from priorauth.packets.front import render_front
from priorauth.packets.model import Exhibit, IndexEntry, Packet, PacketCover
from priorauth.packets.sheets import HEIGHT, WIDTH
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
    _check_names(exhibits, case_number)
    accepted, refused = open_all(exhibits)
    packet = pikepdf.open(BytesIO(letter_pdf))
    letter = IndexEntry(label="", title=str(packet.docinfo.Title), first_page=0, page_count=len(packet.pages))
    front, index = render_front(
        cover, (letter, *(part.entry for part in accepted)), refused, case_number=case_number, created=created
    )
    _insert_front(packet, front)
    _append_exhibits(packet, accepted)
    written = list(packet.pages)[: index[0].first_page - 1 + letter.page_count]
    dangling = links.connect(written, _places(packet, index))
    _stamp(packet, index, case_number=case_number)
    _bookmark(packet, index)
    _describe(packet, front)
    return Packet(
        content=_saved(packet),
        page_count=len(packet.pages),
        index=index,
        refused=tuple(refused),
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


def _append_exhibits(packet: pikepdf.Pdf, accepted: Sequence[AcceptedExhibit]) -> None:
    tree = StructureTree(packet)
    for part in accepted:
        exhibit = part.exhibit
        section = tree.section(f"Exhibit {exhibit.label}: {exhibit.title}")
        for number, sheet in enumerate(part.sheets, start=1):
            packet.pages.append(_sheet_page(packet, sheet))
            described = (
                f"Exhibit {exhibit.label}, {exhibit.title}: scanned page {number} of {len(part.sheets)}"
            )
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


def _places(packet: pikepdf.Pdf, index: Sequence[IndexEntry]) -> dict[links.Place, pikepdf.Page]:
    pages = list(packet.pages)
    return {
        (part.label, number): pages[part.first_page + number - 2]
        for part in index
        for number in range(1, part.page_count + 1)
    }


def _stamp(packet: pikepdf.Pdf, index: Sequence[IndexEntry], *, case_number: str) -> None:
    font = stamps.stamp_font(TEMPLATES / "fonts")
    embedded = stamps.embed(packet, font)
    count = len(packet.pages)
    opening = packet.make_indirect(packet.make_stream(b"q\n"))
    for number, (page, part) in enumerate(zip(packet.pages, _part_names(index), strict=True), start=1):
        line = stamps.stamp(
            font, left=f"Case {case_number}", middle=part, right=f"Packet page {number} of {count}"
        )
        page.contents_add(opening, prepend=True)
        page.contents_add(packet.make_stream(b"Q\n" + line))
        fonts = page.obj.Resources.get("/Font")
        if fonts is None:
            page.obj.Resources.Font = Dictionary({stamps.FONT_NAME: embedded})
        else:
            fonts[stamps.FONT_NAME] = embedded


def _part_names(index: Sequence[IndexEntry]) -> Iterator[str]:
    for number in range(1, index[0].first_page):
        yield "Cover" if number == 1 else "Index"
    for part in index:
        name = f"Exhibit {part.label}" if part.label else "Letter"
        for number in range(1, part.page_count + 1):
            yield f"{name}, page {number} of {part.page_count}"


def _bookmark(packet: pikepdf.Pdf, index: Sequence[IndexEntry]) -> None:
    with packet.open_outline() as outline:
        headings = list(outline.root)
        outline.root.clear()
        outline.root.append(OutlineItem("Cover", 0))
        outline.root.append(OutlineItem("Index", 1))
        for part in index:
            title = f"Exhibit {part.label}: {part.title}" if part.label else "Letter"
            item = OutlineItem(title, part.first_page - 1)
            if not part.label:
                item.children.extend(headings)
                item.is_closed = True
            outline.root.append(item)


def _describe(packet: pikepdf.Pdf, front: pikepdf.Pdf) -> None:
    """The packet takes its title from its cover, and does not call itself PDF/UA: exhibits never are."""
    packet.docinfo.Title = front.docinfo.Title
    with packet.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        metadata["dc:title"] = str(front.docinfo.Title)
        del metadata["pdfuaid:part"]


def _saved(packet: pikepdf.Pdf) -> bytes:
    target = BytesIO()
    packet.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return target.getvalue()
