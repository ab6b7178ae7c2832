"""HTML to a tagged PDF that is the same, byte for byte, each time it is made from the same facts."""

import gc
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from pydyf import PDF  # type: ignore[import-untyped]
from weasyprint import HTML, Attachment
from weasyprint.document import Document
from weasyprint.document import DocumentMetadata as WeasyMetadata
from weasyprint.urls import FatalURLFetchingError

from priorauth.rendering.assets import look
from priorauth.rendering.errors import ForbiddenFetch, TooManyPages
from priorauth.rendering.fonts import check_coverage
from priorauth.rendering.metadata import DocumentMetadata, EmbeddedFile
from priorauth.rendering.turns import RENDERING


TEMPLATES = Path(__file__).parents[2] / "templates"

_SENTENCE = re.compile("</?data[^>]*>")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")

MOST_PAGES = 60
"""A letter has two to six pages and an appendix; sixty means that a field ran away."""

# WeasyPrint logs every address and every piece of CSS it does not like, which may hold text of the record.
logging.getLogger("weasyprint").setLevel(logging.CRITICAL)


def render_pdf(
    html: str,
    *,
    metadata: DocumentMetadata,
    attachments: Sequence[EmbeddedFile] = (),
    most_pages: int = MOST_PAGES,
    templates_root: Path = TEMPLATES,
) -> bytes:
    """Return the PDF of an HTML document, tagged along PDF/UA-1.

    Raises UnprintableText, ForbiddenFetch or TooManyPages, all of them RenderingRefused. For letters
    that quote the record use `render_pdf_isolated`, which also limits time and memory.
    """
    check_coverage(html, templates_root / "fonts")
    try:
        with RENDERING, _without_collection():
            return _render(html, metadata, attachments, most_pages=most_pages, templates_root=templates_root)
    except FatalURLFetchingError as refused:
        raise ForbiddenFetch(
            f"the document asked for something at a {refused}: address. Templates may only use "
            "asset:fonts/… and asset:styles/…, which are the files of templates/fonts and templates/styles."
        ) from None


@contextmanager
def _without_collection() -> Iterator[None]:
    """Keep the collector of cyclic garbage from looking through a growing tree of boxes again and again.

    It takes a tenth of the time of a letter, and finds nothing before the tree as a whole is done with.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _render(
    html: str,
    metadata: DocumentMetadata,
    attachments: Sequence[EmbeddedFile],
    *,
    most_pages: int,
    templates_root: Path,
) -> bytes:
    appearance = look(templates_root)
    source = HTML(string=_as_laid_out(html), url_fetcher=appearance.fetcher)
    document = source.render(
        font_config=appearance.fonts, stylesheets=list(appearance.style_sheets), pdf_variant="pdf/ua-1"
    )
    if len(document.pages) > most_pages:
        raise TooManyPages(
            f"the document has {len(document.pages)} pages, at most {most_pages} are allowed. "
            "Shorten what it quotes and send the rest as an exhibit."
        )
    _describe(document.metadata, metadata)
    document.metadata.attachments = [_attachment(file, metadata.created) for file in attachments]
    pdf: bytes = document.write_pdf(pdf_variant="pdf/ua-1", finisher=_print_links)
    return pdf


def _as_laid_out(html: str) -> str:
    """Leave out the elements that change nothing of what is seen, each of which is laid out as a box of its own.

    They are the marks of the sentences, and where nothing runs from right to left what isolates values
    from each other: a tenth of the time of a letter.
    """
    html = _SENTENCE.sub("", html)
    return html if _RIGHT_TO_LEFT.search(html) else html.replace("<bdi>", "").replace("</bdi>", "")


def _print_links(_: Document, pdf: PDF) -> None:
    """Set the print flag, which PDF/UA asks of everything that can be clicked and WeasyPrint leaves out."""
    for item in pdf.objects:
        if isinstance(item, dict) and item.get("Subtype") == "/Link":
            item["F"] = 4


def _describe(target: WeasyMetadata, metadata: DocumentMetadata) -> None:
    if target.attachments:
        raise ForbiddenFetch("the document embeds a file by a link. Pass files in `attachments`.")
    written = metadata.created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    target.title = metadata.title
    target.authors = [metadata.author]
    target.description = metadata.subject
    target.keywords = list(metadata.keywords)
    target.lang = metadata.language
    target.generator = "ivig-prior-auth"
    target.created = target.modified = written


def _attachment(file: EmbeddedFile, created: datetime) -> Attachment:
    # Without dates WeasyPrint writes the time of rendering, and no two files would be alike.
    return Attachment(
        file_obj=BytesIO(file.content),
        name=file.name,
        description=file.description,
        relationship="Data",
        created=created,
        modified=created,
    )
