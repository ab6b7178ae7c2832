"""The packet of a letter: its cover, and the documents of the case as exhibits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from priorauth.knowledge import Knowledge
from priorauth.letters.compose import ComposedLetter, letter_pdf
from priorauth.letters.refusals import LetterRefused
from priorauth.letters.witnesses import ExhibitPage
from priorauth.packets.assembly import assemble_parts
from priorauth.packets.errors import LimitTooSmall
from priorauth.packets.model import NO_LIMITS, Exhibit, Packet, PacketCover, SizeLimits
from priorauth.rendering.isolation import Limits, isolated_within
from schemas.case import Case
from schemas.treatment import TreatmentRequest


ReadDocument = Callable[[str], bytes]
"""Returns the bytes of a document by its SHA-256."""


WriteLetter = Callable[[Mapping[ExhibitPage, int]], ComposedLetter]
"""Writes the letter, told which exhibit pages lie in another part of the packet."""

_MOST_ROUNDS = 5

_ASSEMBLY = Limits(cpu_seconds=240, wall_seconds=300)
"""Every picture of every exhibit is decoded once: a tenth of a second for each page of a colour scan."""


@dataclass(frozen=True, slots=True)
class LetterInPacket:
    """A letter, its PDF, and the packet it goes out in: one file, or several where the payer takes none so large."""

    letter: ComposedLetter
    pdf: bytes
    packets: tuple[Packet, ...]


def limits_for(case: Case, knowledge: Knowledge) -> SizeLimits:
    """Return what the payer takes in one file, as far as its profile knows."""
    payer = case.coverage.payer if case.coverage else None
    known = knowledge.packet_limits_of(payer) if payer else None
    return NO_LIMITS if known is None else SizeLimits(pages=known.pages, megabytes=known.megabytes)


def letter_in_packet(
    write: WriteLetter, case: Case, read: ReadDocument, limits: SizeLimits = NO_LIMITS
) -> LetterInPacket:
    """Write a letter and assemble its packet within the limits; LetterRefused says which limit cannot be kept.

    A letter says in which part an exhibit lies, and longer references may move exhibits: so it is written until both agree.
    """
    parts: Mapping[ExhibitPage, int] = {}
    for _ in range(_MOST_ROUNDS):
        letter = write(parts)
        pdf = letter_pdf(letter)
        packets = packets_of(letter, pdf, case, read, limits)
        found = {
            (entry.label, page): entry.part
            for entry in packets[0].index
            if entry.part > 1
            for page in range(entry.from_page, entry.last_page + 1)
        }
        if found == parts:
            return LetterInPacket(letter, pdf, packets)
        parts = found
    raise LetterRefused(
        "packet limits: letter and parts do not settle on where an exhibit lies; change the limit by a page"
    )


def packets_of(
    letter: ComposedLetter, pdf: bytes, case: Case, read: ReadDocument, limits: SizeLimits
) -> tuple[Packet, ...]:
    """Assemble cover, index, letter and exhibits into as many PDF files as the limits ask for."""
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
    try:
        return isolated_within(
            _ASSEMBLY,
            assemble_parts,
            pdf,
            exhibits,
            cover=_cover(letter, case),
            case_number=case.case_id,
            created=letter.metadata.created,
            limits=limits,
        )
    except LimitTooSmall as small:
        raise LetterRefused(str(small)) from None


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
