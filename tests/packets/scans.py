"""A scanned page in each of the packings that scanners put into PDF files, whole and damaged."""

import struct
from io import BytesIO

import pikepdf
from pikepdf import Dictionary, Name
from PIL import Image, ImageChops, ImageDraw

from priorauth.packets.fax import group_4
from tests.packets import documents


WIDTH, HEIGHT = 850, 1100


def page(mode: str = "L") -> Image.Image:
    """A page of lines of text."""
    sheet = Image.new("L", (WIDTH, HEIGHT), 255)
    drawing = ImageDraw.Draw(sheet)
    for top in range(60, 900, 24):
        drawing.text((60, top), f"Line at {top} of the visit note, in the words of the record. " * 2, fill=0)
    return sheet.convert(mode)


def empty(mode: str = "L") -> Image.Image:
    """The back of a page."""
    return Image.new(mode, (WIDTH, HEIGHT), 255)


def jpeg(sheet: Image.Image) -> bytes:
    return documents.encoded(sheet, "JPEG")


def jpeg_2000(sheet: Image.Image) -> bytes:
    return documents.encoded(sheet, "JPEG2000", irreversible=True)


def fax(sheet: Image.Image) -> bytes:
    """Group 4 with its end mark. Pillow codes white runs for what is black in a one-bit picture."""
    return group_4(ImageChops.invert(sheet.convert("L")).convert("1"))


def fax_without_end(sheet: Image.Image) -> bytes:
    """As some scanners write it: every line coded, and no end mark. The page ends with empty lines, a one each."""
    content = fax(sheet)
    bits = "".join(f"{byte:08b}" for byte in content)
    lines = bits[: bits.rindex("000000000001000000000001")]
    return bytes(int(lines[at : at + 8].ljust(8, "0"), 2) for at in range(0, len(lines), 8))


def jbig2(sheet: Image.Image) -> bytes:
    """A page segment and one region of it, coded as JBIG2 takes over fax data."""
    region = struct.pack(">IIIIBB", WIDTH, HEIGHT, 0, 0, 0, 1) + fax(sheet)
    return _segment(0, 48, struct.pack(">IIIIBH", WIDTH, HEIGHT, 0, 0, 0, 0)) + _segment(1, 38, region)


def _segment(number: int, kind: int, content: bytes) -> bytes:
    return struct.pack(">IBBBI", number, kind, 0, 1, len(content)) + content


def scan(content: bytes, packing: str, *, bits: int = 8, **parameters: object) -> pikepdf.Pdf:
    """A PDF of a text page and, as page 2, one picture, as a scanner makes it."""
    pdf = documents.text_pdf("Cover", "")
    picture = pdf.make_stream(
        content,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=WIDTH,
        Height=HEIGHT,
        ColorSpace=Name.DeviceGray,
        BitsPerComponent=bits,
        Filter=Name(f"/{packing}"),
        **({"DecodeParms": Dictionary(**parameters)} if parameters else {}),
    )
    sheet = pdf.pages[1].obj
    sheet.Resources = Dictionary(XObject=Dictionary(Scan=picture))
    sheet.Contents = pdf.make_stream(b"q 612 0 0 792 0 0 cm /Scan Do Q")
    return pdf


def saved_scan(content: bytes, packing: str) -> bytes:
    """The file of a scan packed as named."""
    match packing:
        case "CCITTFaxDecode":
            pdf = scan(content, packing, bits=1, K=-1, Columns=WIDTH, Rows=HEIGHT)
        case "JBIG2Decode":
            pdf = scan(content, packing, bits=1)
        case _:
            pdf = scan(content, packing)
    target = BytesIO()
    pdf.save(target)
    return target.getvalue()
