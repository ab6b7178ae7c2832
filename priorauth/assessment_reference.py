"""The reference of the assessment JSON, written from its schema, so that the two cannot drift apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.assessment import Assessment


BEGIN = "<!-- Written by priorauth/assessment_reference.py from schemas/assessment.py -->"
END = "<!-- End of the assessment reference -->"


def assessment_reference() -> str:
    """Return the reference as Markdown, between the marks that stand in DEVELOPERS.md."""
    schema = Assessment.model_json_schema(mode="serialization")
    records = {"Assessment": schema, **schema["$defs"]}
    parts = [part for name in _in_order_of_use(records) for part in _record(name, records[name])]
    return "\n".join([BEGIN, "", *parts, END])


def _in_order_of_use(records: Mapping[str, Any]) -> Iterator[str]:
    seen, waiting = set(), ["Assessment"]
    while waiting:
        name = waiting.pop(0)
        if name not in seen:
            seen.add(name)
            yield name
            waiting += _named_in(records[name].get("properties", {}))


def _named_in(value: Any) -> list[str]:
    match value:
        case {"$ref": str(reference)}:
            return [_name(reference)]
        case dict():
            return [name for part in value.values() for name in _named_in(part)]
        case list():
            return [name for part in value for name in _named_in(part)]
        case _:
            return []


def _record(name: str, record: Mapping[str, Any]) -> Iterator[str]:
    yield f"**{name}**: {' '.join(record['description'].split())}"
    yield ""
    if "enum" in record:
        yield ", ".join(f"`{value}`" for value in record["enum"])
        yield ""
        return
    yield "| field | value | meaning |"
    yield "|---|---|---|"
    for field, shape in record["properties"].items():
        yield f"| `{field}` | {_kind(shape)} | {shape.get('description', '')} |"
    yield ""


def _kind(shape: Mapping[str, Any]) -> str:
    """Say what a value is, in a word or two; null where nothing is known."""
    match shape:
        case {"$ref": str(reference)}:
            return _name(reference)
        case {"anyOf": list(choices)}:
            return " or ".join(_kind(choice) for choice in choices)
        case {"type": "array", "prefixItems": list(items)}:
            return f"[{', '.join(_kind(item) for item in items)}]"
        case {"type": "array", "items": dict(item)}:
            return f"list of {_kind(item)}"
        case {"type": "string", "format": str(form)}:
            return form
        case {"type": str(kind)}:
            return {"integer": "whole number", "boolean": "true or false"}.get(kind, kind)
        case _:
            return "value"


def _name(reference: str) -> str:
    return reference.rsplit("/", 1)[1]
