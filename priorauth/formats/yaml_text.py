"""Plain values written as YAML that the strict reader takes back unchanged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter


# Codes, numbers and dates all carry a digit; whatever does is quoted, so that no reader can take it for a number.
_PLAIN_WORDS = re.compile(r"^[A-Za-z][A-Za-z_]*( [A-Za-z_]+)*$")
_RESERVED = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


class _Key(str):
    """The name of a field, which is never quoted."""

    __slots__ = ()


class _Representer(RoundTripRepresenter):
    """Keeps the digits of a decimal, and quotes all text but plain words."""

    def represent_text(self, text: str) -> ScalarNode:
        plain = _PLAIN_WORDS.match(text) and text.lower() not in _RESERVED
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')

    def represent_field(self, key: _Key) -> ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", str(key))

    def represent_decimal(self, number: Decimal) -> ScalarNode:
        digits = f"{number:f}"
        return self.represent_scalar(f"tag:yaml.org,2002:{'float' if '.' in digits else 'int'}", digits)


_Representer.add_representer(str, _Representer.represent_text)
_Representer.add_representer(_Key, _Representer.represent_field)
_Representer.add_representer(Decimal, _Representer.represent_decimal)


def write_yaml(values: Mapping[str, Any]) -> bytes:
    """Write a mapping in block style, keys in the order given."""
    yaml = YAML()
    yaml.Representer = _Representer
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = StringIO()
    yaml.dump(_bare(values), text)
    return text.getvalue().encode()


def _bare(value: Any) -> Any:
    """Turn enumerations into their words and tuples into lists."""
    match value:
        case Mapping():
            return {_Key(key): _bare(item) for key, item in value.items()}
        case list() | tuple():
            return [_bare(item) for item in value]
        case str():
            return str(value)
        case _:
            return value
