"""Which immunoglobulin product a FHIR medication is: by NDC, by brand name, or by a billing code that only one brand has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from pydantic import TypeAdapter, ValidationError

from priorauth.formats.fhir_codes import HCPCS, NDC
from priorauth.formats.fhir_resources import Bundle, Resource
from priorauth.formats.fhir_values import Json, code_in, codings, concept_words, one
from priorauth.knowledge import Knowledge
from schemas.codes import HcpcsCode, Ndc11


_NDC: TypeAdapter[str] = TypeAdapter(Ndc11)
_HCPCS: TypeAdapter[str] = TypeAdapter(HcpcsCode)

_IMMUNOGLOBULIN = re.compile(r"immun(e|o) ?globulin|\b(ivig|scig)\b", re.IGNORECASE)
# Immunoglobulins against one disease, given in small doses for other reasons.
_HYPERIMMUNE = re.compile(
    r"rho|hepatitis|tetanus|rabies|botulism|varicella|zoster|cytomegalovirus|vaccinia|thymocyte|anthrax",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Medication:
    """What a medication was recognized as. ``words`` is how the resource names it."""

    words: str
    immunoglobulin: bool
    product: str | None = None
    hcpcs: str | None = None
    ndc: str | None = None


def read_medication(bundle: Bundle, resource: Resource, knowledge: Knowledge, on: date | None) -> Medication:
    """Recognize the medication of a request or administration."""
    concept = _concept(bundle, resource)
    named = concept_words(concept)
    ndc, hcpcs = _code(_NDC, code_in(concept, NDC)), _code(_HCPCS, code_in(concept, HCPCS))
    all_names = " ".join([named, *(coding.display for coding in codings(concept))])
    product = _by_ndc(knowledge, ndc) or _by_brand(knowledge, all_names) or _by_hcpcs(knowledge, hcpcs, on)
    known_code = hcpcs is not None and any(
        code.code == hcpcs for one_product in knowledge.products.values() for code in one_product.hcpcs
    )
    generic = bool(_IMMUNOGLOBULIN.search(all_names)) and not _HYPERIMMUNE.search(all_names)
    return Medication(
        named,
        product is not None or known_code or generic or _brand_family(knowledge, all_names),
        product,
        hcpcs,
        ndc,
    )


def _concept(bundle: Bundle, resource: Resource) -> Json:
    concept = one(resource.content.get("medicationCodeableConcept"))
    if concept:
        return concept
    medication = bundle.resolve(resource.content.get("medicationReference"), "Medication")
    return one(medication.content.get("code")) if medication else {}


def _code(adapter: TypeAdapter[str], code: str | None) -> str | None:
    """Return a code in the form of its type. One that has no such form cannot say which product it is."""
    if code is None:
        return None
    try:
        return adapter.validate_python(code)
    except ValidationError:
        return None


def _by_ndc(knowledge: Knowledge, ndc: str | None) -> str | None:
    product = knowledge.product_for_ndc(ndc) if ndc else None
    return product.id if product else None


def _by_brand(knowledge: Knowledge, named: str) -> str | None:
    """Find the brand whose words all stand in the name, the longest first: "Gammagard Liquid ERC" is not "Gammagard Liquid"."""
    text = f" {_plain(named)} "
    brands = sorted(
        ((_plain(product.brand), product.id) for product in knowledge.products.values()),
        key=lambda pair: -len(pair[0]),
    )
    return next((product for brand, product in brands if f" {brand} " in text), None)


def _brand_family(knowledge: Knowledge, named: str) -> bool:
    """Whether the name is a brand without the strength that tells its products apart, such as "Gammaplex"."""
    found = set(_plain(named).split())
    return any(_plain(product.brand).split()[0] in found for product in knowledge.products.values())


def _by_hcpcs(knowledge: Knowledge, hcpcs: str | None, on: date | None) -> str | None:
    if hcpcs is None or on is None:
        return None
    billed = knowledge.products_billed_as(hcpcs, on)
    return billed[0].id if len(billed) == 1 else None


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z]+|[0-9]+", text.lower()))
