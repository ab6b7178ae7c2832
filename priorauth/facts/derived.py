"""The registry of derived facts: which function answers which key of the vocabulary."""

from __future__ import annotations

from collections.abc import Callable

from priorauth.electrodiagnosis import (
    antibody_clues,
    bedside,
    brighton,
    certainty,
    ean_pns_2021,
    efns_pns_2010,
    mimics,
    mmn,
    mmn_category,
    pattern,
    payer_list,
    sensory,
    study,
    three_of_four,
)
from priorauth.facts import (
    authorization,
    clinical,
    dose,
    dose_limits,
    policy,
    product,
    record,
    request,
    safety,
)
from priorauth.facts.context import Context
from priorauth.facts.resolution import Resolution
from priorauth.response import dependence, objective, relapse
from schemas.base import FactKey


Derivation = Callable[[Context], Resolution]

DERIVATIONS: dict[str, Derivation] = {
    **clinical.DERIVATIONS,
    **antibody_clues.DERIVATIONS,
    **bedside.DERIVATIONS,
    **brighton.DERIVATIONS,
    **certainty.DERIVATIONS,
    **ean_pns_2021.DERIVATIONS,
    **efns_pns_2010.DERIVATIONS,
    **mimics.DERIVATIONS,
    **mmn.DERIVATIONS,
    **mmn_category.DERIVATIONS,
    **pattern.DERIVATIONS,
    **payer_list.DERIVATIONS,
    **sensory.DERIVATIONS,
    **study.DERIVATIONS,
    **three_of_four.DERIVATIONS,
    **dependence.DERIVATIONS,
    **objective.DERIVATIONS,
    **relapse.DERIVATIONS,
    **request.DERIVATIONS,
    **policy.DERIVATIONS,
    **dose.DERIVATIONS,
    **dose_limits.DERIVATIONS,
    **product.DERIVATIONS,
    **record.DERIVATIONS,
    **safety.DERIVATIONS,
    **authorization.DERIVATIONS,
}

SEEN_OF_THE_POLICY: dict[FactKey, frozenset[str]] = {
    "policy.found": frozenset({"title", "version", "conditions"}),
    "policy.confirmed": frozenset({"confirmation", "modelled_on"}),
    "policy.criteria_read": frozenset({"confirmation", "modelled_on"}),
    "policy.phase_offered": frozenset({"conditions"}),
    "authorization.needed": frozenset(
        {"no_authorization_at_all", "no_authorization_at", "no_authorization_duty"}
    ),
    "diagnosis.covered": frozenset({"conditions"}),
    "dose.weight_known": frozenset({"dosing_weight"}),
    "dose.grams_per_kg_a_day": frozenset({"dosing_weight"}),
    "dose.grams_agree": frozenset({"dosing_weight", "rounding_percent"}),
    "dose.within_label": frozenset({"dosing_weight", "rounding_percent"}),
    "dose.within_policy": frozenset({"conditions", "dosing_weight", "rounding_percent"}),
    "product.preference": frozenset({"products"}),
    "product.preferred_failures_needed": frozenset({"products"}),
}
"""The fields of the governing policy that a fact looks at; what is not named here is the same under any policy.

Of ``conditions`` facts look at codes, dose limits and which phases there are, never at criteria.
"""
