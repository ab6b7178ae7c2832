"""Marks in running text: words of the record that document a fact.

``[[reflexes=absent_all_limbs: absent throughout]]`` prints "absent throughout" and documents the fact in the
record's own wording. ``[[csf_protein: 118 mg/dL]]`` takes value and unit from the words. ``@2026-05-04`` before
the colon gives the finding a date of its own. ``measure`` before the key makes an outcome measure, ``dx`` a coded
diagnosis (``dx*`` the principal one). ``{coverage.member_id}`` prints a value of the case.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from schemas.base import Model, Side
from schemas.chart import Diagnosis, Fact, FactValue, Measurement
from twin.records.printed import Place


_MARK = re.compile(
    r"\[\[(?P<key>[A-Za-z0-9_.* ]+?)(?:=(?P<value>[^:@\]]+?))?(?:\s*@(?P<dated>[0-9-]{10}))?:\s+(?P<words>[^\]]+)\]\]"
)
_VALUE = re.compile(r"\{(?P<part>[a-z_]+)\.(?P<name>[a-z0-9_]+)\}")
_QUANTITY = re.compile(r"^(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>\D.*)?$")


def read_marks(text: str, place: Place) -> tuple[str, list[Model]]:
    """Return the text as printed and the entries its marks document."""
    text = _VALUE.sub(lambda found: str(place.case[found["part"]][found["name"]]), text)
    entries = [_entry(mark, place) for mark in _MARK.finditer(text)]
    printed = _MARK.sub(lambda mark: mark["words"].strip(), text)
    if "[[" in printed:
        raise ValueError(
            f"{place.document} page {place.page}: a mark is not closed or not understood near '{printed[printed.index('[[') :][:60]}'"
        )
    return printed, entries


def _entry(mark: re.Match[str], place: Place) -> Model:
    kind, _, name = mark["key"].strip().rpartition(" ")
    words = " ".join(mark["words"].split())
    dated = date.fromisoformat(mark["dated"]) if mark["dated"] else place.dated
    match kind:
        case "":
            return fact(name, mark["value"] or words, place, dated=dated, note=words)
        case "measure":
            return measurement(name, mark["value"] or words, place, dated=dated)
        case "dx" | "dx*":
            description = words.replace(f"({name})", "").replace(name, "").strip(" -,")
            return Diagnosis(
                code=name,
                description=description or None,
                principal=kind == "dx*",
                dated=dated,
                source=place.source,
            )
        case _:
            raise ValueError(f"{place.document} page {place.page}: unknown mark '{mark['key']}'")


def fact(key: str, text: str, place: Place, *, dated: date | None, note: str | None = None) -> Fact:
    """Return the fact that a text states; a note that is only the number again is left out."""
    value, unit = read_value(text)
    kept = None if isinstance(value, Decimal) and note in (text, None) else note
    return Fact(fact=key, value=value, unit=unit, dated=dated, note=kept, source=place.source)


def measurement(
    name: str, text: str, place: Place, *, dated: date | None, examiner: str | None = None
) -> Measurement:
    """Return an outcome measure from text such as ``38 kPa``, ``50/60`` or ``5``; ``name`` may end in ``.left``."""
    measure, _, side = name.partition(".")
    score, _, out_of = text.partition("/")
    value, unit = read_value(score.strip())
    if not isinstance(value, Decimal):
        raise TypeError(f"{place.document} page {place.page}: {name} needs a number, found '{text}'")
    return Measurement(
        measure=measure,
        value=value,
        out_of=Decimal(out_of) if out_of else None,
        side=Side(side) if side else None,
        unit=unit,
        examiner=examiner,
        dated=dated,
        source=place.source,
    )


def read_value(text: str) -> tuple[FactValue, str | None]:
    """Read yes or no, a day, a number with its unit, or a choice."""
    text = text.strip()
    if text in ("yes", "no"):
        return text == "yes", None
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return date.fromisoformat(text), None
    quantity = _QUANTITY.match(text)
    if quantity:
        return Decimal(quantity["number"]), quantity["unit"]
    return text, None
