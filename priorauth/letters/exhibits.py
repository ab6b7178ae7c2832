"""Exhibit letters: which document of the record is A, which B, in the order a reviewer reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from schemas.base import DocumentId
from schemas.case import Document, DocumentKind


# The order of reading: what is asked, what was found, what was measured, what was done.
_READING_ORDER = (
    DocumentKind.DENIAL_LETTER,
    DocumentKind.ORDER,
    DocumentKind.VISIT_NOTE,
    DocumentKind.HOSPITAL_RECORD,
    DocumentKind.NERVE_STUDY,
    DocumentKind.CSF,
    DocumentKind.LABORATORY,
    DocumentKind.IMAGING,
    DocumentKind.BIOPSY,
    DocumentKind.OUTCOME_MEASURES,
    DocumentKind.INFUSION_RECORD,
    DocumentKind.AUTHORIZATION_LETTER,
    DocumentKind.OTHER,
)


@dataclass(frozen=True, slots=True)
class LabelledDocument:
    """A document with its exhibit letter."""

    label: str
    document: Document


def label_exhibits(
    documents: Sequence[Document], *, cited: Sequence[DocumentId] = ()
) -> tuple[LabelledDocument, ...]:
    """Give every readable document its letter. The insurance card goes along only when something cites it.

    Documents whose bytes intake refused have no hash; they are left out here and named in the case's intake notes.
    """
    sendable = [
        document
        for document in documents
        if document.sha256 is not None
        and (document.kind is not DocumentKind.INSURANCE_CARD or document.document in cited)
    ]
    ordered = sorted(
        sendable, key=lambda document: (_place(document.kind), document.dated or date.max, document.document)
    )
    return tuple(LabelledDocument(exhibit_label(number), document) for number, document in enumerate(ordered))


def labels_by_document(exhibits: Sequence[LabelledDocument]) -> Mapping[DocumentId, str]:
    """Map document ids to exhibit letters."""
    return {exhibit.document.document: exhibit.label for exhibit in exhibits}


def exhibit_label(number: int) -> str:
    """Name the exhibits A to Z, then AA, AB and so on."""
    letter = chr(ord("A") + number % 26)
    return letter if number < 26 else exhibit_label(number // 26 - 1) + letter


def _place(kind: DocumentKind) -> int:
    return _READING_ORDER.index(kind) if kind in _READING_ORDER else len(_READING_ORDER)
