"""Ids that point from one record of the knowledge to another.

While the knowledge is loaded the validation context holds the ids that exist, and a reference to anything else
is refused where it stands. A model built without that context, as in a test, is not checked.
"""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from schemas.base import FactKey, Slug


KNOWN_IDS = "known_ids"
"""Key of the validation context: a mapping from a kind below to the ids that exist."""


class _Existing:
    """Refuses an id that no record of its kind has."""

    def __init__(self, kind: str, place: str) -> None:
        self.kind = kind
        self.place = place

    def __call__(self, value: str, info: ValidationInfo) -> str:
        known: Collection[str] | None = (info.context or {}).get(KNOWN_IDS, {}).get(self.kind)
        if known is None or value in known:
            return value
        near = get_close_matches(value, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"found '{value}', expected an id that exists in {self.place}{hint}")


ProductId = Annotated[Slug, AfterValidator(_Existing("products", "knowledge/products"))]
MeasureId = Annotated[Slug, AfterValidator(_Existing("measures", "knowledge/measures"))]
RuleSetId = Annotated[Slug, AfterValidator(_Existing("rule_sets", "knowledge/conditions/rule_sets"))]
PublicationId = Annotated[Slug, AfterValidator(_Existing("publications", "knowledge/publications"))]
MimicId = Annotated[Slug, AfterValidator(_Existing("mimics", "knowledge/conditions/mimics.yaml"))]
KnownFact = Annotated[FactKey, AfterValidator(_Existing("vocabulary", "knowledge/facts.yaml"))]
