"""Documents of the record from DocumentReferences, whose bytes are in the bundle itself."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

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
    """Read the documents and their bytes by document id; one without bytes is named in the notes.

    Reports that laboratories attach to a DiagnosticReport are documents like any other.
    """
    content: dict[str, bytes] = {}

    def read(pair: tuple[Resource, Json]) -> Document:
        resource, attachment = pair
        found = _bytes_of(bundle, attachment)
        document = _document_id(resource.id, content)
        content[document] = found
        kind = resource.content.get("type") or resource.content.get("code")
        title = (
            words(attachment.get("title"))
            or words(resource.content.get("description"))
            or concept_words(kind)
        )
        return Document(
            document=document,
            title=title or resource.name[:300],
            kind=_kind(kind, codes),
            dated=_dated(resource.content, attachment),
            media_type=words(attachment.get("contentType")) or "application/pdf",
        )

    documents = read_each(_attachments(bundle), read, lambda pair: pair[0].name[:300], bundle.notes)
    return tuple(documents), content


def _attachments(bundle: Bundle) -> list[tuple[Resource, Json]]:
    found = []
    for resource in bundle.of_kind("DocumentReference"):
        attached = [one(entry.get("attachment")) for entry in many(resource.content.get("content"))]
        # Further attachments of one DocumentReference are the same document in other formats.
        found.append((resource, attached[0] if attached else {}))
    for resource in bundle.of_kind("DiagnosticReport"):
        found += [(resource, form) for form in many(resource.content.get("presentedForm"))]
    return found


def _kind(concept: Any, codes: FhirCodes) -> DocumentKind:
    code = code_in(concept, [LOINC])
    if code is not None and code in codes.document_kinds:
        return codes.document_kinds[code]
    return codes.document_words.get(concept_words(concept).lower(), DocumentKind.OTHER)


def _dated(content: Json, attachment: Json) -> date | None:
    period = one(one(content.get("context")).get("period"))
    given = (
        period.get("start"),
        content.get("effectiveDateTime"),
        attachment.get("creation"),
        content.get("date"),
    )
    return next((found for value in given if (found := day(value))), None)


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
