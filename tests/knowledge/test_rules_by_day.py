"""Decision timeframes, appeal windows and continuity: which rule governs which request on which day."""

from datetime import date

import pytest

from schemas.base import BenefitChannel, LineOfBusiness
from schemas.provenance import Confidence
from schemas.regulation import RequestKind, ReviewUrgency


TODAY = date(2026, 11, 23)
MA = LineOfBusiness.MEDICARE_ADVANTAGE
DRUG, ITEM = RequestKind.DRUG, RequestKind.ITEM_SERVICE
STANDARD, EXPEDITED, CONCURRENT = ReviewUrgency.STANDARD, ReviewUrgency.EXPEDITED, ReviewUrgency.CONCURRENT


def within(rule):
    return None if rule is None or rule.within is None else (rule.within.amount, rule.within.unit.value)


@pytest.mark.parametrize(
    ("lob", "kind", "urgency", "on", "time"),
    [
        (LineOfBusiness.COMMERCIAL_FULLY_INSURED, DRUG, STANDARD, TODAY, (15, "calendar_days")),
        (LineOfBusiness.COMMERCIAL_SELF_FUNDED, DRUG, EXPEDITED, TODAY, (72, "hours")),
        (LineOfBusiness.MARKETPLACE, DRUG, CONCURRENT, TODAY, (24, "hours")),
        (MA, DRUG, STANDARD, TODAY, (72, "hours")),
        (MA, DRUG, EXPEDITED, TODAY, (24, "hours")),
        (MA, ITEM, STANDARD, date(2025, 12, 31), (14, "calendar_days")),
        (MA, ITEM, STANDARD, date(2026, 1, 1), (7, "calendar_days")),
        (MA, DRUG, STANDARD, date(2025, 12, 31), (72, "hours")),
        (LineOfBusiness.MEDICAID_MANAGED_CARE, DRUG, STANDARD, TODAY, (24, "hours")),
        (LineOfBusiness.MEDICAID_MANAGED_CARE, ITEM, STANDARD, date(2025, 12, 31), (14, "calendar_days")),
        (LineOfBusiness.MEDICAID_MANAGED_CARE, ITEM, STANDARD, date(2026, 1, 1), (7, "calendar_days")),
        (LineOfBusiness.MEDICAID_FEE_FOR_SERVICE, DRUG, EXPEDITED, TODAY, (24, "hours")),
        (LineOfBusiness.MEDICAID_FEE_FOR_SERVICE, ITEM, STANDARD, date(2025, 12, 31), None),
        (LineOfBusiness.MEDICAID_FEE_FOR_SERVICE, ITEM, STANDARD, date(2026, 1, 1), (7, "calendar_days")),
        (LineOfBusiness.MEDICAID_FEE_FOR_SERVICE, ITEM, EXPEDITED, TODAY, (72, "hours")),
    ],
)
def test_the_time_to_decide(knowledge, lob, kind, urgency, on, time):
    assert within(knowledge.decision_timeframe(lob, kind, urgency=urgency, day=on)) == time


@pytest.mark.parametrize("lob", LineOfBusiness)
@pytest.mark.parametrize("kind", RequestKind)
@pytest.mark.parametrize("urgency", ReviewUrgency)
def test_every_request_finds_a_rule_or_the_question_to_ask(knowledge, lob, kind, urgency):
    rule = knowledge.decision_timeframe(lob, kind, urgency=urgency, day=TODAY)

    assert rule is not None
    assert rule.within is not None or rule.no_prior_authorization or rule.open_question


def test_the_clock_of_a_drug_is_not_that_of_an_item(knowledge):
    drug, item = (
        within(knowledge.decision_timeframe(MA, kind, urgency=STANDARD, day=TODAY)) for kind in (DRUG, ITEM)
    )

    assert drug != item


def test_original_medicare_asks_for_no_authorization(knowledge):
    rule = knowledge.decision_timeframe(LineOfBusiness.ORIGINAL_MEDICARE, DRUG, urgency=STANDARD, day=TODAY)

    assert rule.no_prior_authorization


def test_a_part_d_drug_under_original_medicare_has_the_clock_of_part_d(knowledge):
    rule = knowledge.decision_timeframe(
        LineOfBusiness.ORIGINAL_MEDICARE, DRUG, urgency=EXPEDITED, day=TODAY, benefit=BenefitChannel.PHARMACY
    )

    assert (rule.id, within(rule)) == ("part_d_expedited", (24, "hours"))


