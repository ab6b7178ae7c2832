"""What a payer decided, recorded from the command line."""

import json

import pytest

from flows.forms import CloseReason
from tests.commands.conftest import AS_OF, SAMPLES


pytestmark = pytest.mark.slow  # reads the knowledge and opens stores

CASE_ID = "PA-T5RB84JT"
NOTICE = ("--by", "AL", "--on", "2026-11-20", "--sent-outside")
GRANTED = ("--from", "2026-12-20", "--until", "2027-06-19", "--units", "910")


@pytest.fixture
def practice(run):
    run("intake", SAMPLES / "02_cidp_continuation", "--as-of", AS_OF)
    return run


def test_an_approval_becomes_an_authorization_and_is_recorded_once(practice):
    first = practice("decided", CASE_ID, *NOTICE, "--approved", "A-4711", *GRANTED, "--json")
    second = practice("decided", CASE_ID, *NOTICE, "--approved", "A-4711", *GRANTED)

    assert json.loads(first.stdout) == {"case_id": CASE_ID, "put": "created", "status": "approved"}
    assert second.stdout == f"{CASE_ID}  the decision had been recorded; the case is approved.\n"
    course = json.loads(practice("export", CASE_ID, "--json").stdout)["course"]
    (grant,) = [one for one in course["authorizations"] if one["number"] == "A-4711"]
    assert (grant["starts"], grant["ends"], grant["units"]) == ("2026-12-20", "2027-06-19", 910)


@pytest.mark.parametrize(
    ("decision", "status"),
    [
        (("--approved", "A-4711", *GRANTED, "--modified", "units"), "partially_approved"),
        (("--denied", "no_baseline", "--denied", "other"), "denied"),
        (("--asked", "chart_notes", "--respond-by", "2026-12-04"), "pended"),
    ],
)
def test_each_kind_of_decision_moves_the_case(decision, status, practice):
    result = practice("decided", CASE_ID, *NOTICE, *decision, "--json")

    assert json.loads(result.stdout)["status"] == status


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        ((), "say what was decided: one of --approved, --denied, --asked and --accept"),
        (("--approved", "A-1", "--denied", "other"), "one of --approved, --denied, --asked and --accept"),
        (("--approved", "A-1", "--until", "2027-06-19"), "--from: field required"),
        (
            ("--approved", "A-1", *GRANTED, "--modified", "colour"),
            "--modified: found colour, input should be 'units'",
        ),
        (("--approved", "A-1", "--from", "2027-06-20", "--until", "2027-06-19"), "before it starts"),
        (
            ("--approved", "A-1", "--from", "2026-12-20", "--until", "9999-12-31"),
            "the end of the authorization: found 9999-12-31, expected a day from 1900 to 2100; where the notice gives no end, enter the day",
        ),
        (("--approved", "A-1", *GRANTED[:4]), "how much was granted is missing"),
        (("--approved", "A-1", *GRANTED, "--no-limit"), "found units or visits together with no limit"),
        (
            ("--approved", "A-1", *GRANTED, "--modified", "site_of_care"),
            "name every site granted (--site), of office",
        ),
        (("--approved", "A-1", *GRANTED, "--modified", "product"), "(--product) or its code (--code)"),
        (
            ("--approved", "A-1", *GRANTED, "--modified", "product", "--product", "octagam"),
            "found the product octagam, expected one of: ",
        ),
        (("--approved", "#1", *GRANTED), "--approved: found #1, expected digits, letters without accents"),
        (("--approved", "A-1", *GRANTED, "--code", "J1568"), "--code needs --modified"),
        (("--approved", "A-1", *GRANTED, "--site", "home"), "--site needs --modified"),
        (("--denied", "other", "--on", "2099-11-20"), "found a notice of 2099-11-20, after today"),
        (
            ("--approved", "A-1", "--from", "2026-06-20", "--until", "2026-11-19", "--units", "5"),
            "found an authorization that ends on 2026-11-19, before its notice of 2026-11-20",
        ),
        (("--accept",), "no partial approval of PA-T5RB84JT waits for an answer"),
        (("--denied", "late"), "--denied: found late, input should be 'nerve_study_missing'"),
        (("--denied", "other", "--units", "5"), "--units: found 5, extra inputs are not permitted"),
        (("--asked", "weight"), "--respond-by: field required"),
    ],
)
def test_a_decision_that_cannot_be_recorded_says_which_option_and_why(decision, words, practice):
    result = practice("decided", CASE_ID, *NOTICE, *decision)

    assert result.exit_code == 1
    assert words in result.stderr
    assert practice("cases", "--status", "approved").stdout.startswith("No case")


