"""The ledger of a course: which authorization covers which infusion day, or why none does.

Nothing is carried forward: the ledger is worked out anew from the entries every time, so a correction or a
reversal is an entry changed or taken away.

Days take their units in order of date. Of the authorizations that could cover a day, the one that ends first is
used, so that what would be lost soonest goes first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from priorauth.course_days import InfusionDay, course_days
from priorauth.ledger_lines import AuthorizationUse, CourseLedger, LedgerLine
from schemas.case import Case, Coverage
from schemas.product import Product
from schemas.renewal import LineKind, Obstacle
from schemas.treatment import Authorization


WEIGHT_CHANGE_PERCENT = Decimal(10)
"""A larger change of weight means a new dose and a request to modify (common practice)."""

DatedWeight = tuple[date, Decimal]


@dataclass(slots=True)
class _Account:
    grant: Authorization
    units_left: int | None
    visits_left: int | None
    used: dict[LineKind, int] = field(default_factory=dict)
    visits: dict[LineKind, int] = field(default_factory=dict)

    def take(self, kind: LineKind, units: int) -> None:
        self.used[kind] = self.used.get(kind, 0) + units
        self.visits[kind] = self.visits.get(kind, 0) + 1
        if self.units_left is not None:
            self.units_left -= units
        if self.visits_left is not None:
            self.visits_left -= 1


class _Asked(NamedTuple):
    """What one day needs cover for; its weight is not asked once it was given."""

    day: InfusionDay
    coverage: Coverage | None
    weight: Decimal | None
    weight_change_percent: Decimal


class _Cover(NamedTuple):
    authorization: str | None = None
    charged: int = 0
    obstacle: Obstacle | None = None
    words: str | None = None


def course_ledger(
    case: Case,
    products: Mapping[str, Product],
    *,
    as_of: date = date.max,
    dosing_weights: Sequence[DatedWeight] = (),
    weight_change_percent: Decimal = WEIGHT_CHANGE_PERCENT,
) -> CourseLedger:
    """Work out the ledger of a case as known on ``as_of``, by which the last infusions may not yet be on record.

    ``dosing_weights`` are those the dose would be computed from on their dates, by the policy's own rule; they
    are compared with the weight behind each authorization.
    """
    accounts = [_Account(grant, grant.units, grant.visits) for grant in case.course.authorizations]
    accounts.sort(key=lambda account: (account.grant.ends, account.grant.starts, account.grant.number))
    weights = sorted(dosing_weights)
    lines: list[LedgerLine] = []
    for day in course_days(case, products, as_of=as_of):
        weight = None if day.kind is LineKind.GIVEN else _weight_on(day.on, weights)
        asked = _Asked(day, case.coverage, weight, weight_change_percent)
        lines.append(_line(day, _cover(asked, accounts)))
    return CourseLedger(
        case_id=case.case_id,
        lines=tuple(lines),
        uses=tuple(_use(account) for account in accounts),
    )


def _line(day: InfusionDay, cover: _Cover) -> LedgerLine:
    return LedgerLine(
        on=day.on,
        kind=day.kind,
        product=day.product,
        dose_grams=day.dose_grams,
        day=day.day,
        days=day.days,
        units=day.units,
        authorization=cover.authorization,
        charged=cover.charged,
        obstacle=cover.obstacle,
        words=cover.words,
    )


def _cover(asked: _Asked, accounts: list[_Account]) -> _Cover:
    """Take one day's units from the first authorization that stands up to every check, or say why none does."""
    day = asked.day
    if day.kind in _NOT_TO_BE_GIVEN:
        return _Cover(words=day.not_given_because)
    if not accounts:
        return _Cover(obstacle=Obstacle.NO_AUTHORIZATION, words="no authorization is on file")
    checks = _CHECKS
    if day.kind is LineKind.GIVEN:
        checks, accounts = _CHECKS_OF_A_DAY_GIVEN, _billed_to(asked, accounts)
    for account in accounts:
        # Most authorizations of a long course are over, so their dates are looked at before anything else.
        in_force = account.grant.starts <= day.on <= account.grant.ends
        if in_force and _first_failure(checks, asked, account) is None:
            account.take(day.kind, day.units or 0)
            return _Cover(account.grant.number, charged=day.units or 0)
    failures = [
        (*failure, account) for account in accounts if (failure := _first_failure(checks, asked, account))
    ]
    # The first of several that came equally close, which is the one that ends first.
    place, words, closest = max(failures, key=lambda failure: failure[0])
    obstacle = checks[place][0]
    if obstacle is Obstacle.DATE:
        # Of those whose dates do not fit, the newest is the one that people have in mind.
        words = next(words for where, words, _ in reversed(failures) if where == place)
    if day.kind is LineKind.GIVEN and day.units is not None and obstacle in _OF_QUANTITY:
        return _charge_what_is_left(closest, day.units, obstacle=obstacle, words=words)
    return _Cover(obstacle=obstacle, words=words)


def _billed_to(asked: _Asked, accounts: list[_Account]) -> list[_Account]:
    """Order the authorizations by where the claim for a day that was given went.

    Where it names none, those of today's plan and site come first: to charge them wrongly means a renewal too early,
    to charge another means a lapse.
    """
    claimed = asked.day.claimed
    named = [account for account in accounts if account.grant.number == claimed] if claimed else []
    if named:
        return named
    in_force = sum(account.grant.starts <= asked.day.on <= account.grant.ends for account in accounts)
    return accounts if in_force < 2 else sorted(accounts, key=lambda account: not _of_today(asked, account))


def _of_today(asked: _Asked, account: _Account) -> bool:
    return _why_not_plan(asked, account) is None and _why_not_site(asked, account) is None


