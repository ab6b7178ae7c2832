"""The files of the knowledge: where the records of each kind lie, and how they become models.

Reading has two passes. The first reads all files and collects the ids that exist; the second makes models, so that
a reference to an id that no file defines is refused on the line where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from priorauth.confirmations import confirmation_problems
from priorauth.policy_references import policy_problems
from priorauth.regulation_overlaps import regulation_problems
from priorauth.yaml_problems import further
from priorauth.yaml_records import to_record
from priorauth.yaml_source import Problem, YamlFile, YamlMistakes, YamlPath, read_values, read_yaml, unusable
from schemas.base import Model
from schemas.billing import BillingCode
from schemas.condition import Antibody, Condition, DiagnosisCode, Mimic
from schemas.measure import Measure
from schemas.packet_limits import PacketLimits
from schemas.policy import CheckList, Confirmations, CoveragePolicy
from schemas.product import AlternativeTherapy, Product
from schemas.publication import Publication
from schemas.references import KNOWN_IDS
from schemas.regulation import AppealWindow, ConductRule, ContinuityRule, DecisionTimeframe
from schemas.rule_set import RuleSet
from schemas.vocabulary import FactDefinition


class _Shelf(NamedTuple):
    """Where the records of one kind are kept. A grouped file holds many, under ``records``, by id."""

    kind: str
    pattern: str
    model: type[Model]
    grouped: bool = False


SHELVES = (
    _Shelf("alternatives", "products/alternatives.yaml", AlternativeTherapy, grouped=True),
    _Shelf("products", "products/*.yaml", Product),
    _Shelf("measures", "measures/*.yaml", Measure),
    _Shelf("diagnosis_codes", "conditions/diagnosis_codes.yaml", DiagnosisCode, grouped=True),
    _Shelf("mimics", "conditions/mimics*.yaml", Mimic, grouped=True),
    _Shelf("antibodies", "conditions/antibodies.yaml", Antibody, grouped=True),
    _Shelf("rule_sets", "conditions/rule_sets/*.yaml", RuleSet),
    _Shelf("conditions", "conditions/*.yaml", Condition),
    _Shelf("publications", "publications/*.yaml", Publication, grouped=True),
    _Shelf("decision_timeframes", "regulations/decision_timeframes.yaml", DecisionTimeframe, grouped=True),
    _Shelf("appeal_windows", "regulations/appeal_windows.yaml", AppealWindow, grouped=True),
    _Shelf("continuity", "regulations/continuity.yaml", ContinuityRule, grouped=True),
    _Shelf("conduct", "regulations/conduct.yaml", ConductRule, grouped=True),
    _Shelf("billing", "billing/*.yaml", BillingCode, grouped=True),
    _Shelf("vocabulary", "facts.yaml", FactDefinition),
    _Shelf("checks", "checks/*.yaml", CheckList),
    _Shelf("confirmations", "payers/*/confirmations.yaml", Confirmations),
    _Shelf("packet_limits", "payers/*/packet_limits.yaml", PacketLimits),
    _Shelf("policies", "payers/**/*.yaml", CoveragePolicy),
)
_READ_ELSEWHERE = "fhir"
"""Folder whose tables the FHIR reader loads itself; here only their YAML is checked."""
_GROUP_KEYS = {"provenance", "records"}


class _Place(NamedTuple):
    """One record before it is a model."""

    shelf: _Shelf
    id: str
    file: YamlFile
    at: YamlPath
    defaults: dict[str, Any]


@dataclass
class Reading:
    """What was read: the records by kind and id, and all mistakes."""

    problems: list[Problem] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    records: dict[str, dict[str, Any]] = field(default_factory=lambda: {shelf.kind: {} for shelf in SHELVES})


def read_knowledge(root: Path) -> Reading:
    """Read every file below ``root``; never raises for what is wrong in them."""
    reading = Reading()
    if not root.is_dir():
        reading.problems.append(
            Problem(str(root), 1, "", "no such folder", "the folder of the knowledge", "Check the path.")
        )
        return reading
    places = list(_places(root, reading))
    unread, reading.problems = reading.problems, []
    known = _known_ids(places, reading)
    for place in places:
        try:
            record = to_record(
                place.file,
                place.shelf.model,
                at=place.at,
                defaults=place.defaults,
                context={KNOWN_IDS: known},
            )
        except YamlMistakes as mistakes:
            reading.problems += mistakes.problems
        else:
            reading.records[place.shelf.kind][place.id] = record
    policy_files = {place.id: place.file for place in places if place.shelf.kind == "policies"}
    reading.problems += policy_problems(
        policy_files,
        {place.id: place.file for place in places if place.shelf.kind == "checks"},
        known=known,
        policies=reading.records["policies"],
        facts=reading.records["vocabulary"],
    )
    reading.problems += confirmation_problems(
        {place.id: place.file for place in places if place.shelf.kind == "confirmations"},
        policy_files,
        reading.records["confirmations"],
    )
    reading.problems += regulation_problems(
        {(place.shelf.kind, place.id): (place.file, place.at) for place in places},
        timeframes=reading.records["decision_timeframes"],
        windows=reading.records["appeal_windows"],
    )
    reading.problems = further(unread, reading.problems)
    return reading


def _known_ids(places: list[_Place], reading: Reading) -> dict[str, set[str]]:
    """Collect the ids of every kind, except of one with an unreadable file: its ids are not known to be absent."""
    known: dict[str, set[str]] = {shelf.kind: set() for shelf in SHELVES}
    for place in places:
        if place.id in known[place.shelf.kind]:
            found, mend = f"the id '{place.id}' a second time", "Rename one of the two."
            line = place.file.line_of(place.at)
            reading.problems.append(
                Problem(place.file.name, line, place.id, found, "ids that occur once", mend)
            )
        known[place.shelf.kind].add(place.id)
    return {kind: ids for kind, ids in known.items() if kind not in reading.unreadable}


def _places(root: Path, reading: Reading) -> Iterator[_Place]:
    """Find every record of every file, and refuse files that lie where nothing is looked for."""
    taken: set[Path] = set()
    for shelf in SHELVES:
        for path in sorted(set(root.glob(shelf.pattern)) - taken):
            taken.add(path)
            try:
                file, mistyped = read_values(path, f"{root.name}/{path.relative_to(root).as_posix()}")
                reading.problems += mistyped
                yield from _records_in(file, shelf, path, root)
            except YamlMistakes as mistakes:
                reading.problems += mistakes.problems
                reading.unreadable.add(shelf.kind)
    for path in sorted(set(root.rglob("*.y*ml")) - taken):
        reading.problems += _elsewhere(path, root)


def _elsewhere(path: Path, root: Path) -> list[Problem]:
    name = f"{root.name}/{path.relative_to(root).as_posix()}"
    if path.relative_to(root).parts[0] != _READ_ELSEWHERE:
        mend = "Move it, or check the name of its folder and its ending .yaml."
        expected = "one of the folders of the knowledge"
        return [Problem(name, 1, "", "a file where none is looked for", expected, mend)]
    try:
        read_yaml(path, name)
    except YamlMistakes as mistakes:
        return mistakes.problems
    return []


def _records_in(file: YamlFile, shelf: _Shelf, path: Path, root: Path) -> Iterator[_Place]:
    if not isinstance(file.value, dict):
        found = "no keys and values" if file.value else "an empty file"
        mend = "Write 'key: value' lines, or remove the file."
        raise unusable(file.name, found, expected="keys and values", mend=mend)
    if shelf.kind == "vocabulary":
        for key in file.value:
            yield _Place(shelf, key, file, (key,), {})
    elif shelf.grouped:
        yield from _grouped_records(file, shelf)
    elif shelf.kind in ("policies", "checks", "confirmations", "packet_limits"):
        folder = root / shelf.pattern.partition("/")[0]
        yield _Place(shelf, path.relative_to(folder).with_suffix("").as_posix(), file, (), {})
    else:
        stated = file.value.get("id")
        if stated != path.stem:
            expected = f"'{path.stem}', the name of the file"
            mend = "Make the id and the name of the file the same."
            line = file.line_of(("id",))
            raise unusable(file.name, f"'{stated}'", expected=expected, mend=mend, line=line, key="id")
        yield _Place(shelf, path.stem, file, (), {})


def _grouped_records(file: YamlFile, shelf: _Shelf) -> Iterator[_Place]:
    strangers = [key for key in file.value if key not in _GROUP_KEYS]
    records = file.value.get("records")
    if strangers or not isinstance(records, dict):
        found = f"the key '{strangers[0]}'" if strangers else "no records"
        line = file.line_of((strangers[0],)) if strangers else 1
        mend = "Put each record under 'records:', by its id."
        raise unusable(file.name, found, expected="the keys provenance and records", mend=mend, line=line)
    for key in records:
        defaults = {"id": key, "provenance": file.value.get("provenance")}
        yield _Place(shelf, key, file, ("records", key), defaults)
