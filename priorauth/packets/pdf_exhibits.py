"""PDF files as exhibits: whole, open and with something on the page, or refused.

qpdf repairs what it can and opens a truncated file as so many blank pages without an error. A chart
with silently missing pages is worse than none, so any warning refuses the file. What could act
(scripts, launch and open actions, embedded files) never reaches the packet: only the drawing of each
page does.
"""

import logging
from dataclasses import dataclass
from io import BytesIO

import pikepdf

from priorauth.packets.drawings import MOST_DRAWN, PageDrawing, page_drawings
from priorauth.packets.errors import UnusableExhibit
from priorauth.packets.forms import flatten
from priorauth.packets.pictures import is_damaged
from priorauth.rendering.filters import counted


MOST_PAGES = 2_000
MOST_PIXELS = 150_000_000
"""Of one picture; a Letter page at 600 dpi has 34 million."""

_DAMAGED = (
    "The PDF is damaged or incomplete: some of its pages may be missing. "
    "Ask for it again, or open it, check every page and print it to a new PDF."
)
# A name where a number belongs comes out as one of Python's own errors.
_MALFORMED = (pikepdf.PikepdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError)

# What a drawn part may still point out of its page with: other files, other pages, private data, layers.
_LEAVING = {"/AF", "/Ref", "/OPI", "/PieceInfo", "/Metadata", "/StructParent", "/StructParents", "/OC"}

# Every repair is logged with the bytes it found, which may be text of the record.
logging.getLogger("pikepdf").setLevel(logging.CRITICAL)

# A small file may hold a gigabyte of zeros. The limits are qpdf's own and hold for the whole process,
# so they are set once, here, before the first document of the record is opened.
pikepdf.settings.set_qpdf_limits(
    flate_max_memory=256 << 20,
    png_max_memory=256 << 20,
    tiff_max_memory=256 << 20,
    run_length_max_memory=256 << 20,
    dct_max_memory=512 << 20,
    doc_max_warnings=50,
)


@dataclass(frozen=True)
class OpenDocument:
    """A document that only draws, what each of its pages draws, and notes on what was left out."""

    pdf: pikepdf.Pdf
    drawings: list[PageDrawing]
    notes: tuple[str, ...]


def open_pdf_exhibit(content: bytes) -> OpenDocument:
    """Return the document, forms flattened and everything that acts removed; raise UnusableExhibit."""
    try:
        pdf = pikepdf.open(BytesIO(content), suppress_warnings=True)
        _check_document(pdf)
        notes = _what_is_left_out(pdf)
        flatten(pdf)
        _read_every_object(pdf)
        _check_pictures(pdf)
        drawings = page_drawings(pdf)
    except pikepdf.PasswordError:
        raise UnusableExhibit(
            "The PDF needs a password. Open it with the password and print it to a new PDF without one."
        ) from None
    except _MALFORMED:
        raise UnusableExhibit(_DAMAGED) from None
    _check_drawings(drawings)
    return OpenDocument(pdf, drawings, notes)


def _check_document(pdf: pikepdf.Pdf) -> None:
    if pdf.is_encrypted:
        raise UnusableExhibit(
            "The PDF is protected against changes. Ask the sender for an unprotected copy, or print it to a new PDF."
        )
    root = pdf.Root
    if "/Collection" in root:
        raise UnusableExhibit(
            "The PDF is a portfolio of other files. Take them out and add each as its own exhibit."
        )
    if root.get("/NeedsRendering", False):
        raise UnusableExhibit("The PDF is a form that only Adobe Reader can show. Print it to a new PDF.")
    layers = root.get("/OCProperties", pikepdf.Dictionary()).get("/D", pikepdf.Dictionary())
    if layers.get("/OFF", ()) or str(layers.get("/BaseState", "/ON")) != "/ON":
        raise UnusableExhibit("The PDF has hidden layers. Print it to a new PDF as it should be seen.")
    count = len(pdf.pages)
    if count == 0:
        raise UnusableExhibit("The PDF has no pages.")
    if count > MOST_PAGES:
        raise UnusableExhibit(f"The PDF has {count:,} pages; at most {MOST_PAGES:,} are taken. Split it.")


def _what_is_left_out(pdf: pikepdf.Pdf) -> tuple[str, ...]:
    count = len(pdf.attachments)
    if not count:
        return ()
    return (f"{counted(count, 'file')} attached to this document left out",)


def _read_every_object(pdf: pikepdf.Pdf) -> None:
    """Resolve and decode everything once, since qpdf finds damage only when it looks, and cut what leaves the page."""
    for item in pdf.objects:
        if isinstance(item, pikepdf.Stream):
            _check_stream(item)
            _cut_ties(item)
    for page in pdf.pages:
        _cut_ties(page.obj)
    if pdf.get_warnings():
        raise UnusableExhibit(_DAMAGED)


def _cut_ties(drawn: pikepdf.Object) -> None:
    keys = drawn.keys()
    for key in _LEAVING.intersection(keys):
        del drawn[key]
    if "/Resources" in keys and "/Properties" in drawn.Resources:
        del drawn.Resources["/Properties"]


def _check_stream(stream: pikepdf.Stream) -> None:
    if stream.get("/Subtype") != "/Image":
        stream.read_bytes()
        return
    width, height = int(stream.get("/Width", 0)), int(stream.get("/Height", 0))
    if width * height > MOST_PIXELS:
        raise UnusableExhibit(
            f"A picture in the PDF has {width:,} by {height:,} dots. Scan it again at 300 dpi or less."
        )
    if "/F" in stream:
        raise UnusableExhibit("The PDF keeps a picture in another file. Print it to a new PDF.")


def _check_pictures(pdf: pikepdf.Pdf) -> None:
    for item in pdf.objects:
        if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image" and is_damaged(item):
            raise UnusableExhibit(
                f"A picture {_place_of(item, pdf)} is damaged or incomplete and would show as blank or cut off. "
                "Scan it again, or ask for the document again."
            )


def _place_of(picture: pikepdf.Stream, pdf: pikepdf.Pdf) -> str:
    for number, page in enumerate(pdf.pages, start=1):
        if any(image.objgen == picture.objgen for image in page.get_images(recursive=True).values()):
            return f"on page {number} of the PDF"
    return "in the PDF"


def _check_drawings(drawings: list[PageDrawing]) -> None:
    if not any(page.paints for page in drawings):
        raise UnusableExhibit("Every page of the PDF is blank. Open it, check it and print it to a new PDF.")
    if max(page.drawn for page in drawings) > MOST_DRAWN:
        raise UnusableExhibit(
            "The PDF draws its parts over and over, which no printer survives. Scan it instead."
        )
