"""Which authorization covers which infusion, and the reason given where none does."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from priorauth.ledger import course_ledger
from priorauth.ledger_lines import CourseLedger
from schemas.base import SiteOfCare
from schemas.case import Case, Coverage, Patient
from schemas.renewal import LineKind, Obstacle
from tests.renewals.courses import ACTIVE, PRODUCTS, a_case, every, given, grant, planned


TODAY = date(2026, 11, 23)  # a Monday
DECEMBER = date(2026, 12, 1)


def ledger_of(case: Case, **more: Any) -> CourseLedger:
    return course_ledger(case, PRODUCTS, **more)


def coverage_by_day(ledger: CourseLedger) -> list[tuple[date, str | None]]:
    return [
        (line.on, line.authorization if line.covered else line.obstacle)
        for line in ledger.lines
        if line.kind is not LineKind.PROJECTED
    ]


def test_units_run_out_before_the_date_does() -> None:
    ledger = ledger_of(a_case(every(21, DECEMBER, 4), [grant(DECEMBER, date(2027, 5, 31), 300)]))
    assert coverage_by_day(ledger) == [
        (date(2026, 12, 1), "A1"),
        (date(2026, 12, 22), "A1"),
        (date(2027, 1, 12), Obstacle.UNITS),
        (date(2027, 2, 2), Obstacle.UNITS),
    ]
    assert ledger.covered_until(TODAY) == date(2026, 12, 22)
    first = ledger.first_uncovered(TODAY)
    assert first is not None
    assert first.words == "20 of 300 units are left, 140 are needed"


def test_a_smaller_infusion_after_one_too_large_still_fits() -> None:
    infusions = (planned(date(2026, 12, 1), "100"), planned(date(2026, 12, 22), "40"))
    ledger = ledger_of(a_case(infusions, [grant(DECEMBER, date(2027, 5, 31), 100)]))
    assert coverage_by_day(ledger) == [(date(2026, 12, 1), Obstacle.UNITS), (date(2026, 12, 22), "A1")]


def test_the_date_runs_out_before_the_units_do() -> None:
    ledger = ledger_of(a_case(every(21, DECEMBER, 3), [grant(DECEMBER, date(2026, 12, 22), 3000)]))
    assert coverage_by_day(ledger)[-2:] == [(date(2026, 12, 22), "A1"), (date(2027, 1, 12), Obstacle.DATE)]


def test_back_to_back_authorizations_leave_no_gap() -> None:
    grants = [
        grant(date(2027, 1, 1), date(2027, 6, 30), 1000, number="new"),
        grant(date(2026, 7, 1), date(2026, 12, 31), 1000, number="old"),
    ]
    ledger = ledger_of(a_case(every(15, date(2026, 12, 17), 3), grants))
    assert coverage_by_day(ledger) == [
        (date(2026, 12, 17), "old"),
        (date(2027, 1, 1), "new"),
        (date(2027, 1, 16), "new"),
    ]


def test_of_two_that_overlap_the_one_that_ends_first_is_used_up_first() -> None:
    grants = [
        grant(DECEMBER, date(2027, 6, 30), 1000, number="long"),
        grant(DECEMBER, date(2027, 1, 31), 140, number="short"),
    ]
    ledger = ledger_of(a_case(every(21, DECEMBER, 2), grants))
    assert coverage_by_day(ledger) == [(date(2026, 12, 1), "short"), (date(2026, 12, 22), "long")]


def test_a_dose_split_over_days_is_covered_day_by_day() -> None:
    infusions = [planned(date(2026, 12, 30), "144", over_days=4)]
    grants = [grant(DECEMBER, date(2026, 12, 31), 288)]
    assert coverage_by_day(ledger_of(a_case(infusions, grants))) == [
        (date(2026, 12, 30), "A1"),
        (date(2026, 12, 31), "A1"),
        (date(2027, 1, 1), Obstacle.DATE),
        (date(2027, 1, 2), Obstacle.DATE),
    ]


def test_the_units_of_a_split_dose_add_up_to_the_dose() -> None:
    case = a_case([planned(DECEMBER, "72.5", over_days=2)], [grant(DECEMBER, date(2027, 1, 31), 145)])
    ledger = ledger_of(case)
    assert [line.units for line in ledger.lines if line.kind is LineKind.PLANNED] == [73, 72]
    assert (ledger.uses[0].units_planned, ledger.uses[0].units_left) == (145, 145)


def test_visits_are_counted_by_day() -> None:
    case = a_case([planned(DECEMBER, "144", over_days=2), planned(date(2026, 12, 22))], [
        grant(DECEMBER, date(2027, 1, 31), visits=2)
    ])  # fmt: skip
    assert [cover for _, cover in coverage_by_day(ledger_of(case))] == ["A1", "A1", Obstacle.VISITS]


def test_two_lots_on_one_day_are_one_visit() -> None:
    entries = [given(date(2026, 11, 3), "40", lot="X"), given(date(2026, 11, 3), "30", lot="Y")]
    (use,) = ledger_of(
        a_case((), [grant(date(2026, 11, 1), DECEMBER, 500, visits=5)], were_given=entries)
    ).uses
    assert (use.units_used, use.units_left, use.visits_used, use.visits_left) == (140, 360, 1, 4)


def test_discarded_drug_counts_where_the_units_charged_are_not_recorded() -> None:
    entry = given(date(2026, 11, 3), "74", wasted_grams=Decimal(1))
    (use,) = ledger_of(a_case((), [grant(date(2026, 11, 1), DECEMBER, 500)], were_given=[entry])).uses
    assert use.units_used == 150


def test_an_infusion_given_beyond_its_units_uses_up_what_was_left() -> None:
    case = a_case([planned(DECEMBER, "10")], [grant(date(2026, 11, 1), date(2027, 1, 31), 100)],
                  were_given=[given(date(2026, 11, 3))])  # fmt: skip
    ledger = ledger_of(case)
    assert [(line.kind, line.charged, line.obstacle) for line in ledger.lines[:2]] == [
        (LineKind.GIVEN, 100, Obstacle.UNITS),
        (LineKind.PLANNED, 0, Obstacle.UNITS),
    ]
    assert ledger.uses[0].units_left == 0


YEAR = grant(DECEMBER, date(2027, 11, 30), 5000)


@pytest.mark.parametrize(
    ("infusion", "changes", "obstacle", "words"),
    [
        ({"name": "gamunex_c"}, {}, Obstacle.PRODUCT, "J1459 is authorized, J1561 gamunex_c is planned"),
        (
            {"name": "gammaked"},
            {"hcpcs": "J1561", "product": "gamunex_c"},
            Obstacle.PRODUCT,
            "J1561 gamunex_c is authorized, J1561 gammaked is planned",
        ),
        ({"name": "uncoded"}, {}, Obstacle.PRODUCT, "the billing code of uncoded on 2026-12-01 is not known"),
        (
            {"name": "unsized"},
            {"hcpcs": "J1599"},
            Obstacle.UNITS,
            "5000 of 5000 units are left, the unit size is not known",
        ),
        (
            {"site_of_care": SiteOfCare.OUTPATIENT_HOSPITAL},
            {"sites": (SiteOfCare.OFFICE, SiteOfCare.HOME)},
            Obstacle.SITE,
            "authorized for office, home, planned at outpatient_hospital",
        ),
        ({}, {"units_per_visit": 118}, Obstacle.UNITS_PER_VISIT, "118 units a visit are authorized, 140 are needed"),
        ({}, {"payer": "cigna"}, Obstacle.PLAN, "the authorization is from cigna, the plan is now aetna"),
        ({}, {"starts": date(2026, 12, 2)}, Obstacle.DATE, "the authorization starts only on 2026-12-02"),
    ],
)  # fmt: skip
def test_why_an_infusion_is_not_covered(
    infusion: dict[str, Any], changes: dict[str, Any], obstacle: Obstacle, words: str
) -> None:
    case = a_case([planned(DECEMBER, **infusion)], [YEAR.model_copy(update=changes)])
    line = ledger_of(case).lines[0]
    assert (line.obstacle, line.words) == (obstacle, words)


@pytest.mark.parametrize(
    ("coverage", "words"),
    [
        (None, "the plan that is to pay is not known"),
        (Coverage(active=True), "the plan that is to pay is not known"),
        (ACTIVE.model_copy(update={"active": False}), "the plan was not active when verified on 2026-11-02"),
        (ACTIVE.model_copy(update={"ends": date(2026, 11, 30)}), "the plan ends on 2026-11-30"),
        (ACTIVE.model_copy(update={"starts": date(2027, 1, 1)}), "the plan starts on 2027-01-01"),
    ],
)
def test_an_authorization_does_not_outlive_its_plan(coverage: Coverage | None, words: str) -> None:
    line = ledger_of(a_case([planned(DECEMBER)], [YEAR], coverage=coverage)).lines[0]
    assert (line.obstacle, line.words) == (Obstacle.PLAN, words)


def test_a_code_that_changes_at_new_year_needs_a_new_authorization() -> None:
    case = a_case(every(28, DECEMBER, 3, name="recoded"), [YEAR.model_copy(update={"hcpcs": "J1599"})])
    assert [cover for _, cover in coverage_by_day(ledger_of(case))] == ["A1", "A1", Obstacle.PRODUCT]


@pytest.mark.parametrize(
    ("weight", "covered"), [("90", True), ("81", True), ("80.9", False), ("99", True), ("99.1", False)]
)
def test_more_than_ten_percent_change_of_weight_needs_a_modification(weight: str, *, covered: bool) -> None:
    case = a_case([planned(DECEMBER)], [YEAR.model_copy(update={"dosing_weight_kg": Decimal(90)})])
    line = ledger_of(case, dosing_weights=[(TODAY, Decimal(weight))]).lines[0]
    assert line.covered == covered
    assert covered or line.obstacle is Obstacle.WEIGHT


def test_a_weight_taken_later_says_nothing_of_earlier_infusions() -> None:
    case = a_case(every(21, DECEMBER, 2), [YEAR.model_copy(update={"dosing_weight_kg": Decimal(90)})])
    lines = ledger_of(case, dosing_weights=[(date(2026, 12, 10), Decimal(74))]).lines
    assert [line.obstacle for line in lines[:2]] == [None, Obstacle.WEIGHT]


@pytest.mark.parametrize(
    ("why", "kind"), [("held", LineKind.HELD), ("missed", LineKind.MISSED)], ids=["held", "missed"]
)
def test_a_held_or_missed_infusion_takes_nothing_is_not_lost_and_not_asked_for(
    why: str, kind: LineKind
) -> None:
    infusions = [planned(DECEMBER, **{why: "infection"}), planned(date(2026, 12, 22))]
    ledger = ledger_of(a_case(infusions, [grant(DECEMBER, date(2027, 1, 1), 140)]))
    assert [(line.kind, line.authorization) for line in ledger.lines[:2]] == [
        (kind, None),
        (LineKind.PLANNED, "A1"),
    ]
    assert ledger.lines[0].words == "infection"
    assert ledger.unrecorded(date(2026, 12, 20)) == ()


def test_an_infusion_is_held_or_missed_and_not_both() -> None:
    with pytest.raises(ValidationError, match="found both held and missed, expected one of them"):
        planned(DECEMBER, held="infection", missed="the patient had influenza")


@pytest.mark.parametrize(
    "end", [{"discontinued_on": DECEMBER}, {"patient": Patient(died=DECEMBER)}], ids=["discontinued", "died"]
)
def test_after_the_end_of_a_course_nothing_needs_cover(end: dict[str, Any]) -> None:
    ledger = ledger_of(a_case(every(21, DECEMBER, 3), **end))
    assert [line.kind for line in ledger.lines] == [LineKind.PLANNED, LineKind.ENDED, LineKind.ENDED]
    assert [line.on for line in ledger.uncovered(TODAY)] == [DECEMBER]


@pytest.mark.parametrize(("shift", "matched"), [(0, True), (7, True), (8, False), (-2, True), (-3, False)])
def test_an_infusion_given_a_little_off_its_day_is_the_one_planned(shift: int, *, matched: bool) -> None:
    on = date(2026, 11, 10)
    entry = given(date.fromordinal(on.toordinal() + shift))
    kinds = {line.kind for line in ledger_of(a_case([planned(on)], were_given=[entry])).lines}
    assert (LineKind.PLANNED not in kinds) == matched


def test_what_was_given_the_day_before_does_not_stand_for_a_day_that_may_still_come_onto_the_record() -> None:
    """Two days in a row were booked; the first is on record and off the calendar, the entry of the second is late."""
    first, second, third = date(2026, 11, 9), date(2026, 11, 10), date(2026, 12, 1)
    case = a_case(
        [planned(second), planned(third)], [grant(first, date(2026, 12, 31), 280)], were_given=[given(first)]
    )

    for waited, covered in ((1, False), (14, False), (15, True)):
        ledger = ledger_of(case, as_of=second + timedelta(days=waited))
        assert (third, "A1" if covered else Obstacle.UNITS) in coverage_by_day(ledger), waited
    late = case.model_copy(
        update={"chart": case.chart.model_copy(update={"infusions": (given(first), given(second))})}
    )
    assert (third, Obstacle.UNITS) in coverage_by_day(ledger_of(late, as_of=second + timedelta(days=15)))


def test_taking_an_entry_back_gives_its_units_back() -> None:
    grants = [grant(date(2026, 11, 1), DECEMBER, 500)]
    entries = [given(date(2026, 11, 3)), given(date(2026, 11, 10))]
    before = ledger_of(a_case((), grants, were_given=entries)).uses[0].units_left
    after = ledger_of(a_case((), grants, were_given=entries[:1])).uses[0].units_left
    assert (before, after) == (220, 360)


def test_without_any_authorization_every_infusion_says_so() -> None:
    ledger = ledger_of(a_case(every(21, DECEMBER, 2)))
    assert coverage_by_day(ledger) == [
        (DECEMBER, Obstacle.NO_AUTHORIZATION),
        (date(2026, 12, 22), Obstacle.NO_AUTHORIZATION),
    ]
    assert ledger.covered_until(TODAY) is None


def test_a_course_is_projected_past_the_end_of_its_authorization() -> None:
    case = a_case([planned(DECEMBER)], [grant(DECEMBER, date(2027, 1, 31), 5000)], every_days=28)
    lines = ledger_of(case).lines
    assert [(line.on, line.kind, line.covered) for line in lines] == [
        (date(2026, 12, 1), LineKind.PLANNED, True),
        (date(2026, 12, 29), LineKind.PROJECTED, True),
        (date(2027, 1, 26), LineKind.PROJECTED, True),
        (date(2027, 2, 23), LineKind.PROJECTED, False),
    ]


def test_a_course_known_only_from_its_infusion_record_is_projected_too() -> None:
    case = a_case(
        (), [grant(date(2026, 11, 1), DECEMBER, 500)], were_given=[given(date(2026, 11, 10))], every_days=21
    )
    assert [line.on for line in ledger_of(case).uncovered(TODAY)] == [date(2026, 12, 22)]
