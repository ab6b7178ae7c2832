"""Writes the case file of a referral: YAML as a person would keep it, numbers and codes as they were stated."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import Enum
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import SingleQuotedScalarString

from schemas.base import Model
from twin.records.source import CompiledReferral


_LIKE_A_NUMBER = re.compile(r"^[-+.]?[0-9][-+0-9.,/:eE]*$")
COMMENT = "Synthetic referral: no real patient, practice or plan member. Written by twin.records from {name}.yaml.\n"
ONE_LINE_UP_TO = 135
LAST = ("dated", "source")
"""What every chart entry ends with, after what it says."""


class _Representer(RoundTripRepresenter):
    """Writes decimals digit by digit as they were measured."""


def _decimal(representer: RoundTripRepresenter, value: Decimal) -> ScalarNode:
    tag = "float" if "." in str(value) else "int"
    return representer.represent_scalar(f"tag:yaml.org,2002:{tag}", format(value, "f"))


_Representer.add_representer(Decimal, _decimal)


def case_file(referral: CompiledReferral) -> str:
    """Return the case file: the shape of a case without its id, which intake computes from the referral."""
    parts: dict[str, Any] = {
        "referral": referral.referral,
        "condition": referral.condition,
        "patient": referral.patient,
        "coverage": referral.coverage,
        "prescriber": referral.prescriber,
        "practice": referral.practice,
        "request": referral.request,
        "documents": [paper.document for paper in referral.papers],
        "chart": referral.chart,
        "course": referral.course,
    }
    content = CommentedMap({key: _plain(value) for key, value in parts.items() if value is not None})
    content.yaml_set_start_comment(COMMENT.format(name=referral.name))
    yaml = YAML()
    yaml.Representer = _Representer
    yaml.representer.ignore_aliases = lambda _: True
    yaml.width = 140
    yaml.indent(mapping=2, sequence=4, offset=2)
    written = StringIO()
    yaml.dump(content, written)
    return written.getvalue()


def _plain(value: Any) -> Any:
    match value:
        case Model():
            return _short(CommentedMap(_stated(value)))
        case dict():
            return _short(CommentedMap({key: _plain(item) for key, item in value.items()}))
        case list() | tuple():
            return _short(CommentedSeq([_plain(item) for item in value]))
        case Enum():
            return value.value
        case str() if _LIKE_A_NUMBER.match(value):
            return SingleQuotedScalarString(value)
        case _:
            return value


def _stated(record: Model) -> dict[str, Any]:
    values: dict[str, Any] = {}
    fields = type(record).model_fields
    for name in sorted(fields, key=lambda name: LAST.index(name) + 1 if name in LAST else 0):
        field, value = fields[name], getattr(record, name)
        if value is None or (value == field.default and value is not False):
            continue
        if value in ((), {}) or (value is False and field.default is False):
            continue
        values[name] = _plain(value)
    return values


def _short(node: CommentedMap | CommentedSeq) -> CommentedMap | CommentedSeq:
    """Keep on one line what is short and has no more than one level below it, as people write it."""
    inner = node.values() if isinstance(node, CommentedMap) else node
    nested = [item for item in inner if isinstance(item, (CommentedMap, CommentedSeq))]
    if len(repr(node)) <= ONE_LINE_UP_TO and all(not _has_nested(item) for item in nested):
        node.fa.set_flow_style()
    return node


def _has_nested(node: CommentedMap | CommentedSeq) -> bool:
    inner = node.values() if isinstance(node, CommentedMap) else node
    return any(isinstance(item, (CommentedMap, CommentedSeq)) for item in inner)
