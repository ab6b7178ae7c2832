"""From the bytes of a document of the record to pages that can be put into a packet, or the reason why not."""

from priorauth.packets.errors import UnusableExhibit
from priorauth.packets.image_exhibits import image_as_pdf
from priorauth.packets.pdf_exhibits import OpenDocument, open_pdf_exhibit


LARGEST_BYTES = 200 << 20

_SIGNATURES = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
}

# What record systems and phones also hand out, so that the refusal can say what to do.
_FOREIGN = {
    b"PK\x03\x04": "The file is a Word, Excel or ZIP file. Save it as a PDF.",
    b"\xd0\xcf\x11\xe0": "The file is an old Word or Excel file. Save it as a PDF.",
    b"{\\rtf": "The file is a rich text file. Save it as a PDF.",
    b"GIF8": "The file is a GIF picture. Save it as a PNG or a PDF.",
    b"BM": "The file is a BMP picture. Save it as a PNG or a PDF.",
    b"<": "The file is a web page or XML. Open it and print it to a PDF.",
}


def open_exhibit(content: bytes, media_type: str) -> OpenDocument:
    """Return the document as a PDF that only draws; raise UnusableExhibit.

    The content decides what the file is. Record systems name types wrongly too often to refuse for it.
    """
    if not content:
        raise UnusableExhibit("The file is empty. Ask for it again.")
    if len(content) > LARGEST_BYTES:
        raise UnusableExhibit(
            f"The file has {len(content) >> 20:,} MB; at most {LARGEST_BYTES >> 20} are taken. Split it."
        )
    match found_type(content):
        case "application/pdf":
            return open_pdf_exhibit(content)
        case "image/jpeg" | "image/png" | "image/tiff":
            return open_pdf_exhibit(image_as_pdf(content))
        case _:
            raise UnusableExhibit(_why_foreign(content, media_type))


def found_type(content: bytes) -> str | None:
    """The media type the first bytes speak of. A PDF may have a kilobyte of other bytes before its header."""
    for signature, media_type in _SIGNATURES.items():
        if content.startswith(signature):
            return media_type
    return "application/pdf" if b"%PDF-" in content[:1024] else None


def _why_foreign(content: bytes, media_type: str) -> str:
    start = content[:64].lstrip()
    if content[4:8] == b"ftyp":
        return "The file is a phone picture (HEIC) or a video. Save it as a JPEG or a PDF."
    for signature, reason in _FOREIGN.items():
        if start.startswith(signature):
            return reason
    return f"The file was sent as {media_type} but is no PDF, JPEG, PNG or TIFF. Ask for it again as a PDF."
