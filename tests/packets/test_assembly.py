"""A packet: everything in its place, numbered, linked and tagged, and nothing in it that could act."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from priorauth.packets.assembly import assemble_packet
from priorauth.packets.model import DanglingReference, Exhibit, Packet
from tests.packets import documents
from tests.packets.conftest import COVER, CREATED


pytestmark = pytest.mark.rendering

Assemble = Callable[..., Packet]

SOUND = documents.saved(documents.text_pdf("Visit note, page one", "Visit note, page two"))
NERVES = documents.saved(documents.text_pdf("Median nerve", "Ulnar nerve", "Tibial nerve"))
SCAN = documents.multi_page_tiff()

ACTING = re.compile(
    rb"/(JavaScript|JS|Launch|OpenAction|AA|SubmitForm|ImportData|GoToR|GoToE|RichMedia|XFA|AcroForm)\b"
)


def opened(packet: Packet) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(packet.content))


def written_out(packet: Packet) -> bytes:
    """The packet with nothing packed, so that every key of it can be searched."""
    target = BytesIO()
    opened(packet).save(
        target,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
        compress_streams=False,
    )
    return target.getvalue()


def text_of(packet: Packet, tmp_path: Path, tool_path: Callable[[str], str]) -> list[str]:
    """The text of each page as another program reads it."""
    path = tmp_path / "packet.pdf"
    path.write_bytes(packet.content)
    done = subprocess.run(
        [tool_path("pdftotext"), "-layout", path, "-"], capture_output=True, text=True, check=True
    )
    return done.stdout.split("\f")[:-1]


def links_of(page: pikepdf.Page) -> list[pikepdf.Object]:
    return [note for note in page.obj.get("/Annots", ()) if note.Subtype == "/Link"]


def test_the_parts_follow_each_other_and_the_index_says_where(assemble: Assemble) -> None:
    packet = assemble(A=SOUND, B=NERVES, C=SCAN)
    assert [(part.label, part.first_page, part.page_count) for part in packet.index] == [
        ("", 3, 1),
        ("A", 4, 2),
        ("B", 6, 3),
        ("C", 9, 3),
    ]
    assert packet.page_count == len(opened(packet).pages) == 11
    assert packet.refused == ()


def test_the_same_input_gives_the_same_bytes(assemble: Assemble) -> None:
    assert assemble(A=SOUND, C=SCAN).content == assemble(A=SOUND, C=SCAN).content


def test_every_page_is_upright_letter_size(assemble: Assemble) -> None:
    poster = documents.saved(documents.text_pdf("x", size=(3000, 2000)))
    for page in opened(assemble(A=SOUND, B=poster, C=SCAN)).pages:
        assert [float(side) for side in page.mediabox] == [0, 0, 612, 792]
        assert "/Rotate" not in page.obj


@pytest.mark.needs_tool("pdftotext")
def test_every_page_is_stamped_and_the_index_is_right(
    assemble: Assemble, tmp_path: Path, tool_path: Callable[[str], str]
) -> None:
    pages = text_of(assemble(A=SOUND, B=NERVES), tmp_path, tool_path)
    for number, page in enumerate(pages, start=1):
        assert "Case PA-7K2M9QXA" in page
        assert f"Packet page {number} of 8" in page
    assert "Exhibit A, page 2 of 2" in pages[4]
    assert "Visit note, page two" in pages[4]
    assert "Exhibit B, page 1 of 3" in pages[5]
    assert re.search(r"Exhibit B +Document B +November 2, 2026 +3 +6", pages[1].replace("\xa0", " "))


def test_the_stamp_hides_nothing_of_an_exhibit(assemble: Assemble) -> None:
    packet = opened(assemble(A=SOUND))
    drawn = packet.pages[3].obj.Contents
    placed = re.search(rb"q ([-\d. ]+) cm /Sheet Do", b"".join(part.read_bytes() for part in drawn))
    assert placed
    matrix = pikepdf.Matrix(*map(float, placed[1].split()))
    assert matrix.transform((0, 0))[1] >= 26  # the stamp ends at 24 points
    assert matrix.transform((612, 792))[1] <= 792


def test_references_of_the_letter_lead_to_the_page_of_the_exhibit(assemble: Assemble) -> None:
    packet = opened(assemble(A=SOUND, B=NERVES))
    to_b2, to_a1, guideline, *_ = links_of(packet.pages[2])
    assert to_b2.A.D[0].objgen == packet.pages[6].obj.objgen
    assert str(to_b2.Contents) == "Exhibit B, page 2"
    assert to_a1.A.D[0].objgen == packet.pages[3].obj.objgen
    assert str(guideline.A.URI) == "https://doi.org/10.1111/ene.14959"


def test_lines_of_the_index_lead_to_their_parts(assemble: Assemble) -> None:
    packet = opened(assemble(A=SOUND, B=NERVES))
    targets = [link.A.D[0].objgen for link in links_of(packet.pages[1])]
    assert targets == [packet.pages[number].obj.objgen for number in (2, 3, 5)]


def test_a_reference_that_leads_nowhere_is_reported_and_is_no_link(assemble: Assemble) -> None:
    packet = assemble(A=SOUND, B=NERVES)
    assert packet.dangling == (DanglingReference("B", 9),)
    assert b"exhibit:" not in b"".join(
        bytes(link.A.URI)
        for page in opened(packet).pages
        for link in links_of(page)
        if "/URI" in link.get("/A", {})
    )


def test_a_refused_exhibit_is_reported_and_the_others_are_in(assemble: Assemble) -> None:
    packet = assemble(A=SOUND[:300], B=NERVES)
    assert [(refused.label, refused.document_id) for refused in packet.refused] == [("A", "document-a")]
    assert "damaged" in packet.refused[0].reason
    assert [part.label for part in packet.index] == ["", "B"]
    assert DanglingReference("A", 1) in packet.dangling


@pytest.mark.needs_tool("pdftotext")
def test_only_a_draft_lists_what_was_refused(
    assemble: Assemble, tmp_path: Path, tool_path: Callable[[str], str]
) -> None:
    draft = text_of(assemble(replace(COVER, draft=True), A=SOUND[:300]), tmp_path, tool_path)
    final = text_of(assemble(A=SOUND[:300]), tmp_path, tool_path)
    assert "Not in this packet" in draft[1]
    assert "Not in this packet" not in final[1]


def test_nothing_of_an_exhibit_can_act(assemble: Assemble) -> None:
    content = written_out(assemble(A=documents.with_everything_that_acts(), B=documents.filled_form()))
    assert ACTING.search(content) is None
    assert b"evil.example" not in content
    assert b"invoice.exe" not in content


def test_what_was_attached_to_an_exhibit_is_said_to_be_left_out(assemble: Assemble) -> None:
    packet = assemble(A=documents.with_everything_that_acts())
    assert packet.index[1].notes == ("1\xa0file attached to this document left out",)


@pytest.mark.needs_tool("pdftotext")
def test_the_values_of_a_form_are_still_there(
    assemble: Assemble, tmp_path: Path, tool_path: Callable[[str], str]
) -> None:
    assert "71.4" in text_of(assemble(A=documents.filled_form()), tmp_path, tool_path)[3]


def test_the_letter_keeps_its_tags_its_language_and_its_facts(assemble: Assemble) -> None:
    packet = opened(assemble(A=SOUND, C=SCAN))
    assert str(packet.Root.Lang) == "en-US"
    assert packet.attachments["facts.json"].get_file().read_bytes() == b"{}"
    document = packet.Root.StructTreeRoot.K[0]
    sections = [part for part in document.K if part.get("/T") is not None]
    assert [str(section["/T"]) for section in sections] == ["Exhibit A: Document A", "Exhibit C: Document C"]
    assert [str(page.S) for page in sections[0].K] == ["/P", "/P"]
    assert [str(page.Alt) for page in sections[1].K] == [
        f"Exhibit C, Document C: scanned page {number} of 3" for number in (1, 2, 3)
    ]


def test_every_page_finds_its_owner_in_the_tree(assemble: Assemble) -> None:
    packet = opened(assemble(A=SOUND, C=SCAN))
    numbers = list(packet.Root.StructTreeRoot.ParentTree.Nums)
    owners = {int(key): owner for key, owner in zip(numbers[::2], numbers[1::2], strict=True)}
    assert list(owners) == sorted(owners)
    for page in packet.pages:
        for element in owners[int(page.obj.StructParents)]:
            assert element.Pg.objgen == page.obj.objgen
        for link in links_of(page):
            assert owners[int(link.StructParent)].S == "/Link"


def test_the_packet_does_not_claim_a_conformance_its_exhibits_do_not_have(assemble: Assemble) -> None:
    packet = opened(assemble(A=SOUND))
    content = packet.Root.Metadata.read_bytes()
    assert b"pdfuaid" not in content.replace(b"xmlns:pdfuaid", b"")
    assert b"Prior authorization request: IVIG for CIDP, case PA-7K2M9QXA" in content


def test_bookmarks_lead_to_every_part_and_hold_the_headings_of_the_letter(assemble: Assemble) -> None:
    with opened(assemble(A=SOUND, B=NERVES)).open_outline() as outline:
        assert [item.title for item in outline.root] == [
            "Cover",
            "Index",
            "Letter",
            "Exhibit A: Document A",
            "Exhibit B: Document B",
        ]
        heading = outline.root[2].children[0]
        assert heading.title == "Letter of medical necessity"
        assert [item.title for item in heading.children] == ["Dosing"]


def test_an_index_longer_than_a_page_still_counts_right(letter_pdf: bytes) -> None:
    exhibits = [
        Exhibit(
            label=f"A{number}",
            title="A document with a rather long title that takes two lines of the index, all of it " * 2,
            media_type="application/pdf",
            content=SOUND,
            document_id=f"document-{number}",
        )
        for number in range(60)
    ]
    packet = assemble_packet(letter_pdf, exhibits, cover=COVER, case_number="PA-1", created=CREATED)
    assert packet.index[0].first_page > 3
    assert packet.page_count == len(opened(packet).pages) == packet.index[0].first_page + 120


def test_two_exhibits_with_one_label_are_an_error(letter_pdf: bytes) -> None:
    one = Exhibit(label="A", title="x", media_type="application/pdf", content=SOUND, document_id="x")
    with pytest.raises(ValueError, match="A more than once"):
        assemble_packet(letter_pdf, [one, one], cover=COVER, case_number="PA-1", created=CREATED)


@pytest.mark.parametrize("label", ["", "a", "ABC", "B/3", "B123"])
def test_a_label_that_could_not_be_cited_is_an_error(label: str) -> None:
    with pytest.raises(ValueError, match="exhibit label"):
        Exhibit(label=label, title="x", media_type="application/pdf", content=b"", document_id="x")


@pytest.mark.needs_tool("qpdf")
def test_qpdf_finds_nothing_wrong(
    assemble: Assemble, tmp_path: Path, tool_path: Callable[[str], str]
) -> None:
    packet = assemble(
        A=documents.with_everything_that_acts(),
        B=documents.filled_form(),
        C=SCAN,
        D=documents.encoded(documents.picture(), "JPEG"),
        E=documents.encoded(documents.picture("RGBA"), "PNG"),
        F=NERVES,
    )
    path = tmp_path / "packet.pdf"
    path.write_bytes(packet.content)
    done = subprocess.run([tool_path("qpdf"), "--check", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert packet.refused == ()
