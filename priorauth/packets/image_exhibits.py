"""Scans and photographs as exhibits: JPEG, PNG and multi-page TIFF, decoded whole before they are believed."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import img2pdf
from PIL import Image, ImageFile, ImageOps, ImageSequence

from priorauth.packets.errors import UnusableExhibit


MOST_PIXELS = 100_000_000
"""A Letter page at 600 dpi has 34 million."""

MOST_FRAMES = 500

_BLANK_CONTRAST = 16
"""Of 255. Paper and the noise of a scanner stay under it."""

# Pillow reports damage in all of these, depending on the format and the place; warnings are made errors.
DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    TypeError,
    struct.error,
    zlib.error,
    Warning,
    Image.DecompressionBombError,
)


def image_as_pdf(content: bytes) -> bytes:
    """Return a PDF with one page for each picture of the file; raise UnusableExhibit for anything doubtful."""
    try:
        with warnings.catch_warnings(), no_guessing():
            warnings.simplefilter("error")
            with Image.open(BytesIO(content), formats=("JPEG", "PNG", "TIFF")) as picture:
                pages = [*_pages(picture, content)]
    except DAMAGE:
        raise UnusableExhibit("The picture is damaged or incomplete. Scan or export it again.") from None
    return bytes(
        img2pdf.convert(pages, rotation=img2pdf.Rotation.ifvalid, nodate=True, engine=img2pdf.Engine.pikepdf)
    )


@contextmanager
def no_guessing() -> Iterator[None]:
    """Have Pillow refuse a truncated picture. WeasyPrint, once imported, has it fill the rest with grey."""
    usual = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = usual


def _pages(picture: Image.Image, content: bytes) -> Iterator[bytes]:
    frames = getattr(picture, "n_frames", 1)
    if frames > MOST_FRAMES:
        raise UnusableExhibit(
            f"The picture file has {frames:,} pages; at most {MOST_FRAMES} are taken. Split it."
        )
    blank = True
    for frame in ImageSequence.Iterator(picture):
        if frame.width * frame.height > MOST_PIXELS:
            raise UnusableExhibit(
                f"The picture has {frame.width:,} by {frame.height:,} dots. Scan it again at 300 dpi or less."
            )
        frame.load()
        blank = blank and _is_blank(frame)
        # A JPEG goes in as it is: decoding and encoding it again would lose detail.
        yield content if picture.format == "JPEG" and frame.mode in {"L", "RGB"} else _re_encoded(frame)
    if blank:
        raise UnusableExhibit("Every page of the picture is blank. Check that the right side was scanned.")


def _is_blank(frame: Image.Image) -> bool:
    darkest, brightest = _range(_on_white(frame).convert("L"))
    return brightest - darkest < _BLANK_CONTRAST


def _range(grey: Image.Image) -> tuple[float, float]:
    lowest, highest = grey.getextrema()
    if isinstance(lowest, tuple) or isinstance(highest, tuple):
        raise TypeError("a picture of one channel has one lowest and one highest value")
    return lowest, highest


def _re_encoded(frame: Image.Image) -> bytes:
    """A PNG of plain black and white, grey or colour, upright and without transparency, ancillary data or profile."""
    upright = ImageOps.exif_transpose(_on_white(frame))
    plain = upright if upright.mode in {"1", "L"} else upright.convert("RGB")
    target = BytesIO()
    plain.save(target, format="PNG", dpi=_dpi(frame), compress_level=3)
    return target.getvalue()


def _on_white(frame: Image.Image) -> Image.Image:
    if frame.mode.startswith("I") or frame.mode == "F":
        # Sixteen bits and more: bring the range of the values into eight bits, as convert() would cut it off.
        lowest, highest = _range(frame)
        return frame.point(lambda value: (value - lowest) * (255 / max(highest - lowest, 1))).convert("L")
    if not frame.has_transparency_data:
        return frame
    sheet = Image.new("RGBA", frame.size, "white")
    sheet.alpha_composite(frame.convert("RGBA"))
    return sheet.convert("RGB")


def _dpi(frame: Image.Image) -> tuple[float, float]:
    """What the file says, or 150 where it says nothing credible: a fax has 98 dpi at least, a scan 1,200 at most."""
    across, down = frame.info.get("dpi", (0, 0))
    return (float(across), float(down)) if 50 <= across <= 2400 and 50 <= down <= 2400 else (150.0, 150.0)
