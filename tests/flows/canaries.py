"""A case in which every field that takes free text holds a canary: a string that is nowhere else in the world."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from flows.settings import ROOT
from priorauth.formats.case_file import case_from_plain
from priorauth.formats.unreadable import Unreadable
from priorauth.formats.yaml_text import write_yaml
from priorauth.knowledge import Knowledge
from priorauth.yaml_problems import value_in
from priorauth.yaml_source import YamlFile, YamlPath, read_yaml


SAMPLE = ROOT / "examples" / "referrals" / "04_mmn_continuation"
BORN = date(1931, 3, 17)
MBI = "1EG4TE5MK73"

# What these hold decides what becomes of the case; none of them can hold a word about a person.
CODED = {
    "condition",
    "payer",
    "product",
    "hcpcs",
    "ndc",
    "icd10",
    "fact",
    "measure",
    "document",
    "unit",
    "value",
}


def plant_canaries(folder: Path, knowledge: Knowledge) -> set[str]:
    """Write a referral full of canaries below a folder, its files named after canaries too; return all of them."""
    name = "CanaryFolder Doe"
    shutil.copytree(SAMPLE, folder / name)
    (folder / name / "case.yaml").unlink()
    plain = read_yaml(SAMPLE / "case.yaml").value
    plain["patient"]["born"] = BORN
    plain["coverage"]["medicare_beneficiary_id"] = MBI
    planted = {name, BORN.isoformat(), f"{BORN:%m/%d/%Y}", MBI}
    for number, document in enumerate(plain["documents"]):
        file = folder / name / document["file"]
        renamed = file.with_name(f"CanaryFile{number:02}x{file.suffix}")
        file.rename(renamed)
        document["file"] = str(renamed.relative_to(folder / name))
        planted.add(renamed.stem)
    planted |= set(_plant_in_text(plain, knowledge))
    (folder / name / "CanaryCaseFile.yaml").write_bytes(write_yaml(plain))
    return planted | {"CanaryCaseFile"}


def _plant_in_text(plain: dict[str, Any], knowledge: Knowledge) -> Iterator[str]:
    for number, path in enumerate(list(_text_leaves(plain))):
        holder, last = value_in(plain, path[:-1]), path[-1]
        before = holder[last]
        # Identifiers of payers take capitals and digits only.
        for canary in (f"Canary{number:04}x", f"CANARY{number:04}"):
            holder[last] = canary
            if _reads(plain, knowledge):
                yield canary
                break
        else:
            holder[last] = before


def _text_leaves(value: Any, path: YamlPath = ()) -> Iterator[YamlPath]:
    match value:
        case dict():
            for key, item in value.items():
                if key not in CODED:
                    yield from _text_leaves(item, (*path, key))
        case list():
            for number, item in enumerate(value):
                yield from _text_leaves(item, (*path, number))
        case str() if path[-1] != "file":
            yield path


def _reads(plain: dict[str, Any], knowledge: Knowledge) -> bool:
    try:
        case_from_plain(YamlFile("canaries", plain, {}), knowledge.vocabulary)
    except (Unreadable, ValidationError):
        return False
    return True
