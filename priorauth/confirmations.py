"""Who compared a policy profile with the payer's text: recorded beside the profiles, and bound to what was compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from priorauth.formats.yaml_text import write_yaml
from priorauth.yaml_source import Problem, YamlFile, dotted
from schemas.policy import Confirmation, ConfirmationRecord, Confirmations, CoveragePolicy


USUALLY_GOOD_FOR = timedelta(days=365)


def confirmation_of(
    name: str, policy: CoveragePolicy, *, by: str, bulletin: str, on: date, valid_until: date | None = None
) -> ConfirmationRecord:
    """Make the record of a comparison, good until the next review of the profile, or for a year."""
    next_review = policy.review_by if policy.review_by and policy.review_by > on else on + USUALLY_GOOD_FOR
    return ConfirmationRecord(
        policy=_within_payer(name),
        sha256=policy.content_sha256,
        compared_by=by,
        bulletin=bulletin,
        compared_on=on,
        valid_until=valid_until or next_review,
    )


def confirmations_file(records: Iterable[ConfirmationRecord]) -> bytes:
    """Write the file of one payer's comparisons, oldest first."""
    ordered = sorted(records, key=lambda record: (record.policy, record.compared_on))
    return write_yaml(Confirmations(confirmations=tuple(ordered)).model_dump())


def with_confirmations(
    policies: Mapping[str, CoveragePolicy], recorded: Mapping[str, Confirmations]
) -> dict[str, CoveragePolicy]:
    """Give every policy its latest comparison; one of other content counts for nothing."""
    latest: dict[str, ConfirmationRecord] = {}
    for name, record in records(recorded):
        policy = policies[name]
        if record.sha256 == policy.content_sha256 and (
            name not in latest or latest[name].compared_on <= record.compared_on
        ):
            latest[name] = record
    return {
        name: policy.model_copy(update={"confirmation": _bare(latest[name])}) if name in latest else policy
        for name, policy in policies.items()
    }


def outdated(
    name: str, policy: CoveragePolicy, recorded: Mapping[str, Confirmations]
) -> ConfirmationRecord | None:
    """Return the latest comparison of a profile that has changed since, where no later one counts."""
    if policy.confirmation is not None:
        return None
    found = [record for of, record in records(recorded) if of == name]
    return max(found, key=lambda record: record.compared_on, default=None)


def records(recorded: Mapping[str, Confirmations]) -> Iterator[tuple[str, ConfirmationRecord]]:
    """Yield every comparison with the name of its policy."""
    for place, file in recorded.items():
        for record in file.confirmations:
            yield f"{place.rpartition('/')[0]}/{record.policy}", record


def confirmation_problems(
    files: Mapping[str, YamlFile],
    policy_files: Mapping[str, YamlFile],
    recorded: Mapping[str, Confirmations],
) -> Iterator[Problem]:
    """Find comparisons of profiles that do not exist, and comparisons written into the file of a policy."""
    for place, confirmations in recorded.items():
        for number, record in enumerate(confirmations.confirmations):
            if f"{place.rpartition('/')[0]}/{record.policy}" not in policy_files:
                path = ("confirmations", number, "policy")
                yield Problem(
                    files[place].name,
                    files[place].line_of(path),
                    dotted(path),
                    f"'{record.policy}'",
                    "folder and file of a policy of this payer, such as immune_globulin/2026-01-01",
                    "Correct the name, or remove the comparison.",
                )
    for file in policy_files.values():
        if "confirmation" in file.value:
            yield Problem(
                file.name,
                file.line_of(("confirmation",)),
                "confirmation",
                "a comparison in the file of the policy",
                "none: a version is never edited once in force",
                "Remove it, and record it with: priorauth policies confirm",
            )


def _within_payer(name: str) -> str:
    return "/".join(name.split("/")[-2:])


def _bare(record: ConfirmationRecord) -> Confirmation:
    return Confirmation.model_validate(record.model_dump(include=set(Confirmation.model_fields)))
