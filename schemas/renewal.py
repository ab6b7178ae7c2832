"""Renewal of a course: which authorization covers which infusion, when to renew, what is still to collect.

A plan names no person, no member and no authorization number, so it may be shown wherever a case id may. The
ledger does name authorizations.
"""

from __future__ import annotations

from datetime import date
from enum import IntEnum, StrEnum

from pydantic import Field, NonNegativeInt, PositiveInt

from schemas.base import (
    CaseId,
    FactKey,
    Grams,
    GramsPerKilogram,
    Kilograms,
    Line,
    Model,
    Text,
    Urgency,
)


class LineKind(StrEnum):
    """What an infusion day in the ledger is."""

    GIVEN = "given"
    PLANNED = "planned"
    PROJECTED = "projected"
    """Not on the calendar yet: the course goes on at its interval after the last infusion planned."""
    HELD = "held"
    MISSED = "missed"
    ENDED = "ended"
    """Planned for a day after the course was discontinued or the patient died."""


class Obstacle(StrEnum):
    """Why no authorization covers an infusion day, in the order in which it is asked.

    Of several authorizations the one that fails latest came closest, and its obstacle is the reason given.
    """

    NO_AUTHORIZATION = "no_authorization"
    PLAN = "plan"
    PRODUCT = "product"
    SITE = "site"
    DATE = "date"
    WEIGHT = "weight"
    UNITS_PER_VISIT = "units_per_visit"
    VISITS = "visits"
    UNITS = "units"


class UnitSlip(Model):
    """Billing units that are not what the grams come to, as 120 units entered for 59 g."""

    where: Line
    grams: Grams = Field(description="of one dose")
    units: PositiveInt
    expected: PositiveInt


class DoseDrift(Model):
    """A planned dose that is not what the order comes to at the newest weight."""

    infusion: date
    grams: Grams = Field(description="planned")
    grams_per_kg: GramsPerKilogram
    kilograms: Kilograms = Field(description="the weight that the policy doses on")
    weighed_on: date
    expected: Grams


class GrantPart(StrEnum):
    """What of an authorization can differ from the request."""

    CODE = "code"
    PRODUCT = "product"
    STARTS = "starts"
    ENDS = "ends"
    SITE = "site"
    UNITS = "units"
    VISITS = "visits"
    UNITS_PER_VISIT = "units_per_visit"


class GrantDifference(Model):
    """One respect in which less, or something else, was granted than asked for."""

    part: GrantPart
    asked: Line
    granted: Line


class Allowances(Model):
    """The time a practice allows itself around the payer's own."""

    rework_business_days: int = Field(5, ge=0, le=60, description="to answer one request for information")
    buffer_business_days: int = Field(10, ge=10, le=60, description="between the decision and the infusion")
    window_business_days: int = Field(10, ge=1, le=60, description="over which submissions are spread")
    record_within_days: int = Field(3, ge=0, le=60, description="until a given infusion should be on record")


class Level(IntEnum):
    """How pressing a need is. The days count back from the infusion that is not covered."""

    NONE = 0
    REMIND = 1
    """60 days."""
    VISIT = 2
    """45 days: the visit with the outcome measures."""
    SUBMIT = 3
    """30 days, or the first day of the suggested window."""
    ESCALATE = 4
    """14 days, or the day to renew by has passed."""
    PEER_TO_PEER = 5
    """7 days: call the payer's medical director, ask for an expedited decision."""
    HOLD_DECISION = 6
    """The day itself: whether to hold the infusion."""


class Owner(StrEnum):
    """The role a task belongs to; roles, because people are absent."""

    COORDINATOR = "coordinator"
    SUPERVISOR = "supervisor"
    MEDICAL_DIRECTOR = "medical_director"


class TaskKind(StrEnum):
    """What has to be done."""

    RENEWAL = "renewal"
    AUTHORIZATION = "authorization"
    CORRECTION = "correction"
    PLAN_CHANGE = "plan_change"
    SCHEDULE = "schedule"
    RECORD_INFUSION = "record_infusion"
    UNIT_SLIP = "unit_slip"
    DOSE_DRIFT = "dose_drift"
    VERIFY_COVERAGE = "verify_coverage"