def test_the_law_of_the_state_goes_first_where_it_reaches(knowledge):
    insured = LineOfBusiness.COMMERCIAL_FULLY_INSURED
    self_funded = LineOfBusiness.COMMERCIAL_SELF_FUNDED

    assert within(knowledge.decision_timeframe(insured, DRUG, urgency=STANDARD, day=TODAY, state="IL")) == (
        5,
        "calendar_days",
    )
    assert within(knowledge.decision_timeframe(insured, DRUG, urgency=STANDARD, day=TODAY, state="TX")) == (
        15,
        "calendar_days",
    )
    assert within(
        knowledge.decision_timeframe(self_funded, DRUG, urgency=STANDARD, day=TODAY, state="IL")
    ) == (
        15,
        "calendar_days",
    )


@pytest.mark.parametrize("lob", [LineOfBusiness.TRICARE, LineOfBusiness.FEHB])
def test_what_could_not_be_confirmed_is_a_question_and_not_a_number(knowledge, lob):
    rule = knowledge.decision_timeframe(lob, DRUG, urgency=STANDARD, day=TODAY)

    assert rule.within is None
    assert rule.open_question
    assert rule.provenance.confidence is Confidence.UNCONFIRMED


@pytest.mark.parametrize(
    ("lob", "level", "on", "benefit", "time"),
    [
        (LineOfBusiness.COMMERCIAL_SELF_FUNDED, 1, TODAY, BenefitChannel.MEDICAL, (180, "calendar_days")),
        (LineOfBusiness.MARKETPLACE, 2, TODAY, BenefitChannel.MEDICAL, (4, "months")),
        (MA, 1, date(2024, 12, 31), BenefitChannel.MEDICAL, (60, "calendar_days")),
        (MA, 1, date(2025, 1, 1), BenefitChannel.MEDICAL, (65, "calendar_days")),
        (MA, 1, TODAY, BenefitChannel.PHARMACY, (65, "calendar_days")),
        (LineOfBusiness.MEDICAID_MANAGED_CARE, 1, TODAY, BenefitChannel.MEDICAL, (60, "calendar_days")),
        (LineOfBusiness.MEDICAID_MANAGED_CARE, 2, TODAY, BenefitChannel.MEDICAL, (120, "calendar_days")),
        (LineOfBusiness.ORIGINAL_MEDICARE, 1, TODAY, BenefitChannel.MEDICAL, (120, "calendar_days")),
        (LineOfBusiness.FEHB, 1, TODAY, BenefitChannel.MEDICAL, (6, "months")),
        (LineOfBusiness.TRICARE, 1, TODAY, BenefitChannel.MEDICAL, (90, "calendar_days")),
    ],
)
def test_the_time_to_appeal(knowledge, lob, level, on, benefit, time):
    window = knowledge.appeal_window(lob, level, day=on, benefit=benefit)

    assert (window.file_within.amount, window.file_within.unit.value) == time


def test_an_appeal_for_a_part_b_drug_is_decided_in_seven_days(knowledge):
    window = knowledge.appeal_window(MA, 1, day=TODAY)

    assert (window.decision_drug.amount, window.decision_standard.amount) == (7, 30)


def test_the_independent_review_of_medicare_advantage_is_automatic(knowledge):
    assert knowledge.appeal_window(MA, 2, day=TODAY).automatic


def test_a_level_that_does_not_exist_is_none(knowledge):
    assert knowledge.appeal_window(LineOfBusiness.TRICARE, 4, day=TODAY) is None


def test_every_line_of_business_has_a_first_level_of_appeal(knowledge):
    assert all(knowledge.appeal_window(lob, 1, day=TODAY) is not None for lob in LineOfBusiness)


def test_joining_a_medicare_advantage_plan_carries_a_course_for_90_days_from_2024(knowledge):
    before = knowledge.continuity_rules(MA, day=date(2023, 12, 31))
    after = knowledge.continuity_rules(MA, day=date(2024, 1, 1))

    assert "ma_transition" not in {rule.id for rule in before}
    assert {rule.id: rule.transition_days for rule in after}["ma_transition"] == 90


def test_state_law_never_reaches_a_self_funded_plan(knowledge):
    rules = (*knowledge.regulations.continuity, *knowledge.regulations.decision_timeframes)

    assert not [
        rule.id
        for rule in rules
        if rule.state is not None and LineOfBusiness.COMMERCIAL_SELF_FUNDED in rule.lines_of_business
    ]


def test_the_texas_rule_applies_to_a_texan_plan_and_names_what_is_arguable(knowledge):
    insured = LineOfBusiness.COMMERCIAL_FULLY_INSURED
    texan = {rule.id: rule for rule in knowledge.continuity_rules(insured, day=TODAY, state="TX")}
    elsewhere = {rule.id for rule in knowledge.continuity_rules(insured, day=TODAY, state="OH")}

    assert texan["texas_one_a_year"].open_question
    assert "texas_one_a_year" not in elsewhere