def test_a_case_that_was_not_sent_has_no_decision(practice):
    result = practice("decided", CASE_ID, "--by", "AL", "--denied", "other")

    assert result.exit_code == 1
    assert "record the sending first (priorauth sent), or add --sent-outside" in result.stderr


def granted(practice, number="A-4711"):
    course = json.loads(practice("export", CASE_ID, "--json").stdout)["course"]
    (grant,) = [one for one in course["authorizations"] if one["number"] == number]
    return grant


def test_a_site_that_was_changed_is_the_only_one_authorized(practice):
    practice(
        "decided",
        CASE_ID,
        *NOTICE,
        "--approved",
        "A-4711",
        *GRANTED,
        "--modified",
        "site_of_care",
        "--site",
        "home",
    )

    assert granted(practice)["sites"] == ["home"]


def test_a_product_that_was_changed_is_authorized_with_its_code(practice):
    practice(
        "decided",
        CASE_ID,
        *NOTICE,
        "--approved",
        "A-4711",
        *GRANTED,
        "--modified",
        "product",
        "--product",
        "octagam_10",
    )

    assert (granted(practice)["product"], granted(practice)["hcpcs"]) == ("octagam_10", "J1568")


def test_an_approval_that_counts_nothing_is_taken_if_somebody_says_so(practice):
    result = practice("decided", CASE_ID, *NOTICE, "--approved", "A-4711", *GRANTED[:4], "--no-limit")

    assert result.exit_code == 0
    assert "units" not in granted(practice)


def test_a_partial_approval_leaves_a_task_that_says_what_is_less_until_it_is_accepted(practice):
    less = ("--from", "2026-12-20", "--until", "2027-06-19", "--units", "500", "--modified", "units")
    practice("decided", CASE_ID, *NOTICE, "--approved", "A-4711", *less)

    shown = practice("renewals", "--case", CASE_ID, "--as-of", AS_OF).stdout
    assert "partial approval (coordinator" in shown
    assert "units: 500 granted" in " ".join(shown.split())

    accepted = practice("decided", CASE_ID, "--by", "AL", "--accept")
    assert accepted.stdout.startswith(f"{CASE_ID}  the decision is recorded")
    assert "partial approval" not in practice("renewals", "--case", CASE_ID, "--as-of", AS_OF).stdout
    again = practice("decided", CASE_ID, "--by", "AL", "--accept")
    assert "had been recorded" in again.stdout


def test_a_partial_approval_leaves_a_task_even_where_no_number_is_less(practice):
    practice("decided", CASE_ID, *NOTICE, "--approved", "A-4711", *GRANTED, "--modified", "other")

    shown = practice("renewals", "--case", CASE_ID, "--as-of", AS_OF).stdout
    assert "the notice changes other" in " ".join(shown.split())


def test_a_denial_leaves_an_appeal_until_it_is_overturned(practice):
    practice("decided", CASE_ID, *NOTICE, "--denied", "no_baseline", "--reference", "DN-1")

    shown = " ".join(practice("renewals", "--case", CASE_ID, "--as-of", AS_OF).stdout.split())
    assert "appeal (coordinator, remind): denied for no baseline (reference DN-1)" in shown

    practice("decided", CASE_ID, "--by", "AL", "--on", "2026-11-22", "--approved", "A-4711", *GRANTED)
    assert "appeal" not in practice("renewals", "--case", CASE_ID, "--as-of", AS_OF).stdout


def test_a_letter_without_its_matter_says_where_one_is_explained(practice, tmp_path):
    result = practice("letter", CASE_ID, "--kind", "first_level_appeal", "-o", tmp_path / "appeal.pdf")

    assert result.exit_code == 1
    assert "--matter FILE; examples/matters/denial.yaml shows one and explains it" in result.stderr


def test_a_closed_case_has_no_tasks_and_is_watched_no_more(practice):
    practice("decided", CASE_ID, *NOTICE, "--denied", "no_baseline")

    closed = practice("close", CASE_ID, "--by", "AL", "--reason", "withdrawn")
    again = practice("close", CASE_ID, "--by", "AL", "--reason", "withdrawn")

    assert closed.stdout.startswith(f"{CASE_ID}  is closed: withdrawn; ")
    assert "planned infusions of" in closed.stdout
    assert again.stdout == f"{CASE_ID}  was closed before; priorauth reopen opens it again.\n"
    swept = practice("renewals", "--sweep", "--as-of", "2027-03-01")
    assert "0 looked at" in swept.stderr
    assert CASE_ID not in swept.stdout
    assert "(coordinator" not in practice("renewals", "--case", CASE_ID, "--as-of", AS_OF).stdout


