"""What holds for every course, whatever is entered, corrected and taken back, and in whatever order."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, precondition, rule

from priorauth.knowledge import load_knowledge
from priorauth.ledger import course_ledger
from priorauth.ledger_lines import CourseLedger
from priorauth.renewal_tasks import silent_lapses, sweep_decisions
from priorauth.renewals import plan_renewal
from priorauth.store.records import RenewalException
from schemas.case import Case
from schemas.chart import GivenInfusion
from schemas.renewal import ActionKind, LineKind
from schemas.treatment import Authorization, PlannedInfusion
from tests.renewals import courses
from tests.renewals.random_courses import random_course


START = date(2026, 11, 23)
KNOWLEDGE = load_knowledge(Path(__file__).parents[2] / "knowledge")
NOT_TO_BE_GIVEN = (LineKind.HELD, LineKind.MISSED, LineKind.ENDED)
ON_THE_CALENDAR = (LineKind.PLANNED, *NOT_TO_BE_GIVEN)


def check_accounts(case: Case, ledger: CourseLedger) -> None:
    """Used and left make up what was granted, and every unit used or planned belongs to a line."""
    for authorization in case.course.authorizations:
        use = next(use for use in ledger.uses if use.number == authorization.number)
        lines = [line for line in ledger.lines if line.authorization == use.number]
        assert use.units_used == sum(line.charged for line in lines if line.kind is LineKind.GIVEN)
        assert use.units_planned == sum(line.charged for line in lines if line.kind is LineKind.PLANNED)
        if authorization.units is not None:
            assert use.units_left is not None
            assert use.units_used + use.units_left == authorization.units
            assert use.units_planned <= use.units_left
        if authorization.visits is not None:
            assert use.visits_used + use.visits_planned <= authorization.visits
        assert all(use.starts <= line.on <= use.ends for line in lines)


def check_nothing_is_lost(case: Case, ledger: CourseLedger) -> None:
    """Every planned day is in the ledger, unless an infusion was given on it or close to it."""
    planned = [
        infusion.on + timedelta(days=day)
        for infusion in case.course.planned
        for day in range(infusion.over_days)
    ]
    shown = [line.on for line in ledger.lines if line.kind in ON_THE_CALENDAR]
    given_days = {(entry.on, entry.product) for entry in case.chart.infusions}
    assert len([line for line in ledger.lines if line.kind is LineKind.GIVEN]) == len(given_days)
    assert len(planned) - len(given_days) <= len(shown) <= len(planned)
    for on in planned:
        if not any(-2 <= (entry - on).days <= 7 for entry, _ in given_days):
            assert on in shown


def check_every_line_is_explained(ledger: CourseLedger) -> None:
    for line in ledger.lines:
        if line.kind in NOT_TO_BE_GIVEN:
            assert line.charged == 0
        else:
            assert line.covered or (line.obstacle is not None and line.words)


@given(st.integers(0, 10**9))
def test_accounts_balance_and_nothing_is_lost(seed: int) -> None:
    case, weights = random_course(seed)
    ledger = course_ledger(case, courses.PRODUCTS, dosing_weights=weights)
    check_accounts(case, ledger)
    check_nothing_is_lost(case, ledger)
    check_every_line_is_explained(ledger)


@given(st.integers(0, 10**9))
def test_the_order_in_which_authorizations_were_entered_decides_nothing(seed: int) -> None:
    case, weights = random_course(seed)
    entered = list(case.course.authorizations)
    Random(seed).shuffle(entered)  # noqa: S311 - a test, not a secret
    other = case.model_copy(
        update={"course": case.course.model_copy(update={"authorizations": tuple(entered)})}
    )
    assert course_ledger(other, courses.PRODUCTS, dosing_weights=weights) == course_ledger(
        case, courses.PRODUCTS, dosing_weights=weights
    )


@given(st.integers(0, 10**9), st.dates(min_value=date(2026, 7, 1), max_value=date(2027, 6, 30)))
def test_covered_until_lies_before_the_first_uncovered_infusion(seed: int, today: date) -> None:
    case, weights = random_course(seed)
    ledger = course_ledger(case, courses.PRODUCTS, dosing_weights=weights)
    first, until = ledger.first_uncovered(today), ledger.covered_until(today)
    assert first is None or (first.on >= today and first.needs_cover and not first.covered)
    assert first is None or until is None or until < first.on


days = st.integers(0, 200).map(lambda offset: START + timedelta(days=offset))
grams = st.sampled_from(["35", "59", "70.25", "144"])


class CourseLife(RuleBasedStateMachine):
    """Any order of events: planned, given, held, missed, authorized, corrected, reversed, weighed, ended, swept."""

    planned: Bundle[PlannedInfusion] = Bundle("planned")
    given: Bundle[GivenInfusion] = Bundle("given")
    grants: Bundle[Authorization] = Bundle("grants")

    def __init__(self) -> None:
        super().__init__()
        self.infusions: list[PlannedInfusion] = []
        self.entries: list[GivenInfusion] = []
        self.authorizations: list[Authorization] = []
        self.weights: list[tuple[date, Decimal]] = []
        self.discontinued_on: date | None = None
        self.tasks: dict[str, RenewalException] = {}
        self.granted = 0

    def case(self) -> Case:
        return courses.a_case(
            self.infusions,
            self.authorizations,
            were_given=self.entries,
            facts=[courses.fact("weight", kilograms, on, "kg") for on, kilograms in self.weights],
            discontinued_on=self.discontinued_on,
        )

    @rule(target=planned, on=days, grams=grams, over_days=st.integers(1, 4))
    def plan(self, on: date, grams: str, over_days: int) -> PlannedInfusion:
        infusion = courses.planned(on, grams, over_days=over_days)
        self.infusions.append(infusion)
        return infusion

    @rule(target=planned, infusion=consumes(planned))
    def hold_or_release(self, infusion: PlannedInfusion) -> PlannedInfusion:
        changed = infusion.model_copy(update={"held": None if infusion.held else "infection", "missed": None})
        self.infusions[self.infusions.index(infusion)] = changed
        return changed

    @rule(target=planned, infusion=consumes(planned))
    def miss(self, infusion: PlannedInfusion) -> PlannedInfusion:
        changed = infusion.model_copy(update={"held": None, "missed": "the patient had influenza"})
        self.infusions[self.infusions.index(infusion)] = changed
        return changed

    @rule(
        target=given,
        infusion=planned,
        shift=st.integers(-3, 9),
        units=st.none() | st.integers(1, 400),
        claimed=st.none() | st.integers(0, 3),
    )
    def give(
        self, infusion: PlannedInfusion, shift: int, units: int | None, claimed: int | None
    ) -> GivenInfusion:
        number = None if claimed is None else f"A{claimed}"
        entry = courses.given(
            infusion.on + timedelta(days=shift), str(infusion.grams), units=units, authorization=number
        )
        self.entries.append(entry)
        return entry

    @rule(target=given, entry=consumes(given), units=st.integers(1, 400))
    def correct(self, entry: GivenInfusion, units: int) -> GivenInfusion:
        corrected = entry.model_copy(update={"units": units})
        self.entries[self.entries.index(entry)] = corrected
        return corrected

    @rule(entry=consumes(given))
    def reverse(self, entry: GivenInfusion) -> None:
        self.entries.remove(entry)

    @rule(
        starts=days,
        length=st.integers(0, 180),
        units=st.integers(1, 2000),
        visits=st.none() | st.integers(1, 9),
        kilograms=st.none() | st.integers(60, 100),
    )
    def authorize(
        self, starts: date, length: int, units: int, visits: int | None, kilograms: int | None
    ) -> None:
        more = {"number": f"A{self.granted}", "visits": visits, "dosing_weight_kg": kilograms}
        self.granted += 1
        self.authorizations.append(courses.grant(starts, starts + timedelta(days=length), units, **more))

    @precondition(lambda self: self.authorizations)
    @rule(place=st.integers(0, 9), units=st.integers(1, 2000), payer=st.sampled_from(["aetna", "cigna"]))
    def correct_authorization(self, place: int, units: int, payer: str) -> None:
        place %= len(self.authorizations)
        corrected = self.authorizations[place].model_copy(update={"units": units, "payer": payer})
        self.authorizations[place] = corrected

    @precondition(lambda self: self.authorizations)
    @rule(place=st.integers(0, 9))
    def void_authorization(self, place: int) -> None:
        del self.authorizations[place % len(self.authorizations)]

    @rule(on=st.none() | days)
    def discontinue_or_resume(self, on: date | None) -> None:
        self.discontinued_on = on

    @rule(infusion=consumes(planned))
    def cancel(self, infusion: PlannedInfusion) -> None:
        self.infusions.remove(infusion)

    @rule(on=days, kilograms=st.integers(60, 100))
    def weigh(self, on: date, kilograms: int) -> None:
        self.weights.append((on, Decimal(kilograms)))

    @rule(today=days)
    def sweep(self, today: date) -> None:
        """What no authorization covers is in the plan, a task stands for it in time, and a second sweep finds nothing."""
        plan = plan_renewal(self.case(), KNOWLEDGE, as_of=today)
        for action in sweep_decisions(plan, self.tasks.values()) if plan else ():
            if action.action is ActionKind.CLOSE:
                del self.tasks[action.key]
            else:
                self.tasks[action.key] = RenewalException(
                    key=action.key,
                    case_id=action.case_id,
                    kind=action.kind,
                    owner=action.owner,
                    raised_on=today,
                    due=action.due,
                    level=action.level,
                    detail=action.detail,
                )
        if plan is not None:
            known = [one for one in self.weights if one[0] <= today]
            ledger = course_ledger(self.case(), courses.PRODUCTS, as_of=today, dosing_weights=known)
            ahead = ledger.uncovered(today)
            assert plan.uncovered == tuple(line.on for line in ahead if line.kind is LineKind.PLANNED)
            assert all(any(need.infusion <= on for need in plan.needs) for on in plan.uncovered)
            assert silent_lapses(plan, self.tasks.values()) == ()
            assert sweep_decisions(plan, self.tasks.values()) == ()

    @invariant()
    def the_ledger_holds(self) -> None:
        case = self.case()
        ledger = course_ledger(case, courses.PRODUCTS, dosing_weights=self.weights)
        check_accounts(case, ledger)
        check_nothing_is_lost(case, ledger)
        check_every_line_is_explained(ledger)


TestCourseLife = CourseLife.TestCase
TestCourseLife.settings = settings(
    max_examples=min(60, settings.default.max_examples), stateful_step_count=25
)
