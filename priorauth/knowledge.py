"""Everything that is known, as one object: read from the YAML files once, checked as a whole, then only looked up."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from priorauth.confirmations import with_confirmations
from priorauth.knowledge_files import SHELVES, read_knowledge
from priorauth.yaml_source import Problem, YamlMistakes
from schemas.base import BenefitChannel, LineOfBusiness, SiteOfCare
from schemas.billing import BillingCode, CodeSystem
from schemas.condition import Antibody, Condition, DiagnosisCode, Mimic, icd10_matches
from schemas.measure import Measure
from schemas.packet_limits import PacketLimits
from schemas.policy import CheckList, Confirmations, CoveragePolicy
from schemas.product import AlternativeTherapy, HcpcsAssignment, Product
from schemas.publication import Publication
from schemas.regulation import (
    AppealWindow,
    ContinuityRule,
    DecisionTimeframe,
    Regulations,
    RequestKind,
    ReviewUrgency,
)
from schemas.rule_set import RuleSet
from schemas.vocabulary import FactDefinition


@dataclass(frozen=True)
class Knowledge:
    """All records by id. ``policies`` and ``checks`` are by file, without its ending, below their folder."""

    products: Mapping[str, Product]
    alternatives: Mapping[str, AlternativeTherapy]
    measures: Mapping[str, Measure]
    conditions: Mapping[str, Condition]
    diagnosis_codes: Mapping[str, DiagnosisCode]
    mimics: Mapping[str, Mimic]
    antibodies: Mapping[str, Antibody]
    rule_sets: Mapping[str, RuleSet]
    publications: Mapping[str, Publication]
    regulations: Regulations
    billing: Mapping[str, BillingCode]
    vocabulary: Mapping[str, FactDefinition]
    checks: Mapping[str, CheckList]
    policies: Mapping[str, CoveragePolicy]
    confirmations: Mapping[str, Confirmations]
    packet_limits: Mapping[str, PacketLimits]
    _mimics_by_code: dict[str, tuple[Mimic, ...]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def policies_of_payer(self) -> Mapping[str, tuple[CoveragePolicy, ...]]:
        """All versions of all policies by the id of the payer, in the order of ``policies``."""
        found: dict[str, tuple[CoveragePolicy, ...]] = {}
        for policy in self.policies.values():
            found[policy.payer] = (*found.get(policy.payer, ()), policy)
        return found

    def packet_limits_of(self, payer: str) -> PacketLimits | None:
        """Return how large a packet a payer takes, or None where nobody has recorded it."""
        return self.packet_limits.get(f"{payer}/packet_limits")

    def product_for_ndc(self, ndc: str) -> Product | None:
        """Return the product of an 11-digit NDC, by labeler and product; the package digits decide nothing."""
        return next(
            (
                product
                for product in self.products.values()
                if any(entry.stem == ndc[:9] for entry in product.ndc)
            ),
            None,
        )

    def products_billed_as(self, hcpcs: str, day: date) -> tuple[Product, ...]:
        """Return every product whose billing code it is that day; one code can stand for several brands."""
        return tuple(
            product
            for product in self.products.values()
            if (code := product.hcpcs_on(day)) and code.code == hcpcs
        )

    def hcpcs_on(self, product: str, day: date) -> HcpcsAssignment | None:
        """Return the billing code of a product on a date of service, or None where none is known."""
        return self.products[product].hcpcs_on(day)

    def diagnosis_code(self, code: str) -> DiagnosisCode | None:
        """Return what is known of one ICD-10-CM code of the inflammatory polyneuropathies."""
        return next((entry for entry in self.diagnosis_codes.values() if entry.code == code), None)

    def mimics_coded(self, code: str) -> tuple[Mimic, ...]:
        """Return the mimics that an ICD-10-CM code falls under."""
        if code not in self._mimics_by_code:
            self._mimics_by_code[code] = tuple(
                mimic
                for mimic in self.mimics.values()
                if any(icd10_matches(pattern, code) for pattern in mimic.icd10)
            )
        return self._mimics_by_code[code]

    def billing_code(self, system: CodeSystem, code: str, day: date) -> BillingCode | None:
        """Return what a code of a system stands for on a date of service, or None where it is not on file."""
        return next(
            (
                entry
                for entry in self.billing.values()
                if entry.system is system and entry.code == code and entry.in_force_on(day)
            ),
            None,
        )

    def places_of_service(self, site: SiteOfCare, day: date) -> tuple[str, ...]:
        """Return the place of service codes that a site of care bills, in order."""
        return tuple(
            sorted(
                entry.code
                for entry in self.billing.values()
                if site in entry.sites and entry.in_force_on(day)
            )
        )

    def decision_timeframe(
        self,
        lob: LineOfBusiness,
        kind: RequestKind,
        *,
        urgency: ReviewUrgency,
        day: date,
        benefit: BenefitChannel = BenefitChannel.MEDICAL,
        state: str | None = None,
    ) -> DecisionTimeframe | None:
        """Return the rule that sets the payer's time to decide, or None where nothing is known.

        The law of the plan's state goes before federal law. The rule found may itself say that no authorization
        exists, or hold only the question to ask.
        """
        fitting = [
            rule
            for rule in self._timeframes_of[lob]
            if kind in rule.kinds
            and urgency in rule.urgencies
            and benefit in rule.benefits
            and rule.state in (None, state)
            and rule.in_force_on(day)
        ]
        return min(fitting, key=lambda rule: rule.state is None, default=None)

    @cached_property
    def _timeframes_of(self) -> Mapping[LineOfBusiness, tuple[DecisionTimeframe, ...]]:
        rules = self.regulations.decision_timeframes
        return {lob: tuple(rule for rule in rules if lob in rule.lines_of_business) for lob in LineOfBusiness}

    def appeal_window(
        self, lob: LineOfBusiness, level: int, *, day: date, benefit: BenefitChannel = BenefitChannel.MEDICAL
    ) -> AppealWindow | None:
        """Return the rule of one level of appeal, or None where nothing is known of that level."""
        fitting = (
            rule
            for rule in self.regulations.appeal_windows
            if lob in rule.lines_of_business
            and level == rule.level
            and benefit in rule.benefits
            and rule.in_force_on(day)
        )
        return next(fitting, None)

    def continuity_rules(
        self, lob: LineOfBusiness, *, day: date, state: str | None = None
    ) -> tuple[ContinuityRule, ...]:
        """Return the rights of continuity that may apply; those of a state only for a plan of that state."""
        return tuple(
            rule
            for rule in self.regulations.continuity
            if lob in rule.lines_of_business and rule.in_force_on(day) and rule.state in (None, state)
        )


@cache
def load_knowledge(root: Path) -> Knowledge:
    """Read the folder ``root``; YamlMistakes holds every mistake in all of its files."""
    reading = read_knowledge(root)
    if reading.problems:
        raise YamlMistakes(sorted(reading.problems))
    found = reading.records
    found["policies"] = with_confirmations(found["policies"], found["confirmations"])
    known = Knowledge(
        regulations=Regulations(
            decision_timeframes=tuple(found["decision_timeframes"].values()),
            appeal_windows=tuple(found["appeal_windows"].values()),
            continuity=tuple(found["continuity"].values()),
            conduct=tuple(found["conduct"].values()),
        ),
        **{
            shelf.kind: found[shelf.kind] for shelf in SHELVES if shelf.kind in Knowledge.__dataclass_fields__
        },
    )
    # It lives as long as the process; the garbage collector would walk it for an eighth of the time of a verification.
    gc.freeze()
    return known


def describe_problems(root: Path) -> list[Problem]:
    """Return every mistake in the folder ``root``, in the order of files and lines; empty if it can be used."""
    return sorted(read_knowledge(root).problems)
