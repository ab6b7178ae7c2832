"""The packet as a fine fax carries it: 1728 dots across, 204 by 196 to the inch, each black or white.

A fax machine turns grey into a scatter of dots, after which grey text can no longer be read. Doing the
conversion here keeps it: everything darker than light grey becomes black. Only pages that hold a
photograph are scattered, since a photograph would turn into blots.
"""

from io import BytesIO

import pikepdf
import pypdfium2
from pikepdf import Dictionary, Name
from PIL import Image, TiffImagePlugin
from pypdfium2 import raw

from priorauth.packets.sheets import HEIGHT, WIDTH


COLUMNS, ROWS = 1728, 2156

_DARKER_IS_BLACK = 180
_MID_GREYS = range(48, 192)
_PHOTOGRAPH = 0.12
"""Share of a page in middle greys above which it is scattered; the softened edges of a full page of text make 0.06."""

_STRIP_OFFSETS, _ROWS_PER_STRIP, _STRIP_LENGTHS = 273, 278, 279


def fax_version(packet: bytes) -> bytes:
    """Return the packet as one-bit pages packed as Group 4. It has no text layer, links or embedded facts."""
    source = pypdfium2.PdfDocument(packet)
    fax = pikepdf.new()
    try:
        for page in source:
            _add_page(fax, _one_bit(_grey(page)))
    finally:
        source.close()
    target = BytesIO()
    fax.save(target, deterministic_id=True)
    return target.getvalue()


def _grey(page: pypdfium2.PdfPage) -> Image.Image:
    """The page at the fax's own resolution, which differs across and down."""
    bitmap = pypdfium2.PdfBitmap.new_native(COLUMNS, ROWS, raw.FPDFBitmap_Gray)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, COLUMNS, ROWS)
    raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, COLUMNS, ROWS, 0, raw.FPDF_ANNOT | raw.FPDF_PRINTING)
    picture: Image.Image = bitmap.to_pil()
    return picture


def _one_bit(page: Image.Image) -> Image.Image:
    shades = page.histogram()
    if sum(shades[shade] for shade in _MID_GREYS) > _PHOTOGRAPH * COLUMNS * ROWS:
        return page.convert("1")
    return page.point(lambda shade: 255 if shade >= _DARKER_IS_BLACK else 0).convert("1")


def _add_page(fax: pikepdf.Pdf, page: Image.Image) -> None:
    picture = fax.make_stream(
        group_4(page),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=COLUMNS,
        Height=ROWS,
        ColorSpace=Name.DeviceGray,
        BitsPerComponent=1,
        Filter=Name.CCITTFaxDecode,
        DecodeParms=Dictionary(K=-1, Columns=COLUMNS, Rows=ROWS, BlackIs1=True),
    )
    sheet = fax.add_blank_page(page_size=(WIDTH, HEIGHT))
    sheet.obj.Resources = Dictionary(XObject=Dictionary(Page=picture))
    sheet.obj.Contents = fax.make_stream(f"q {WIDTH} 0 0 {HEIGHT} 0 0 cm /Page Do Q".encode())


def group_4(page: Image.Image) -> bytes:
    """The packed dots alone: Pillow writes them as a TIFF of one strip, of which a PDF needs only the strip."""
    tiff = BytesIO()
    page.save(tiff, "TIFF", compression="group4", tiffinfo={_ROWS_PER_STRIP: ROWS})
    tiff.seek(0)
    with TiffImagePlugin.TiffImageFile(tiff) as written:
        (start,), (length,) = written.tag_v2[_STRIP_OFFSETS], written.tag_v2[_STRIP_LENGTHS]
    return tiff.getvalue()[start : start + length]
