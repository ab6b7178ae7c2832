"""Cases in the store: the same referral is one case, a change is a new version, and nothing recorded is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from priorauth.formats.case_file import case_sha256, write_case_file
from priorauth.knowledge import load_knowledge
from priorauth.lifecycle import SOFTWARE, CaseStatus, MoveRefused, Reason
from priorauth.replay import replay
from priorauth.store import Store, open_store
from priorauth.store.errors import CaseIdTaken, NoSuchRecord, RecordContradicts
from priorauth.store.records import Put
from priorauth.verification import verify
from schemas.base import ConditionId
from schemas.case import Case
from schemas.chart import Fact, GivenInfusion, Source
from tests.store.people import ANN, NOON


ROOT = Path(__file__).parents[2]
MakeCase = Callable[..., Case]


def test_a_case_comes_back_as_it_was_put(store: Store, case: MakeCase) -> None:
    put = case(
        chart={
            "facts": [
                {
                    "fact": "weight",
                    "value": "72.40",
                    "unit": "kg",
                    "dated": "2026-10-01",
                    "source": {"recorded_by": "Ann"},
                }
            ]
        }
    )

    assert store.put_case(put, at=NOON) is Put.CREATED

    assert store.get_case(put.case_id) == put
    assert write_case_file(store.get_case(put.case_id)) == write_case_file(put)


def test_the_same_referral_is_one_case_however_often_it_comes(store: Store, case: MakeCase) -> None:
    assert [store.put_case(case(), at=NOON) for _ in range(3)] == [Put.CREATED, Put.UNCHANGED, Put.UNCHANGED]

    assert [(found.case_id, found.version) for found in store.list_cases()] == [(case().case_id, 1)]


def test_a_changed_referral_is_a_new_version_of_its_case(store: Store, case: MakeCase) -> None:
    store.put_case(case(), at=NOON)
    changed = case(condition="mmn")

    assert store.put_case(changed, at=NOON) is Put.UPDATED

    found = store.case_summary(changed.case_id)
    assert (found.version, found.condition, found.sha256) == (2, ConditionId.MMN, case_sha256(changed))


def test_an_assessment_names_the_version_of_the_case_as_the_store_does(store: Store, case: MakeCase) -> None:
    store.put_case(case(), at=NOON)
    stored = store.get_case(case().case_id)

    assessment = verify(stored, as_of=NOON.date(), knowledge=load_knowledge(ROOT / "knowledge"))

    assert assessment.case_sha256 == store.case_summary(stored.case_id).sha256
    assert replay(assessment, stored, load_knowledge(ROOT / "knowledge"))


def test_another_referral_with_the_same_case_id_is_refused(store: Store, case: MakeCase) -> None:
    first = case("1")
    store.put_case(first, at=NOON)
    other = first.model_copy(update={"referral": case("2").referral})

    with pytest.raises(CaseIdTaken, match=first.case_id):
        store.put_case(other, at=NOON)


def test_what_people_recorded_survives_a_referral_that_is_read_again(store: Store, case: MakeCase) -> None:
    store.put_case(case(), at=NOON)
    weight = Fact.model_validate(
        {
            "fact": "weight",
            "value": 80,
            "unit": "kg",
            "dated": date(2026, 11, 1),
            "source": {"recorded_by": "Ann Lee"},
        }
    )

    assert store.record(case().case_id, weight, by=ANN, at=NOON) is Put.UPDATED
    assert store.record(case().case_id, weight, by=ANN, at=NOON) is Put.UNCHANGED
    assert store.put_case(case(), at=NOON) is Put.UNCHANGED
    assert store.put_case(case(condition="mmn"), at=NOON) is Put.UPDATED

    found = store.get_case(case().case_id)
    assert (found.condition, found.chart.facts) == (ConditionId.MMN, (weight,))


def test_an_entry_that_cites_a_document_the_case_does_not_list_is_refused_and_not_kept(
    store: Store, case: MakeCase
) -> None:
    store.put_case(case(), at=NOON)
    infusion = GivenInfusion(
        on=date(2026, 11, 1), product="privigen", grams=Decimal(30), source=Source(document="log", page=1)
    )

    with pytest.raises(RecordContradicts, match="cites the document 'log'"):
        store.record(case().case_id, infusion, by=ANN, at=NOON)

    assert store.get_case(case().case_id) == case()
    assert [event.event for event in store.audit_trail(case().case_id)] == ["case_received"]


def test_a_move_and_its_audit_event_are_written_together(store: Store, case: MakeCase) -> None:
    store.put_case(case(), at=NOON)
    case_id = case().case_id

    store.move(case_id, CaseStatus.READY, by=SOFTWARE, at=NOON, reason=Reason.VERIFIED)
    with pytest.raises(MoveRefused):
        store.move(case_id, CaseStatus.APPROVED, by=ANN, at=NOON, reason=Reason.DECIDED)

    assert store.case_summary(case_id).status is CaseStatus.READY
    assert [
        (event.event, event.before, event.after, event.actor) for event in store.audit_trail(case_id)
    ] == [
        ("case_received", None, "draft", "software"),
        ("case_moved", "draft", "ready", "software"),
    ]


def test_a_verified_case_whose_record_changes_is_a_draft_again(store: Store, case: MakeCase) -> None:
    store.put_case(case(), at=NOON)
    store.move(case().case_id, CaseStatus.READY, by=SOFTWARE, at=NOON, reason=Reason.VERIFIED)

    store.put_case(case(condition="gbs"), at=NOON)

    found = store.case_summary(case().case_id)
    assert (found.status, found.reason) == (CaseStatus.DRAFT, Reason.RECORD_CHANGED)


def test_steps_in_one_transaction_happen_all_or_not_at_all(store: Store, case: MakeCase) -> None:
    def put_and_approve() -> None:
        with store.transaction():
            store.put_case(case(), at=NOON)
            store.move(case().case_id, CaseStatus.APPROVED, by=ANN, at=NOON, reason=Reason.DECIDED)

    with pytest.raises(MoveRefused):
        put_and_approve()

    assert store.list_cases() == ()


def test_cases_are_listed_by_what_is_asked_for(store: Store, case: MakeCase) -> None:
    store.put_case(case("1", coverage={"payer": "aetna"}), at=NOON)
    store.put_case(case("2", condition="mmn"), at=NOON)

    assert [found.case_id for found in store.list_cases(payer="aetna")] == [case("1").case_id]
    assert [found.case_id for found in store.list_cases(condition=ConditionId.MMN)] == [case("2").case_id]
    assert len(store.list_cases(status=CaseStatus.DRAFT)) == 2


def test_many_cases_are_read_in_the_order_asked_for(store: Store, case: MakeCase) -> None:
    put = [case(str(number)) for number in range(5)]
    for one in put:
        store.put_case(one, at=NOON)

    asked = [put[3].case_id, "PA-00000000", put[0].case_id]

    assert [found.case_id for found in store.get_cases(asked)] == [put[3].case_id, put[0].case_id]


def test_a_case_that_is_not_stored_is_an_error_that_says_so(store: Store) -> None:
    with pytest.raises(NoSuchRecord, match="PA-00000000"):
        store.get_case("PA-00000000")


PUT_MANY = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from priorauth.formats.case_file import case_from_json
from priorauth.store import open_store

url, folder, content = sys.argv[1:]
store = open_store(url, Path(folder))
case = case_from_json(content.encode())
for _ in range(20):
    print(store.put_case(case, at=datetime(2026, 11, 23, 12, tzinfo=UTC)))
"""


@pytest.mark.slow
def test_processes_that_start_at_once_and_put_the_same_referral_make_one_case(
    empty_url: str, tmp_path: Path, case: MakeCase
) -> None:
    """The database is empty, so the processes also race to make its tables."""
    content = case().model_dump_json(exclude_defaults=True)
    command = [sys.executable, "-c", PUT_MANY, empty_url, str(tmp_path / "documents"), content]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]

    finished = [process.communicate(timeout=60) for process in started]

    assert [errors for _, errors in finished] == ["", "", ""]
    said = [line for output, _ in finished for line in output.split()]
    assert sorted(said) == ["created"] + ["unchanged"] * 59
    opened = open_store(empty_url, tmp_path / "documents")
    assert [found.version for found in opened.list_cases()] == [1]
    assert json.loads(content) == json.loads(
        opened.get_case(case().case_id).model_dump_json(exclude_defaults=True)
    )
    opened.close()
