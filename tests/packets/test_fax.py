"""The fax version: one bit a dot, and still readable by a machine."""

import re
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from priorauth.packets.fax import COLUMNS, ROWS, fax_version
from priorauth.packets.model import Packet
from tests.packets import documents


pytestmark = pytest.mark.rendering

SOUND = documents.saved(documents.text_pdf("Visit note, page one"))


def dots_of(fax: bytes, number: int = 0) -> Image.Image:
    document = pikepdf.open(BytesIO(fax))
    picture = document.pages[number].obj.Resources.XObject.Page
    assert isinstance(picture, pikepdf.Stream)
    return pikepdf.PdfImage(picture).as_pil_image().convert("1")


def share_of_black(dots: Image.Image) -> float:
    return dots.histogram()[0] / (COLUMNS * ROWS)


def grey_page(shade: int) -> bytes:
    pdf = documents.text_pdf("x")
    pdf.pages[0].obj.Contents = pdf.make_stream(f"{shade / 255} g 100 100 200 100 re f".encode())
    return documents.saved(pdf)


def test_every_page_is_one_bit_at_the_resolution_of_a_fine_fax(assemble: Callable[..., Packet]) -> None:
    packet = assemble(A=SOUND)
    fax = pikepdf.open(BytesIO(fax_version(packet.content)))
    assert len(fax.pages) == packet.page_count
    for page in fax.pages:
        picture = page.obj.Resources.XObject.Page
        assert [int(picture[key]) for key in ("/Width", "/Height", "/BitsPerComponent")] == [COLUMNS, ROWS, 1]
        assert [float(side) for side in page.mediabox] == [0, 0, 612, 792]


def test_a_fax_is_mostly_white(assemble: Callable[..., Packet]) -> None:
    fax = fax_version(assemble(A=SOUND).content)
    assert 0.001 < share_of_black(dots_of(fax, 2)) < 0.2


def test_the_same_packet_is_the_same_fax(assemble: Callable[..., Packet]) -> None:
    content = assemble(A=SOUND).content
    assert fax_version(content) == fax_version(content)


@pytest.mark.parametrize(("shade", "becomes"), [(0, 1), (102, 1), (153, 1), (221, 0)])
def test_grey_becomes_black_and_tints_become_white(shade: int, becomes: int) -> None:
    field = 200 * 100 / (612 * 792)
    assert share_of_black(dots_of(fax_version(grey_page(shade)))) == pytest.approx(field * becomes, abs=0.001)


def test_a_photograph_is_scattered_so_that_its_shades_stay_apart() -> None:
    gradient = Image.linear_gradient("L").resize((1700, 2200))
    page = documents.encoded(gradient, "PDF", resolution=200)
    black = share_of_black(dots_of(fax_version(page)))
    assert black == pytest.approx(0.5, abs=0.05)


@pytest.mark.needs_tool("pdftoppm", "tesseract")
def test_codes_numbers_and_dates_are_read_back(
    assemble: Callable[..., Packet], tmp_path: Path, tool_path: Callable[[str], str]
) -> None:
    (tmp_path / "fax.pdf").write_bytes(fax_version(assemble(A=SOUND).content))
    picture = tmp_path / "page"
    subprocess.run(
        [tool_path("pdftoppm"), "-r", "204", "-gray", "-png", "-singlefile", tmp_path / "fax.pdf", picture],
        check=True,
    )
    read = subprocess.run(
        [tool_path("tesseract"), picture.with_suffix(".png"), "-"], capture_output=True, text=True, check=True
    )
    found = re.sub(r"\s+", " ", read.stdout)
    for critical in ("(585) 555-0142", "November 23, 2026", "PA-7K2M9QXA", "Packet page 1 of 4", "14620"):
        assert critical in found
