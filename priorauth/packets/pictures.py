"""Whether the pictures inside a PDF can be decoded whole. A viewer that cannot shows nothing, or a page that is cut off.

qpdf does not decode pictures, so each is given to something that does: JPEG to Pillow at an eighth of its size, fax data
to libtiff, JPEG 2000 and JBIG2 to PDFium. PDFium does not say that it failed. It is given a coloured page to draw the
picture on, and where the colour is still there afterwards, it drew nothing; a scan of an empty page covers it with white.
"""

import re
import struct
from collections.abc import Iterator
from io import BytesIO

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name
from PIL import Image
from pypdfium2 import raw

from priorauth.packets.fax import group_4
from priorauth.packets.image_exhibits import DAMAGE, no_guessing
from priorauth.rendering.turns import RENDERING


_SIDE = 64
"""Points and dots of the page a picture is tried on."""

_COLOUR = (255, 0, 255)
_STANDARD_COLUMNS = 1728

_TINIEST_SHARE = 3
"""Packed again, what was decoded takes about as many bytes as before. A third means that the rest meant nothing."""

_END_OF_FAX = "000000000001" * 2


def is_damaged(picture: pikepdf.Stream) -> bool:
    """Whether a picture cannot be decoded, or only in part. Raises PdfError where qpdf finds it out itself."""
    packing = _filters(picture)
    match packing[-1] if packing else None:
        case "/DCTDecode":
            return not _opens(_unpacked(picture, packing), "JPEG")
        case "/JPXDecode":
            return not _draws(picture)
        case "/JBIG2Decode":
            streams = [_unpacked(picture, packing), *_shared_segments(picture)]
            return not all(map(_has_whole_segments, streams)) or not _draws(picture, one_bit=True)
        case "/CCITTFaxDecode":
            return _is_damaged_fax(_unpacked(picture, packing), picture, _parameters(picture))
        case _:
            picture.read_bytes()
            return False


def _filters(picture: pikepdf.Stream) -> list[str]:
    named = picture.get("/Filter")
    if named is None:
        return []
    return [str(one) for one in named] if isinstance(named, Array) else [str(named)]


def _parameters(picture: pikepdf.Stream) -> pikepdf.Object:
    """The parameters of the last filter."""
    given = picture.get("/DecodeParms", Dictionary())
    if isinstance(given, Array):
        given = given[-1] if len(given) else Dictionary()
    return given if isinstance(given, Dictionary) else Dictionary()


def _unpacked(picture: pikepdf.Stream, packing: list[str]) -> bytes:
    """The data as the last filter gets it."""
    content = picture.read_raw_bytes()
    if len(packing) == 1:
        return content
    with pikepdf.new() as scratch:
        outer = scratch.make_stream(content)
        outer.Filter = Array(map(Name, packing[:-1]))
        return outer.read_bytes()


