"""Pages of the record on Letter sheets: upright, whole, with a strip at the foot kept free for the stamp."""

import pikepdf
from pikepdf import Array, Matrix, Rectangle

from priorauth.packets.errors import UnusableExhibit


WIDTH, HEIGHT = 612, 792
_LEFT, _RIGHT, _BOTTOM, _TOP = 9.0, 603.0, 27.0, 786.0

_IDENTITY = Array([1, 0, 0, 1, 0, 0])

_TURNED = 1.15
"""Pages wider than high by more than this are turned, so that a table across the page keeps its size."""

_LARGEST_SIDE = 14_400
"""Points: two hundred inches, the limit of the format."""


def on_letter(page: pikepdf.Page) -> tuple[pikepdf.Object, Matrix]:
    """Return what the page draws, as a form XObject, and the matrix that brings it onto a Letter sheet.

    The form has the drawing and what that needs; annotations, actions and form fields stay behind.
    """
    try:
        form = page.as_form_xobject()
        box = _bounds(form)
    except (ValueError, TypeError, pikepdf.PdfError):
        raise UnusableExhibit("A page of the PDF has no readable size. Print it to a new PDF.") from None
    if not (0 < box.width <= _LARGEST_SIDE and 0 < box.height <= _LARGEST_SIDE):
        raise UnusableExhibit(
            "A page of the PDF has no area, or one larger than any paper. Print it to a new PDF."
        )
    return form, _placement(box)


def _bounds(form: pikepdf.Object) -> Rectangle:
    """The box as it is shown, after the page's own rotation and unit."""
    shown: Rectangle = Matrix(form.get("/Matrix", _IDENTITY)).transform(Rectangle(form.get("/BBox", Array())))  # type: ignore[call-overload, assignment]  # the stubs know one of two forms
    return shown


def _placement(box: Rectangle) -> Matrix:
    turned = box.width > box.height * _TURNED
    width, height = (box.height, box.width) if turned else (box.width, box.height)
    # Never enlarged: an insurance card stays the size of a card.
    scale = min(1.0, (_RIGHT - _LEFT) / width, (_TOP - _BOTTOM) / height)
    at_origin = Matrix().translated(-box.llx, -box.lly)
    upright = at_origin @ Matrix(0, 1, -1, 0, box.height, 0) if turned else at_origin
    left = (_LEFT + _RIGHT - width * scale) / 2
    # Small pages hang from the top, as on a photocopier.
    return upright @ Matrix(scale, 0, 0, scale, left, _TOP - height * scale)
