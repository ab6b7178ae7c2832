"""Which cases a new version of a policy would change: on which criterion, from what to what, and from when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from priorauth.knowledge import Knowledge
from priorauth.logic import prove
from priorauth.verification import context_for, criteria_asked, verify
from schemas.assessment import Recommendation, Status
from schemas.base import CaseId, ConditionId, Phase
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
    """Two versions side by side over many cases; what does not differ is looked at once and not for every case."""

    def __init__(self, old: CoveragePolicy, new: CoveragePolicy, knowledge: Knowledge) -> None:
        self.old, self.new = old, new
        self._before, self._after = (_governed_by(policy, knowledge) for policy in (old, new))
        self._same_facts = all(getattr(old, name) == getattr(new, name) for name in _FIELDS_OF_FACTS)
        self._touched: dict[tuple[ConditionId | None, Phase | None], frozenset[str] | None] = {}

    def impacts(self, cases: Iterable[Case], *, as_of: date) -> Iterator[CaseImpact]:
        """Yield the cases whose findings or recommendation the new version would change."""
        for case in cases:
            impact = self._impact(case, as_of)
            if impact is not None:
                yield impact

    def _impact(self, case: Case, as_of: date) -> CaseImpact | None:
        touched = self._touched_for(case)
        if touched is not None and not touched:
            return None
        before = _statuses(case, as_of, self._before, identity=self.old, only=touched)
        after = _statuses(case, as_of, self._after, identity=self.new, only=touched)
        changes = tuple(_differences(before or {}, after or {}))
        if not changes:
            return None
        return CaseImpact(
            case_id=case.case_id,
            condition=case.condition,
            phase=case.request.phase if case.request else None,
            applies_from=max(as_of, self.new.effective_from),
            before=verify(case, as_of=as_of, knowledge=self._before).recommendation,
            after=verify(case, as_of=as_of, knowledge=self._after).recommendation,
            findings=changes,
        )

    def _touched_for(self, case: Case) -> frozenset[str] | None:
        """Return the ids of the criteria that differ for such a case; None where any finding may differ."""
        phase = case.request.phase if case.request else None
        key = (case.condition, phase)
        if key not in self._touched:
            self._touched[key] = self._differing(*key)
        return self._touched[key]

    def _differing(self, condition: ConditionId | None, phase: Phase | None) -> frozenset[str] | None:
        if not self._same_facts or condition is None or phase is None:
            return None
        old, new = self.old.conditions.get(condition), self.new.conditions.get(condition)
        if old is None or new is None or (old.icd10, old.dose_limits) != (new.icd10, new.dose_limits):
            return None
        if (old.phase(phase) is None) != (new.phase(phase) is None):
            return None
        before, after = (_criteria(policy, condition, phase) for policy in (self.old, self.new))
        return frozenset(name for name in before | after if before.get(name) != after.get(name))


def _criteria(policy: CoveragePolicy, condition: ConditionId, phase: Phase) -> dict[str, Criterion]:
    rules = policy.conditions[condition].phase(phase)
    asked = (*policy.exclusions, *(rules.criteria if rules else ()), *policy.site_of_care)
    return {criterion.id: criterion for criterion in asked}


def _governed_by(policy: CoveragePolicy, knowledge: Knowledge) -> Knowledge:
    """Return the knowledge as it would be if this version were the only one of its policy, in force on every day."""
    others = {
        name: other
        for name, other in knowledge.policies.items()
        if (other.payer, other.policy) != (policy.payer, policy.policy)
    }
    # That a new version has not been compared with the payer's text is no change of its rules.
    always = policy.model_copy(
        update={"effective_from": date.min, "effective_to": None, "confirmation": None}
    )
    return replace(knowledge, policies={**others, f"payers/{policy.payer}/{policy.policy}/compared": always})


def _statuses(
    case: Case, as_of: date, knowledge: Knowledge, *, identity: CoveragePolicy, only: frozenset[str] | None
) -> _Statuses | None:
    """Return title and status of every criterion asked; None where another policy governs the case."""
    context = context_for(case, as_of, knowledge)
    if context.policy is None or (context.policy.payer, context.policy.policy) != (
        identity.payer,
        identity.policy,
    ):
        return None
    found = {}
    for asked in criteria_asked(context):
        criterion = asked.criterion
        if only is not None and (asked.policy is None or criterion.id not in only):
            continue
        applies = criterion.applies_when
        if applies is None or prove(applies, context).status is not Status.NOT_MET:
            found[criterion.id] = (criterion.title, prove(criterion.require, context).status)
    return found


def _differences(before: _Statuses, after: _Statuses) -> Iterator[FindingChange]:
    nothing = ("", None)
    for name in dict.fromkeys([*before, *after]):
        old_title, old = before.get(name, nothing)
        title, new = after.get(name, nothing)
        if old is not new:
            yield FindingChange(name, title or old_title, old, new)
