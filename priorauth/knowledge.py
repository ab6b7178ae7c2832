"""Everything that is known, as one object: read from the YAML files once, checked as a whole, then only looked up.

Reading has two passes. The first reads all files and collects the ids that exist; the second makes models, so that
a reference to an id that no file defines is refused on the line where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from priorauth.policy_references import policy_problems
from priorauth.yaml_records import to_record
from priorauth.yaml_source import Problem, YamlFile, YamlMistakes, YamlPath, read_yaml
from schemas.base import BenefitChannel, LineOfBusiness, Model
from schemas.condition import Antibody, Condition, DiagnosisCode, Mimic, icd10_matches
from schemas.measure import Measure
from schemas.policy import CheckList, CoveragePolicy
from schemas.product import AlternativeTherapy, HcpcsAssignment, Product
from schemas.publication import Publication
from schemas.references import KNOWN_IDS
from schemas.regulation import AppealWindow, ConductRule, ContinuityRule, DecisionTimeframe, Regulations, RequestKind, ReviewUrgency
from schemas.rule_set import RuleSet
from schemas.vocabulary import FactDefinition


class _Shelf(NamedTuple):
    """Where the records of one kind are kept. A grouped file holds many, under ``records``, by id."""

    kind: str
    pattern: str
    model: type[Model]
    grouped: bool = False


_SHELVES = (
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
    _Shelf("vocabulary", "facts.yaml", FactDefinition),
    _Shelf("checks", "checks/*.yaml", CheckList),
    _Shelf("policies", "payers/**/*.yaml", CoveragePolicy),
)
_READ_ELSEWHERE = "fhir"
"""Folder whose tables the FHIR reader loads itself; here only their YAML is checked."""
_GROUP_KEYS = {"provenance", "records"}


@dataclass(frozen=True)
class Knowledge:
    """All records by id. ``policies`` and ``checks`` are by file, without its ending, below their folder."""

    products: Mapping[str, Product]
    alternatives: Mapping[str, AlternativeTherapy]
    measures: Mapping[str, Measure]
    conditions: Mapping[str, Condition]
    diagnosis_codes: Mapping[str, DiagnosisCode]
    mimics: Mapping[str, Mimic]
    antibodies: Mapping[str, Antibody]
    rule_sets: Mapping[str, RuleSet]
    publications: Mapping[str, Publication]
    regulations: Regulations
    vocabulary: Mapping[str, FactDefinition]
    checks: Mapping[str, CheckList]
    policies: Mapping[str, CoveragePolicy]

    def product_for_ndc(self, ndc: str) -> Product | None:
        """Return the product of an 11-digit NDC, by labeler and product; the package digits decide nothing."""
        return next((product for product in self.products.values() if any(entry.stem == ndc[:9] for entry in product.ndc)), None)

    def products_billed_as(self, hcpcs: str, day: date) -> tuple[Product, ...]:
        """Return every product whose billing code it is that day; one code can stand for several brands."""
        return tuple(product for product in self.products.values() if (code := product.hcpcs_on(day)) and code.code == hcpcs)

    def hcpcs_on(self, product: str, day: date) -> HcpcsAssignment | None:
        """Return the billing code of a product on a date of service, or None where none is known."""
        return self.products[product].hcpcs_on(day)

    def diagnosis_code(self, code: str) -> DiagnosisCode | None:
        """Return what is known of one ICD-10-CM code of the inflammatory polyneuropathies."""
        return next((entry for entry in self.diagnosis_codes.values() if entry.code == code), None)

    def mimics_coded(self, code: str) -> tuple[Mimic, ...]:
        """Return the mimics that an ICD-10-CM code falls under."""
        return tuple(mimic for mimic in self.mimics.values() if any(icd10_matches(pattern, code) for pattern in mimic.icd10))

    def decision_timeframe(
        self,
        lob: LineOfBusiness,
        kind: RequestKind,
        *,
        urgency: ReviewUrgency,
        day: date,
        benefit: BenefitChannel = BenefitChannel.MEDICAL,
        state: str | None = None,
    ) -> DecisionTimeframe | None:
        """Return the rule that sets the payer's time to decide, or None where nothing is known.

        The law of the plan's state goes before federal law. The rule found may itself say that no authorization
        exists, or hold only the question to ask.
        """
        fitting = [
            rule
            for rule in self.regulations.decision_timeframes
            if lob in rule.lines_of_business
            and kind in rule.kinds
            and urgency in rule.urgencies
            and benefit in rule.benefits
            and rule.state in (None, state)
            and rule.in_force_on(day)
        ]
        return min(fitting, key=lambda rule: rule.state is None, default=None)

    def appeal_window(
        self, lob: LineOfBusiness, level: int, *, day: date, benefit: BenefitChannel = BenefitChannel.MEDICAL
    ) -> AppealWindow | None:
        """Return the rule of one level of appeal, or None where nothing is known of that level."""
        fitting = (
            rule
            for rule in self.regulations.appeal_windows
            if lob in rule.lines_of_business and level == rule.level and benefit in rule.benefits and rule.in_force_on(day)
        )
        return next(fitting, None)

    def continuity_rules(self, lob: LineOfBusiness, *, day: date, state: str | None = None) -> tuple[ContinuityRule, ...]:
        """Return the rights of continuity that may apply; those of a state only for a plan of that state."""
        return tuple(
            rule
            for rule in self.regulations.continuity
            if lob in rule.lines_of_business and rule.in_force_on(day) and rule.state in (None, state)
        )


@cache
def load_knowledge(root: Path) -> Knowledge:
    """Read the folder ``root``; YamlMistakes holds every mistake in all of its files."""
    reading = _read(root)
    if reading.problems:
        raise YamlMistakes(sorted(reading.problems))
    found = reading.records
    return Knowledge(
        regulations=Regulations(
            decision_timeframes=tuple(found["decision_timeframes"].values()),
            appeal_windows=tuple(found["appeal_windows"].values()),
            continuity=tuple(found["continuity"].values()),
            conduct=tuple(found["conduct"].values()),
        ),
        **{shelf.kind: found[shelf.kind] for shelf in _SHELVES if shelf.kind in Knowledge.__dataclass_fields__},
    )


def describe_problems(root: Path) -> list[Problem]:
    """Return every mistake in the folder ``root``, in the order of files and lines; empty if it can be used."""
    return sorted(_read(root).problems)


class _Place(NamedTuple):
    """One record before it is a model."""

    shelf: _Shelf
    id: str
    file: YamlFile
    at: YamlPath
    defaults: dict[str, Any]


@dataclass
class _Reading:
    problems: list[Problem] = field(default_factory=list)
    records: dict[str, dict[str, Any]] = field(default_factory=lambda: {shelf.kind: {} for shelf in _SHELVES})


def _read(root: Path) -> _Reading:
    reading = _Reading()
    places = list(_places(root, reading.problems))
    known: dict[str, set[str]] = {shelf.kind: set() for shelf in _SHELVES}
    for place in places:
        if place.id in known[place.shelf.kind]:
            reading.problems.append(
                Problem(place.file.name, place.file.line_of(place.at), place.id, f"the id '{place.id}' a second time", "ids that occur once", "Rename one of the two.")
            )
        known[place.shelf.kind].add(place.id)
    for place in places:
        try:
            record = to_record(place.file, place.shelf.model, at=place.at, defaults=place.defaults, context={KNOWN_IDS: known})
        except YamlMistakes as mistakes:
            reading.problems += mistakes.problems
        else:
            reading.records[place.shelf.kind][place.id] = record
    files = {place.id: place.file for place in places if place.shelf.kind == "policies"}
    lists = {place.id: place.file for place in places if place.shelf.kind == "checks"}
    reading.problems += policy_problems(files, lists, known=known, policies=reading.records["policies"], facts=reading.records["vocabulary"])
    return reading


def _places(root: Path, problems: list[Problem]) -> Iterator[_Place]:
    """Find every record of every file, and refuse files that lie where nothing is looked for."""
    taken: set[Path] = set()
    for shelf in _SHELVES:
        for path in sorted(set(root.glob(shelf.pattern)) - taken):
            taken.add(path)
            try:
                file = read_yaml(path, f"{root.name}/{path.relative_to(root).as_posix()}")
                yield from _records_in(file, shelf, path, root)
            except YamlMistakes as mistakes:
                problems += mistakes.problems
    for path in sorted(set(root.rglob("*.y*ml")) - taken):
        problems += _elsewhere(path, root)


def _elsewhere(path: Path, root: Path) -> list[Problem]:
    name = f"{root.name}/{path.relative_to(root).as_posix()}"
    if path.relative_to(root).parts[0] != _READ_ELSEWHERE:
        return [Problem(name, 1, "", "a file where none is looked for", "one of the folders of the knowledge", "Move it, or check the name of its folder and its ending .yaml.")]
    try:
        read_yaml(path, name)
    except YamlMistakes as mistakes:
        return mistakes.problems
    return []


def _records_in(file: YamlFile, shelf: _Shelf, path: Path, root: Path) -> Iterator[_Place]:
    if not isinstance(file.value, dict):
        raise YamlMistakes([Problem(file.name, 1, "", "no keys and values" if file.value else "an empty file", "keys and values", "Write 'key: value' lines, or remove the file.")])
    if shelf.kind == "vocabulary":
        for key in file.value:
            yield _Place(shelf, key, file, (key,), {})
    elif shelf.grouped:
        yield from _grouped_records(file, shelf)
    elif shelf.kind in ("policies", "checks"):
        folder = root / shelf.pattern.partition("/")[0]
        yield _Place(shelf, path.relative_to(folder).with_suffix("").as_posix(), file, (), {})
    else:
        stated = file.value.get("id")
        if stated != path.stem:
            raise YamlMistakes([Problem(file.name, file.line_of(("id",)), "id", f"'{stated}'", f"'{path.stem}', the name of the file", "Make the id and the name of the file the same.")])
        yield _Place(shelf, path.stem, file, (), {})


def _grouped_records(file: YamlFile, shelf: _Shelf) -> Iterator[_Place]:
    strangers = [key for key in file.value if key not in _GROUP_KEYS]
    records = file.value.get("records")
    if strangers or not isinstance(records, dict):
        found = f"the key '{strangers[0]}'" if strangers else "no records"
        line = file.line_of((strangers[0],)) if strangers else 1
        raise YamlMistakes([Problem(file.name, line, "", found, "the keys provenance and records", "Put each record under 'records:', by its id.")])
    for key in records:
        defaults = {"id": key, "provenance": file.value.get("provenance")}
        yield _Place(shelf, key, file, ("records", key), defaults)
