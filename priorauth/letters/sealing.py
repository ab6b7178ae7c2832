"""The seal of a letter: its record and the text of its pages, embedded in the PDF.

The text is read from the finished pages, so that a value edited in the PDF no longer agrees with what is embedded.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from io import BytesIO

import pikepdf
import pypdfium2
from pikepdf import AttachedFileSpec, Name
from pikepdf.models.metadata import encode_pdf_date

from priorauth.rendering.turns import RENDERING
from schemas.letter import LetterRecord, SealedLetter


WITNESSES = "witnesses.json"

# PDFium writes U+FFFE for a hyphen at the end of a line, and breaks lines where the page does.
_HYPHENS = "\N{SOFT HYPHEN}-\N{HYPHEN}\N{NON-BREAKING HYPHEN}\ufffe\x02\N{ZERO WIDTH SPACE}"


def sealed(pdf: bytes, record: LetterRecord, *, created: datetime) -> bytes:
    """Embed the record and the text of the pages; the same letter gives the same bytes."""
    content = SealedLetter.of(record, page_texts(pdf)).model_dump_json(indent=1).encode()
    written = encode_pdf_date(created)
    with pikepdf.open(BytesIO(pdf)) as document:
        embedded = AttachedFileSpec(
            document,
            content,
            filename=WITNESSES,
            mime_type="application/json",
            description="Every factual sentence of this letter with the entries of the record it rests on",
            creation_date=written,
            mod_date=written,
        )
        embedded.relationship = Name.Data
        document.attachments[WITNESSES] = embedded
        target = BytesIO()
        document.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return target.getvalue()


def sealed_record(pdf: bytes) -> LetterRecord:
    """Return the record embedded in a letter of ours; KeyError where there is none."""
    with pikepdf.open(BytesIO(pdf)) as document:
        content = document.attachments[WITNESSES].get_file().read_bytes()
    return SealedLetter.model_validate_json(content).record


def page_texts(pdf: bytes) -> tuple[str, ...]:
    """Read the text of every page, as a reader of the finished file gets it."""
    # PDFium keeps global state and must not be entered by two threads.
    with RENDERING:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return tuple(page.get_textpage().get_text_range() for page in document)
        finally:
            document.close()


def squeezed(text: str) -> str:
    """Return the text without white space and hyphens, which lines of a page lose and gain."""
    composed = unicodedata.normalize("NFKC", text)
    return "".join(
        character for character in composed if not character.isspace() and character not in _HYPHENS
    )
