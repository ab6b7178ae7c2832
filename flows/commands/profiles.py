"""What the policies commands do: find profiles, lay them out, check, compare and confirm them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.console import RenderableType
from rich.text import Text

from flows.casework import KNOWLEDGE, open_casework
from flows.clock import today
from flows.commands.mistakes import Refused
from flows.comparing import impacts_in_store
from flows.settings import read_settings
from flows.terminal import complain, plain_table, progress
from priorauth.confirmations import confirmation_of, confirmations_file, outdated
from priorauth.intake import read_folder
from priorauth.knowledge import Knowledge, describe_problems, load_knowledge
from priorauth.policies import Standing, payers_governed_by, policies_named, standing_of
from priorauth.policy_changes import ClauseChange, clause_changes
from priorauth.policy_files import policy_file_problems, read_policy_file, unchecked_file_problems
from priorauth.policy_impact import CaseImpact, PolicyComparison
from priorauth.policy_words import RequirementLine, requirement_lines
from priorauth.writing import write_whole
from priorauth.yaml_problems import Problem, YamlMistakes
from schemas.base import ConditionId, LineOfBusiness
from schemas.policy import ConfirmationRecord, CoveragePolicy, Criterion, PhaseRules, Requirement
from schemas.provenance import Confidence, Provenance


@dataclass(frozen=True)
class Profile:
    """One line of the list of profiles."""

    policy: str
    title: str
    version: str
    effective_from: date
    effective_to: date | None
    lines_of_business: tuple[LineOfBusiness, ...]
    conditions: tuple[ConditionId, ...]
    confidence: Confidence
    standing: Standing
    sha256: str


def listed_profiles(as_of: date) -> tuple[Profile, ...]:
    """List every version of every policy."""
    return tuple(
        Profile(
            policy=name,
            title=policy.title,
            version=policy.version,
            effective_from=policy.effective_from,
            effective_to=policy.effective_to,
            lines_of_business=policy.lines_of_business,
            conditions=tuple(policy.conditions),
            confidence=policy.provenance.confidence,
            standing=standing_of(policy, as_of),
            sha256=policy.content_sha256,
        )
        for name, policy in load_knowledge(KNOWLEDGE).policies.items()
    )


STANDING_WORDS = {
    Standing.CONFIRMED: Text("compared", style="green"),
    Standing.OVERDUE: Text("comparison overdue", style="red"),
    Standing.UNCONFIRMED: Text("not yet compared", style="yellow"),
}


def profile_table(profiles: Iterable[Profile]) -> RenderableType:
    """Lay the list of profiles out as a table."""
    table = plain_table(
        "Policy", "In force", "Conditions", "Mark", "Payer's text", whole=("In force", "Mark")
    )
    for profile in profiles:
        table.add_row(
            profile.policy,
            f"{profile.effective_from} to {profile.effective_to}"
            if profile.effective_to
            else f"from {profile.effective_from}",
            " ".join(condition.value.upper() for condition in profile.conditions),
            profile.confidence.value,
            STANDING_WORDS[profile.standing],
        )
    return table


@dataclass(frozen=True)
class Page:
    """A profile to be laid out: the policy, where it stands, and its requirements in words."""

    name: str
    policy: CoveragePolicy
    standing: Standing
    outdated: ConfirmationRecord | None
    knowledge: Knowledge

    def asks(self, requirement: Requirement) -> tuple[RequirementLine, ...]:
        return requirement_lines(requirement, self.knowledge.vocabulary)

    def confidence(self, criterion: Criterion, rules: PhaseRules | None = None) -> Provenance:
        """Return the provenance of a criterion: its own, that of its phase, or that of the policy."""
        return criterion.provenance or (rules.provenance if rules else None) or self.policy.provenance

    def brands(self, products: Sequence[str]) -> str:
        return ", ".join(self.knowledge.products[product].brand for product in products)

    def as_data(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "standing": self.standing,
            "sha256": self.policy.content_sha256,
            "policy": self.policy,
        }


def profile_pages(named: str, as_of: date) -> list[Page]:
    """Return the pages of all profiles that a name fits, or of a file."""
    knowledge = load_knowledge(KNOWLEDGE)
    return [
        Page(
            name,
            policy,
            standing_of(policy, as_of),
            outdated(name, policy, knowledge.confirmations),
            knowledge,
        )
        for name, policy in _found(named, knowledge).items()
    ]


def mistakes_in(files: Sequence[Path]) -> list[Problem]:
    """Return every mistake in the files, or in all of the knowledge."""
    if not files:
        return describe_problems(KNOWLEDGE)
    try:
        knowledge = load_knowledge(KNOWLEDGE)
    except YamlMistakes as mistakes:
        return [*mistakes.problems, *(one for file in files for one in unchecked_file_problems(file))]
    return [problem for file in files for problem in policy_file_problems(file, knowledge)]


@dataclass(frozen=True)
class Compared:
    """Two versions compared: what changes in the text, and for whom."""

    old: str
    new: str
    clauses: tuple[ClauseChange, ...]
    looked_at: int
    cases: tuple[CaseImpact, ...]


def compare(old: str, new: str, *, referrals: Path | None, as_of: date, quiet: bool) -> Compared:
    """Compare two versions over the cases of the store, or of a folder; ``quiet`` shows no progress."""
    knowledge = load_knowledge(KNOWLEDGE)
    (old_name, before), (new_name, after) = _only(old, knowledge), _only(new, knowledge)
    if before.payer != after.payer or before.policy != after.policy:
        raise Refused(f"{old_name} and {new_name} are two policies; expected two versions of one policy")
    looked_at, count = _looked_at((before, after), referrals, knowledge, as_of)
    shown = looked_at if quiet else progress(looked_at, "comparing", total=count)
    impacts = tuple(impact for impact in shown if impact is not None)
    return Compared(old_name, new_name, clause_changes(before, after, knowledge.vocabulary), count, impacts)


def _looked_at(
    versions: tuple[CoveragePolicy, CoveragePolicy], referrals: Path | None, knowledge: Knowledge, as_of: date
) -> tuple[Iterable[CaseImpact | None], int]:
    if referrals is not None:
        if not referrals.is_dir():
            raise Refused(f"found no folder {referrals}; --referrals takes a folder of referrals")
        read = read_folder(referrals, knowledge)
        for fault in read.faults:
            complain(fault.line)
        cases = [referred.case for referred in read.cases]
        comparison = PolicyComparison(*versions, knowledge)
        return (comparison.impact(case, as_of=as_of) for case in cases), len(cases)
    settings = read_settings()
    store = open_casework(settings).store
    payers = payers_governed_by(versions[0], knowledge)
    ids = sorted(summary.case_id for payer in payers for summary in store.list_cases(payer=payer))
    return impacts_in_store(settings, ids, versions, knowledge=KNOWLEDGE, as_of=as_of), len(ids)


_OPTIONS = {
    "compared_by": "--by",
    "bulletin": "--bulletin",
    "compared_on": "--on",
    "valid_until": "--valid-until",
}
"""The fields of a comparison and the options that fill them in."""


def _objections(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False):
        option = _OPTIONS.get(str(fault["loc"][-1]), "") if fault["loc"] else ""
        words = "expected something to stand there" if fault["input"] == "" else fault["msg"]
        yield f"{option}: {words}" if option else words.removeprefix("Value error, ")


def record_confirmation(
    named: str, *, by: str, bulletin: str, on: date, valid_until: date | None
) -> ConfirmationRecord:
    """Add a comparison to the file of the payer."""
    if on > (day := today(read_settings())):
        raise Refused(f"--on: found {on}, after today, {day}; a comparison is recorded once it was made")
    knowledge = load_knowledge(KNOWLEDGE)
    name, policy = _only(named, knowledge, files=False)
    try:
        record = confirmation_of(name, policy, by=by, bulletin=bulletin, on=on, valid_until=valid_until)
    except ValidationError as error:
        raise Refused("\n".join(_objections(error))) from None
    payer = name.split("/")[0]
    standing = knowledge.confirmations.get(f"{payer}/confirmations")
    recorded = standing.confirmations if standing else ()
    write_whole(KNOWLEDGE / "payers" / payer / "confirmations.yaml", confirmations_file({*recorded, record}))
    return record


def _found(named: str, knowledge: Knowledge, *, files: bool = True) -> dict[str, CoveragePolicy]:
    if files and Path(named).is_file():
        return {named: read_policy_file(Path(named), knowledge)}
    found = policies_named(named, knowledge)
    if not found:
        payers = ", ".join(sorted({policy.payer for policy in knowledge.policies.values()}))
        raise Refused(f"found no policy and no file '{named}'; there are policies of {payers}")
    return found


def _only(named: str, knowledge: Knowledge, *, files: bool = True) -> tuple[str, CoveragePolicy]:
    found = _found(named, knowledge, files=files)
    if len(found) > 1:
        raise Refused(f"'{named}' fits {', '.join(found)}; name one of them")
    return next(iter(found.items()))
