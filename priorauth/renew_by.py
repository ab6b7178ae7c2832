"""The day to renew by: from the first infusion without cover back through everything that takes time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zlib import crc32

from priorauth.deadlines import (
    add_business_days,
    business_day_on_or_after,
    business_day_on_or_before,
    business_days,
    period_after,
    period_before,
)
from priorauth.ledger_lines import LedgerLine
from priorauth.payer_history import UsualTime
from schemas.base import CaseId, Urgency
from schemas.regulation import Period, TimeUnit
from schemas.renewal import Allowances, Level, LineKind, Need, Obstacle, TaskKind


ASSUMED_TIMEFRAME = Period(amount=15, unit=TimeUnit.CALENDAR_DAYS)
"""Where the plan's own is not known: the pre-service limit of 29 CFR 2560.503-1, the longest of the usual ones."""

_TASK = {
    Obstacle.NO_AUTHORIZATION: TaskKind.AUTHORIZATION,
    Obstacle.PLAN: TaskKind.PLAN_CHANGE,
    Obstacle.PRODUCT: TaskKind.CORRECTION,
    Obstacle.SITE: TaskKind.CORRECTION,
    Obstacle.WEIGHT: TaskKind.CORRECTION,
    Obstacle.UNITS_PER_VISIT: TaskKind.CORRECTION,
    Obstacle.DATE: TaskKind.RENEWAL,
    Obstacle.VISITS: TaskKind.RENEWAL,
    Obstacle.UNITS: TaskKind.RENEWAL,
}
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class PayerTime:
    """What time the payer's side takes, and where a request already sent stands."""

    within: Period | None = None
    usual: UsualTime | None = None
    """What the practice has seen of this payer; it outranks ``within`` in planning, never in law."""
    earliest_days: int | None = None
    """How long before the end of an authorization its renewal is accepted."""
    submitted_on: date | None = None


@dataclass(frozen=True, slots=True)
class Lack:
    """An infusion without cover, and why."""

    kind: TaskKind
    infusion: date
    words: str
    obstacle: Obstacle | None = None
    expected: bool = False
    authorization_ends: date | None = None


def lacks_of(lines: Sequence[LedgerLine], authorization_ends: Sequence[date]) -> tuple[Lack, ...]:
    """Return the first uncovered infusion for every kind of reason.

    The kinds are kept apart because a wrong site next week must not hide that everything ends next month.
    """
    firsts: dict[TaskKind, Lack] = {}
    latest = max(authorization_ends, default=date.max)
    for line in lines:
        for obstacle, words in _obstacles(line, latest):
            firsts.setdefault(
                _TASK[obstacle],
                Lack(
                    kind=_TASK[obstacle],
                    infusion=line.on,
                    words=words,
                    obstacle=obstacle,
                    expected=line.kind is LineKind.PROJECTED,
                    authorization_ends=max(
                        (ends for ends in authorization_ends if ends < line.on), default=None
                    ),
                ),
            )
    return tuple(sorted(firsts.values(), key=lambda lack: lack.infusion))


def _obstacles(line: LedgerLine, latest: date) -> Iterator[tuple[Obstacle, str]]:
    """Yield what keeps an infusion from being covered: what the ledger found first, and the end of everything beside it."""
    if line.obstacle is None:
        return
    yield line.obstacle, line.words or line.obstacle.value
    if _TASK[line.obstacle] is TaskKind.CORRECTION and line.on > latest:
        yield Obstacle.DATE, f"the last authorization ends on {latest}"


