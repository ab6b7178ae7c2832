"""After a denial: the task of the appeal, the time there is for it, and what ends it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from flows.casework import keep_assessment
from flows.determining import record
from flows.forms import DeterminationForm
from flows.preparing import LetterOf, keep_request, make_request, prepare_request
from flows.publishing import versions_of, work_list
from flows.releasing import record_sending, release
from flows.settings import ROOT
from flows.versions import VersionPassed, final_packets, letter_in_review, version_of
from priorauth.letters.refusals import FinalRefused
from priorauth.lifecycle import Actor, CaseStatus, MoveRefused, Reason, Role
from priorauth.payer_tasks import appeal_by, appeal_task
from priorauth.store.records import Put
from priorauth.store.tables import outgoing_documents
from priorauth.verification import verify
from priorauth.yaml_records import load_record
from schemas.assessment import Recommendation
from schemas.base import LineOfBusiness
from schemas.case import DocumentKind
from schemas.chart import Source
from schemas.letter import LetterKind
from schemas.letter_matter import Denial
from schemas.treatment import Determination
from tests.flows.conftest import NOON
from tests.letters.occasions import confirmed_knowledge
from tests.samples import cases, knowledge


AS_OF = date(2026, 11, 23)
LATER = NOON + timedelta(days=1)
ANN = Actor(Role.COORDINATOR, "AL")
NOTICE = date(2026, 11, 20)


def insured_by(lob):
    case = cases()["01_cidp_initial"]
    return case.model_copy(update={"coverage": case.coverage.model_copy(update={"line_of_business": lob})})


@pytest.mark.parametrize(
    ("lob", "due", "words"),
    [
        (
            LineOfBusiness.COMMERCIAL_SELF_FUNDED,
            date(2027, 5, 19),
            "internal appeal within 180 calendar days",
        ),
        (
            LineOfBusiness.MEDICARE_ADVANTAGE,
            date(2027, 1, 24),
            "plan reconsideration within 65 calendar days",
        ),
        (LineOfBusiness.FEHB, date(2027, 5, 20), "to be confirmed with the notice"),
        (
            LineOfBusiness.MEDICAID_FEE_FOR_SERVICE,
            date(2027, 1, 19),
            "is not known for this plan: the shortest",
        ),
        (
            None,
            date(2027, 1, 19),
            "is not known for this plan: the shortest usual one is taken; see the notice",
        ),
    ],
)
def test_the_appeal_is_due_when_the_law_of_the_plan_says(lob, due, words):
    day, why = appeal_by(insured_by(lob), NOTICE, knowledge())

    assert day == due
    assert words in why


@pytest.mark.parametrize(
    ("lob", "due", "words"),
    [
        (LineOfBusiness.MARKETPLACE, date(2027, 3, 20), "external review within 4 months"),
        (LineOfBusiness.MEDICAID_MANAGED_CARE, date(2027, 3, 20), "state fair hearing within 120 calendar days"),
        (LineOfBusiness.MEDICARE_ADVANTAGE, date(2026, 11, 30), "to the independent review entity by itself: ask"),
        (LineOfBusiness.TRICARE, date(2027, 2, 18), "the time to appeal again is not known for this plan"),
    ],
)  # fmt: skip
def test_a_denied_appeal_goes_on_to_the_next_level_in_its_own_time(lob, due, words):
    day, why = appeal_by(insured_by(lob), NOTICE, knowledge(), level=2)

    assert day == due
    assert words in why


def test_beyond_the_last_level_known_the_shortest_time_of_a_first_appeal_is_taken():
    assert (
        appeal_by(insured_by(LineOfBusiness.FEHB), NOTICE, knowledge(), level=9)[0]
        == appeal_by(insured_by(None), NOTICE, knowledge())[0]
    )


def test_the_task_of_an_appeal_names_reasons_and_reference():
    denied = Determination(
        outcome="denied",
        decided_on=NOTICE,
        reference="DN-1",
        denial_reasons=("no baseline", "renewal late"),
        recorded_by="AL",
    )

    task = appeal_task(cases()["01_cidp_initial"], denied, knowledge())

    assert (task.kind, task.owner) == ("appeal", "coordinator")
    assert task.detail.startswith(
        "denied for no baseline; renewal late (reference DN-1); internal appeal within 180"
    )


def test_a_case_that_needs_no_authorization_and_lacks_nothing_is_not_in_the_work_list(work, case_of):
    case_id = case_of("01_cidp_initial")
    found = verify(work.store.get_case(case_id), as_of=NOTICE, knowledge=work.knowledge)
    assert case_id in work_list(work, {}, as_of=NOTICE)

    free = found.model_copy(update={"recommendation": Recommendation.NOT_REQUIRED, "work": ()})
    work.store.put_assessment(free, at=NOON)

    assert f"case-{case_id.lower()}" not in work_list(work, {}, as_of=NOTICE)


DENIED = LetterOf(
    LetterKind.FIRST_LEVEL_APPEAL, load_record(ROOT / "examples" / "matters" / "denial.yaml", Denial)
)


@pytest.fixture
def practice(work):
    """A practice that has compared every profile with the plan's text."""
    return replace(work, knowledge=confirmed_knowledge())


