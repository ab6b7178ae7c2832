"""Form fields and annotations, drawn into their pages before anything interactive is left behind.

A field filled in by a program often has a value and no drawing of it: a viewer draws it when it opens
the file. Copying only what is drawn would then lose the value without a trace.
"""

import pikepdf
from pikepdf import FormFieldFlag

from priorauth.packets.errors import UnusableExhibit


def flatten(pdf: pikepdf.Pdf) -> None:
    """Make what a reader saw part of the pages; raise UnusableExhibit for a value that cannot be drawn here."""
    if "/AcroForm" in pdf.Root:
        _draw_values(pdf)
    pdf.flatten_annotations("all")


def _draw_values(pdf: pikepdf.Pdf) -> None:
    form = pdf.acroform
    for page in pdf.pages:
        for widget in form.get_widget_annotations_for_page(page):
            field = form.get_field_for_annotation(widget)
            value = field.value_as_string if field.is_text or field.is_choice else ""
            drawn = "/N" in widget.obj.get("/AP", pikepdf.Dictionary())
            if not value or (drawn and not form.needs_appearances):
                continue
            # One line of plain letters is what qpdf can draw; it would cut or garble the rest.
            if not value.isascii() or field.flags & FormFieldFlag.tx_multiline or "\n" in value:
                raise UnusableExhibit(
                    "The PDF is a form with values that only appear in a viewer. Print it to a new PDF."
                )
            field.generate_appearance(widget)
