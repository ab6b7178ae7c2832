"""Every document of the corpus in one packet: each is in it or refused by name, and nothing in the packet acts."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pikepdf import Array, Dictionary, Name, String

from priorauth.packets.assembly import assemble_packet
from priorauth.packets.model import Exhibit
from tests.packets import documents
from tests.packets.conftest import COVER, CREATED
from tests.packets.test_assembly import ACTING, written_out
from tests.packets.test_exhibits import REFUSED, TAKEN


pytestmark = [pytest.mark.rendering, pytest.mark.slow]

ADDRESS = "http://outside.example/x"


def with_action(action: Dictionary) -> bytes:
    """A sound page that does this when the file is opened, when the page is, and when it is clicked."""
    pdf = documents.text_pdf("Sound page")
    pdf.Root.OpenAction = action
    page = pdf.pages[0].obj
    page.AA = Dictionary(O=action)
    page.Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 99, 99], A=action)])
    return documents.saved(pdf)


def with_annotation(subtype: Name) -> bytes:
    pdf = documents.text_pdf("Sound page")
    note = Dictionary(
        Type=Name.Annot, Subtype=subtype, Rect=[0, 0, 99, 99], FS=Dictionary(Type=Name.Filespec, F=ADDRESS)
    )
    pdf.pages[0].obj.Annots = Array([note])
    return documents.saved(pdf)


def with_own_forms() -> bytes:
    """A form in Adobe's own language beside an ordinary one."""
    pdf = documents.text_pdf("Sound page")
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=pdf.make_stream(b"<xdp:xdp/>"))
    return documents.saved(pdf)


def with_pages_in_a_ring() -> bytes:
    pdf = documents.text_pdf("x")
    pdf.Root.Pages.Kids.append(pdf.Root.Pages)
    return documents.saved(pdf)


def with_garbage_as(packing: Name) -> bytes:
    pdf = documents.text_pdf("x")
    image = pdf.make_stream(
        b"",
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=9,
        Height=9,
        ColorSpace=Name.DeviceGray,
        BitsPerComponent=8,
    )
    image.write(b"\xff\x00garbage" * 20, filter=packing)
    pdf.pages[0].obj.Resources.XObject = Dictionary(Im=image)
    pdf.pages[0].obj.Contents = pdf.make_stream(b"/Im Do")
    return documents.saved(pdf)


def of_huge_area() -> bytes:
    pdf = documents.text_pdf("x")
    pdf.pages[0].obj.MediaBox = [0, 0, 10_000_000, 10_000_000]
    return documents.saved(pdf)


def tiff_of_wrong_tags() -> bytes:
    sheet = bytearray(documents.multi_page_tiff())
    sheet[4:8] = (len(sheet) + 99).to_bytes(4, "little")
    return bytes(sheet)


ACTIONS = {
    "script": Dictionary(S=Name.JavaScript, JS=String("app.alert(1)")),
    "launch": Dictionary(S=Name.Launch, F=String("calc.exe")),
    "address": Dictionary(S=Name.URI, URI=String(ADDRESS)),
    "other file": Dictionary(S=Name.GoToR, F=String("other.pdf"), D=Array([0, Name.Fit])),
    "embedded file": Dictionary(S=Name.GoToE, F=String("other.pdf"), D=Array([0, Name.Fit])),
    "form sent": Dictionary(S=Name.SubmitForm, F=String(ADDRESS)),
    "form filled": Dictionary(S=Name.ImportData, F=String("data.fdf")),
}

HOSTILE: dict[str, Callable[[], bytes]] = {
    **{
        f"PDF with the action {name}": lambda action=action: with_action(action)
        for name, action in ACTIONS.items()
    },
    "PDF with a movie elsewhere": lambda: with_annotation(Name.Movie),
    "PDF with rich media": lambda: with_annotation(Name.RichMedia),
    "PDF with a file pinned to a page": lambda: with_annotation(Name.FileAttachment),
    "PDF with an XFA form": with_own_forms,
    "PDF with pages in a ring": with_pages_in_a_ring,
    "PDF with garbage for JBIG2": lambda: with_garbage_as(Name.JBIG2Decode),
    "PDF with garbage for JPEG 2000": lambda: with_garbage_as(Name.JPXDecode),
    "PDF of huge area": of_huge_area,
    "TIFF whose tags lie outside": tiff_of_wrong_tags,
    "PDF and web page in one": lambda: b"<html><script>x</script></html>" + TAKEN["PDF with text"](),
    "WebP": lambda: b"RIFF\x1a\0\0\0WEBPVP8L" + b"\0" * 30,
    **{name: make for name, (make, _) in REFUSED.items()},
    **{
        name: TAKEN[name]
        for name in (
            "PDF with scripts, launch and open actions",
            "PDF form",
            "PDF the size of a poster",
            "PDF turned by 90 degrees",
            "JPEG in CMYK",
            "PNG with transparency",
            "PNG with sixteen bits",
            "PNG, interlaced",
        )
    },
}


def test_the_corpus_is_of_forty_different_documents_and_more() -> None:
    assert len({make() for make in HOSTILE.values()}) == len(HOSTILE) >= 40


@pytest.mark.needs_tool("qpdf")
def test_each_is_in_the_packet_or_refused_with_its_reason_and_nothing_acts(
    letter_pdf: bytes, tmp_path: Path, tool_path: Callable[[str], str]
) -> None:
    exhibits = [
        Exhibit(
            label=f"A{number}",
            title=name,
            media_type="application/octet-stream",
            content=make(),
            document_id=f"document-{number}",
        )
        for number, (name, make) in enumerate(HOSTILE.items(), start=1)
    ]
    packet = assemble_packet(letter_pdf, exhibits, cover=COVER, case_number="PA-1", created=CREATED)

    taken = {part.label for part in packet.index if part.label}
    refused = {part.label: part.reason for part in packet.refused}
    assert taken | set(refused) == {exhibit.label for exhibit in exhibits}
    assert not taken & set(refused)
    assert all(reason.endswith(".") for reason in refused.values())
    assert not {part.title for part in packet.index} & set(REFUSED)
    content = written_out(packet)
    assert ACTING.search(content) is None
    assert b"outside.example" not in content
    assert b"evil.example" not in content
    path = tmp_path / "packet.pdf"
    path.write_bytes(packet.content)
    done = subprocess.run([tool_path("qpdf"), "--check", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
