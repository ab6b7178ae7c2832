"""From the bytes of a file to plain values: strict JSON or strict YAML, decided by content and bounded in size."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from priorauth.formats.unreadable import FaultCode, Unreadable, unreadable
from priorauth.yaml_problems import YamlMistakes
from priorauth.yaml_source import YamlFile, parse_yaml


MAXIMUM_BYTES = 50_000_000
MAXIMUM_YAML_BYTES = 1_000_000
"""Reading YAML takes some ten seconds for each 10 MB, and no case written by hand comes near 1 MB."""

_SAMPLE = 4096
_KNOWN_BEGINNINGS = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"II*\x00": "a TIFF picture",
    b"MM\x00*": "a TIFF picture",
    b"PK\x03\x04": "a ZIP archive or Office document",
    b"\x1f\x8b": "a gzip archive",
    b"<": "XML or HTML",
}


def read_plain(content: bytes, name: str) -> YamlFile:
    """Read the mapping a referral file holds; the lines are known for YAML only."""
    _check_whole(content, name)
    text = _text(content, name)
    if text.lstrip()[:1] in ("{", "["):
        value: Any = _read_json(text, name)
        lines: YamlFile | None = None
    else:
        lines = _read_yaml(text, name)
        value = lines.value
    if not isinstance(value, dict):
        raise unreadable(
            FaultCode.NOT_A_REFERRAL,
            name,
            found=_shape(value),
            expected="a case file or a FHIR Bundle",
            mend="See examples/case_file_annotated.yaml for the form of a case file.",
        )
    return lines or YamlFile(name, value, {})


def _shape(value: object) -> str:
    match value:
        case None:
            return "no content"
        case list():
            return "a list"
        case _:
            return "text without keys and values"


def _check_whole(content: bytes, name: str) -> None:
    if not content.strip():
        raise unreadable(
            FaultCode.EMPTY,
            name,
            found="an empty file",
            expected="a case file or a FHIR Bundle",
            mend="Send the referral again; the transfer may have failed.",
        )
    if len(content) > MAXIMUM_BYTES:
        raise too_large(name, len(content))
    for beginning, kind in _KNOWN_BEGINNINGS.items():
        if content.lstrip().startswith(beginning):
            raise unreadable(
                FaultCode.NOT_A_REFERRAL,
                name,
                found=kind,
                expected="a case file (YAML or JSON) or a FHIR Bundle (JSON)",
                mend="Name it under documents: in a case file, or send the referral itself.",
            )


def too_large(name: str, size: int, limit: int = MAXIMUM_BYTES) -> Unreadable:
    """Make the error for a file that is not even opened."""
    return unreadable(
        FaultCode.TOO_LARGE,
        name,
        found=f"{size:,} bytes",
        expected=f"at most {limit:,} bytes",
        mend="Check that this is the right file; send large documents as files of their own.",
    )


def _text(content: bytes, name: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable(
            FaultCode.NOT_TEXT,
            name,
            found=f"a byte that is not UTF-8 text at position {error.start}",
            expected="a text file in UTF-8",
            mend="Save the file as UTF-8 text, or send the right file.",
        ) from None
    if "\x00" in text[:_SAMPLE]:
        raise unreadable(
            FaultCode.NOT_TEXT,
            name,
            found="binary content",
            expected="a text file in UTF-8",
            mend="Save the file as UTF-8 text, or send the right file.",
        )
    return text


def _read_json(text: str, name: str) -> Any:
    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_once_each
        )
    except json.JSONDecodeError as error:
        ended = error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated string")
        raise unreadable(
            FaultCode.TRUNCATED if ended else FaultCode.WRONG_VALUES,
            f"{name}:{error.lineno}",
            found="the end of the file inside an entry"
            if ended
            else f"text that is not JSON ({error.msg}) in column {error.colno}",
            expected="complete JSON" if ended else "JSON",
            mend="The file was cut off: send it again."
            if ended
            else "Correct commas, quotes and brackets at and before this place.",
        ) from None
    except RecursionError:
        raise unreadable(
            FaultCode.WRONG_VALUES,
            name,
            found="brackets nested hundreds of levels deep",
            expected="a case file or a FHIR Bundle",
            mend="Check that this is the right file.",
        ) from None
    except ValueError as error:
        raise unreadable(
            FaultCode.WRONG_VALUES,
            name,
            found=str(error),
            expected="each key once, and numbers that JSON knows",
            mend="Remove or correct it.",
        ) from None


def _no_constant(word: str) -> Any:
    raise ValueError(f"the number {word}")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key '{repeated[:60]}' twice in one object")
    return values


def _read_yaml(text: str, name: str) -> YamlFile:
    if len(text) > MAXIMUM_YAML_BYTES:
        raise too_large(name, len(text), MAXIMUM_YAML_BYTES)
    try:
        return parse_yaml(text, name)
    except YamlMistakes as mistakes:
        raise Unreadable(FaultCode.WRONG_VALUES, mistakes.problems) from None
