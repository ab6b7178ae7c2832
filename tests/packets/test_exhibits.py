"""Documents of the record: sound ones are taken, hostile and damaged ones are refused in words."""

import random
import re
from collections.abc import Callable

import pikepdf
import pytest
from PIL import Image

from priorauth.packets.acceptance import check_exhibit
from tests.packets import documents


SOUND_PDF = documents.saved(documents.text_pdf("One", "Two"))
PNG = documents.encoded(documents.picture(), "PNG")
JPEG = documents.encoded(documents.picture(), "JPEG")
TIFF = documents.multi_page_tiff()


def transparent() -> bytes:
    sheet = documents.picture("RGBA")
    sheet.putalpha(128)
    return documents.encoded(sheet, "PNG")


def turned_by_camera() -> bytes:
    image = documents.picture(size=(550, 425))
    exif = Image.Exif()
    exif[0x0112] = 6
    return documents.encoded(image, "JPEG", exif=exif)


def protected(*, user: str, owner: str) -> bytes:
    return documents.saved(
        documents.text_pdf("x"), encryption=pikepdf.Encryption(user=user, owner=owner, R=6)
    )


def turned(degrees: int) -> bytes:
    pdf = documents.text_pdf("x")
    pdf.pages[0].rotate(degrees, relative=False)
    return documents.saved(pdf)


def blank_pdf() -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    return documents.saved(pdf)


def without_pages() -> bytes:
    return documents.saved(pikepdf.new())


def without_area() -> bytes:
    pdf = documents.text_pdf("x")
    pdf.pages[0].obj.MediaBox = [0, 0, 0, 792]
    return documents.saved(pdf)


TAKEN: dict[str, Callable[[], bytes]] = {
    "PDF with text": lambda: SOUND_PDF,
    "PDF with a kilobyte of mail header before it": lambda: (
        b"Content-Type: x\r\n\r\n" + b" " * 900 + SOUND_PDF
    ),
    "PDF with scripts, launch and open actions": documents.with_everything_that_acts,
    "PDF form": documents.filled_form,
    "PDF on A4": lambda: documents.saved(documents.text_pdf("x", size=(595, 842))),
    "PDF of legal size": lambda: documents.saved(documents.text_pdf("x", size=(612, 1008))),
    "PDF across": lambda: documents.saved(documents.text_pdf("x", size=(792, 612))),
    "PDF the size of a card": lambda: documents.saved(documents.text_pdf("x", size=(243, 153))),
    "PDF the size of a poster": lambda: documents.saved(documents.text_pdf("x", size=(3000, 4000))),
    "PDF turned by 90 degrees": lambda: turned(90),
    "PDF turned by 270 degrees": lambda: turned(270),
    "PDF with one blank page among others": lambda: documents.saved(documents.text_pdf("One", "", "Three")),
    "JPEG": lambda: JPEG,
    "JPEG in grey": lambda: documents.encoded(documents.picture("L"), "JPEG"),
    "JPEG in CMYK": lambda: documents.encoded(documents.picture("CMYK"), "JPEG"),
    "JPEG, progressive": lambda: documents.encoded(documents.picture(), "JPEG", progressive=True),
    "JPEG turned by the camera": turned_by_camera,
    "PNG": lambda: PNG,
    "PNG in black and white": lambda: documents.encoded(documents.picture("1"), "PNG"),
    "PNG with a palette": lambda: documents.encoded(documents.picture("P"), "PNG"),
    "PNG with transparency": transparent,
    "PNG with sixteen bits": lambda: documents.encoded(documents.picture("I;16"), "PNG"),
    "PNG, interlaced": lambda: documents.encoded(documents.picture(), "PNG", interlace=1),
    "TIFF of three pages, Group 4": lambda: TIFF,
    "TIFF of three pages, LZW": lambda: documents.multi_page_tiff(compression="tiff_lzw"),
    "TIFF in CMYK": lambda: documents.encoded(documents.picture("CMYK"), "TIFF"),
}

REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "empty"),
    "PDF cut in the middle": (lambda: SOUND_PDF[: len(SOUND_PDF) // 2], "damaged or incomplete"),
    "PDF without its last bytes": (lambda: SOUND_PDF[:-40], "damaged or incomplete"),
    "PDF with its middle overwritten": (
        lambda: SOUND_PDF[:150] + b"\0" * 200 + SOUND_PDF[350:],
        "damaged or incomplete",
    ),
    "PDF header and nothing else": (lambda: b"%PDF-1.7\n", "damaged or incomplete"),
    "PDF without pages": (without_pages, "no pages|incomplete"),
    "PDF with blank pages only": (blank_pdf, "blank"),
    "PDF with a password": (lambda: protected(user="u", owner="o"), "needs a password"),
    "PDF protected against changes": (lambda: protected(user="", owner="o"), "protected against changes"),
    "PDF with a bomb of blanks": (documents.flate_bomb, "damaged or incomplete"),
    "PDF with forms that draw each other": (documents.drawing_bomb, "over and over"),
    "PDF with a form that draws itself": (documents.form_that_draws_itself, "over and over"),
    "PDF with a hidden layer": (documents.hidden_layer, "hidden layers"),
    "PDF portfolio": (documents.portfolio, "portfolio"),
    "PDF form for Adobe Reader only": (documents.dynamic_form, "only Adobe Reader"),
    "PDF form whose value only a viewer can draw": (
        lambda: documents.filled_form("Žáková"),
        "only appear in a viewer",
    ),
    "PDF with a picture elsewhere": (documents.picture_in_another_file, "another file"),
    "PDF with a picture of absurd size": (documents.picture_of_absurd_size, "60,000 by 60,000"),
    "PDF page without area": (without_area, "size|area"),
    "JPEG cut in the middle": (lambda: JPEG[: len(JPEG) // 2], "damaged or incomplete"),
    "PNG cut in the middle": (lambda: PNG[: len(PNG) // 2], "damaged or incomplete"),
    "PNG with a wrong checksum": (
        lambda: PNG[:60] + bytes([PNG[60] ^ 1]) + PNG[61:],
        "damaged or incomplete",
    ),
    "TIFF cut in the middle": (lambda: TIFF[: len(TIFF) // 2], "damaged or incomplete"),
    "PNG of absurd size": (
        lambda: documents.encoded(Image.new("1", (20_000, 20_000)), "PNG"),
        "20,000 by 20,000|damaged",
    ),
    "blank scan": (lambda: documents.encoded(Image.new("L", (400, 500), 250), "PNG"), "blank"),
    "Word file": (lambda: b"PK\x03\x04" + b"\0" * 50, "Word, Excel or ZIP"),
    "old Word file": (lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 50, "old Word"),
    "web page": (lambda: b"\n<!DOCTYPE html><script>x</script>", "web page"),
    "rich text": (lambda: b"{\\rtf1 x}", "rich text"),
    "phone picture": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
    "GIF": (lambda: b"GIF89a\0", "GIF"),
    "program": (lambda: b"MZ\x90\0" + b"\0" * 60, "no PDF, JPEG, PNG or TIFF"),
    "noise": (lambda: random.Random(4).randbytes(10_000), "no PDF, JPEG, PNG or TIFF"),  # noqa: S311
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_sound_document_is_taken(name: str) -> None:
    assert check_exhibit(TAKEN[name](), "application/pdf") is None


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_or_damaged_document_is_refused_with_its_reason(name: str) -> None:
    content, reason = REFUSED[name]
    found = check_exhibit(content(), "application/octet-stream")
    assert found is not None
    assert re.search(reason, found)


@pytest.mark.parametrize("kind", ["PDF", "JPEG", "PNG", "TIFF"])
def test_no_damage_by_chance_raises_anything_but_a_reason(kind: str) -> None:
    sound = {"PDF": SOUND_PDF, "JPEG": JPEG, "PNG": PNG, "TIFF": TIFF}[kind]
    chance = random.Random(kind)  # noqa: S311
    for _ in range(150):
        damaged = bytearray(sound)
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        reason = check_exhibit(bytes(damaged[: chance.randint(20, len(damaged))]), "application/pdf")
        assert reason is None or reason.endswith(".")
