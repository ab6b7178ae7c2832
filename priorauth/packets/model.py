"""What goes into a packet, and what comes out."""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from priorauth.rendering.metadata import Letterhead


_LABEL = re.compile(r"[A-Z]{1,2}[0-9]{0,2}")


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """One document of the record as it arrived: PDF, JPEG, PNG or TIFF."""

    label: str
    title: str
    media_type: str
    content: bytes
    document_id: str
    date: dt.date | None = None

    def __post_init__(self) -> None:
        if not _LABEL.fullmatch(self.label):
            raise ValueError(
                f"exhibit label: found {self.label!r}, expected one or two capitals and at most two digits, as in B or C12"
            )


@dataclass(frozen=True, kw_only=True)
class IndexEntry:
    """Where the letter, an exhibit or a piece of one begins. `first_page` counts from 1 over the whole packet.

    A packet in parts has `part`, and of an exhibit that lies in several parts, each piece has its own line:
    `page_count` pages from the exhibit's page `from_page` on.
    """

    label: str
    title: str
    first_page: int
    page_count: int
    part: int = 1
    from_page: int = 1
    of_pages: int = 0
    document_id: str = ""
    date: dt.date | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_piece(self) -> bool:
        """Whether other pages of the same exhibit lie in another part."""
        return self.of_pages > self.page_count

    @property
    def last_page(self) -> int:
        """The exhibit's last page that lies here."""
        return self.from_page + self.page_count - 1


@dataclass(frozen=True, kw_only=True)
class RefusedExhibit:
    """An exhibit that is not in the packet, and why, in words for the coordinator."""

    label: str
    title: str
    document_id: str
    reason: str


@dataclass(frozen=True, order=True)
class DanglingReference:
    """A page of an exhibit that the letter cites and the packet does not have."""

    label: str
    page: int


@dataclass(frozen=True, kw_only=True)
class PacketCover:
    """What the first page says. It names no patient."""

    letterhead: Letterhead
    subject: str
    recipient: str
    misdirected_phone: str
    review: str = "Standard"
    department: str = ""
    recipient_fax: str = ""
    prescriber: str = ""
    peer_to_peer_contact: str = ""
    draft: bool = False


@dataclass(frozen=True, kw_only=True)
class SizeLimits:
    """How large one file may be that the payer takes. A megabyte is a million bytes, the smaller of its two meanings."""

    pages: int | None = None
    megabytes: Decimal | None = None

    @property
    def most_bytes(self) -> int | None:
        """The limit of size in bytes."""
        return None if self.megabytes is None else int(self.megabytes * 1_000_000)

    def allow(self, *, pages: int, size: int) -> bool:
        """Whether a file of so many pages and bytes may be sent."""
        return (self.pages is None or pages <= self.pages) and (
            self.most_bytes is None or size <= self.most_bytes
        )


NO_LIMITS = SizeLimits()


@dataclass(frozen=True, kw_only=True)
class Packet:
    """One finished file, what is in it, and everything that could not be put or found in it.

    A packet over the payer's limits comes as several of these, `part` of `of`; the index of each is of the whole.
    A final packet is sent only when `refused` and `dangling` are empty.
    """

    content: bytes
    page_count: int
    part: int = 1
    of: int = 1
    index: tuple[IndexEntry, ...]
    refused: tuple[RefusedExhibit, ...]
    dangling: tuple[DanglingReference, ...]
