"""The findings as they were when the diagnosis was made: treatment changes them, and must not take the diagnosis away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from priorauth.electrodiagnosis.kleene import Answer, among
from priorauth.facts.context import Context, once
from priorauth.facts.resolution import Known, Resolution, Unknown, Value, facts_of
from priorauth.response.treatment_start import first_dose_day
from schemas.assessment import CitedFact
from schemas.base import FactKey


@dataclass(frozen=True, slots=True)
class Examination:
    """The record up to the first dose, and the record of today."""

    before: Context
    now: Context

    def finding(self, key: FactKey) -> Resolution:
        """Return a finding as documented up to the first dose, else as documented since."""
        earlier = self.before.resolve(key)
        return earlier if isinstance(earlier, Known) or self.before is self.now else self.now.resolve(key)

    def shows(self, key: FactKey, *values: Value) -> Answer:
        """Whether a finding has one of the values.

        A note written on treatment often tells the history, so it can show a finding. It cannot deny one: what is
        normal today may be so because of the treatment.
        """
        earlier = among(self.before.resolve(key), *values)
        if earlier is not None or self.before is self.now:
            return earlier
        return among(self.now.resolve(key), *values) or None

    def facts(self, keys: Iterable[FactKey]) -> tuple[CitedFact, ...]:
        """Cite the findings behind some keys."""
        return facts_of(*(self.finding(key) for key in keys))

    def reasons(self, keys: Iterable[FactKey]) -> str:
        """Say in one line what is documented under some keys."""
        found = (self.finding(key) for key in keys)
        return "; ".join(resolution.reason for resolution in found if isinstance(resolution, Known))

    def undocumented(self, keys: Iterable[FactKey]) -> tuple[FactKey, ...]:
        """Return the keys that nothing usable is documented under."""
        return tuple(key for key in dict.fromkeys(keys) if isinstance(self.finding(key), Unknown))


@once
def examination(context: Context) -> Examination:
    """Divide the record of a case at the day of the first dose; without a dose all of it is from before."""
    start = first_dose_day(context)
    if start is None or start >= context.as_of:
        return Examination(context, context)
    return Examination(replace(context, as_of=start, _answers={}), context)
