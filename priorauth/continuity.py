"""Rights that keep a course going: which laws and pledges may bear on a case, and what in the case they bear on.

They are notes for a person. Whether a law reaches a plan is a question of law, so no finding rests on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from priorauth.facts.context import Context
from priorauth.wording import plain
from schemas.assessment import Right
from schemas.base import Phase
from schemas.case import Coverage
from schemas.regulation import Concern, ContinuityRule
from schemas.treatment import Authorization


def rights_of(context: Context) -> tuple[Right, ...]:
    """List the rules of the line of business, the state and the day that something in the case bears on."""
    coverage = context.case.coverage
    if coverage is None or coverage.line_of_business is None:
        return ()
    rules = context.knowledge.continuity_rules(
        coverage.line_of_business, day=context.as_of, state=coverage.state
    )
    return tuple(right for rule in rules for right in _right(rule, coverage, context))


def _right(rule: ContinuityRule, coverage: Coverage, context: Context) -> Iterator[Right]:
    match rule.concerns:
        case Concern.PLAN_CHANGE:
            why = _plan_changed(rule, coverage, context)
        case Concern.CRITERIA_CHANGE:
            why = _criteria_changed(coverage, context)
        case Concern.APPROVAL_LENGTH:
            why = _approval_is_short(rule, context)
        case Concern.COURSE_CUT:
            why = _approval_runs(coverage, context)
        case Concern.UNKNOWN_STATE_LAW:
            why = _state_not_on_file(coverage, context)
        case Concern.PROVIDER_LEAVES_NETWORK | Concern.REVIEW_EXEMPTION:
            why = None  # The case says nothing of networks and of the practice's record with the payer.
    if why is None:
        return
    yield Right(
        rule=rule.id,
        title=rule.title,
        words=rule.words,
        why=why,
        until=_transition_ends(rule, coverage),
        citation=rule.citation,
        voluntary=rule.voluntary,
        exceptions_words=rule.exceptions_words,
        open_question=rule.open_question,
        provenance=rule.provenance,
    )


def _transition_ends(rule: ContinuityRule, coverage: Coverage) -> date | None:
    if rule.concerns is not Concern.PLAN_CHANGE or coverage.starts is None or rule.transition_days is None:
        return None
    return coverage.starts + timedelta(days=rule.transition_days - 1)


def _plan_changed(rule: ContinuityRule, coverage: Coverage, context: Context) -> str | None:
    ends = _transition_ends(rule, coverage)
    if ends is None or coverage.starts is None or not coverage.starts <= context.as_of <= ends:
        return None
    earlier = [
        grant for grant in context.case.course.authorizations if grant.starts < coverage.starts <= grant.ends
    ]
    if earlier:
        return f"Coverage began on {coverage.starts}, while {_named(earlier[-1])} still ran"
    given = [given.on for given in context.case.chart.infusions if given.on < coverage.starts]
    if given or context.value("active_course") is True:
        last = f", last infused on {max(given)}," if given else ""
        return f"Coverage began on {coverage.starts}, and a course already under way{last} goes on"
    return None


def _criteria_changed(coverage: Coverage, context: Context) -> str | None:
    policy = context.policy
    approved = [
        grant
        for grant in context.case.course.authorizations
        if grant.payer == coverage.payer and grant.starts <= context.as_of
    ]
    if policy is None or not approved:
        return None
    first = min(approved, key=lambda grant: grant.starts)
    changed = sorted(
        version.effective_from
        for version in context.knowledge.policies.values()
        if (version.payer, version.policy) == (policy.payer, policy.policy)
        and first.starts < version.effective_from <= context.as_of
    )
    if not changed:
        return None
    if coverage.plan_year_starts is None:
        return f"The criteria changed on {changed[-1]}, after {_named(first)}; the plan year is not known"
    return f"The criteria changed on {changed[-1]}, after {_named(first)}"


def _approval_is_short(rule: ContinuityRule, context: Context) -> str | None:
    request, phase = context.case.request, context.phase_rules
    if rule.approval_months is None:
        if request is None or request.phase is not Phase.CONTINUATION:
            return None
        return "The request is to go on with a course already approved"
    if phase is None or phase.approval_months is None or phase.approval_months >= rule.approval_months:
        return None
    return f"The profile approves {plain(phase.approval_months)} months; the rule speaks of {rule.approval_months}"


def _approval_runs(coverage: Coverage, context: Context) -> str | None:
    running = [
        grant
        for grant in context.case.course.authorizations
        if grant.payer == coverage.payer and grant.starts <= context.as_of <= grant.ends
    ]
    return f"{_named(running[-1])} runs until {running[-1].ends}" if running else None


def _state_not_on_file(coverage: Coverage, context: Context) -> str | None:
    if coverage.state is None or any(
        rule.state == coverage.state for rule in context.knowledge.regulations.continuity
    ):
        return None
    return f"No law of {coverage.state} is on file"


def _named(grant: Authorization) -> str:
    return f"authorization {grant.number} of {grant.starts}"
