"""The ledger of a course: which authorization covers which infusion day, or why none does.

Nothing is carried forward: the ledger is worked out anew from the entries every time, so a correction or a
reversal is an entry changed or taken away.

Days take their units in order of date. Of the authorizations that could cover a day, the one that ends first is
used, so that what would be lost soonest goes first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from priorauth.course_days import InfusionDay, course_days
from priorauth.unit_slips import unit_slips
from schemas.case import Case, Coverage
from schemas.product import Product
from schemas.renewal import AuthorizationUse, CourseLedger, LedgerLine, LineKind, Obstacle
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


def course_ledger(
    case: Case,
    products: Mapping[str, Product],
    *,
    dosing_weights: Sequence[DatedWeight] = (),
    weight_change_percent: Decimal = WEIGHT_CHANGE_PERCENT,
) -> CourseLedger:
    """Work out the ledger of a case.

    ``dosing_weights`` are those the dose would be computed from on their dates, by the policy's own rule; they
    are compared with the weight behind each authorization.
    """
    accounts = [_Account(grant, grant.units, grant.visits) for grant in case.course.authorizations]
    accounts.sort(key=lambda account: (account.grant.ends, account.grant.starts, account.grant.number))
    lines: list[LedgerLine] = []
    for day in course_days(case, products):
        weight = _weight_on(day.on, dosing_weights)
        checks = _checks(day, case.coverage, weight=weight, weight_change_percent=weight_change_percent)
        lines.append(_line(day, accounts, checks))
    return CourseLedger(
        case_id=case.case_id,
        lines=tuple(lines),
        uses=tuple(_use(account) for account in accounts),
        slips=unit_slips(case, products),
    )


def _line(day: InfusionDay, accounts: list[_Account], checks: Sequence[_Check]) -> LedgerLine:
    line = LedgerLine(
        on=day.on,
        kind=day.kind,
        product=day.product,
        dose_grams=day.dose_grams,
        day=day.day,
        days=day.days,
        units=day.units,
        words=day.held,
    )
    if day.kind in (LineKind.HELD, LineKind.ENDED):
        return line
    if not accounts:
        return line.model_copy(
            update={"obstacle": Obstacle.NO_AUTHORIZATION, "words": "no authorization is on file"}
        )
    failed: list[tuple[int, _Account]] = []
    for account in accounts:
        place = next((place for place, check in enumerate(checks) if not check.passes(account)), None)
        if place is None:
            account.take(day.kind, day.units or 0)
            return line.model_copy(update={"authorization": account.grant.number, "charged": day.units or 0})
        failed.append((place, account))
    place, closest = max(failed, key=lambda failure: failure[0])
    update: dict[str, object] = {"obstacle": checks[place].obstacle, "words": checks[place].words(closest)}
    if day.kind is LineKind.GIVEN:
        update |= _charge_what_is_left(
            day, [account for at, account in failed if at == place], checks[place].obstacle
        )
    return line.model_copy(update=update)


def _charge_what_is_left(day: InfusionDay, accounts: list[_Account], obstacle: Obstacle) -> dict[str, object]:
    """Let an infusion that was given although the units did not suffice use up what there was.

    The claim has been sent and the plan counts what it pays; to leave those units standing would promise them
    to a later infusion.
    """
    if obstacle not in (Obstacle.UNITS, Obstacle.UNITS_PER_VISIT) or day.units is None:
        return {}
    account = accounts[0]
    limits = (day.units, account.units_left, account.grant.units_per_visit)
    charged = min(limit for limit in limits if limit is not None)
    account.take(day.kind, charged)
    return {"authorization": account.grant.number, "charged": charged}


@dataclass(frozen=True, slots=True)
class _Check:
    obstacle: Obstacle
    passes: Callable[[_Account], bool]
    words: Callable[[_Account], str]


def _checks(
    day: InfusionDay, coverage: Coverage | None, *, weight: Decimal | None, weight_change_percent: Decimal
) -> tuple[_Check, ...]:
    """Return what an authorization must stand up to for one day, in the order of ``Obstacle``.

    For a day that was given, plan, site and weight are history and are not asked.
    """
    if day.kind is LineKind.GIVEN:
        return (_product_check(day), _date_check(day), *_quantity_checks(day))
    return (
        _plan_check(day, coverage),
        _product_check(day),
        _site_check(day),
        _date_check(day),
        _weight_check(weight, weight_change_percent),
        *_quantity_checks(day),
    )


def _plan_check(day: InfusionDay, coverage: Coverage | None) -> _Check:
    wrong = _plan_obstacle(day.on, coverage)
    payer = coverage.payer if coverage else None

    def words(account: _Account) -> str:
        return wrong or f"the authorization is from {account.grant.payer}, the plan is now {payer}"

    return _Check(Obstacle.PLAN, lambda account: wrong is None and account.grant.payer == payer, words)


def _plan_obstacle(on: date, coverage: Coverage | None) -> str | None:
    """Say why no authorization can be relied on that day; an unknown plan is not taken for the same plan."""
    if coverage is None or coverage.payer is None:
        return "the plan that is to pay is not known"
    if coverage.active is False:
        return f"the plan was not active when verified on {coverage.verified_on or 'an unknown day'}"
    if coverage.starts and on < coverage.starts:
        return f"the plan starts on {coverage.starts}"
    if coverage.ends and on > coverage.ends:
        return f"the plan ends on {coverage.ends}"
    return None


def _product_check(day: InfusionDay) -> _Check:
    def passes(account: _Account) -> bool:
        return account.grant.hcpcs == day.hcpcs and account.grant.product in (None, day.product)

    def words(account: _Account) -> str:
        if day.hcpcs is None:
            return f"the billing code of {day.product} on {day.on} is not known"
        granted = f"{account.grant.hcpcs} {account.grant.product or ''}".strip()
        return f"{granted} is authorized, {day.hcpcs} {day.product} is planned"

    return _Check(Obstacle.PRODUCT, passes, words)


def _site_check(day: InfusionDay) -> _Check:
    def words(account: _Account) -> str:
        allowed = ", ".join(site.value for site in account.grant.sites)
        planned = day.site.value if day.site else "a site not stated"
        return f"authorized for {allowed}, planned at {planned}"

    return _Check(
        Obstacle.SITE, lambda account: not account.grant.sites or day.site in account.grant.sites, words
    )


def _date_check(day: InfusionDay) -> _Check:
    def words(account: _Account) -> str:
        if day.on > account.grant.ends:
            return f"the authorization ends on {account.grant.ends}"
        return f"the authorization starts only on {account.grant.starts}"

    return _Check(Obstacle.DATE, lambda account: account.grant.starts <= day.on <= account.grant.ends, words)


def _weight_check(weight: Decimal | None, most_percent: Decimal) -> _Check:
    def passes(account: _Account) -> bool:
        approved = account.grant.dosing_weight_kg
        return weight is None or approved is None or abs(weight - approved) * 100 <= most_percent * approved

    def words(account: _Account) -> str:
        return f"the dosing weight of {account.grant.dosing_weight_kg} kg has changed by more than {most_percent} %"

    return _Check(Obstacle.WEIGHT, passes, words)


def _quantity_checks(day: InfusionDay) -> tuple[_Check, _Check, _Check]:
    needed = "the unit size is not known" if day.units is None else f"{day.units} are needed"

    def within(limit: int | None) -> bool:
        return limit is None or (day.units is not None and day.units <= limit)

    return (
        _Check(
            Obstacle.UNITS_PER_VISIT,
            lambda account: within(account.grant.units_per_visit),
            lambda account: f"{account.grant.units_per_visit} units a visit are authorized, {needed}",
        ),
        _Check(
            Obstacle.VISITS,
            lambda account: account.visits_left is None or account.visits_left > 0,
            lambda account: f"all {account.grant.visits} visits are used or planned",
        ),
        _Check(
            Obstacle.UNITS,
            lambda account: within(account.units_left),
            lambda account: f"{account.units_left} of {account.grant.units} units are left, {needed}",
        ),
    )


def _weight_on(day: date, weights: Sequence[DatedWeight]) -> Decimal | None:
    known = [(dated, kilograms) for dated, kilograms in weights if dated <= day]
    return max(known)[1] if known else None


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
