"""A picture that would show as blank or cut off is refused by its page; an honest scan is taken, an empty page too."""

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Name
from PIL import Image, ImageChops, ImageStat

from priorauth.packets.acceptance import check_exhibit
from tests.packets import documents, scans


PACKED: dict[str, Callable[[Image.Image], bytes]] = {
    "DCTDecode": scans.jpeg,
    "JPXDecode": scans.jpeg_2000,
    "CCITTFaxDecode": scans.fax,
    "JBIG2Decode": scans.jbig2,
}
GARBAGE = b"\x17\xe4\x5a" * 700


def overwritten(content: bytes) -> bytes:
    """With garbage from the beginning of what is coded to near its end."""
    return content[:64] + GARBAGE + content[-24:]


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("sheet", [scans.page, scans.empty], ids=["written page", "empty page"])
def test_an_honest_scan_is_taken(packing: str, sheet: Callable[[], Image.Image]) -> None:
    assert check_exhibit(scans.saved_scan(PACKED[packing](sheet()), packing), "application/pdf") is None


@pytest.mark.parametrize("packing", PACKED)
def test_the_scans_of_these_tests_show_the_page(packing: str) -> None:
    """Else a test of what is taken would prove nothing."""
    document = pypdfium2.PdfDocument(scans.saved_scan(PACKED[packing](scans.page()), packing))
    shown = document[1].render(scale=scans.WIDTH / 612).to_pil().convert("L").resize(scans.page().size)
    document.close()

    assert ImageStat.Stat(ImageChops.difference(shown, scans.page())).mean[0] < 12


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize(
    "harm",
    [
        lambda _: GARBAGE,
        lambda content: content[: len(content) // 2],
        lambda content: content[: len(content) * 9 // 10],
        lambda _: b"",
    ],
    ids=["garbage", "half of it", "nine tenths of it", "nothing"],
)
def test_a_damaged_scan_is_refused_by_its_page(packing: str, harm: Callable[[bytes], bytes]) -> None:
    content = scans.saved_scan(harm(PACKED[packing](scans.page())), packing)

    refused = check_exhibit(content, "application/pdf")

    assert refused is not None
    assert "on page 2 of the PDF is damaged or incomplete" in refused


@pytest.mark.parametrize("packing", ["DCTDecode", "JPXDecode"])
def test_a_scan_overwritten_in_its_middle_is_refused(packing: str) -> None:
    content = scans.saved_scan(overwritten(PACKED[packing](scans.page())), packing)

    assert check_exhibit(content, "application/pdf") is not None


@pytest.mark.parametrize("sheet", [scans.page, scans.empty], ids=["written page", "empty page"])
def test_fax_data_without_its_end_mark_is_taken_where_every_line_is_there(
    sheet: Callable[[], Image.Image],
) -> None:
    content = scans.saved_scan(scans.fax_without_end(sheet()), "CCITTFaxDecode")

    assert check_exhibit(content, "application/pdf") is None


def test_a_picture_packed_twice_is_looked_into() -> None:
    def twice(content: bytes) -> bytes:
        pdf = scans.scan(b"", "DCTDecode")
        picture = pdf.pages[1].obj.Resources.XObject.Scan
        picture.write(content, filter=Array([Name.ASCIIHexDecode, Name.DCTDecode]))
        return documents.saved(pdf)

    whole = scans.jpeg(scans.page())

    assert check_exhibit(twice(whole.hex().encode() + b">"), "application/pdf") is None
    assert check_exhibit(twice(whole[:2000].hex().encode() + b">"), "application/pdf") is not None


def test_a_mask_is_looked_into_without_being_drawn_as_one() -> None:
    """Scanners keep the ink of a page as a mask; an empty one draws nothing and is whole."""
    for sheet in (scans.page(), scans.empty()):
        with pikepdf.open(BytesIO(scans.saved_scan(scans.jbig2(sheet), "JBIG2Decode"))) as pdf:
            picture = pdf.pages[1].obj.Resources.XObject.Scan
            picture.ImageMask = True
            del picture["/ColorSpace"]
            assert check_exhibit(documents.saved(pdf), "application/pdf") is None


def test_segments_shared_between_jbig2_pictures_are_looked_into() -> None:
    content = scans.jbig2(scans.page())
    page_segment, region = content[:30], content[30:]

    def with_shared(shared: bytes) -> bytes:
        pdf = scans.scan(page_segment + region, "JBIG2Decode", bits=1)
        pdf.pages[1].obj.Resources.XObject.Scan.DecodeParms = pikepdf.Dictionary(
            JBIG2Globals=pdf.make_stream(shared)
        )
        return documents.saved(pdf)

    assert check_exhibit(with_shared(b""), "application/pdf") is None
    assert (
        check_exhibit(with_shared(b"\x00\x00\x00\x02\x00\x00\x01\x00\x00\x00\x63"), "application/pdf")
        is not None
    )
