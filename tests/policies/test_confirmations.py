"""A comparison with the payer's text is on record, and counts only for what was compared."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from priorauth.confirmations import confirmation_of, confirmations_file
from priorauth.knowledge import Knowledge, describe_problems, load_knowledge
from priorauth.policies import Standing, is_confirmed, standing_of
from schemas.policy import ConfirmationRecord


KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
AETNA = "aetna/immune_globulin/2026-01-01"
COMPARED_ON = date(2026, 11, 20)

pytestmark = pytest.mark.slow  # reads the knowledge anew for every test


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield shutil.copytree(KNOWLEDGE, tmp_path / "knowledge")
    load_knowledge.cache_clear()


def record(**changes: object) -> ConfirmationRecord:
    policy = load_knowledge(KNOWLEDGE).policies[AETNA]
    made = confirmation_of(AETNA, policy, by="Dana Roe, PharmD", bulletin='CPB 0206, "2026"', on=COMPARED_ON)
    return made.model_copy(update=changes)


def read_with(folder: Path, *records: ConfirmationRecord) -> Knowledge:
    (folder / "payers" / "aetna" / "confirmations.yaml").write_bytes(confirmations_file(records))
    load_knowledge.cache_clear()
    return load_knowledge(folder)


def test_a_record_reads_back_as_it_was_written(folder: Path) -> None:
    made = record()

    assert read_with(folder, made).confirmations["aetna/confirmations"].confirmations == (made,)


def test_a_comparison_holds_from_its_day_to_its_last(folder: Path) -> None:
    policy = read_with(folder, record(valid_until=date(2027, 1, 31))).policies[AETNA]

    days = [date(2026, 11, 19), COMPARED_ON, date(2027, 1, 31), date(2027, 2, 1)]
    assert [is_confirmed(policy, day) for day in days] == [False, True, True, False]
    assert [standing_of(policy, day) for day in days] == [
        Standing.UNCONFIRMED,
        Standing.CONFIRMED,
        Standing.CONFIRMED,
        Standing.OVERDUE,
    ]


def test_a_comparison_of_other_content_counts_for_nothing(folder: Path) -> None:
    assert read_with(folder, record(sha256="0" * 64)).policies[AETNA].confirmation is None


def test_the_latest_comparison_counts(folder: Path) -> None:
    later = record(compared_by="Lee Okoro, PharmD", compared_on=date(2026, 11, 22))

    confirmation = read_with(folder, later, record()).policies[AETNA].confirmation

    assert confirmation is not None
    assert confirmation.compared_by == "Lee Okoro, PharmD"


def test_a_comparison_changes_nothing_of_what_the_policy_says(folder: Path) -> None:
    before = load_knowledge(KNOWLEDGE).policies[AETNA].content_sha256

    assert read_with(folder, record()).policies[AETNA].content_sha256 == before


def test_it_holds_until_the_next_review_or_for_a_year() -> None:
    policy = load_knowledge(KNOWLEDGE).policies[AETNA]
    reviewed = policy.model_copy(update={"review_by": date(2026, 1, 1)})

    until = [
        confirmation_of(AETNA, one, by="x", bulletin="y", on=COMPARED_ON).valid_until
        for one in (policy, reviewed)
    ]

    assert until == [policy.review_by, date(2027, 11, 20)]


def test_a_comparison_of_a_policy_that_does_not_exist_is_a_mistake(folder: Path) -> None:
    (folder / "payers" / "aetna" / "confirmations.yaml").write_bytes(
        confirmations_file([record(policy="immune_globulin/1999-01-01")])
    )

    (problem,) = describe_problems(folder)

    assert problem.key == "confirmations[0].policy"
    assert "such as immune_globulin/2026-01-01" in problem.expected


def test_a_comparison_in_the_file_of_a_policy_is_a_mistake(folder: Path) -> None:
    file = folder / "payers" / f"{AETNA}.yaml"
    file.write_text(
        file.read_text()
        + "confirmation: {compared_by: me, bulletin: x, compared_on: 2026-11-20, valid_until: 2027-11-20}\n"
    )

    (problem,) = describe_problems(folder)

    assert problem.key == "confirmation"
    assert "priorauth policies confirm" in problem.mend
