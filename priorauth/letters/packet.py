"""The packet of a letter: its cover, and the documents of the case as exhibits."""

from __future__ import annotations

from collections.abc import Callable

from priorauth.letters.compose import ComposedLetter
from priorauth.letters.refusals import LetterRefused
from priorauth.packets.assembly import assemble_packet
from priorauth.packets.model import Exhibit, Packet, PacketCover
from priorauth.rendering.isolation import isolated
from schemas.case import Case
from schemas.treatment import TreatmentRequest


ReadDocument = Callable[[str], bytes]
"""Returns the bytes of a document by its SHA-256."""


def packet_of(letter: ComposedLetter, pdf: bytes, case: Case, read: ReadDocument) -> Packet:
    """Assemble cover, index, letter and exhibits into one PDF; what cannot be put in is named in the result."""
    exhibits = [
        Exhibit(
            label=labelled.label,
            title=labelled.document.title,
            media_type=labelled.document.media_type,
            content=read(labelled.document.sha256),
            document_id=labelled.document.document,
            date=labelled.document.dated,
        )
        for labelled in letter.exhibits
        if labelled.document.sha256 is not None
    ]
    return isolated(
        assemble_packet,
        pdf,
        exhibits,
        cover=_cover(letter, case),
        case_number=case.case_id,
        created=letter.metadata.created,
    )


def _cover(letter: ComposedLetter, case: Case) -> PacketCover:
    if case.practice is None or case.prescriber is None or case.request is None:
        raise LetterRefused(
            "The case names no practice, prescriber or request: a packet needs somebody who sends it"
        )
    coverage, prescriber = case.coverage, case.prescriber
    return PacketCover(
        letterhead=letter.letterhead,
        subject="Prior authorization request",
        recipient=(coverage and coverage.payer_name) or "Health plan",
        department=(coverage and coverage.department) or "",
        recipient_fax=(coverage and coverage.fax) or "",
        misdirected_phone=case.practice.phone or "the sender",
        review=_review(case.request),
        prescriber=prescriber.name,
        peer_to_peer_contact=prescriber.phone or "",
        draft=letter.record.draft,
    )


def _review(request: TreatmentRequest) -> str:
    return request.urgency.value.capitalize()
