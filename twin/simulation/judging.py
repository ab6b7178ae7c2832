"""Judges the infusions that no payer pays for: was each one announced in time, or did it lapse in silence?

Two things are noted about a course whenever its record changes or is looked at:

* what is **wanting**: the earliest infusion, on the calendar or to follow at its interval, that the payer's own account
  would not pay for as things are on record. The account shares no code with the ledger it judges.
* what is **announced**: the earliest infusion that an open task means, read from the tasks themselves.

An infusion is *known to be wanting* since the beginning of the unbroken time over which what was wanting lay on or
before its day, and *announced* since the beginning of the unbroken time over which what was announced did. It was
announced in time if that is

* at least 14 days before it, or
* on the day on which it was known to be wanting; by the next run of the scheduler under a habit that waits for that.

Everything else is a silent lapse, one without any task at all included. No infusion is excused because its lack could
not be known: a task must stand for it on its day. A task to verify coverage stands for an infusion only where the plan
has changed and nobody has told the practice; such an infusion counts as wanting as soon as it is on the calendar of a
year for which nobody has verified coverage.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from priorauth.course_days import code_on, units_of
from schemas.renewal import TaskKind
from schemas.treatment import PlannedInfusion
from twin.simulation.requests import Account


if TYPE_CHECKING:
    from twin.simulation.patients import SimulatedPatient
    from twin.simulation.practice import Practice

IN_TIME = timedelta(days=14)
STANDS_FOR_COVER = frozenset(
    (
        TaskKind.RENEWAL.value,
        TaskKind.AUTHORIZATION.value,
        TaskKind.CORRECTION.value,
        TaskKind.PLAN_CHANGE.value,
    )
)


class Cause(StrEnum):
    """What changed a record, and so what may have made an infusion want cover."""

    ADMITTED = "admitted"
    GRANTED = "granted"
    PLAN = "plan changed"
    ORDER = "order changed"
    DOSE = "dose changed"
    RECORDED = "infusion recorded"
    MOVED = "infusion moved"
    UNITS = "units corrected"
    ENDED = "ended"
    UNVERIFIED = "coverage not verified"


class Verdict(StrEnum):
    """Whether an infusion without cover was announced in time."""

    EARLY = "14 days before"
    AT_ONCE = "at once"
    LATE = "late"
    NO_TASK = "no task"


SILENT = (Verdict.LATE, Verdict.NO_TASK)


@dataclass(slots=True)
class Earliest:
    """The earliest infusion that something is true of, as it changed over time; ``date.max`` for none."""

    steps: list[tuple[date, date, Cause | None]] = field(default_factory=list)

    def note(self, day: date, infusion: date, cause: Cause | None = None) -> None:
        if infusion == date.max:
            self.steps.clear()
        elif not self.steps or self.steps[-1][1] != infusion:
            self.steps.append((day, infusion, cause))

    def since(self, last: date) -> tuple[date, Cause | None] | None:
        """Return since when, without a break, it has been true of an infusion on or before a day, and the cause."""
        found: tuple[date, Cause | None] | None = None
        for day, infusion, cause in reversed(self.steps):
            if infusion > last:
                break
            found = day, cause
        return found


@dataclass(slots=True)
class Foresight:
    """What was known and announced of one course. ``unverified`` and ``checks`` matter for plans nobody told of."""

    wanting: Earliest = field(default_factory=Earliest)
    unverified: Earliest = field(default_factory=Earliest)
    announced: Earliest = field(default_factory=Earliest)
    checks: Earliest = field(default_factory=Earliest)

    def note_record(self, practice: Practice, patient: SimulatedPatient, day: date, cause: Cause) -> None:
        infusions = _ahead(patient, day)
        self.wanting.note(day, _first_unpaid(practice, patient, infusions), cause)
        self.unverified.note(day, _first_unverified(patient, infusions), Cause.UNVERIFIED)

    def note_tasks(self, patient: SimulatedPatient, day: date) -> None:
        meant = [
            (task.kind, patient.stakes.get(task.kind, date.min))
            for task in patient.tasks.values()
            if task.kind in STANDS_FOR_COVER or task.kind == TaskKind.VERIFY_COVERAGE.value
        ]
        cover = [infusion for kind, infusion in meant if kind in STANDS_FOR_COVER]
        self.announced.note(day, min(cover, default=date.max))
        self.checks.note(day, min((infusion for _, infusion in meant), default=date.max))


def judge(practice: Practice, patient: SimulatedPatient, planned: PlannedInfusion) -> None:
    """Enter the verdict on an infusion that is put off for want of cover."""
    known_since, announced_since, cause = _known_and_announced(patient, planned)
    verdict = verdict_on(planned.on, practice.seen_by(known_since), announced_since)
    practice.tally.verdicts[verdict.value] += 1
    if verdict is Verdict.AT_ONCE:
        practice.tally.surprises[cause.value] += 1
    if verdict in SILENT:
        practice.tally.silent += 1
        words = f"{verdict.value}, wanting since {known_since} ({cause.value}), announced {announced_since}"
        practice.tally.silent_examples.append((practice.seed, patient.number, planned.on, words))


def _known_and_announced(
    patient: SimulatedPatient, planned: PlannedInfusion
) -> tuple[date, date | None, Cause]:
    # A dose over several days is put off as a whole, even where its last day alone has no cover.
    last = planned.on + timedelta(days=planned.over_days - 1)
    coverage, seen = patient.case.coverage, patient.foresight
    hidden = coverage is not None and coverage.payer != patient.plan
    known = (seen.unverified if hidden else seen.wanting).since(last)
    announced = (seen.checks if hidden else seen.announced).since(last)
    since, cause = known or (planned.on, None)
    return since, announced[0] if announced else None, cause or Cause.RECORDED


def verdict_on(on: date, seen_by: date, announced: date | None) -> Verdict:
    """Judge an infusion by when its want of cover was to be seen at the latest, and since when it was announced."""
    if announced is None:
        return Verdict.NO_TASK
    if announced <= on - IN_TIME:
        return Verdict.EARLY
    return Verdict.AT_ONCE if announced <= seen_by else Verdict.LATE


def _ahead(patient: SimulatedPatient, day: date) -> list[PlannedInfusion]:
    """List what is still to be given: the calendar, then on at the interval until every authorization has ended."""
    if patient.ended:
        return []
    ahead = [
        one
        for one in patient.planned
        if one.on >= day
        # Whoever did not come today has no infusion ahead until somebody gives another day.
        and not one.on == day == patient.visited_on
        and one.held is None
        and one.on not in patient.not_entered
    ]
    if patient.planned:
        following = patient.planned[-1]
        ends = max((one.grant.ends for one in patient.account.granted), default=day)
        while following.on <= ends:
            following = following.model_copy(
                update={"on": following.on + timedelta(days=patient.interval), "held": None}
            )
            if following.on >= day:
                ahead.append(following)
    return ahead


def _first_unpaid(practice: Practice, patient: SimulatedPatient, infusions: list[PlannedInfusion]) -> date:
    """Return the first day that the plan on record would not pay for; ``date.max`` where there is none."""
    account = Account([replace(one) for one in patient.account.granted])
    plan = patient.case.coverage.payer if patient.case.coverage else None
    for planned in infusions:
        code = code_on(practice.products, planned.product, planned.on)
        units = units_of(planned.grams, code)
        for on, share in shares(planned, units or 0):
            paying = account.paying(
                on,
                plan=plan or "",
                hcpcs=code.code if code else "",
                units=share,
                site=planned.site_of_care or patient.site,
            )
            if paying is None:
                return on
            paying.charge(share, visits=1)
    return date.max


def _first_unverified(patient: SimulatedPatient, infusions: list[PlannedInfusion]) -> date:
    coverage = patient.case.coverage
    verified = coverage.verified_on if coverage else None
    return min(
        (one.on for one in infusions if verified is None or verified < date(one.on.year, 1, 1)),
        default=date.max,
    )


def shares(planned: PlannedInfusion, units: int) -> list[tuple[date, int]]:
    """Spread the units of a dose over its days, the first ones taking what does not divide."""
    each, rest = divmod(units, planned.over_days)
    return [
        (planned.on + timedelta(days=number), each + (number < rest)) for number in range(planned.over_days)
    ]