def _opens(content: bytes, kind: str) -> bool:
    try:
        with no_guessing(), Image.open(BytesIO(content), formats=(kind,)) as image:
            image.draft(image.mode, (image.width // 8, image.height // 8))
            image.load()
    except DAMAGE:
        return False
    return True


def _draws(picture: pikepdf.Stream, *, one_bit: bool = False) -> bool:
    with pikepdf.new() as sheet:
        page = sheet.add_blank_page(page_size=(_SIDE, _SIDE))
        copy = sheet.copy_foreign(picture)
        for key in {"/SMask", "/Mask", "/SMaskInData", "/ImageMask", "/Decode"} & set(copy.keys()):
            del copy[key]
        if one_bit:
            copy.ColorSpace, copy.BitsPerComponent = Name.DeviceGray, 1
        page.obj.Resources = Dictionary(XObject=Dictionary(Picture=copy))
        page.obj.Contents = sheet.make_stream(f"{_SIDE} 0 0 {_SIDE} 0 0 cm /Picture Do".encode())
        target = BytesIO()
        sheet.save(target)
    return _centre_of(target.getvalue()) != _COLOUR


def _centre_of(pdf: bytes) -> tuple[int, ...]:
    """The colour in the middle of the first page, drawn on a coloured ground."""
    with RENDERING:
        document = pypdfium2.PdfDocument(pdf)
        try:
            bitmap = pypdfium2.PdfBitmap.new_native(_SIDE, _SIDE, raw.FPDFBitmap_BGR)
            bitmap.fill_rect((*_COLOUR, 255), 0, 0, _SIDE, _SIDE)
            raw.FPDF_RenderPageBitmap(bitmap, document[0], 0, 0, _SIDE, _SIDE, 0, 0)
            shown: tuple[int, ...] = bitmap.to_pil().getpixel((_SIDE // 2, _SIDE // 2))
        finally:
            document.close()
    return shown


# --- JBIG2 -----------------------------------------------------------------------------------------------------------

_UNKNOWN_LENGTH = 0xFFFFFFFF


def _shared_segments(picture: pikepdf.Stream) -> Iterator[bytes]:
    shared = _parameters(picture).get("/JBIG2Globals")
    if isinstance(shared, pikepdf.Stream):
        yield shared.read_bytes()


def _has_whole_segments(content: bytes) -> bool:
    """Whether the stream ends where its last segment does: PDFium draws what there is of one that is cut off."""
    at = 0
    try:
        while at < len(content):
            at = _end_of_segment(content, at)
    except (struct.error, IndexError):
        return False
    return at == len(content)


def _end_of_segment(content: bytes, at: int) -> int:
    number, flags, count = struct.unpack_from(">IBB", content, at)
    at += 5
    references = count >> 5
    if references == 7:
        references = struct.unpack_from(">I", content, at)[0] & 0x1FFFFFFF
        at += 4 + (references + 8) // 8
    else:
        at += 1
    at += references * (1 if number <= 256 else 2 if number <= 65536 else 4)
    at += 4 if flags & 0x40 else 1
    (length,) = struct.unpack_from(">I", content, at)
    # A generic region of unknown length reaches to the end of what an embedded stream holds.
    return len(content) if length == _UNKNOWN_LENGTH else at + 4 + int(length)


# --- Fax data --------------------------------------------------------------------------------------------------------


def _is_damaged_fax(content: bytes, picture: pikepdf.Stream, parameters: pikepdf.Object) -> bool:
    if int(parameters.get("/K", 0)) >= 0 or parameters.get("/EncodedByteAlign", False):
        # Of the older codings only that PDFium draws them is known.
        return not _draws(picture, one_bit=True)
    width, height = int(parameters.get("/Columns", _STANDARD_COLUMNS)), int(picture.Height)
    decoded = _decoded_fax(content, width, height)
    if decoded is None:
        return True
    again = len(group_4(decoded))
    return again * _TINIEST_SHARE < len(content) or not _is_complete_fax(content, decoded)


def _decoded_fax(content: bytes, width: int, height: int) -> Image.Image | None:
    """The picture, by way of the smallest TIFF file around its data; None where libtiff gives it up."""
    entries = [
        (256, 4, width),
        (257, 4, height),
        (258, 3, 1),  # bits
        (259, 3, 4),  # Group 4
        (262, 3, 0),  # a run called white is white
        (273, 4, 8),
        (278, 4, height),
        (279, 4, len(content)),
    ]
    padded = content + b"\0" * (len(content) % 2)
    directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    tiff = (
        b"II*\0" + struct.pack("<I", 8 + len(padded)) + padded + struct.pack("<H", len(entries)) + directory
    )
    try:
        with no_guessing(), Image.open(BytesIO(tiff + b"\0\0\0\0"), formats=("TIFF",)) as image:
            image.load()
            return image.copy()
    except DAMAGE:
        return None


def _is_complete_fax(content: bytes, decoded: Image.Image) -> bool:
    """Whether the data has its end mark, or a code for each of the empty lines at the foot, which is a one.

    libtiff fills up with white what is missing.
    """
    black = decoded.point(lambda shade: 255 - shade).getbbox()
    empty = decoded.height - (black[3] if black else 0)
    tail = "".join(f"{byte:08b}" for byte in content[-(empty // 8 + 8) :]).rstrip("0")
    if tail.endswith(_END_OF_FAX):
        return True
    ones = re.search("1*$", tail)
    return ones is not None and len(ones[0]) >= empty
