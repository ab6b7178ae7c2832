"""Documents of the record from DocumentReferences, whose bytes are in the bundle itself."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from hashlib import sha256

from priorauth.formats.fhir_codes import LOINC, FhirCodes
from priorauth.formats.fhir_resources import Bundle, Resource
from priorauth.formats.fhir_values import (
    Json,
    Unusable,
    code_in,
    concept_words,
    day,
    many,
    one,
    read_each,
    words,
)
from schemas.case import Document, DocumentKind


_NOT_IN_ID = re.compile(r"[^a-z0-9._-]+")


def read_documents(bundle: Bundle, codes: FhirCodes) -> tuple[tuple[Document, ...], Mapping[str, bytes]]:
    """Read the documents and their bytes by document id; one without bytes is named in the notes."""
    content: dict[str, bytes] = {}

    def read(resource: Resource) -> Document:
        attachments = [one(entry.get("attachment")) for entry in many(resource.content.get("content"))]
        if not attachments:
            raise Unusable(
                "a DocumentReference without an attachment",
                "the document as base64 data or as a Binary of the bundle",
            )
        found = _bytes_of(bundle, attachments[0])
        document = _document_id(resource.id, content)
        content[document] = found
        period = one(one(resource.content.get("context")).get("period"))
        return Document(
            document=document,
            title=words(attachments[0].get("title"))
            or words(resource.content.get("description"))
            or concept_words(resource.content.get("type"))
            or resource.name[:300],
            kind=codes.document_kinds.get(
                code_in(resource.content.get("type"), [LOINC]) or "", DocumentKind.OTHER
            ),
            dated=day(period.get("start"))
            or day(attachments[0].get("creation"))
            or day(resource.content.get("date")),
            media_type=words(attachments[0].get("contentType")) or "application/pdf",
        )

    documents = tuple(
        read_each(
            bundle.of_kind("DocumentReference"), read, lambda resource: resource.name[:300], bundle.notes
        )
    )
    return documents, content


def _bytes_of(bundle: Bundle, attachment: Json) -> bytes:
    data = attachment.get("data")
    if not isinstance(data, str):
        binary = bundle.resolve({"reference": attachment.get("url")}, "Binary")
        data = binary.content.get("data") if binary else None
    if not isinstance(data, str):
        raise Unusable(
            f"no data for the document at '{words(attachment.get('url')) or 'no address'}'",
            "the document as base64 data or as a Binary of the bundle",
        )
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise Unusable("data that is not base64", "the document as base64 data") from None


def _document_id(resource_id: str, taken: Mapping[str, bytes]) -> str:
    plain = _NOT_IN_ID.sub("-", resource_id.lower()).strip("._-")[:60]
    name = plain or f"document-{sha256(resource_id.encode()).hexdigest()[:8]}"
    return name if name not in taken else f"{name}-{len(taken)}"
