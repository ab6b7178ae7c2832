"""Papers that come as pictures: faxed and handwritten pages (PDF without text), laboratory TIFFs, phone photographs."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from random import Random

import img2pdf
from PIL import Image, ImageDraw, ImageFont

from twin.records.page_text import Line, lines_of
from twin.records.source import CompiledReferral, Paper


FONTS = Path(__file__).parent / "fonts"
DOTS_PER_INCH = 130
PAGE = (1105, 1430)
MARGIN_LEFT, MARGIN_TOP, COLUMNS = 80, 80, 86
CHARACTER = 10.8
SYNTHETIC = "SYNTHETIC – not a real patient"
BLACK_BELOW = 150
SPECKS = 900

_LOOKS = {
    "typed": (FONTS / "CourierPrime-Regular.otf", 18, 23),
    "bold": (FONTS / "CourierPrime-Bold.otf", 18, 24),
    "hand": (FONTS / "Breip.ttf", 31, 34),
    "stamp": (FONTS / "CourierPrime-Bold.otf", 24, 40),
}


def scan_of(paper: Paper, referral: CompiledReferral) -> bytes:
    """Return the paper as pictures of its pages; the same source gives the same bytes."""
    chance = Random(f"{referral.name}/{paper.document.document}")  # noqa: S311 - noise on paper, not a secret
    sheets = [_sheet(paper, number, referral, chance) for number in range(1, len(paper.pages) + 1)]
    match paper.paper:
        case "photo":
            return _png(sheets[0])
        case "tiff":
            return _tiff(sheets)
        case _:
            pages = [_tiff([sheet]) for sheet in sheets]
            layout = img2pdf.get_fixed_dpi_layout_fun((DOTS_PER_INCH, DOTS_PER_INCH))
            pdf: bytes = img2pdf.convert(
                pages, nodate=True, layout_fun=layout, engine=img2pdf.Engine.internal
            )
            return pdf


def _sheet(paper: Paper, number: int, referral: CompiledReferral, chance: Random) -> Image.Image:
    sheet = Image.new("L", PAGE, 255)
    draw = ImageDraw.Draw(sheet)
    top = MARGIN_TOP
    for line in lines_of(paper, number, referral, columns=COLUMNS):
        top = _draw_line(draw, line, top, chance)
    if top > PAGE[1] - 70:
        raise ValueError(
            f"{referral.name}/{paper.document.document} page {number} runs over the sheet; move blocks to another page"
        )
    draw.text((PAGE[0] // 2, PAGE[1] - 45), SYNTHETIC, fill=0, font=_font("bold"), anchor="mm")
    sheet = sheet.rotate(chance.uniform(-0.9, 0.9), resample=Image.Resampling.BICUBIC, fillcolor=255)
    draw = ImageDraw.Draw(sheet)
    for _ in range(SPECKS):
        at = (chance.randrange(PAGE[0]), chance.randrange(PAGE[1]))
        draw.point(at, fill=chance.choice((0, 0, 255)))
    if paper.fax:
        page = paper.fax["first_page"] + number - 1
        header = f"{paper.fax['sent']}  FROM: {paper.fax['from']}  TO: {paper.fax['to']}  P. {page:02d}/{paper.fax['of']:02d}"
        draw.text((40, 18), header, fill=0, font=_font("typed"))
    return sheet


def _draw_line(draw: ImageDraw.ImageDraw, line: Line, top: int, chance: Random) -> int:
    step = _LOOKS[line.look][2]
    left = MARGIN_LEFT
    match line.look:
        case "hand":
            # No two lines of a hand start at the same height or margin.
            left, drop = left + chance.randrange(-6, 14), chance.randrange(-2, 3)
            draw.text((left, top + drop), line.text, fill=40, font=_font("hand"))
        case "stamp":
            width = draw.textlength(line.text, font=_font("stamp"))
            draw.rectangle((left + 440, top, left + 460 + width, top + 36), outline=0, width=3)
            draw.text((left + 450, top + 7), line.text, fill=0, font=_font("stamp"))
        case _:
            draw.text((left, top), line.text, fill=0, font=_font(line.look))
            for column, words in line.filled_in:
                at = (left + column * CHARACTER + chance.randrange(-3, 9), top - 9 + chance.randrange(-2, 3))
                draw.text(at, words, fill=40, font=_font("hand"))
    return top + step


def _font(look: str) -> ImageFont.FreeTypeFont:
    path, size, _ = _LOOKS[look]
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def _tiff(sheets: list[Image.Image]) -> bytes:
    bilevel = [
        sheet.point(lambda grey: 255 if grey >= BLACK_BELOW else 0).convert("1", dither=Image.Dither.NONE)
        for sheet in sheets
    ]
    written = BytesIO()
    bilevel[0].save(
        written,
        "TIFF",
        save_all=True,
        append_images=bilevel[1:],
        compression="group4",
        dpi=(DOTS_PER_INCH, DOTS_PER_INCH),
    )
    return written.getvalue()


def _png(sheet: Image.Image) -> bytes:
    written = BytesIO()
    sheet.quantize(8).save(written, "PNG", optimize=True, dpi=(DOTS_PER_INCH, DOTS_PER_INCH))
    return written.getvalue()