def _first_failure(checks: Sequence[_Check], asked: _Asked, account: _Account) -> tuple[int, str] | None:
    for place, (_, why_not) in enumerate(checks):
        words = why_not(asked, account)
        if words is not None:
            return place, words
    return None


def _charge_what_is_left(account: _Account, units: int, *, obstacle: Obstacle, words: str) -> _Cover:
    """Let an infusion that was given although the units did not suffice use up what there was.

    The claim has been sent and the plan counts what it pays; to leave those units standing would promise them
    to a later infusion.
    """
    limits = (units, account.units_left, account.grant.units_per_visit)
    charged = min(limit for limit in limits if limit is not None)
    account.take(LineKind.GIVEN, charged)
    return _Cover(account.grant.number, charged=charged, obstacle=obstacle, words=words)


def _why_not_plan(asked: _Asked, account: _Account) -> str | None:
    """An unknown plan is not taken for the same plan."""
    coverage, on = asked.coverage, asked.day.on
    if coverage is None or coverage.payer is None:
        return "the plan that is to pay is not known"
    if coverage.active is False:
        return f"the plan was not active when verified on {coverage.verified_on or 'an unknown day'}"
    if coverage.starts and on < coverage.starts:
        return f"the plan starts on {coverage.starts}"
    if coverage.ends and on > coverage.ends:
        return f"the plan ends on {coverage.ends}"
    if account.grant.payer != coverage.payer:
        return f"the authorization is from {account.grant.payer}, the plan is now {coverage.payer}"
    return None


def _why_not_product(asked: _Asked, account: _Account) -> str | None:
    day, grant = asked.day, account.grant
    if day.hcpcs is None:
        return f"the billing code of {day.product} on {day.on} is not known"
    if grant.hcpcs == day.hcpcs and grant.product in (None, day.product):
        return None
    granted = f"{grant.hcpcs} {grant.product or ''}".strip()
    return f"{granted} is authorized, {day.hcpcs} {day.product} is planned"


def _why_not_site(asked: _Asked, account: _Account) -> str | None:
    site, allowed = asked.day.site, account.grant.sites
    if not allowed or site in allowed:
        return None
    planned = site.value if site else "a site not stated"
    return f"authorized for {', '.join(one.value for one in allowed)}, planned at {planned}"


def _why_not_date(asked: _Asked, account: _Account) -> str | None:
    if asked.day.on > account.grant.ends:
        return f"the authorization ends on {account.grant.ends}"
    if asked.day.on < account.grant.starts:
        return f"the authorization starts only on {account.grant.starts}"
    return None


def _why_not_weight(asked: _Asked, account: _Account) -> str | None:
    approved, most_percent = account.grant.dosing_weight_kg, asked.weight_change_percent
    if (
        asked.weight is None
        or approved is None
        or abs(asked.weight - approved) * 100 <= most_percent * approved
    ):
        return None
    return f"the dosing weight has changed by more than {most_percent} % since the approval"


def _why_not_units_per_visit(asked: _Asked, account: _Account) -> str | None:
    limit = account.grant.units_per_visit
    return None if _within(asked, limit) else f"{limit} units a visit are authorized, {_needed(asked)}"


def _why_not_visits(_: _Asked, account: _Account) -> str | None:
    if account.visits_left is None or account.visits_left > 0:
        return None
    return f"all {account.grant.visits} visits are used or planned"


def _why_not_units(asked: _Asked, account: _Account) -> str | None:
    left = account.units_left
    return (
        None if _within(asked, left) else f"{left} of {account.grant.units} units are left, {_needed(asked)}"
    )


def _within(asked: _Asked, limit: int | None) -> bool:
    return limit is None or (asked.day.units is not None and asked.day.units <= limit)


def _needed(asked: _Asked) -> str:
    return "the unit size is not known" if asked.day.units is None else f"{asked.day.units} are needed"


_Check = tuple[Obstacle, Callable[[_Asked, _Account], str | None]]
"""A check answers None where the authorization stands up to it, else why it does not."""

_CHECKS: tuple[_Check, ...] = (
    (Obstacle.PLAN, _why_not_plan),
    (Obstacle.PRODUCT, _why_not_product),
    (Obstacle.SITE, _why_not_site),
    (Obstacle.DATE, _why_not_date),
    (Obstacle.WEIGHT, _why_not_weight),
    (Obstacle.UNITS_PER_VISIT, _why_not_units_per_visit),
    (Obstacle.VISITS, _why_not_visits),
    (Obstacle.UNITS, _why_not_units),
)
_NOT_TO_BE_GIVEN = (LineKind.HELD, LineKind.MISSED, LineKind.ENDED)
# For a day that was given, plan, site and weight are history and are not asked.
_HISTORY = (Obstacle.PLAN, Obstacle.SITE, Obstacle.WEIGHT)
_CHECKS_OF_A_DAY_GIVEN = tuple(check for check in _CHECKS if check[0] not in _HISTORY)
_OF_QUANTITY = (Obstacle.UNITS_PER_VISIT, Obstacle.UNITS)


def _weight_on(day: date, weights: Sequence[DatedWeight]) -> Decimal | None:
    before = bisect_right(weights, day, key=lambda weight: weight[0])
    return weights[before - 1][1] if before else None


def _use(account: _Account) -> AuthorizationUse:
    return AuthorizationUse(
        number=account.grant.number,
        starts=account.grant.starts,
        ends=account.grant.ends,
        units=account.grant.units,
        units_used=account.used.get(LineKind.GIVEN, 0),
        units_planned=account.used.get(LineKind.PLANNED, 0),
        visits=account.grant.visits,
        visits_used=account.visits.get(LineKind.GIVEN, 0),
        visits_planned=account.visits.get(LineKind.PLANNED, 0),
    )