def test_a_case_closed_by_mistake_stands_where_it_stood_and_is_watched_again(practice):
    practice("decided", CASE_ID, *NOTICE, "--denied", "no_baseline")
    before = practice("renewals", "--case", CASE_ID, "--as-of", AS_OF).stdout
    practice("close", CASE_ID, "--by", "AL", "--reason", "withdrawn")

    opened = practice("reopen", CASE_ID, "--by", "AL")
    again = practice("reopen", CASE_ID, "--by", "AL")

    assert opened.stdout == f"{CASE_ID}  is open again: denied; 1 task of it stands again.\n"
    assert again.stdout == f"{CASE_ID}  was not closed; it is denied.\n"
    assert "(coordinator" in before
    assert practice("renewals", "--case", CASE_ID, "--as-of", AS_OF).stdout == before


def test_a_case_closed_before_it_was_sent_is_verified_anew_when_it_is_opened_again(practice):
    practice("close", CASE_ID, "--by", "AL", "--reason", "duplicate")

    opened = json.loads(practice("reopen", CASE_ID, "--by", "AL", "--json").stdout)

    assert opened["put"] == "updated"
    assert opened["status"] in {"draft", "ready"}  # as the record stands on the day of the test


def test_a_decision_on_a_closed_case_asks_to_open_it_first(practice):
    practice("close", CASE_ID, "--by", "AL", "--reason", "withdrawn")

    refused = practice("decided", CASE_ID, *NOTICE, "--denied", "no_baseline")

    assert refused.exit_code == 1
    assert f"{CASE_ID} is closed: open it again first (priorauth reopen)" in " ".join(refused.stderr.split())
    assert json.loads(practice("cases", "--json").stdout)[0]["status"] == "closed"


def test_a_reason_that_closes_nothing_is_refused(practice):
    result = practice("close", CASE_ID, "--by", "AL", "--reason", "tired")

    assert result.exit_code == 1
    assert "found the reason 'tired', expected not_required, withdrawn, duplicate" in result.stderr


def numbers(practice):
    course = json.loads(practice("export", CASE_ID, "--json").stdout)["course"]
    return [one["number"] for one in course["authorizations"]]


def test_a_number_mistyped_is_taken_back(practice):
    before = numbers(practice)
    practice("decided", CASE_ID, *NOTICE, "--approved", "A-4171", *GRANTED)
    right = ("decided", CASE_ID, *NOTICE, "--approved", "A-4711", *GRANTED, "--instead-of", "A-4171")

    assert practice(*right).exit_code == 0
    assert numbers(practice) == [*before, "A-4711"]
    assert "had been recorded" in practice(*right).stdout
    unknown = practice("decided", CASE_ID, *NOTICE, "--approved", "A-1", *GRANTED, "--instead-of", "A-9")
    assert "no authorization A-9 is on record" in unknown.stderr


def test_a_denial_of_the_same_notice_corrects_an_approval(practice):
    before = numbers(practice)
    practice("decided", CASE_ID, *NOTICE, "--approved", "A-4711", *GRANTED)
    practice("decided", CASE_ID, *NOTICE, "--denied", "no_baseline")

    assert numbers(practice) == before


def test_a_case_id_mistyped_is_called_so(practice):
    result = practice("decided", "PA-T5RB84JI", *NOTICE, "--denied", "other")

    assert result.exit_code == 1
    assert "no case is stored under PA-T5RB84JI: a case id is PA- and eight" in result.stderr


def test_a_review_is_not_recorded_before_it_was_made(practice):
    practice("packet", CASE_ID, "--as-of", AS_OF)

    result = practice("review", CASE_ID, "--by", "AL", "--on", "2099-11-23")

    assert result.exit_code == 1
    assert "--on: found 2099-11-23, after today" in result.stderr


@pytest.mark.parametrize("reason", CloseReason)
def test_a_case_is_closed_for_every_reason(reason, practice):
    result = practice("close", CASE_ID, "--by", "AL", "--reason", reason.value)

    assert result.exit_code == 0
    assert json.loads(practice("cases", "--json").stdout)[0]["status"] == "closed"
