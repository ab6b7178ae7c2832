"""The renewal plan of a course on one day: what is covered, what is due and when, what is still to collect."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from priorauth.course_days import RECORDED_LATE
from priorauth.course_history import without_settled
from priorauth.deadlines import ONE_DAY, add_months
from priorauth.dose_drift import dose_drift
from priorauth.dosing import dosing_weight
from priorauth.evidence_radar import evidence_to_collect
from priorauth.facts.context import Context, converted
from priorauth.knowledge import Knowledge
from priorauth.ledger import DatedWeight, course_ledger
from priorauth.ledger_lines import AuthorizationUse, CourseLedger, LedgerLine
from priorauth.payer_history import UsualTime
from priorauth.policies import governing_policy
from priorauth.renew_by import Lack, PayerTime, lacks_of, need_for
from priorauth.unit_slips import unit_slips
from schemas.base import BenefitChannel, ConditionId, Urgency
from schemas.case import Case, Coverage
from schemas.policy import CoveragePolicy, DosingWeightRule
from schemas.regulation import DecisionTimeframe, RequestKind, ReviewUrgency
from schemas.renewal import (
    Allowances,
    CourseStatus,
    Evidence,
    Level,
    LineKind,
    Need,
    Progress,
    RenewalPlan,
    TaskKind,
)


USUAL_ALLOWANCES = Allowances()
LOOK_AGAIN = timedelta(days=30)
"""Every course is looked at once a month, whether or not anything is known to change."""
VERIFY_BEFORE = timedelta(days=28)
VERIFY_AT_LAST = timedelta(days=3)
"""How long before an infusion unverified coverage becomes a task, and when it climbs."""


def plan_renewal(
    case: Case,
    knowledge: Knowledge,
    *,
    as_of: date,
    allowances: Allowances = USUAL_ALLOWANCES,
    submitted_on: date | None = None,
    usual: UsualTime | None = None,
    with_evidence: bool = True,
) -> RenewalPlan | None:
    """Plan the renewal of a case; None where it has no course: nothing planned, given or authorized.

    ``submitted_on`` is the day the request for the needs found was sent, while its decision is awaited; ``usual``
    is what the practice has seen of the payer of the case. ``with_evidence`` fills in what is to be collected, which
    decides about no task.
    """
    if not (case.course.planned or case.course.authorizations or case.chart.infusions):
        return None
    policy = governing_policy(case, as_of, knowledge).policy
    context = Context(case, as_of, knowledge, policy)
    weights = dosing_weights(context)
    ledger = _ledger(case, knowledge, weights, as_of=as_of)
    urgency = case.request.urgency if case.request and submitted_on else Urgency.STANDARD
    timeframe = decision_timeframe(case, knowledge, day=as_of, urgency=urgency)
    payer = PayerTime(
        within=timeframe.within if timeframe else None,
        usual=usual,
        earliest_days=policy.renewal_earliest_days if policy else None,
        submitted_on=submitted_on,
    )
    not_required = _why_not_required(case, policy, timeframe)
    uncovered = () if not_required else ledger.uncovered(as_of)
    lacks = () if not_required else _lacks(case, ledger, uncovered, as_of=as_of)
    needs = tuple(
        need_for(lack, case.case_id, as_of=as_of, payer=payer, allowances=allowances) for lack in lacks
    )
    use = _use_on(ledger, as_of)
    unrecorded = ledger.unrecorded(as_of - timedelta(days=allowances.record_within_days))
    to_verify = _to_verify(case, ledger, as_of)
    unscheduled = _unscheduled(case, ledger, as_of)
    return RenewalPlan(
        case_id=case.case_id,
        as_of=as_of,
        status=_status(case, ledger, needs, as_of=as_of, submitted_on=submitted_on),
        covered_until=ledger.covered_until(as_of),
        needs=needs,
        uncovered=tuple(line.on for line in uncovered if line.kind is LineKind.PLANNED),
        authorization_ends=use.ends if use else None,
        units=Progress(done=use.units_used, of=use.units) if use and use.units else None,
        visits=Progress(done=use.visits_used, of=use.visits) if use and use.visits else None,
        days=_days_gone(use, as_of) if use else None,
        to_collect=_to_collect(context, ledger, needs) if with_evidence else (),
        unrecorded=tuple(line.on for line in unrecorded),
        unscheduled=unscheduled,
        verify_coverage=to_verify,
        slips=unit_slips(case, knowledge.products),
        drift=dose_drift(case, weights, as_of=as_of),
        next_action_on=_next_action(
            case,
            ledger,
            needs,
            to_verify=to_verify,
            unscheduled=unscheduled,
            as_of=as_of,
            allowances=allowances,
        ),
        because=(not_required,) if not_required else needs[0].because if needs else (),
    )


def _ledger(
    case: Case, knowledge: Knowledge, weights: tuple[DatedWeight, ...], *, as_of: date
) -> CourseLedger:
    recent = without_settled(case, as_of)
    ledger = course_ledger(recent, knowledge.products, as_of=as_of, dosing_weights=weights)
    until = ledger.covered_until(as_of)
    if recent is not case and (until is None or until < as_of):
        # The last covered infusion may lie further back than what decides about the next.
        return course_ledger(case, knowledge.products, as_of=as_of, dosing_weights=weights)
    return ledger


def decision_timeframe(
    case: Case, knowledge: Knowledge, *, day: date, urgency: Urgency = Urgency.STANDARD
) -> DecisionTimeframe | None:
    """Return the rule for a decision on a drug under the plan of the case; None where nothing is known."""
    if case.coverage is None or case.coverage.line_of_business is None:
        return None
    lob = case.coverage.line_of_business
    return knowledge.decision_timeframe(
        lob,
        RequestKind.DRUG,
        urgency=ReviewUrgency(urgency.value),
        day=day,
        benefit=case.request.benefit if case.request else BenefitChannel.MEDICAL,
        state=case.coverage.state,
    )


def dosing_weights(context: Context) -> tuple[DatedWeight, ...]:
    """Return every weight on record as the policy would dose on it; what cannot be computed is left out."""
    rule = context.policy.dosing_weight if context.policy else DosingWeightRule.ACTUAL
    heights = _recorded_numbers(context, "height")
    height = heights[-1][1] if heights else None
    weights = [
        (day, dosing_weight(rule, kilograms, height_cm=height, sex=context.case.patient.sex))
        for day, kilograms in _recorded_numbers(context, "weight")
    ]
    return tuple((day, weight.kilograms) for day, weight in weights if weight is not None)


def _recorded_numbers(context: Context, key: str) -> list[DatedWeight]:
    values = [
        (fact.dated, converted(fact, context.definition(key)))
        for fact in context.entries.get(key, ())
        if fact.dated is not None and fact.dated <= context.as_of
    ]
    return sorted((day, value) for day, value in values if isinstance(value, Decimal))


def _why_not_required(
    case: Case, policy: CoveragePolicy | None, timeframe: DecisionTimeframe | None
) -> str | None:
    site = case.request.site_of_care if case.request else None
    if (policy and policy.no_authorization_at_all) or (timeframe and timeframe.no_prior_authorization):
        return "the plan asks for no authorization of this drug"
    if policy and site in policy.no_authorization_at:
        return f"the plan asks for no authorization at this site ({site.value})" if site else None
    return None


def _lacks(
    case: Case, ledger: CourseLedger, uncovered: Sequence[LedgerLine], *, as_of: date
) -> tuple[Lack, ...]:
    ends = [grant.ends for grant in case.course.authorizations]
    lacks = lacks_of(uncovered, ends)
    latest = max(ends, default=None)
    settled = any(lack.kind is not TaskKind.CORRECTION for lack in lacks)
    if settled or latest is None or _projected(ledger):
        return lacks
    # Where no interval is known nothing can be projected, and only the end of the authorization is left to go by.
    after = latest + timedelta(days=1)
    if not _goes_on(case, max(after, as_of)):
        return lacks
    words = f"the authorization {'ends' if latest >= as_of else 'ended'} on {latest} and no infusion is planned after it"
    return (*lacks, Lack(kind=TaskKind.RENEWAL, infusion=after, words=words, authorization_ends=latest))


def _projected(ledger: CourseLedger) -> bool:
    return any(line.kind is LineKind.PROJECTED for line in ledger.lines)


def _goes_on(case: Case, on: date) -> bool:
    """Whether therapy is meant to continue on a day; GBS is treated once."""
    return case.condition is not ConditionId.GBS and _ended_on(case, on) is None


def _ended_on(case: Case, as_of: date) -> date | None:
    ended = [
        day for day in (case.course.discontinued_on, case.patient.died) if day is not None and day <= as_of
    ]
    return min(ended, default=None)


def _unscheduled(case: Case, ledger: CourseLedger, as_of: date) -> bool:
    """Whether a course with no end on record has no infusion ahead."""
    ahead = ledger.ahead(as_of, LineKind.PLANNED, LineKind.PROJECTED, LineKind.HELD)
    return not ahead and _goes_on(case, date.max)


def _status(
    case: Case, ledger: CourseLedger, needs: Sequence[Need], *, as_of: date, submitted_on: date | None
) -> CourseStatus:
    held = ledger.ahead(as_of, LineKind.HELD)
    planned = ledger.ahead(as_of, LineKind.PLANNED)
    if _ended_on(case, as_of) or (case.condition is ConditionId.GBS and not planned and not held):
        return CourseStatus.ENDED
    if needs and _has_lapsed(ledger, needs[0].infusion, as_of):
        return CourseStatus.LAPSED
    if needs and submitted_on is not None:
        return CourseStatus.RENEWAL_SUBMITTED
    if any(need.level > Level.NONE for need in needs):
        # Without any authorization there is nothing to renew: the first one has to be asked for.
        return CourseStatus.RENEWAL_DUE if ledger.uses else CourseStatus.AUTHORIZATION_DUE
    return CourseStatus.HELD if held and not planned else CourseStatus.ACTIVE


def _has_lapsed(ledger: CourseLedger, first_uncovered: date, as_of: date) -> bool:
    none_left = bool(ledger.uses) and all(use.ends < as_of for use in ledger.uses)
    return none_left or first_uncovered <= as_of


def _use_on(ledger: CourseLedger, as_of: date) -> AuthorizationUse | None:
    """Return the authorization in force that ends first, else the last one there was or the next to come."""
    in_force = [use for use in ledger.uses if use.starts <= as_of <= use.ends]
    if in_force:
        return min(in_force, key=lambda use: use.ends)
    past = [use for use in ledger.uses if use.ends < as_of]
    return max(past, key=lambda use: use.ends) if past else next(iter(ledger.uses), None)


def _days_gone(use: AuthorizationUse, as_of: date) -> Progress:
    length = (use.ends - use.starts).days + 1
    return Progress(done=min(max((as_of - use.starts).days + 1, 0), length), of=length)


def _to_collect(context: Context, ledger: CourseLedger, needs: Sequence[Need]) -> tuple[Evidence, ...]:
    """Look ahead to the first renewal; a correction needs no new evidence."""
    renewal = next((need for need in needs if need.kind is not TaskKind.CORRECTION), None)
    if renewal is None or renewal.decision_due is not None:
        return ()
    rules = context.rules.continuation if context.rules else None
    visits = ledger.ahead(context.as_of, LineKind.PLANNED)
    submit_on = max(renewal.renew_by, context.as_of)
    return evidence_to_collect(context, rules, submit_on=submit_on, visits=visits)


def _to_verify(case: Case, ledger: CourseLedger, as_of: date) -> date | None:
    """Return the first infusion ahead whose coverage has not been verified in the plan year it falls in.

    Plans and cards change with the plan year, in most plans on 1 January, and nobody tells the practice.
    """
    coverage = case.coverage
    if coverage is None:
        return None
    ahead = ledger.ahead(as_of, LineKind.PLANNED, LineKind.PROJECTED)
    if not ahead or _verified_for(ahead[-1], coverage):
        return None
    return next(on for on in ahead if not _verified_for(on, coverage))


def _verified_for(infusion: date, coverage: Coverage) -> bool:
    starts = coverage.plan_year_starts or date(infusion.year, 1, 1)
    years = infusion.year - starts.year - ((infusion.month, infusion.day) < (starts.month, starts.day))
    return coverage.verified_on is not None and coverage.verified_on >= add_months(starts, 12 * years)


def _turning_points(ledger: CourseLedger, as_of: date) -> list[date]:
    """List the days on which another infusion day counts than the day before.

    One without cover makes way for the next; with the last one the course is projected further, and after it nothing
    lies ahead.
    """
    given = [line.on for line in ledger.lines if line.kind is LineKind.GIVEN]
    dated_ahead = [on for on in given if on > as_of]
    others = [line.on for line in ledger.lines if line.kind is not LineKind.GIVEN]
    over = [
        *(line.on for line in ledger.lines if line.needs_cover and not line.covered),
        *others[-1:],
        *dated_ahead,
    ]
    return [*others[-1:], *dated_ahead, *(on + ONE_DAY for on in over)]


def _next_action(
    case: Case,
    ledger: CourseLedger,
    needs: Sequence[Need],
    *,
    to_verify: date | None,
    unscheduled: bool,
    as_of: date,
    allowances: Allowances,
) -> date | None:
    """Return the next day on which the plan changes by the passing of time alone, and within a month in any case."""
    if _ended_on(case, as_of):
        return None
    grace = timedelta(days=allowances.record_within_days + 1)
    days = [need.next_level_on for need in needs if need.next_level_on is not None]
    planned = [line.on for line in ledger.lines if line.kind is LineKind.PLANNED]
    days += [on + wait for on in planned for wait in (grace, RECORDED_LATE + ONE_DAY)]
    days += _turning_points(ledger, as_of)
    days += [day for use in ledger.uses for day in (use.starts, use.ends + ONE_DAY)]
    if to_verify is not None:
        days += [to_verify - VERIFY_BEFORE, to_verify - VERIFY_AT_LAST, to_verify + ONE_DAY]
    days += [day for day in (case.course.discontinued_on, case.patient.died) if day is not None]
    if unscheduled:
        days.append(as_of + ONE_DAY)
    return min([as_of + LOOK_AGAIN, *(day for day in days if day > as_of)])
