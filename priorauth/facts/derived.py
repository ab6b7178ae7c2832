"""The registry of derived facts: which function answers which key of the vocabulary."""

from __future__ import annotations

from collections.abc import Callable

from priorauth.facts import authorization, clinical, dose, dose_limits, policy, product, request, safety
from priorauth.facts.context import Context
from priorauth.facts.resolution import Resolution


Derivation = Callable[[Context], Resolution]

DERIVATIONS: dict[str, Derivation] = {
    **request.DERIVATIONS,
    **policy.DERIVATIONS,
    **clinical.DERIVATIONS,
    **dose.DERIVATIONS,
    **dose_limits.DERIVATIONS,
    **product.DERIVATIONS,
    **safety.DERIVATIONS,
    **authorization.DERIVATIONS,
}
