"""What a document says about itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class DocumentMetadata:
    """Title and provenance written into the PDF. `created` comes from the case, never from the clock."""

    title: str
    author: str
    created: datetime
    subject: str = ""
    keywords: tuple[str, ...] = ()
    language: str = "en-US"


@dataclass(frozen=True, kw_only=True)
class EmbeddedFile:
    """A file inside the PDF, such as the facts of the case the letter was made from."""

    name: str
    content: bytes
    description: str


@dataclass(frozen=True, kw_only=True)
class Letterhead:
    """The head of the first page: who writes, and where they are reached."""

    name: str
    address: str
    contact: str
    tagline: str = ""


def page_frame(
    metadata: DocumentMetadata, letterhead: Letterhead, *, case_number: str, running_head: str, draft: bool
) -> Mapping[str, object]:
    """Return the variables that `base.html.j2` asks for."""
    return {
        "metadata": metadata,
        "letterhead": letterhead,
        "case_number": case_number,
        "running_head": running_head,
        "draft": draft,
    }
