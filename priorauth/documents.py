"""Whether a file of the record is what it says: the kind by its content, whether it opens, and how many pages it has."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO

import pikepdf
from PIL import Image, UnidentifiedImageError

from priorauth.packets.acceptance import check_exhibit


MAXIMUM_BYTES = 50_000_000

_PICTURES = {"PNG": "image/png", "JPEG": "image/jpeg", "TIFF": "image/tiff"}


@dataclass(frozen=True)
class CheckedDocument:
    """What a file was found to be."""

    media_type: str
    pages: int


class DocumentRefused(Exception):
    """The file cannot be an exhibit; says what was found, what is expected and how to mend it."""

    def __init__(self, *, found: str, expected: str, mend: str) -> None:
        self.found = found
        self.expected = expected
        self.mend = mend
        super().__init__(f"found {found}; expected {expected}. {mend}")


def check_document(content: bytes) -> CheckedDocument:
    """Open a file of the record; DocumentRefused says why it cannot be used."""
    if len(content) > MAXIMUM_BYTES:
        raise DocumentRefused(
            found=f"{len(content):,} bytes",
            expected=f"at most {MAXIMUM_BYTES:,} bytes",
            mend="Scan it again at 200 dpi, or split it.",
        )
    if not content:
        raise DocumentRefused(
            found="an empty file", expected="a PDF or a picture of a page", mend="Get the document again."
        )
    # Readers accept a PDF whose header follows some leading bytes, as fax gateways send it.
    is_pdf = b"%PDF-" in content[:1024]
    checked = CheckedDocument("application/pdf", _pdf_pages(content)) if is_pdf else _picture(content)
    # A document that a packet would refuse is refused at once, while somebody can still send a better one.
    reason = check_exhibit(content, checked.media_type)
    if reason is not None:
        raise DocumentRefused(
            found=f"a document that cannot be an exhibit ({reason})",
            expected="a document of which every page can be printed",
            mend="Print it to a new PDF, or scan it.",
        )
    return checked


def _pdf_pages(content: bytes) -> int:
    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            pages = len(pdf.pages)
    except pikepdf.PasswordError:
        raise DocumentRefused(
            found="a PDF locked with a password",
            expected="a PDF that opens without one",
            mend="Ask for it without a password.",
        ) from None
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        # Under the limits that packets set for the library, a PDF without pages does not open at all.
        if "no pages found" in str(error):
            raise _without_pages() from None
        raise DocumentRefused(
            found="a PDF that does not open",
            expected="a whole PDF",
            mend="Get the document again; the transfer may have failed.",
        ) from None
    if pages == 0:
        raise _without_pages()
    return pages


def _without_pages() -> DocumentRefused:
    return DocumentRefused(
        found="a PDF without pages", expected="at least one page", mend="Get the document again."
    )


def _picture(content: bytes) -> CheckedDocument:
    try:
        with warnings.catch_warnings():
            # What is damaged enough to matter fails when the picture is loaded below.
            warnings.simplefilter("ignore", UserWarning)
            # Pillow only warns of a picture that would fill the memory once it is drawn.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=list(_PICTURES)) as picture:
                kind, pages = _PICTURES[str(picture.format)], int(getattr(picture, "n_frames", 1))
                picture.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise DocumentRefused(
            found="a picture of more than 89 million dots",
            expected="a page scanned at 200 to 300 dpi",
            mend="Scan it again.",
        ) from None
    except UnidentifiedImageError:
        raise DocumentRefused(
            found="a file that is neither a PDF nor a picture",
            expected="a PDF, TIFF, JPEG or PNG file",
            mend="Send the document itself, as a PDF.",
        ) from None
    except (
        OSError,
        ValueError,
        SyntaxError,
        TypeError,
        KeyError,
    ):  # all of these are Pillow's words for damage
        raise DocumentRefused(
            found="a picture that does not open", expected="a whole picture", mend="Scan or send it again."
        ) from None
    return CheckedDocument(kind, pages)
