"""Which cases a new version of a policy would change: on which criterion, from what to what, and from when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from priorauth.facts.context import Context
from priorauth.facts.derived import SEEN_OF_THE_POLICY
from priorauth.knowledge import Knowledge
from priorauth.policies import governing_policy, plan_year_began
from priorauth.recommendation import recommended
from priorauth.verification import Answer, answers, context_for, criteria_asked
from schemas.assessment import Recommendation, Status
from schemas.base import CaseId, ConditionId, FactKey, Phase
from schemas.case import Case
from schemas.policy import CoveragePolicy, Criterion, questions


@dataclass(frozen=True)
class FindingChange:
    """The finding of one criterion under both versions; empty where that version does not ask it."""

    criterion: str
    title: str
    before: Status | None
    after: Status | None


@dataclass(frozen=True)
class CaseImpact:
    """What the new version does to one case.

    ``findings`` is empty where only the effect of a criterion differs, and with it the recommendation.
    ``applies_from`` is the first day on which the new version can govern the case.
    """

    case_id: CaseId
    condition: ConditionId | None
    phase: Phase | None
    applies_from: date
    before: Recommendation
    after: Recommendation
    findings: tuple[FindingChange, ...]


class PolicyComparison:
    """Two versions side by side over many cases.

    A criterion can change its answer only where it reads otherwise in the new version, or asks a fact that looks at a
    part of the policy which differs. Only these are answered for every case, and both versions share the facts that
    stay the same; the others are answered once, for a case that changes, since they decide the recommendation with them.
    """

    def __init__(self, old: CoveragePolicy, new: CoveragePolicy, knowledge: Knowledge) -> None:
        self.old, self.new = old, new
        self._before, self._after = (_governed_by(policy, knowledge) for policy in (old, new))
        # As the files have it: the old version until the day before the new one.
        self._replaced = old.model_copy(update={"effective_to": new.effective_from - timedelta(days=1)})
        self._one_after_the_other = replace(
            knowledge, policies={**_others(old, knowledge), "replaced": self._replaced, "new": new}
        )
        self._differing_facts = _differing_facts(old, new)
        self._plans: dict[tuple[ConditionId | None, Phase | None], _Plan] = {}

    def impacts(self, cases: Iterable[Case], *, as_of: date) -> Iterator[CaseImpact]:
        """Yield the cases whose findings, or whose recommendation, the new version would change."""
        for case in cases:
            impact = self.impact(case, as_of=as_of)
            if impact is not None:
                yield impact

    def impact(self, case: Case, *, as_of: date) -> CaseImpact | None:
        """Return what the new version does to a case, or None where that is nothing."""
        before = context_for(case, as_of, self._before)
        governing = governing_policy(case, as_of, self._after).policy
        governed = _governs(self.old, before.policy), _governs(self.new, governing)
        if not any(governed):
            return None
        # Which policy governs may differ too, and then any fact that looks at the policy.
        facts = self._differing_facts if all(governed) else SEEN_OF_THE_POLICY.keys()
        after = before.under(governing, but_for=facts)
        plan = self._plan(before, after) if all(governed) else _plan(before, after, facts)
        was, becomes = _by_criterion(plan.before, before), _by_criterion(plan.after, after)
        if not _differ(was, becomes):
            return None
        unchanged = tuple(answers(plan.unchanged, before))
        old, new = (recommended((*unchanged, *decided.values())) for decided in (was, becomes))
        changes = tuple(_changes(was, becomes))
        if not changes and old is new:
            return None
        return CaseImpact(
            case_id=case.case_id,
            condition=case.condition,
            phase=_phase(case),
            applies_from=self._first_day(case, as_of),
            before=old,
            after=new,
            findings=changes,
        )

    def _plan(self, before: Context, after: Context) -> _Plan:
        asked = before.case.condition, _phase(before.case)
        if asked not in self._plans:
            self._plans[asked] = _plan(before, after, self._differing_facts)
        return self._plans[asked]

    def _first_day(self, case: Case, as_of: date) -> date:
        """Return the first day on which a request of this case would be judged by the new version.

        Where a law keeps changed criteria from who was approved before, that is the first day of the next plan year.
        """
        first = max(as_of, self.new.effective_from)
        started = case.coverage.plan_year_starts if case.coverage else None
        if started is None:
            return first
        request = case.request.model_copy(update={"requested_on": None}) if case.request else None
        unsent = case.model_copy(update={"request": request})
        judged_by = governing_policy(unsent, first, self._one_after_the_other).policy
        if judged_by is not self._replaced:
            return first
        return plan_year_began(started, first + timedelta(days=366))


@dataclass(frozen=True)
class _Plan:
    """The criteria of both versions that may be answered differently, and those that are answered alike."""

    before: tuple[Criterion, ...]
    after: tuple[Criterion, ...]
    unchanged: tuple[Criterion, ...]


def _plan(before: Context, after: Context, facts: Collection[FactKey]) -> _Plan:
    old, new = ([asked.criterion for asked in criteria_asked(context)] for context in (before, after))
    of_old, of_new = ({criterion.id: criterion for criterion in criteria} for criteria in (old, new))
    same = {
        name
        for name, criterion in of_old.items()
        if criterion == of_new.get(name) and not _asks(criterion, facts)
    }
    return _Plan(
        before=tuple(criterion for criterion in old if criterion.id not in same),
        after=tuple(criterion for criterion in new if criterion.id not in same),
        unchanged=tuple(criterion for criterion in old if criterion.id in same),
    )


def _asks(criterion: Criterion, facts: Collection[FactKey]) -> bool:
    asked = (
        [criterion.require] if criterion.applies_when is None else [criterion.require, criterion.applies_when]
    )
    return any(question.fact in facts for requirement in asked for question in questions(requirement))


def _differing_facts(old: CoveragePolicy, new: CoveragePolicy) -> frozenset[FactKey]:
    """Return the facts that look at a part of the policy in which the versions differ."""
    parts = frozenset.union(*SEEN_OF_THE_POLICY.values())
    differing = {part for part in parts if _part(old, part) != _part(new, part)}
    return frozenset(fact for fact, seen in SEEN_OF_THE_POLICY.items() if seen & differing)


def _part(policy: CoveragePolicy, name: str) -> object:
    if name != "conditions":
        return getattr(policy, name)
    return {
        condition: (rules.icd10, rules.dose_limits, rules.initiation is None, rules.continuation is None)
        for condition, rules in policy.conditions.items()
    }


def _phase(case: Case) -> Phase | None:
    return case.request.phase if case.request else None


def _governs(compared: CoveragePolicy, governing: CoveragePolicy | None) -> bool:
    return governing is not None and (governing.payer, governing.policy) == (compared.payer, compared.policy)


def _governed_by(policy: CoveragePolicy, knowledge: Knowledge) -> Knowledge:
    """Return the knowledge as it would be if this version were the only one of its policy, in force on every day."""
    # That a new version has not been compared with the payer's text is no change of its rules.
    always = policy.model_copy(
        update={"effective_from": date.min, "effective_to": None, "confirmation": None}
    )
    return replace(
        knowledge, policies={**_others(policy, knowledge), f"{policy.payer}/{policy.policy}/compared": always}
    )


def _others(policy: CoveragePolicy, knowledge: Knowledge) -> dict[str, CoveragePolicy]:
    return {
        name: other
        for name, other in knowledge.policies.items()
        if (other.payer, other.policy) != (policy.payer, policy.policy)
    }


def _by_criterion(criteria: Iterable[Criterion], context: Context) -> dict[str, Answer]:
    return {answer.criterion: answer for answer in answers(criteria, context)}


def _differ(before: Mapping[str, Answer], after: Mapping[str, Answer]) -> bool:
    """Whether an answer, or what it does to the recommendation, is not the same."""
    return before.keys() != after.keys() or any(
        (answer.status, answer.effect) != (after[name].status, after[name].effect)
        for name, answer in before.items()
    )


def _changes(before: Mapping[str, Answer], after: Mapping[str, Answer]) -> Iterator[FindingChange]:
    for name in dict.fromkeys([*before, *after]):
        was, becomes = (answer.status if answer else None for answer in (before.get(name), after.get(name)))
        if was is not becomes:
            yield FindingChange(name, (after.get(name) or before[name]).title, was, becomes)
