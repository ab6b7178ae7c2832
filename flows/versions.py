"""Which version of a letter or packet is meant: the one that was read, and the one that goes out.

A version is the beginning of the hash of its PDF, so that what is released is what somebody had before them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from priorauth.lifecycle import LETTER_RELEASED, LETTER_SENT_BACK, UNSENT, CaseStatus
from schemas.base import CaseId


if TYPE_CHECKING:  # what goes wrong is known to commands that never open a database
    from priorauth.store import Store
    from priorauth.store.records import OutgoingDocument


LENGTH = 12
"""Hexadecimal digits: two versions of one case share them about once in a hundred million million."""


class VersionPassed(Exception):
    """The version named is none of the case, or would no longer come out as it was read."""


class NotReleased(Exception):
    """The packet named is no final one, so that nobody has released it."""


def version_of(made: OutgoingDocument) -> str:
    """Name the version of a letter or packet."""
    return made.sha256[:LENGTH]


def letter_in_review(store: Store, case_id: CaseId) -> OutgoingDocument | None:
    """Return the draft letter that says what the newest assessment says, else the newest one."""
    drafts = [made for made in store.list_outgoing(case_id) if made.kind == "letter" and made.draft]
    latest = store.latest_assessment(case_id)
    for made in reversed(drafts):
        if made.assessment_id is not None and store.get_assessment(made.assessment_id) == latest:
            return made
    return drafts[-1] if drafts else None


def draft_letter(store: Store, case_id: CaseId, version: str) -> OutgoingDocument:
    """Return the draft letter of a version; VersionPassed where there is none."""
    for made in store.list_outgoing(case_id):
        if made.kind == "letter" and made.draft and made.sha256.startswith(version):
            return made
    raise VersionPassed(f"found the version {version}, expected that of a draft letter of {case_id}")


def final_letter(store: Store, case_id: CaseId) -> OutgoingDocument | None:
    """Return the final letter that was released last; None once its record or request has changed or it was sent back.

    A draft that is made later changes nothing about it.
    """
    released = _released_last(store, case_id)
    if released is None or released.assessment_id is None or not is_of_present_request(store, released):
        return None
    if store.get_assessment(released.assessment_id).case_sha256 != store.case_summary(case_id).sha256:
        return None
    return released


def final_packets(store: Store, case_id: CaseId) -> tuple[OutgoingDocument, ...]:
    """Return the packet of the final letter, all its parts."""
    released = final_letter(store, case_id)
    return packets_with(store, released) if released else ()


def packets_with(store: Store, final: OutgoingDocument) -> tuple[OutgoingDocument, ...]:
    """Return the final packet that was made together with a final letter or a part of the packet, all its parts."""
    return tuple(
        made
        for made in store.list_outgoing(final.case_id)
        if made.kind == "packet" and not made.draft and made.made_at == final.made_at
    )


def to_prepare(store: Store) -> list[CaseId]:
    """List the cases that were not sent yet and have no final packet that waits to be sent."""
    return [
        case.case_id
        for case in store.list_cases()
        if case.status in UNSENT
        and not (case.status is CaseStatus.IN_REVIEW and final_packets(store, case.case_id))
    ]


def is_released(store: Store, case_id: CaseId, sha256: str) -> bool:
    """Whether a final letter is the one that was released last and has not been sent back since."""
    released = _released_last(store, case_id)
    return released is not None and released.sha256 == sha256


def _released_last(store: Store, case_id: CaseId) -> OutgoingDocument | None:
    finals = {
        made.sha256: made for made in store.list_outgoing(case_id) if made.kind == "letter" and not made.draft
    }
    if not finals:
        return None
    read = [
        event for event in store.audit_trail(case_id) if event.event in (LETTER_RELEASED, LETTER_SENT_BACK)
    ]
    if not read or read[-1].event == LETTER_SENT_BACK:
        return None
    return finals.get((read[-1].detail or "").rpartition(" ")[2])


def is_of_present_request(store: Store, made: OutgoingDocument) -> bool:
    """Whether a letter or packet was made since the renewal was opened or the plan changed."""
    began = store.request_began(made.case_id)
    return began is None or made.made_at >= began


def released_packets(store: Store, case_id: CaseId, version: str) -> tuple[OutgoingDocument, ...]:
    """Return the final packet that a version is a part of, all its parts; NotReleased where there is none."""
    for made in store.list_outgoing(case_id):
        if made.kind == "packet" and not made.draft and made.sha256.startswith(version):
            return packets_with(store, made)
    raise NotReleased(f"found the version {version}, expected that of a final packet of {case_id}")