def need_for(lack: Lack, case_id: CaseId, *, as_of: date, payer: PayerTime, allowances: Allowances) -> Need:
    """Work out by when, in which window and how urgently to ask, with the reckoning step by step."""
    within = payer.within or ASSUMED_TIMEFRAME
    decision_by = add_business_days(lack.infusion, -allowances.buffer_business_days)
    submit_by = business_day_on_or_before(_asked_before(decision_by, payer, within))
    renew_by = add_business_days(submit_by, -allowances.rework_business_days)
    because = [
        f"{_infusion_words(lack)}: {lack.words}",
        f"decision needed by {day_words(decision_by)}, {allowances.buffer_business_days} business days before it",
        f"asked for by {day_words(submit_by)}: {_time_words(payer, within)}",
        f"{'renew' if lack.kind is TaskKind.RENEWAL else 'submit'} by {day_words(renew_by)}: {allowances.rework_business_days} business days kept for one request for information",
    ]
    earliest = _earliest(lack, payer)
    window_starts = add_business_days(renew_by, 1 - allowances.window_business_days)
    if earliest is not None and earliest > window_starts:
        window_starts = business_day_on_or_after(earliest)
        because.append(
            f"the plan accepts a renewal from {day_words(earliest)}, which outranks an earlier day"
        )
    window_ends = max(renew_by, window_starts)
    submit_on = payer.submitted_on or _suggested(case_id, window_starts, window_ends, as_of=as_of)
    decided_on = period_after(submit_on, within)
    late = decided_on >= lack.infusion or lack.infusion - as_of <= timedelta(days=7)
    if payer.submitted_on is not None:
        because.append(f"submitted on {day_words(submit_on)}, the plan has until {day_words(decided_on)}")
    elif as_of > window_ends:
        because.append(
            f"that day has passed: submit now{', expedited' if late else ''}; "
            f"a standard decision may come as late as {day_words(decided_on)}"
        )
    if payer.submitted_on is None:
        thresholds = _thresholds(lack, window_starts, window_ends, earliest=earliest)
    else:
        thresholds = _thresholds_once_submitted(lack.infusion, payer.submitted_on, decided_on)
    return Need(
        kind=lack.kind,
        infusion=lack.infusion,
        expected=lack.expected,
        obstacle=lack.obstacle,
        words=lack.words,
        renew_by=window_ends,
        window_starts=window_starts,
        window_ends=window_ends,
        submit_on=submit_on,
        decision_due=decided_on if payer.submitted_on else None,
        urgency=Urgency.EXPEDITED if late else Urgency.STANDARD,
        level=max((level for day, level in thresholds if day <= as_of), default=Level.NONE),
        next_level_on=min((day for day, _ in thresholds if day > as_of), default=None),
        because=tuple(because),
    )


def _asked_before(decision_by: date, payer: PayerTime, within: Period) -> date:
    if payer.usual is not None:
        return decision_by - timedelta(days=payer.usual.days)
    return period_before(decision_by, within)


def _time_words(payer: PayerTime, within: Period) -> str:
    if payer.usual is not None:
        usual = payer.usual
        return f"{usual.percent} % of its decisions came within {usual.days} days ({usual.requests} requests of this practice)"
    return f"the plan may take {period_words(within)}" + (
        "" if payer.within else " (assumed; its timeframe is not known)"
    )


def _earliest(lack: Lack, payer: PayerTime) -> date | None:
    """Return the day from which the plan accepts the renewal; more units or a correction may be asked any day."""
    if (
        lack.obstacle not in (Obstacle.DATE, None)
        or lack.authorization_ends is None
        or payer.earliest_days is None
    ):
        return None
    return lack.authorization_ends - timedelta(days=payer.earliest_days)


def _suggested(case_id: CaseId, starts: date, ends: date, *, as_of: date) -> date:
    """Spread cases over their windows by case id, so that a hundred renewals do not land on one Monday."""
    if as_of >= ends:
        return business_day_on_or_after(max(as_of, starts))
    days = business_days(starts, ends)
    chosen = days[crc32(case_id.encode()) % len(days)]
    return max(chosen, business_day_on_or_after(as_of))


def _thresholds(
    lack: Lack, window_starts: date, renew_by: date, *, earliest: date | None
) -> tuple[tuple[date, Level], ...]:
    """Return the days on which a need becomes more pressing; long decision times move the early ones forward."""
    infusion = lack.infusion
    submit = max(infusion - timedelta(days=30), earliest or date.min)
    escalate = infusion - timedelta(days=14)
    # A renewal can be seen coming, so a day to renew by that has passed was missed; a new need had none to miss.
    missed = renew_by + timedelta(days=1) if lack.kind is TaskKind.RENEWAL else escalate
    return (
        (min(infusion - timedelta(days=60), renew_by - timedelta(days=30)), Level.REMIND),
        (min(infusion - timedelta(days=45), renew_by - timedelta(days=15)), Level.VISIT),
        (min(submit, window_starts), Level.SUBMIT),
        (min(escalate, missed), Level.ESCALATE),
        (infusion - timedelta(days=7), Level.PEER_TO_PEER),
        (infusion, Level.HOLD_DECISION),
    )


def _thresholds_once_submitted(
    infusion: date, submitted_on: date, decision_due: date
) -> tuple[tuple[date, Level], ...]:
    return (
        (submitted_on, Level.REMIND),
        (min(infusion - timedelta(days=14), decision_due + timedelta(days=1)), Level.ESCALATE),
        (infusion - timedelta(days=7), Level.PEER_TO_PEER),
        (infusion, Level.HOLD_DECISION),
    )


def period_words(period: Period) -> str:
    unit = period.unit.value.replace("_", " ")
    return f"{period.amount} {unit if period.amount != 1 else unit.removesuffix('s')}"


def _infusion_words(lack: Lack) -> str:
    if lack.obstacle is None:
        return f"from {day_words(lack.infusion)} on nothing is authorized"
    expected = "expected" if lack.expected else "planned"
    return f"the infusion {expected} on {day_words(lack.infusion)} is the first without cover"


def day_words(day: date) -> str:
    """Write a day with its weekday."""
    return f"{_WEEKDAYS[day.weekday()]} {day}"
