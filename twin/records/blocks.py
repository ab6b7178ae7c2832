"""The blocks a source may put on a page, except the nerve study and treatment blocks: how each prints, what it documents."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from schemas.chart import Measurement, MuscleStrength, Response, Therapy
from twin.records import nerves, treatment
from twin.records.marks import fact, measurement, read_marks
from twin.records.printed import Block, Heading, Paragraph, Place, Table


MRC_SUM_MUSCLES = 6


def cells(row: str) -> tuple[str, ...]:
    """Split a row written with bars."""
    return tuple(cell.strip() for cell in row.split("|"))


def block(kind: str, content: Any, place: Place) -> Block:
    """Return the block as it prints, with what it documents."""
    maker = _MAKERS.get(kind)
    if maker is None:
        raise ValueError(
            f"{place.document} page {place.page}: unknown block '{kind}', expected one of {sorted(_MAKERS)}"
        )
    made = Block()
    maker(content, place, made)
    return made


def _heading(content: str, _: Place, made: Block) -> None:
    made.add(Heading(content))


def _paragraphs(look: str) -> Callable[[str, Place, Block], None]:
    def add(content: str, place: Place, made: Block) -> None:
        for paragraph in str(content).strip().split("\n"):
            if paragraph.strip():
                text, entries = read_marks(paragraph.strip(), place)
                made.add(Paragraph(text, look), entries)

    return add


def _table(content: dict[str, Any], place: Place, made: Block) -> None:
    rows, entries = [], []
    for row in content["rows"]:
        text, documented = read_marks(row, place)
        rows.append(cells(text))
        entries.extend(documented)
    head = cells(content["head"]) if "head" in content else ()
    made.add(Table(tuple(rows), head, content.get("caption"), content.get("look", "grid")), entries)


def _pairs(content: list[str], place: Place, made: Block) -> None:
    _table({"rows": content, "look": "pairs"}, place, made)


def _labs(content: dict[str, Any], place: Place, made: Block) -> None:
    """Rows of test, result, flag, unit, reference range and, last, the fact (``hba1c`` or ``anti_gm1=negative``)."""
    collected = content.get("collected", place.dated)
    rows = []
    for row in content["rows"]:
        test, result, flag, unit, reference, key = cells(row)
        rows.append((test, result, flag, unit, reference))
        if key:
            name, _, stated = key.partition("=")
            quantity = f"{result.lstrip('<>')} {unit}".strip()
            note = f"{test}: {result}" if stated or result[0] in "<>" else None
            made.entries.append(fact(name, stated or quantity, place, dated=collected, note=note))
    head = ("Test", "Result", "Flag", "Units", "Reference")
    caption = content.get("caption") or (f"Collected {place.day(collected)}" if collected else None)
    made.add(Table(tuple(rows), head, caption, "labs"))


def _strength(content: dict[str, Any], place: Place, made: Block) -> None:
    """MRC grades right and left; rows marked with a star make the sum score, when ``sum`` is set."""
    rows, total, counted = [], 0, 0
    for row in content["rows"]:
        muscle, right, left = cells(row)
        if muscle.endswith("*"):
            total, counted = total + int(right) + int(left), counted + 1
        rows.append((muscle.rstrip("*"), right, left))
        made.entries.append(
            MuscleStrength(
                muscle=muscle.rstrip("*"), right=right, left=left, dated=place.dated, source=place.source
            )
        )
    made.add(Table(tuple(rows), ("Muscle (MRC grade)", "Right", "Left"), content.get("caption"), "narrow"))
    if content.get("sum"):
        if counted != MRC_SUM_MUSCLES:
            raise ValueError(
                f"{place.document}: the MRC sum score needs six starred muscle pairs, found {counted}"
            )
        made.add(Paragraph(f"MRC sum score {total}/60", "strong"))
        made.entries.append(
            Measurement(
                measure="mrc_sum_score",
                value=Decimal(total),
                out_of=Decimal(60),
                dated=place.dated,
                source=place.source,
            )
        )


def _outcomes(content: dict[str, Any], place: Place, made: Block) -> None:
    """Rows of measure (``grip_martin_vigorimeter.right``), printed name, range, unit, then one value for each date."""
    dates = content["dates"]
    rows = []
    for row in content["rows"]:
        name, label, scale, unit, *values = cells(row)
        rows.append((label, scale, *values))
        for on, value in zip(dates, values, strict=True):
            if name and value not in ("", "-", "not done"):
                score, _, out_of = value.partition("/")
                text = f"{score}/{out_of}" if out_of else f"{score} {unit}".strip()
                made.entries.append(
                    measurement(name, text, place, dated=on, examiner=content.get("examiner"))
                )
    head = ("Measure", "Range", *(place.day(on) for on in dates))
    made.add(Table(tuple(rows), head, content.get("caption"), "flow"))


def _therapies(content: list[dict[str, Any]], place: Place, made: Block) -> None:
    rows = []
    for item in content:
        known = {
            key: item[key]
            for key in ("treatment", "started", "stopped", "dose", "reason_stopped")
            if key in item
        }
        made.entries.append(
            Therapy(
                **known,
                response=Response(item.get("response", "unknown")),
                dated=place.dated,
                source=place.source,
            )
        )
        when = " – ".join(place.day(item[key]) for key in ("started", "stopped") if key in item)
        result = ". ".join(str(item[key]) for key in ("result", "reason_stopped") if key in item)
        rows.append(
            (
                item.get("label", item["treatment"].replace("_", " ")),
                item.get("dose", ""),
                when or "dates not recorded",
                result,
            )
        )
    made.add(Table(tuple(rows), ("Treatment", "Dose", "Dates", "Result"), None, "grid"))


_MAKERS: dict[str, Callable[[Any, Place, Block], None]] = {
    "h": _heading,
    "p": _paragraphs("body"),
    "small": _paragraphs("small"),
    "hand": _paragraphs("hand"),
    "stamp": _paragraphs("stamp"),
    "strong": _paragraphs("strong"),
    "signature": _paragraphs("signature"),
    "pairs": _pairs,
    "table": _table,
    "labs": _labs,
    "strength": _strength,
    "outcomes": _outcomes,
    "therapies": _therapies,
    "motor": nerves.motor,
    "sensory": nerves.sensory,
    "technical": nerves.technical,
    "needle": nerves.needle,
    "impression": nerves.impression,
    "order": treatment.order,
    "infusions": treatment.infusions,
    "authorization": treatment.authorization,
}
