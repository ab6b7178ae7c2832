"""Code systems as types: what cannot be a valid code cannot be stored."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, StringConstraints


# First character a letter, second a digit, third a digit or A/B; U codes exist; up to four more after the point.
_ICD10 = re.compile(r"^[A-TV-Z][0-9][0-9AB](\.[0-9A-Z]{1,4})?$|^U[0-9]{2}(\.[0-9A-Z]{1,4})?$")
_NDC_HYPHENATED = {(4, 4, 2), (5, 3, 2), (5, 4, 1), (5, 4, 2)}
# CMS: positions 2, 5, 8 and 9 are letters without S, L, O, I, B, Z.
_MBI_LETTER = "AC-HJKMNP-RT-Y"
_MBI = re.compile(
    rf"^[1-9][{_MBI_LETTER}][0-9{_MBI_LETTER}][0-9][{_MBI_LETTER}][0-9{_MBI_LETTER}][0-9][{_MBI_LETTER}]{{2}}[0-9]{{2}}$"
)


def _quoted(value: Any) -> Any:
    """Refuse codes that a YAML reader has already turned into numbers, with their leading zeros gone."""
    if isinstance(value, bool) or not isinstance(value, str):
        raise ValueError(f"found the unquoted value {value!r}, expected a code in quotes, such as '{value}'")
    return value.strip()


def _icd10(value: str) -> str:
    code = value.upper()
    if not _ICD10.match(code):
        raise ValueError(f"found '{value}', expected an ICD-10-CM code with its point, such as 'G61.81'")
    return code


def npi_check_digit(first_nine: str) -> int:
    """Return the tenth digit of an NPI: Luhn over the number prefixed with 80840 (45 CFR 162.406)."""
    total = 24  # what the constant prefix 80840 contributes
    for position, digit in enumerate(reversed(first_nine)):
        doubled = int(digit) * 2 if position % 2 == 0 else int(digit)
        total += doubled - 9 if doubled > 9 else doubled
    return (10 - total % 10) % 10


def _npi(value: str) -> str:
    if not re.match(r"^[12][0-9]{9}$", value):
        raise ValueError(f"found '{value}', expected an NPI of ten digits that begins with 1 or 2")
    expected = npi_check_digit(value[:9])
    if int(value[9]) != expected:
        raise ValueError(
            f"found NPI '{value}' whose check digit is wrong (a typing slip?); it would end in {expected}"
        )
    return value


def _ndc(value: str) -> str:
    if re.match(r"^[0-9]{11}$", value):
        return value
    if re.match(r"^[0-9]{10}$", value):
        raise ValueError(
            f"found the ten bare digits '{value}', which can stand for three different products; "
            "write the hyphens as printed on the carton, or the 11-digit billing form"
        )
    parts = value.split("-")
    if not all(part.isdigit() for part in parts) or tuple(map(len, parts)) not in _NDC_HYPHENATED:
        raise ValueError(
            f"found '{value}', expected an NDC in the 11-digit form or with its hyphens (5-4-2, 4-4-2, 5-3-2, 5-4-1)"
        )
    labeler, product, package = parts
    return labeler.zfill(5) + product.zfill(4) + package.zfill(2)


def _mbi(value: str) -> str:
    bare = value.upper().replace("-", "")
    if not _MBI.match(bare):
        raise ValueError(
            f"found '{value}', expected a Medicare Beneficiary Identifier such as '1EG4-TE5-MK73'"
        )
    return bare


Icd10Code = Annotated[str, BeforeValidator(_quoted), AfterValidator(_icd10)]
HcpcsCode = Annotated[
    str, BeforeValidator(_quoted), StringConstraints(pattern=r"^[A-V][0-9]{4}$", to_upper=True)
]
CptCode = Annotated[str, BeforeValidator(_quoted), StringConstraints(pattern=r"^[0-9]{4}[0-9FT]$")]
Ndc11 = Annotated[str, BeforeValidator(_quoted), AfterValidator(_ndc)]
"""Eleven digits, 5-4-2 without hyphens; hyphenated ten-digit forms are padded, bare ten digits refused."""
NdcStem = Annotated[str, BeforeValidator(_quoted), StringConstraints(pattern=r"^[0-9]{9}$")]
"""Labeler and product, 5-4 without hyphen."""
Npi = Annotated[str, BeforeValidator(_quoted), AfterValidator(_npi)]
Tin = Annotated[str, BeforeValidator(_quoted), StringConstraints(pattern=r"^[0-9]{2}-[0-9]{7}$")]
Mbi = Annotated[str, BeforeValidator(_quoted), AfterValidator(_mbi)]
PlaceOfService = Annotated[str, BeforeValidator(_quoted), StringConstraints(pattern=r"^[0-9]{2}$")]
MemberId = Annotated[
    str, BeforeValidator(_quoted), StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 -]{1,29}$")
]
StateCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
