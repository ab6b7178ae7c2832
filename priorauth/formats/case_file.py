"""The product's own case file, YAML or JSON: the shape of a case, without the id, which is computed."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from priorauth.formats.fact_entries import misfit
from priorauth.formats.plain_values import read_plain
from priorauth.formats.unreadable import FaultCode, Unreadable, unreadable
from priorauth.formats.yaml_text import write_yaml
from priorauth.yaml_problems import Problem, YamlMistakes
from priorauth.yaml_records import to_record
from priorauth.yaml_source import YamlFile
from schemas.base import CaseId
from schemas.case import Case, Referral
from schemas.vocabulary import FactDefinition


_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def case_id_for(referral: Referral) -> CaseId:
    """Name the case of a referral: the same system and identifier always give the same opaque id."""
    digest = sha256(f"{referral.system}\x00{referral.identifier}".encode()).digest()
    number = int.from_bytes(digest[:5])
    return "PA-" + "".join(_CROCKFORD[number >> shift & 31] for shift in range(35, -1, -5))


def read_case_file(content: bytes, name: str, vocabulary: Mapping[str, FactDefinition]) -> Case:
    """Read a case file; ``name`` is what messages call it. Raises Unreadable with every mistake found."""
    return case_from_plain(read_plain(content, name), vocabulary)


def case_from_plain(file: YamlFile, vocabulary: Mapping[str, FactDefinition]) -> Case:
    """Make a case of the plain values of a case file."""
    if "referral" not in file.value and "patient" not in file.value:
        raise unreadable(
            FaultCode.NOT_A_REFERRAL,
            file.name,
            found="the keys " + (", ".join(map(str, list(file.value)[:6]))[:120] or "(none)"),
            expected="a case file with at least referral and patient, or a FHIR Bundle",
            mend="See examples/case_file_annotated.yaml for the form of a case file.",
        )
    if "case_id" in file.value:
        raise _wrong(
            file,
            [
                Problem(
                    file.name,
                    file.line_of(("case_id",)),
                    "case_id",
                    "a case id",
                    "none, since it is computed from the referral",
                    "Remove the line.",
                )
            ],
        )
    try:
        referral = to_record(file, Referral, at=("referral",))
        case = to_record(file, Case, defaults={"case_id": case_id_for(referral)})
    except YamlMistakes as mistakes:
        raise _wrong(file, mistakes.problems) from None
    misfits = [
        (number, found) for number, fact in enumerate(case.chart.facts) if (found := misfit(fact, vocabulary))
    ]
    if misfits:
        raise _wrong(
            file,
            [
                Problem(
                    file.name,
                    file.line_of(("chart", "facts", number, wrong.field)),
                    f"chart.facts[{number}].{wrong.field}",
                    wrong.found,
                    wrong.expected,
                    wrong.mend,
                )
                for number, wrong in misfits
            ],
        )
    return case


def _wrong(file: YamlFile, problems: list[Problem]) -> Unreadable:
    if not file.lines:
        problems = [
            Problem(each.file, 0, each.key, each.found, each.expected, each.mend) for each in problems
        ]
    return Unreadable(FaultCode.WRONG_VALUES, problems)


def case_json(case: Case) -> bytes:
    """Write a case in the one form that is stored and hashed: what equals its default is left out."""
    return case.model_dump_json(exclude_defaults=True).encode()


def case_from_json(content: bytes) -> Case:
    """Read what ``case_json`` wrote."""
    return Case.model_validate_json(content)


def case_sha256(case: Case) -> str:
    """Return the hash that an assessment pins the case by."""
    return sha256(case_json(case)).hexdigest()


def write_case_file(case: Case) -> bytes:
    """Write a case as a YAML case file that reads back as the same case."""
    return write_yaml(case.model_dump(mode="python", exclude_defaults=True, exclude={"case_id"}))
