"""Files of the record: what they are is read from their content, never from their name."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from priorauth.documents import MAXIMUM_BYTES, CheckedDocument, DocumentRefused, check_document


def picture(kind: str, pages: int = 1) -> bytes:
    content = BytesIO()
    page = Image.new("RGB", (600, 800), "white")
    ImageDraw.Draw(page).rectangle((60, 60, 500, 200), fill="black")
    more = {"save_all": True, "append_images": [page] * (pages - 1)} if pages > 1 else {}
    page.save(content, kind, **more)
    return content.getvalue()


def pdf_of(pages: int, drawing: bytes = b"72 72 200 100 re f") -> bytes:
    pdf, content = pikepdf.new(), BytesIO()
    for _ in range(pages):
        pdf.add_blank_page().Contents = pdf.make_stream(drawing)
    pdf.save(content, deterministic_id=True)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (picture("PNG"), CheckedDocument("image/png", 1)),
        (picture("JPEG"), CheckedDocument("image/jpeg", 1)),
        (picture("TIFF"), CheckedDocument("image/tiff", 1)),
        (picture("TIFF", pages=3), CheckedDocument("image/tiff", 3)),
    ],
)
def test_a_picture_is_known_by_its_content_with_its_pages(content: bytes, found: CheckedDocument) -> None:
    assert check_document(content) == found


def test_a_pdf_behind_the_leading_bytes_of_a_fax_gateway_opens() -> None:
    assert check_document(b"\r\n\r\n" + pdf_of(2)) == CheckedDocument("application/pdf", 2)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (picture("JPEG")[:300], "a picture that does not open"),
        (picture("GIF"), "neither a PDF nor a picture"),
        (b"<html>%PDF</html>", "neither a PDF nor a picture"),
        (b"%PDF-1.7" + b"x" * MAXIMUM_BYTES, "50,000,008 bytes"),
    ],
    ids=["cut off", "gif", "html", "huge"],
)
def test_a_document_that_cannot_be_an_exhibit_is_refused_with_its_reason(content: bytes, said: str) -> None:
    with pytest.raises(DocumentRefused, match=said):
        check_document(content)


def test_a_picture_that_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)

    with pytest.raises(DocumentRefused, match="scanned at 200 to 300 dpi"):
        check_document(picture("PNG"))


def test_a_pdf_with_nothing_on_its_pages_is_refused_before_a_packet_would() -> None:
    with pytest.raises(DocumentRefused, match="cannot be an exhibit"):
        check_document(pdf_of(2, drawing=b""))


def test_a_pdf_without_pages_is_refused() -> None:
    with pytest.raises(DocumentRefused, match="a PDF without pages"):
        check_document(pdf_of(0))


WHOLE = {
    "PNG": picture("PNG"),
    "JPEG": picture("JPEG"),
    "TIFF": picture("TIFF", pages=2),
    "PDF": pdf_of(2),
}


@settings(max_examples=300)
@given(
    kind=st.sampled_from(sorted(WHOLE)),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6),
    end=st.none() | st.integers(0, 10_000),
)
def test_damage_to_a_document_is_refused_or_does_not_matter(
    kind: str, changes: list[tuple[int, int]], end: int | None
) -> None:
    damaged = bytearray(WHOLE[kind])
    for position, value in changes:
        damaged[position % len(damaged)] = value
    try:
        found = check_document(bytes(damaged[: None if end is None else end % len(damaged)]))
    except DocumentRefused:
        return

    assert found.pages > 0


@pytest.mark.parametrize(("position", "value"), [(4, 255), (4, 9), (8, 0)])
def test_a_tiff_with_damaged_tags_is_refused(position: int, value: int) -> None:
    damaged = bytearray(picture("TIFF"))
    damaged[position] = value

    with pytest.raises(DocumentRefused):
        check_document(bytes(damaged))