@pytest.fixture
def denied(practice, case_of):
    """A denied case with its notice on file, whose request went by fax."""
    case_id = case_of("01_cidp_initial")
    prepare_request(practice, case_id, as_of=AS_OF, at=NOON)
    version = version_of(letter_in_review(practice.store, case_id))
    release(practice, case_id, version, reviewed_on=AS_OF, by=ANN, at=NOON)
    sent(practice, case_id)
    given = {"case_id": case_id, "decided_on": "2026-11-23", "recorded_by": "AL"}
    record(practice, DeterminationForm.model_validate({**given, "decision": {"reasons": ["other"]}}))
    return case_id


def sent(practice, case_id, *, channel="fax"):
    (final,) = final_packets(practice.store, case_id)
    return record_sending(
        practice, case_id, version_of(final), channel=channel, reference=None, by=ANN, at=LATER
    )


def notice_on_file(practice, case_id):
    """Put the notice to the documents of a case, as a page of any kind."""
    page = next(document for document in practice.store.get_case(case_id).documents if document.sha256)
    notice = page.model_copy(
        update={
            "document": "denial_2026-11-18",
            "title": "Notice of denial",
            "kind": DocumentKind.DENIAL_LETTER,
            "dated": date(2026, 11, 18),
        }
    )
    practice.store.record(case_id, notice, by=ANN, at=LATER)


def written(practice, case_id, appeal):
    """Keep the draft of an appeal of the next day, as the command does, and return its version."""
    store = practice.store
    case = store.get_case(case_id)
    assessment = verify(case, as_of=LATER.date(), knowledge=practice.knowledge)
    verified = keep_assessment(practice, assessment, at=LATER)
    made = make_request(
        case, assessment, knowledge=practice.knowledge, read_document=store.read_document, of=appeal
    )
    keep_request(practice, verified, made, at=LATER)
    return version_of(letter_in_review(store, case_id))


def offered(practice, case_id):
    return versions_of(practice, practice.store.case_summary(case_id))


def tasks(practice, case_id):
    return [task.kind for task in practice.store.list_exceptions(case_id=case_id)]


@pytest.mark.rendering
def test_an_appeal_is_written_read_and_sent_while_the_case_is_denied(practice, denied):
    notice_on_file(practice, denied)
    notice = Source(document="denial_2026-11-18", page=1)
    appeal = replace(DENIED, matter=DENIED.matter.model_copy(update={"source": notice}))
    version = written(practice, denied, appeal)
    reading = {"reviewed_on": LATER.date(), "by": ANN, "at": LATER}
    assert offered(practice, denied) == {"Record review": version}

    release(practice, denied, version, **reading)

    assert practice.store.case_summary(denied).status is CaseStatus.DENIED
    assert "appeal" in tasks(practice, denied)
    assert list(offered(practice, denied)) == ["Record sending"]
    assert sent(practice, denied) is Put.CREATED
    summary = practice.store.case_summary(denied)
    assert (summary.status, summary.reason) == (CaseStatus.SUBMITTED, Reason.APPEAL_SENT)
    assert "appeal" not in tasks(practice, denied)

    upheld = {"case_id": denied, "decided_on": "2026-11-24", "recorded_by": "AL", "reference": "UP-1"}
    record(practice, DeterminationForm.model_validate({**upheld, "decision": {"reasons": ["other"]}}))
    (task,) = [one for one in practice.store.list_exceptions(case_id=denied) if one.kind == "appeal"]
    assert "external review within 4 months" in task.detail
    assert "--kind external_review" in work_list(practice, {}, as_of=LATER.date())
    # The appeal that was upheld is not offered to be sent once more.
    assert offered(practice, denied) == {}


@pytest.mark.rendering
def test_an_appeal_without_its_notice_is_not_released(practice, denied):
    version = written(practice, denied, DENIED)

    with pytest.raises(FinalRefused, match="the notice of denial is not enclosed"):
        release(practice, denied, version, reviewed_on=LATER.date(), by=ANN, at=LATER)


@pytest.mark.rendering
def test_an_appeal_kept_without_what_it_is_about_is_to_be_prepared_again(practice, denied):
    """So are those of a database from before it was kept."""
    version = written(practice, denied, DENIED)
    with practice.store.transaction() as connection:
        connection.execute(update(outgoing_documents).values(matter=None))

    with pytest.raises(VersionPassed, match="prepare it again and read it"):
        release(practice, denied, version, reviewed_on=LATER.date(), by=ANN, at=LATER)


@pytest.mark.rendering
def test_what_was_denied_is_not_taken_for_its_appeal(practice, denied):
    assert offered(practice, denied) == {}
    with pytest.raises(MoveRefused, match="is sent again with an appeal only"):
        sent(practice, denied, channel="mail")

    assert sent(practice, denied) is Put.UNCHANGED
