"""What a model objects to in a file, in the words of whoever has to mend it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from priorauth.yaml_problems import Problem, YamlPath, dotted, value_in
from priorauth.yaml_source import YamlFile


_DATE = ("a date such as 2026-01-31", "Write YYYY-MM-DD, without quotes.")
_TRUTH = ("true or false", "Write true or false, without quotes.")
_NUMBER = ("a number such as 12 or 0.5", "Write the number in figures.")
_WHOLE_NUMBER = ("a whole number such as 12", "Write the number in figures.")
_KEYS = ("keys and values", "Write 'key: value' lines below it, indented alike.")
_LIST = ("a list", "Write it as [one, two], or each on a line that begins with '- '.")

# What is expected, and how to mend it, by the kind of objection.
_FORMS = {
    "date_type": _DATE,
    "date_from_datetime_inexact": _DATE,
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "int_type": _WHOLE_NUMBER,
    "int_parsing": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "dict_type": _KEYS,
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
    "tuple_type": _LIST,
    "list_type": _LIST,
}


def worded(
    details: ErrorDetails, file: YamlFile, *, at: YamlPath, path: YamlPath, model: type[BaseModel]
) -> Problem:
    """Word one validation error of a record that stands at ``at``; ``path`` leads on to the value inside it."""
    known = sorted(keys_at(model, path[:-1])) if details["type"] == "extra_forbidden" else []
    path = (*at, *path)
    key = str(path[-1]) if path else ""
    found, expected, mend = shown(details["input"]), "", "Correct the value."
    match details["type"]:
        case "missing":
            found, expected, mend = f"no '{key}'", f"a value for '{key}'", f"Add '{key}: …' here."
        case "extra_forbidden":
            found, expected = f"the unknown key '{key}'", "one of: " + ", ".join(known)
            near = get_close_matches(key, known, n=1)
            mend = (
                f"Did you mean '{near[0]}'?" if near else "Remove it, or check its spelling and indentation."
            )
        case "string_type":
            expected, mend = "text", f"Put it in quotes: '{details['input']}'."
        case kind if kind in _FORMS:
            expected, mend = _FORMS[kind]
        case "enum" | "literal_error":
            expected, mend = str(details["ctx"]["expected"]), "Use one of these words."
        case "value_error":
            return _own_words(details, file, path)
        case _:
            expected = details["msg"].removeprefix("Input should be ")
    return Problem(file.name, file.line_of(path), dotted(path), found, expected, mend)


def _own_words(details: ErrorDetails, file: YamlFile, path: YamlPath) -> Problem:
    """Word a message of our own validators, which read 'key: found …, expected …'.

    A validator of a whole record is not told where in it the trouble lies, so it names the key in front.
    """
    message = details["msg"].removeprefix("Value error, ").rstrip(".")
    before, _, expected = message.partition(", expected ")
    where, _, found = before.rpartition("found ")
    for name in where.rstrip(": ").split(": "):
        path = _below(file.value, path, name)
    if not expected and isinstance(details["input"], (dict, list)):
        found, expected, mend = message, "values that agree with each other", "Correct one of them."
    elif not expected:
        found, expected, mend = shown(details["input"]), message, "Correct the value."
    else:
        mend = "Correct the value."
    return Problem(file.name, file.line_of(path), dotted(path), found, expected, mend)


def _below(value: Any, path: YamlPath, name: str) -> YamlPath:
    """Go one step down to a key, or to the item of a list that bears the name as its first value."""
    here = value_in(value, path)
    if isinstance(here, dict) and name in here:
        return (*path, name)
    if isinstance(here, list):
        named = (
            position
            for position, item in enumerate(here)
            if isinstance(item, dict) and item and next(iter(item.values())) == name
        )
        return next(((*path, position) for position in named), path)
    return path


def shown(value: Any) -> str:
    """Say what was found."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return f"the number {value}"
        case date():
            return f"the date {value}"
        case str():
            return f"'{value if len(value) <= 60 else value[:57] + '…'}'"
        case dict():
            return (
                "a mapping with the keys " + ", ".join(list(map(str, value))[:6])
                if value
                else "an empty mapping"
            )
        case list() | tuple():
            return f"a list of {len(value)}"
        case _:
            return repr(value)


def keys_at(model: type[BaseModel], path: YamlPath) -> set[str]:
    """Return the keys that the model knows at a path."""
    candidates: list[Any] = [model]
    for step in path:
        below: list[Any] = []
        for candidate in candidates:
            if isinstance(candidate, type) and issubclass(candidate, BaseModel):
                candidate.model_rebuild()  # a field that names a class further down is only resolved on demand
                below += [
                    info.annotation
                    for name, info in candidate.model_fields.items()
                    if step in (name, info.alias)
                ]
            else:
                below += get_args(candidate)[-1:] if isinstance(step, str) else get_args(candidate)[:1]
        candidates = [member for annotation in below for member in _members(annotation)]
    models = [
        candidate
        for candidate in candidates
        if isinstance(candidate, type) and issubclass(candidate, BaseModel)
    ]
    return {info.alias or name for one in models for name, info in one.model_fields.items()}


def _members(annotation: Any) -> list[Any]:
    """Open unions and annotated types; containers stay whole, their items are reached by the next step."""
    if isinstance(annotation, type) or not get_args(annotation):
        return [annotation]
    origin_name = str(getattr(annotation, "__origin__", ""))
    if "tuple" in origin_name or "dict" in origin_name or "Mapping" in origin_name:
        return [annotation]
    return [member for argument in get_args(annotation) for member in _members(argument)]
