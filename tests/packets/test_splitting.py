"""A packet in parts: no part over the payer's limits, each complete in itself, and nothing left out or twice."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from random import Random

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from priorauth.packets.acceptance import AcceptedExhibit, Piece, Sheet
from priorauth.packets.assembly import assemble_parts
from priorauth.packets.errors import LimitTooSmall
from priorauth.packets.model import Exhibit, Packet, SizeLimits
from priorauth.packets.splitting import Splitting
from tests.packets import documents
from tests.packets.conftest import COVER, CREATED


pytestmark = pytest.mark.rendering

STAMP = re.compile(
    r"Case PA-7K2M9QXA(?:, part (\d) of (\d))?\s+(\w+(?: [A-Z]+)?)(?:, page (\d+) of (\d+))?"
    r"\s+Packet page (\d+) of (\d+)"
)


def pages(label: str, count: int) -> bytes:
    return documents.saved(documents.text_pdf(*(f"Record {label}, sheet {n}" for n in range(1, count + 1))))


def noise(side: int, seed: int) -> bytes:
    """A scan that cannot be packed any smaller, of about `side` x `side` bytes."""
    scan = Image.frombytes("L", (side, side), Random(seed).randbytes(side * side))  # noqa: S311  # noise, no secret
    return documents.encoded(scan, "PNG")


@pytest.fixture
def parts_of(letter_pdf: bytes) -> Callable[..., tuple[Packet, ...]]:
    """Assemble a packet from exhibits given as label=content, within limits."""

    def assembled(limits: SizeLimits, **contents: bytes) -> tuple[Packet, ...]:
        exhibits = [
            Exhibit(
                label=label,
                title=f"Document {label}",
                media_type="",
                content=content,
                document_id=f"document-{label.lower()}",
            )
            for label, content in contents.items()
        ]
        return assemble_parts(
            letter_pdf,
            exhibits,
            cover=COVER,
            case_number="PA-7K2M9QXA",
            created=CREATED,
            limits=limits,
        )

    return assembled


def texts_of(packet: Packet) -> list[str]:
    document = pypdfium2.PdfDocument(packet.content)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def stamps_of(packets: tuple[Packet, ...]) -> list[tuple[str, ...]]:
    found = [STAMP.search(text) for packet in packets for text in texts_of(packet)]
    assert all(found)
    return [stamp.groups() for stamp in found if stamp]


def test_a_packet_within_the_limits_stays_whole(parts_of):
    (whole,) = parts_of(SizeLimits(pages=8, megabytes=Decimal(10)), A=pages("A", 2), B=pages("B", 3))
    assert (whole.part, whole.of, whole.page_count) == (1, 1, 8)
    assert whole.content == parts_of(SizeLimits(), A=pages("A", 2), B=pages("B", 3))[0].content


def test_no_part_has_more_pages_than_the_limit_and_pages_are_numbered_through(parts_of):
    packets = parts_of(SizeLimits(pages=7), A=pages("A", 4), B=pages("B", 5), C=pages("C", 4))

    assert [packet.page_count for packet in packets] == [7, 7, 6]
    assert [(packet.part, packet.of) for packet in packets] == [(1, 3), (2, 3), (3, 3)]
    stamps = stamps_of(packets)
    assert [int(stamp[5]) for stamp in stamps] == list(range(1, 21))
    assert {stamp[6] for stamp in stamps} == {"20"}
    for packet in packets:
        assert all(f"part {packet.part} of 3" in text for text in texts_of(packet))


def test_an_exhibit_is_divided_only_where_no_part_could_hold_it_whole(parts_of):
    packets = parts_of(SizeLimits(pages=7), A=pages("A", 2), B=pages("B", 5), C=pages("C", 9))

    lines = [(one.part, one.label, one.from_page, one.last_page) for one in packets[0].index]
    assert lines[:3] == [(1, "", 1, 1), (1, "A", 1, 2), (2, "B", 1, 5)]
    assert [line[2:] for line in lines[3:]] == [(1, 5), (6, 9)]
    assert all(packet.index == packets[0].index for packet in packets)


def test_every_page_of_every_exhibit_is_there_once_and_in_its_order(parts_of):
    counts = {"A": 3, "B": 11, "C": 1, "D": 4}
    packets = parts_of(SizeLimits(pages=7), **{label: pages(label, n) for label, n in counts.items()})

    drawn = [
        found[0]
        for packet in packets
        for text in texts_of(packet)
        if (found := re.search(r"Record \w, sheet \d+", text))
    ]
    assert drawn == [f"Record {label}, sheet {n}" for label in counts for n in range(1, counts[label] + 1)]


def test_each_part_has_a_cover_that_says_which_and_an_index_of_all(parts_of):
    packets = parts_of(SizeLimits(pages=7), A=pages("A", 4), B=pages("B", 8))

    for packet in packets:
        cover, index = texts_of(packet)[:2]
        assert f"{packet.part} of {packet.of}" in cover
        assert f"{packet.page_count} with this sheet, of {sum(one.page_count for one in packets)}" in cover
        for words in ("Letter of medical necessity", "Document A", "Document B, pages 1 to", "of 8"):
            assert words in " ".join(index.split())
    assert "Letter, page 1 of 1" in texts_of(packets[0])[2]


def test_a_reference_to_another_part_is_no_link_and_says_where_to_look(parts_of):
    first, second = parts_of(SizeLimits(pages=6), A=pages("A", 3), B=pages("B", 3))
    with pikepdf.open(BytesIO(first.content)) as opened:
        to_b, to_a, guideline, *_ = opened.pages[2].obj.Annots
        assert "/A" not in to_b
        assert str(to_b.Contents) == "Exhibit B, page 2, in part 2 of this packet"
        assert to_a.A.D[0].objgen == opened.pages[3].obj.objgen
        assert "/URI" in guideline.A
        assert [len(page.obj.get("/Annots", ())) for page in opened.pages][1] == 2  # letter and exhibit A
    with pikepdf.open(BytesIO(second.content)) as opened:
        (to_b,) = opened.pages[1].obj.Annots
        assert to_b.A.D[0].objgen == opened.pages[2].obj.objgen
    # Page 9 of exhibit B is in no part.
    assert [(one.label, one.page) for one in first.dangling] == [("B", 9)]
    assert second.dangling == ()


def test_no_part_is_larger_than_the_limit(parts_of):
    scans = {label: noise(400, seed) for seed, label in enumerate("ABCDEF")}
    bare = len(parts_of(SizeLimits())[0].content)
    limit = Decimal(bare + 2 * 165_000) / 1_000_000

    packets = parts_of(SizeLimits(megabytes=limit), **scans)

    assert len(packets) > 1
    assert max(len(packet.content) for packet in packets) <= limit * 1_000_000
    assert [one.label for one in packets[0].index] == ["", *"ABCDEF"]


def test_the_same_input_gives_the_same_parts(parts_of):
    limits = SizeLimits(pages=7, megabytes=Decimal("0.5"))
    contents = {"A": pages("A", 4), "B": pages("B", 9)}
    first, second = parts_of(limits, **contents), parts_of(limits, **contents)
    assert [packet.content for packet in first] == [packet.content for packet in second]


def test_a_page_that_no_part_could_hold_is_named(parts_of):
    with pytest.raises(
        LimitTooSmall, match=r"page 1 of exhibit B \(1\.0 MB\) does not fit into a part of 0\.4 MB"
    ):
        parts_of(SizeLimits(megabytes=Decimal("0.4")), A=pages("A", 1), B=noise(1000, 7))


def test_a_limit_that_the_letter_alone_is_over_is_refused(parts_of):
    with pytest.raises(
        LimitTooSmall, match=r"cover, index and letter alone have 3 pages .* limit of 2 pages"
    ):
        parts_of(SizeLimits(pages=2), A=pages("A", 1))


def test_each_part_is_tagged_and_titled_and_shows_its_packet_pages(parts_of):
    packets = parts_of(SizeLimits(pages=7), A=pages("A", 4), B=pages("B", 5))
    with pikepdf.open(BytesIO(packets[1].content)) as opened:
        assert str(opened.docinfo.Title).endswith("case PA-7K2M9QXA, part 2 of 2")
        assert str(opened.Root.Lang) == "en-US"
        assert opened.Root.MarkInfo.Marked
        assert opened.Root.PageLabels.Nums[1].St == packets[0].page_count + 1
        sections = [str(one["/T"]) for one in opened.Root.StructTreeRoot.K[0].K if "/T" in one]
        assert sections == ["Exhibit B: Document B"]
        with opened.open_outline() as outline:
            assert [item.title for item in outline.root] == ["Cover", "Index", "Exhibit B: Document B"]


@pytest.mark.needs_tool("qpdf")
def test_qpdf_finds_nothing_wrong_in_any_part(
    parts_of, tmp_path: Path, tool_path: Callable[[str], str]
) -> None:
    contents = {"A": documents.filled_form(), "B": documents.multi_page_tiff(), "C": pages("C", 9)}
    for packet in parts_of(SizeLimits(pages=6), **contents):
        path = tmp_path / f"{packet.part}.pdf"
        path.write_bytes(packet.content)
        done = subprocess.run(
            [tool_path("qpdf"), "--check", path], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")


def blank(label: str, count: int) -> AcceptedExhibit:
    source = documents.text_pdf(*(["x"] * count))
    exhibit = Exhibit(label=label, title="", media_type="", content=b"", document_id="")
    sheets = tuple(Sheet(page.as_form_xobject(), pikepdf.Matrix(), has_text=True) for page in source.pages)
    return AcceptedExhibit(exhibit, source, sheets, ())


@given(counts=st.lists(st.integers(1, 9), max_size=6), letter=st.integers(1, 4), limit=st.integers(7, 12))
@settings(max_examples=60, deadline=None)
def test_any_plan_keeps_the_limit_and_holds_every_page_once_in_order(counts, letter, limit):
    accepted = [blank(chr(ord("A") + number), count) for number, count in enumerate(counts)]
    bare = Packet(content=b"", page_count=2, index=(), refused=(), dangling=())
    limits = SizeLimits(pages=limit)

    plan = Splitting(accepted, limits, replace(bare, page_count=2 + letter), bare).plan()

    for number, pieces in enumerate(plan):
        length = 2 + (letter if number == 0 else 0) + sum(piece.stop - piece.start for piece in pieces)
        assert length <= limit
        assert number == 0 or pieces
    flat = [
        (piece.accepted.exhibit.label, n)
        for pieces in plan
        for piece in pieces
        for n in range(piece.start, piece.stop)
    ]
    assert flat == [(one.exhibit.label, n) for one in accepted for n in range(len(one.sheets))]
    divided = [piece for pieces in plan for piece in pieces if piece != Piece.whole(piece.accepted)]
    assert all(len(piece.accepted.sheets) > limit - 2 for piece in divided)
