"""The payer's side: what becomes of a request, and the payer's own account of what it has granted.

The account is kept apart from the ledger of the product and shares no code with it, since it judges the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from math import exp
from random import Random

from schemas.base import SiteOfCare
from schemas.renewal import TaskKind
from schemas.treatment import Authorization
from twin.simulation.odds import PayerHabits


@dataclass(slots=True)
class Granted:
    """An authorization as the payer keeps it."""

    grant: Authorization
    units_left: int | None
    visits_left: int | None

    def charge(self, units: int, *, visits: int) -> None:
        """Take units and visits off what is left; below zero gives them back."""
        if self.units_left is not None:
            self.units_left -= units
        if self.visits_left is not None:
            self.visits_left -= visits


Days = list[tuple[date, int, Granted]]
"""Days of a dose with the units charged and what pays for them."""


@dataclass(slots=True)
class Account:
    """All that payers have granted for one patient."""

    granted: list[Granted] = field(default_factory=list)

    def add(self, grant: Authorization, *, on: date) -> None:
        """Open the account of one authorization; those long over are put away."""
        self.granted = [one for one in self.granted if one.grant.ends >= on - timedelta(days=60)]
        self.granted.append(Granted(grant, grant.units, grant.visits))
        self.granted.sort(key=lambda one: (one.grant.ends, one.grant.starts, one.grant.number))

    def paying(
        self, on: date, *, plan: str, hcpcs: str, units: int, site: SiteOfCare | None
    ) -> Granted | None:
        """Return what would pay for one day, without paying."""
        for one in self.granted:
            grant = one.grant
            if grant.payer != plan or grant.hcpcs != hcpcs or not grant.starts <= on <= grant.ends:
                continue
            if grant.sites and site not in grant.sites:
                continue
            too_much = one.units_left is not None and one.units_left < units
            too_many = one.visits_left is not None and one.visits_left < 1
            above = grant.units_per_visit is not None and grant.units_per_visit < units
            if not (too_much or too_many or above):
                return one
        return None


class Step(StrEnum):
    """What the payer does next about a request."""

    ASKS = "asks"
    DENIES = "denies"
    GRANTS = "grants"
    REFUSES = "refuses"


@dataclass(slots=True)
class Request:
    """One request at the payer. ``promised_days`` is counted from the first sending to the first decision."""

    sent_on: date
    kinds: tuple[TaskKind, ...]
    expedited: bool
    payer: PayerHabits
    rng: Random
    promised_days: int | None
    chase_on: date
    first_sent_on: date
    arrived: bool = False
    decided_on: date | None = None

    def first_answer(self) -> tuple[date, Step] | None:
        """Draw when the payer answers, and what; None where the fax was lost."""
        if self.rng.random() < self.payer.lost:
            return None
        roll = self.rng.random()
        if roll < self.payer.pended:
            return self.sent_on + timedelta(days=self.rng.randrange(1, 6)), Step.ASKS
        return self.sent_on + timedelta(days=self._days()), self._decision()

    def answer_after_information(self, on: date) -> tuple[date, Step]:
        return on + timedelta(days=max(1, self._days() - 2)), self._decision()

    def answer_to_appeal(self, on: date) -> tuple[date, Step]:
        """A peer-to-peer call or an appeal overturns most denials; what is upheld goes on to external review."""
        if self.rng.random() < self.payer.refused_for_good:
            return on + timedelta(days=self.rng.randrange(20, 45)), Step.REFUSES
        quick = self.rng.random() < 0.6
        return on + timedelta(
            days=self.rng.randrange(1, 7) if quick else self.rng.randrange(10, 45)
        ), Step.GRANTS

    def _decision(self) -> Step:
        return Step.DENIES if self.rng.random() < self.payer.denied else Step.GRANTS

    def _days(self) -> int:
        if self.expedited and self.rng.random() < 0.9:
            return self.rng.randrange(1, 4)
        # Rounded up, since an answer is read on the day after it was given.
        return 1 + int(self.payer.median_days * exp(self.rng.gauss(0, self.payer.spread)))
