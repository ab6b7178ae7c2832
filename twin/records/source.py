"""Reads a source and compiles it: pages to print, and the case whose entries those pages document."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.nodes import ScalarNode

from schemas.base import Model
from schemas.case import Coverage, Document, Patient, Practice, Prescriber, Referral
from schemas.chart import (
    Chart,
    Diagnosis,
    Fact,
    GivenInfusion,
    Measurement,
    MuscleStrength,
    NerveStudy,
    Source,
    Therapy,
)
from schemas.treatment import Authorization, Course, TreatmentRequest
from twin.records.blocks import block
from twin.records.printed import Piece, Place


HERE = Path(__file__).parent
SOURCES = HERE / "sources"
MEDIA_TYPES = {"pdf": "application/pdf", "tif": "image/tiff", "jpg": "image/jpeg", "png": "image/png"}
SUFFIX_OF_PAPER = {"pdf": "pdf", "fax": "pdf", "hand": "pdf", "tiff": "tif", "photo": "png", "card": "jpg"}

_PARTS: dict[str, type[Model]] = {
    "facts": Fact,
    "measurements": Measurement,
    "muscle_strength": MuscleStrength,
    "nerve_studies": NerveStudy,
    "therapies": Therapy,
    "diagnoses": Diagnosis,
    "infusions": GivenInfusion,
}


@dataclass(frozen=True)
class Paper:
    """One record document, ready to print."""

    document: Document
    house: dict[str, Any]
    paper: str
    pages: tuple[tuple[Piece, ...], ...]
    fax: dict[str, Any] | None = None


@dataclass(frozen=True)
class CompiledReferral:
    """A referral with everything a case has but its id, and its record documents."""

    name: str
    referral: Referral
    condition: str | None
    patient: Patient
    coverage: Coverage | None
    prescriber: Prescriber | None
    practice: Practice | None
    request: TreatmentRequest | None
    chart: Chart
    course: Course
    papers: tuple[Paper, ...]
    card: dict[str, Any]
    as_bundle: bool = False


def _exact(constructor: SafeConstructor, node: ScalarNode) -> Decimal:
    return Decimal(str(constructor.construct_scalar(node)))


class _ExactConstructor(SafeConstructor):
    """Reads numbers with a point as decimals, as the schemas want them."""


_ExactConstructor.add_constructor("tag:yaml.org,2002:float", _exact)


def read_source(path: Path) -> dict[str, Any]:
    """Read a YAML source."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _ExactConstructor
    value: dict[str, Any] = yaml.load(path.read_text("utf-8"))
    return value


def compile_referral(path: Path) -> CompiledReferral:
    """Compile one source into its case and its papers."""
    content = read_source(path)
    houses, payers = read_source(HERE / "houses.yaml"), read_source(HERE / "payers.yaml")
    coverage = content.get("coverage")
    if coverage:
        content["coverage"] = coverage = {**payers[coverage["payer"]], **coverage}
    entries: list[Model] = []
    papers = []
    request_source = coverage_source = None
    for document in content["documents"]:
        paper, documented = _paper(document, content, houses)
        papers.append(paper)
        entries += documented
        if paper.paper == "card":
            coverage_source = Source(document=paper.document.document)
        for number, page in enumerate(document["pages"] if paper.paper != "card" else [], start=1):
            if any("order" in piece for piece in page):
                request_source = Source(document=paper.document.document, page=number)
    request = content.get("request")
    return CompiledReferral(
        name=path.stem,
        referral=Referral.model_validate(content["referral"]),
        condition=content.get("condition"),
        patient=Patient.model_validate(content["patient"]),
        coverage=Coverage.model_validate({**coverage, "source": coverage_source}) if coverage else None,
        prescriber=Prescriber.model_validate(content["prescriber"]) if "prescriber" in content else None,
        practice=_practice(houses[content["practice"]]) if "practice" in content else None,
        request=TreatmentRequest.model_validate({**request, "source": request_source}) if request else None,
        chart=_chart(entries, Chart.model_validate(content.get("recorded", {}))),
        course=_course(entries, content.get("course", {})),
        papers=tuple(papers),
        card=content.get("card", {}),
        as_bundle=content.get("as_bundle", False),
    )


def _paper(
    content: dict[str, Any], case: dict[str, Any], houses: dict[str, Any]
) -> tuple[Paper, list[Model]]:
    house = houses[content["house"]] if content.get("house") else {}
    paper = content.get("paper", "pdf")
    suffix = SUFFIX_OF_PAPER[paper]
    pages: list[tuple[Piece, ...]] = []
    entries: list[Model] = []
    for number, blocks in enumerate(content.get("pages", ()), start=1):
        pieces: list[Piece] = []
        for item in blocks:
            ((kind, inner),) = item.items() if isinstance(item, dict) else ((item, None),)
            place = Place(
                document=content["document"],
                page=number,
                dated=content.get("dated"),
                dates=house.get("dates", "%m/%d/%Y"),
                case=case,
                study=content.get("study", {}),
            )
            made = block(kind, inner, place)
            pieces += made.pieces
            entries += made.entries
        pages.append(tuple(pieces))
    document = Document(
        document=content["document"],
        title=content["title"],
        kind=content["kind"],
        dated=content.get("dated"),
        media_type=MEDIA_TYPES[suffix],
        pages=max(len(pages), 1),
        file=f"documents/{content['document']}.{suffix}",
    )
    return Paper(document, house, paper, tuple(pages), content.get("fax")), entries


def _practice(house: dict[str, Any]) -> Practice:
    return Practice.model_validate({key: house[key] for key in Practice.model_fields if key in house})


def _chart(entries: list[Model], recorded: Chart) -> Chart:
    parts = {
        name: (*(entry for entry in entries if isinstance(entry, kind)), *getattr(recorded, name))
        for name, kind in _PARTS.items()
    }
    infusions = sorted(parts["infusions"], key=lambda given: given.on)
    return Chart.model_validate({**parts, "infusions": tuple(infusions)})


def _course(entries: list[Model], content: dict[str, Any]) -> Course:
    granted = [entry for entry in entries if isinstance(entry, Authorization)]
    return Course.model_validate(
        {**content, "authorizations": [*granted, *content.get("authorizations", ())]}
    )
