"""Preparing a request: made again exactly when it would come out differently, or is not there as it was written."""

from datetime import date

import pytest

from flows import preparing
from flows.preparing import prepare_request
from priorauth.lifecycle import Actor, CaseStatus, Reason, Role
from schemas.chart import Fact, Source
from tests.flows.conftest import NOON


pytestmark = pytest.mark.rendering

AS_OF = date(2026, 11, 23)
ANN = Actor(Role.COORDINATOR, "Ann Lee")


@pytest.fixture
def case_id(case_of):
    return case_of("04_mmn_continuation")


@pytest.fixture
def made(monkeypatch):
    """Counts how often letter and packet were really made."""
    times = []
    make = preparing.make_request

    def make_request(*args, **options):
        times.append(args)
        return make(*args, **options)

    monkeypatch.setattr(preparing, "make_request", make_request)
    return times


def test_what_would_come_out_the_same_is_not_made_again(work, case_id, made):
    first = prepare_request(work, case_id, as_of=AS_OF, at=NOON)
    second = prepare_request(work, case_id, as_of=AS_OF, at=NOON)

    assert second == first
    assert len(made) == 1


def lose_the_packet(work, folder):
    (folder / "packet.pdf").unlink()


def change_the_letter(work, folder):
    with (folder / "letter-continuation.pdf").open("ab") as file:
        file.write(b" ")


def break_the_note(work, folder):
    (folder / "made-from.json").write_text("{")


def complete_the_chart(work, folder):
    fact = Fact(fact="anti_iga_antibodies", value=False, dated=AS_OF, source=Source(recorded_by="Ann Lee"))
    work.store.record(folder.name, fact, by=ANN, at=NOON)


@pytest.mark.parametrize(
    "change",
    [lose_the_packet, change_the_letter, break_the_note, complete_the_chart],
    ids=lambda f: f.__name__,
)
def test_whatever_changed_has_it_made_again(work, case_id, made, change):
    before = prepare_request(work, case_id, as_of=AS_OF, at=NOON)
    change(work, work.settings.output / case_id)

    after = prepare_request(work, case_id, as_of=AS_OF, at=NOON)

    assert len(made) == 2
    assert after.packets[0].read_bytes().startswith(b"%PDF-")
    assert after.letter == before.letter


def test_another_day_has_it_made_again(work, case_id, made):
    prepare_request(work, case_id, as_of=AS_OF, at=NOON)
    prepare_request(work, case_id, as_of=date(2026, 11, 24), at=NOON)

    assert len(made) == 2


def test_a_request_that_was_sent_back_is_laid_before_the_signer_again(work, case_id, made):
    prepare_request(work, case_id, as_of=AS_OF, at=NOON)
    work.store.move(case_id, CaseStatus.READY, by=ANN, at=NOON, reason=Reason.SENT_BACK)

    prepare_request(work, case_id, as_of=AS_OF, at=NOON)

    assert work.store.case_summary(case_id).status is CaseStatus.IN_REVIEW
    assert len(made) == 1
