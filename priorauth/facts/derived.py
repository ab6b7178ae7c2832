"""The registry of derived facts: which function answers which key of the vocabulary."""

from __future__ import annotations

from collections.abc import Callable

from priorauth.electrodiagnosis import (
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
from priorauth.facts import authorization, clinical, dose, dose_limits, policy, product, request, safety
from priorauth.facts.context import Context
from priorauth.facts.resolution import Resolution
from priorauth.response import dependence, objective, relapse


Derivation = Callable[[Context], Resolution]

# These look at the chart and the condition alone: their answers are the same whichever policy governs.
OF_THE_CHART: dict[str, Derivation] = {
    **clinical.DERIVATIONS,
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
}

DERIVATIONS: dict[str, Derivation] = {
    **OF_THE_CHART,
    **request.DERIVATIONS,
    **policy.DERIVATIONS,
    **dose.DERIVATIONS,
    **dose_limits.DERIVATIONS,
    **product.DERIVATIONS,
    **safety.DERIVATIONS,
    **authorization.DERIVATIONS,
}
