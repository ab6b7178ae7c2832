"""What goes into a packet, and what comes out."""

import datetime as dt
import re
from dataclasses import dataclass

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
    """Where a part of the packet begins. `first_page` counts from 1 over the whole packet."""

    label: str
    title: str
    first_page: int
    page_count: int
    document_id: str = ""
    date: dt.date | None = None
    notes: tuple[str, ...] = ()


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
class Packet:
    """The finished file, what is in it, and everything that could not be put or found in it.

    A final packet is sent only when `refused` and `dangling` are empty.
    """

    content: bytes
    page_count: int
    index: tuple[IndexEntry, ...]
    refused: tuple[RefusedExhibit, ...]
    dangling: tuple[DanglingReference, ...]
