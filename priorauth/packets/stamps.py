"""The line at the foot of every page of a packet: case, part, page of the part, page of the packet."""

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import pikepdf
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name

from priorauth.packets.sheets import WIDTH


FONT_NAME = "/PacketStamp"
_SIZE = 9
_BASELINE, _RULE = 12, 24
_MARGIN = 36
_CHARACTERS = "".join(map(chr, range(0x20, 0x7F)))


@dataclass(frozen=True)
class StampFont:
    """Source Sans 3 Bold, reduced to ASCII, with the advance widths in thousandths of the size."""

    program: bytes
    widths: tuple[int, ...]
    ascent: int
    descent: int

    def width(self, text: str) -> float:
        """Width in points at the size of the stamp."""
        return sum(self.widths[ord(character) - 0x20] for character in text) * _SIZE / 1000


@lru_cache(maxsize=1)
def stamp_font(fonts: Path) -> StampFont:
    """Reduce the bundled font once for the process."""
    options = Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=[6])
    with TTFont(fonts / "SourceSans3-Bold.ttf", recalcTimestamp=False) as font:
        subsetter = Subsetter(options)
        subsetter.populate(text=_CHARACTERS)
        subsetter.subset(font)
        unit = 1000 / font["head"].unitsPerEm
        glyphs = font.getBestCmap()
        widths = tuple(round(font["hmtx"][glyphs[ord(character)]][0] * unit) for character in _CHARACTERS)
        ascent, descent = (round(value * unit) for value in (font["hhea"].ascent, font["hhea"].descent))
        program = BytesIO()
        font.save(program)
    return StampFont(program.getvalue(), widths, ascent, descent)


def embed(pdf: pikepdf.Pdf, font: StampFont) -> pikepdf.Object:
    """Add the font to the file; the result goes into the resources of each page."""
    name = Name("/STAMPS+SourceSans3-Bold")
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=name,
        Flags=32,
        FontBBox=Array([-300, -300, 1300, 1000]),
        ItalicAngle=0,
        Ascent=font.ascent,
        Descent=font.descent,
        CapHeight=660,
        StemV=120,
        FontFile2=pdf.make_indirect(pdf.make_stream(font.program, Length1=len(font.program))),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.TrueType,
            BaseFont=name,
            Encoding=Name.WinAnsiEncoding,
            FirstChar=0x20,
            LastChar=0x7E,
            Widths=Array(font.widths),
            FontDescriptor=pdf.make_indirect(descriptor),
        )
    )


def stamp(font: StampFont, *, left: str, middle: str, right: str) -> bytes:
    """Return the drawing of the stamp, marked as an artifact so that no reader takes it for the text."""
    places = (
        (left, _MARGIN),
        (middle, (WIDTH - font.width(middle)) / 2),
        (right, WIDTH - _MARGIN - font.width(right)),
    )
    words = "".join(f"1 0 0 1 {x:.2f} {_BASELINE} Tm ({_escaped(text)}) Tj " for text, x in places)
    rule = f"0.6 w {_MARGIN} {_RULE} m {WIDTH - _MARGIN} {_RULE} l S"
    drawing = (
        f"/Artifact <</Type /Pagination>> BDC q 0 g 0 G {rule} BT {FONT_NAME} {_SIZE} Tf {words}ET Q EMC\n"
    )
    return drawing.encode("ascii")


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
