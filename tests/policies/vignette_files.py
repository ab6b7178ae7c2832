"""Files of vignettes under ``tests/cases``: single vignettes, and tables of both sides of every threshold.

A file says ``like`` and names a patient of ``patients.yaml``, then ``base`` with what differs for all of its cases. Nerve
studies are written out, or named as in ``studies.yaml``. Under ``vignettes`` stand single cases with what differs
further. Under ``both_sides`` each row names one criterion, the one entry that is changed, and the values for which the
criterion comes out met, not met or undocumented::

    - criterion: U1
      change: facts.symptom_onset
      met: [2026-09-23]
      not_met: [2026-09-24]
      undocumented: [absent]

``absent`` takes the entry out. ``with`` changes further entries for the whole row, ``like`` starts it from another patient.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from priorauth.yaml_records import to_record
from priorauth.yaml_source import YamlFile, read_yaml
from schemas.base import Line, Model
from tests.policies.vignette import Vignette


ABSENT = "absent"
PATIENTS = read_yaml(Path(__file__).with_name("patients.yaml")).value
STUDIES = read_yaml(Path(__file__).with_name("studies.yaml")).value
STATUSES = ("met", "not_met", "undocumented", "held_back")


class Row(Model):
    """One threshold: what is changed, and on which side of it each value falls."""

    criterion: Line
    like: Line | None = None
    change: Line
    with_: Mapping[Line, Any] = Field(default_factory=dict, alias="with")
    met: tuple[Any, ...] = ()
    not_met: tuple[Any, ...] = ()
    undocumented: tuple[Any, ...] = ()
    held_back: tuple[Any, ...] = ()
    recommendation: Mapping[Line, Line] = Field(
        default_factory=dict, description="by status, where the row expects one"
    )

    @model_validator(mode="after")
    def _has_values(self) -> Row:
        if not any(getattr(self, status) for status in STATUSES):
            raise ValueError(f"the row of {self.criterion} has no value on any side")
        return self


class Table(Model):
    """The vignettes of one policy. Cases are kept as plain entries until all that differs has been laid over them."""

    like: Line | None = None
    base: Mapping[Line, Any] = Field(default_factory=dict)
    vignettes: tuple[Mapping[Line, Any], ...] = ()
    both_sides: tuple[Row, ...] = ()
    also_for: tuple[Mapping[Line, Any], ...] = Field(
        (), description="other plans whose profile has the same text: payer, line of business"
    )


def read_vignettes(root: Path) -> Iterator[tuple[str, Vignette]]:
    """Read every vignette below ``root`` with the name of the test it makes; two of one name are refused."""
    seen: set[str] = set()
    for name, vignette in _all(root):
        if name in seen:
            raise ValueError(
                f"tests/cases/{name}: found this vignette twice; give one of the two another name"
            )
        seen.add(name)
        yield name, vignette


def _all(root: Path) -> Iterator[tuple[str, Vignette]]:
    for path in sorted(root.rglob("*.yaml")):
        place = path.relative_to(root).with_suffix("").as_posix()
        file = read_yaml(path, f"tests/cases/{place}.yaml")
        table = to_record(file, Table)
        base = laid_over(PATIENTS[table.like] if table.like else {}, table.base)
        for number, vignette in enumerate(table.vignettes):
            differs = dict(vignette)
            like = differs.pop("like", None)
            entries = laid_over(laid_over(PATIENTS[like], table.base) if like else base, differs)
            one = _vignette(entries, f"{file.name}, vignettes[{number}]")
            yield " ".join(filter(None, (f"{place}:", one.number, one.name))), one
        for row in table.both_sides:
            start = laid_over(PATIENTS[row.like], table.base) if row.like else base
            yield from _sides(row, start, place)
            for other in table.also_for:
                yield from _sides(row, laid_over(start, other), f"{place} for {other['payer']}")


def _vignette(entries: dict[str, Any], name: str) -> Vignette:
    study = entries.get("study")
    if isinstance(study, str):
        entries = {**entries, "study": STUDIES[study]}
    return to_record(YamlFile(name, entries, {}), Vignette)


def laid_over(base: Mapping[str, Any], differs: Mapping[str, Any]) -> dict[str, Any]:
    """Lay entries over others: mappings merge, everything else replaces, ``absent`` takes out."""
    merged = dict(base)
    for key, value in differs.items():
        if value == ABSENT:
            merged.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = laid_over(merged[key], value)
        else:
            merged[key] = value
    return merged


def _sides(row: Row, base: Mapping[str, Any], place: str) -> Iterator[tuple[str, Vignette]]:
    for status in STATUSES:
        for value in getattr(row, status):
            changed = base
            for path, other in (*row.with_.items(), (row.change, value)):
                changed = laid_over(changed, _nested(path, other))
            words = f"{row.criterion} is {status.replace('_', ' ')} where {row.change} is {_shown(value)}"
            if row.with_:
                words += f", with {_shown(row.with_)}"
            if row.like:
                words += f", in {row.like}"
            expect = {status: [row.criterion], "recommendation": row.recommendation.get(status)}
            entries = {**changed, "name": words[:300], "expect": expect}
            yield f"{place}: {words}", _vignette(entries, place)


def _nested(path: str, value: Any) -> dict[str, Any]:
    first, _, rest = path.partition(".")
    return {first: _nested(rest, value) if rest else value}


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_shown(part)}" for key, part in value.items())
    if isinstance(value, (list, tuple)):
        return "; ".join(_shown(part) for part in value)
    return str(value)
