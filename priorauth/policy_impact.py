"""Which cases a new version of a policy would change: on which criterion, from what to what, and from when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from priorauth.facts.context import Context
from priorauth.facts.derived import OF_THE_CHART
from priorauth.knowledge import Knowledge
from priorauth.logic import prove
from priorauth.policies import governing_policy, plan_year_began
from priorauth.recommendation import recommend
from priorauth.verification import context_for, findings_in
from schemas.assessment import Finding, Recommendation, Status
from schemas.base import CaseId, ConditionId, FactKey, Phase
from schemas.case import Case
from schemas.policy import CoveragePolicy, Criterion


@dataclass(frozen=True)
class FindingChange:
    """The finding of one criterion under both versions; empty where that version does not ask it."""

    criterion: str
    title: str
    before: Status | None
    after: Status | None


@dataclass(frozen=True)
class CaseImpact:
    """What the new version does to one case. ``applies_from`` is the first day on which the new version can govern it."""

    case_id: CaseId
    condition: ConditionId | None
    phase: Phase | None
    applies_from: date
    before: Recommendation
    after: Recommendation
    findings: tuple[FindingChange, ...]


_Statuses = Mapping[str, tuple[str, Status]]
"""Title and status of every criterion asked, by its id."""

# What a finding can rest on besides the criteria themselves.
_FIELDS_OF_FACTS = (
    "lines_of_business",
    "falls_back_to",
    "no_authorization_at",
    "no_authorization_at_all",
    "prescriber_specialties",
    "dosing_weight",
    "rounding_percent",
    "products",
)


class PolicyComparison:
    """Two versions side by side over many cases.

    Where the versions differ in criteria alone, only those are evaluated, and both in one context: the facts are the
    same under either version. Anything else that differs may change any fact, and everything is evaluated twice.
    """

    def __init__(self, old: CoveragePolicy, new: CoveragePolicy, knowledge: Knowledge) -> None:
        self.old, self.new = old, new
        self._before, self._after = (_governed_by(policy, knowledge) for policy in (old, new))
        # As the files have it: the old version until the day before the new one.
        self._replaced = old.model_copy(update={"effective_to": new.effective_from - timedelta(days=1)})
        self._one_after_the_other = replace(
            knowledge, policies={**_others(old, knowledge), "replaced": self._replaced, "new": new}
        )
        self._same_facts = all(getattr(old, name) == getattr(new, name) for name in _FIELDS_OF_FACTS)
        self._differing: dict[tuple[ConditionId | None, Phase | None], _Differing | None] = {}

    def impacts(self, cases: Iterable[Case], *, as_of: date) -> Iterator[CaseImpact]:
        """Yield the cases whose findings the new version would change."""
        for case in cases:
            impact = self._impact(case, as_of)
            if impact is not None:
                yield impact

    def _impact(self, case: Case, as_of: date) -> CaseImpact | None:
        differing = self._differing_for(case)
        if differing is not None and not (differing.before or differing.after):
            return None
        before = context_for(case, as_of, self._before)
        governing = governing_policy(case, as_of, self._after).policy
        if not (_governs(self.old, before.policy) or _governs(self.new, governing)):
            return None
        if differing is not None and not any(
            _changes(_statuses(differing.before, before), _statuses(differing.after, before))
        ):
            return None
        found = findings_in(before)
        after = findings_in(before.under(governing, keeping=self._stays_the_same))
        changes = tuple(_changes(_by_criterion(found), _by_criterion(after)))
        if not changes:
            return None
        return CaseImpact(
            case_id=case.case_id,
            condition=case.condition,
            phase=_phase(case),
            applies_from=self._first_day(case, as_of),
            before=recommend(found)[0],
            after=recommend(after)[0],
            findings=changes,
        )

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

    def _stays_the_same(self, key: FactKey) -> bool:
        """Whether a fact is recorded, or derived from what is recorded, whichever policy governs."""
        return key in OF_THE_CHART or not self._before.vocabulary[key].derived

    def _differing_for(self, case: Case) -> _Differing | None:
        key = (case.condition, _phase(case))
        if key not in self._differing:
            self._differing[key] = self._differing_criteria(*key)
        return self._differing[key]

    def _differing_criteria(self, condition: ConditionId | None, phase: Phase | None) -> _Differing | None:
        """Return the criteria that differ for such cases; None where facts may differ as well."""
        if not self._same_facts or condition is None or phase is None:
            return None
        old, new = self.old.conditions.get(condition), self.new.conditions.get(condition)
        if old is None or new is None or (old.icd10, old.dose_limits) != (new.icd10, new.dose_limits):
            return None
        if (old.phase(phase) is None) != (new.phase(phase) is None):
            return None
        before, after = (_criteria(policy, condition, phase) for policy in (self.old, self.new))
        names = [name for name in before | after if before.get(name) != after.get(name)]
        return _Differing(
            tuple(before[name] for name in names if name in before),
            tuple(after[name] for name in names if name in after),
        )


@dataclass(frozen=True)
class _Differing:
    """The criteria that are not the same in both versions."""

    before: tuple[Criterion, ...]
    after: tuple[Criterion, ...]


def _phase(case: Case) -> Phase | None:
    return case.request.phase if case.request else None


def _governs(compared: CoveragePolicy, governing: CoveragePolicy | None) -> bool:
    return governing is not None and (governing.payer, governing.policy) == (compared.payer, compared.policy)


def _criteria(policy: CoveragePolicy, condition: ConditionId, phase: Phase) -> dict[str, Criterion]:
    rules = policy.conditions[condition].phase(phase)
    asked = (*policy.exclusions, *(rules.criteria if rules else ()), *policy.site_of_care)
    return {criterion.id: criterion for criterion in asked}


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


def _statuses(criteria: Iterable[Criterion], context: Context) -> _Statuses:
    return {
        criterion.id: (criterion.title, prove(criterion.require, context).status)
        for criterion in criteria
        if criterion.applies_when is None
        or prove(criterion.applies_when, context).status is not Status.NOT_MET
    }


def _by_criterion(findings: Iterable[Finding]) -> _Statuses:
    return {finding.criterion: (finding.title, finding.status) for finding in findings}


def _changes(before: _Statuses, after: _Statuses) -> Iterator[FindingChange]:
    for name in dict.fromkeys([*before, *after]):
        old_title, old = before.get(name, ("", None))
        title, new = after.get(name, ("", None))
        if old is not new:
            yield FindingChange(name, title or old_title, old, new)