class Need(Model):
    """The first infusion that lacks cover for one kind of reason, and the time there is to get it."""

    kind: TaskKind
    infusion: date
    expected: bool = Field(False, description="not on the calendar; follows at the interval of the course")
    obstacle: Obstacle | None = Field(None, description="empty where the authorization just ends")
    words: Text
    renew_by: date
    window_starts: date
    window_ends: date
    submit_on: date = Field(
        description="the day of the window suggested for this case, or today once it is late"
    )
    decision_due: date | None = Field(None, description="set once the request has been submitted")
    urgency: Urgency
    level: Level
    next_level_on: date | None = None
    because: tuple[Text, ...]


class Evidence(Model):
    """Something that will be stale on the day of submission, and the last visit at which to get it."""

    key: FactKey
    what: Line
    ask: Text
    how: Text | None = None
    last: date | None = Field(None, description="newest entry on record; empty where there is none")
    fresh_for_days: PositiveInt
    collect_from: date = Field(description="taken earlier, it would be stale again on the day of submission")
    collect_by: date
    visit: date | None = Field(None, description="last infusion visit that still serves")


class Progress(Model):
    """How much of an authorization is gone."""

    done: NonNegativeInt
    of: PositiveInt


class CourseStatus(StrEnum):
    """Where a course on therapy stands between authorizations."""

    ACTIVE = "active"
    AUTHORIZATION_DUE = "authorization_due"
    RENEWAL_DUE = "renewal_due"
    RENEWAL_SUBMITTED = "renewal_submitted"
    LAPSED = "lapsed"
    HELD = "held"
    ENDED = "ended"


class RenewalPlan(Model):
    """When and how one course is renewed, as seen on one day."""

    case_id: CaseId
    as_of: date
    status: CourseStatus
    covered_until: date | None = None
    needs: tuple[Need, ...] = Field((), description="one for each kind, in order of the infusion")
    uncovered: tuple[date, ...] = Field((), description="every planned infusion day without cover")
    authorization_ends: date | None = Field(None, description="end of the authorization in use")
    units: Progress | None = None
    visits: Progress | None = None
    days: Progress | None = None
    to_collect: tuple[Evidence, ...] = ()
    unrecorded: tuple[date, ...] = ()
    unscheduled: bool = Field(False, description="the course goes on, but no infusion lies ahead")
    verify_coverage: date | None = Field(
        None, description="first infusion ahead in whose plan year coverage has not been verified"
    )
    slips: tuple[UnitSlip, ...] = ()
    drift: DoseDrift | None = None
    next_action_on: date | None = Field(None, description="when to look again if nothing is entered before")
    because: tuple[Text, ...] = ()

    @property
    def first(self) -> Need | None:
        """The need of the first infusion that is not covered."""
        return self.needs[0] if self.needs else None

    @property
    def level(self) -> Level:
        return max((need.level for need in self.needs), default=Level.NONE)


class CalendarRow(Model):
    """One course in the renewal calendar."""

    case_id: CaseId
    status: CourseStatus
    covered_until: date | None = None
    first_uncovered: date | None = None
    why: Text | None = None
    renew_by: date | None = None
    submit_on: date | None = None
    days_left: int | None = Field(None, description="to renew_by; below zero once it has passed")
    urgency: Urgency | None = None
    level: Level = Level.NONE
    units: Progress | None = None
    days: Progress | None = None
    to_collect: tuple[Line, ...] = ()
    folded: bool = Field(False, description="ended, shown on request only")


class ActionKind(StrEnum):
    """What a sweep does about one task."""

    OPEN = "open"
    UPDATE = "update"
    ESCALATE = "escalate"
    CLOSE = "close"


class SweepAction(Model):
    """One thing for a sweep to do. The same state gives the same actions under the same keys."""

    action: ActionKind
    key: Line
    case_id: CaseId
    kind: TaskKind
    owner: Owner
    level: Level
    due: date
    detail: Text
