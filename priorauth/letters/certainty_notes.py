"""What the practice should know of the certainty of the diagnosis before it signs: sensory conduction, and the level."""

from __future__ import annotations

from collections.abc import Iterator

from priorauth.electrodiagnosis.bedside import cidp_variants
from priorauth.electrodiagnosis.levels import level_of_certainty
from priorauth.facts.context import Context
from priorauth.facts.resolution import Known
from schemas.base import ConditionId


_SUPPORTIVE = ("strongly_supportive", "weakly_supportive")


def certainty_notes(context: Context) -> Iterator[str]:
    """Yield whole sentences; none where the record leaves no doubt."""
    yield from _sensory_conduction(context)
    level = level_of_certainty(context)
    if level is not None and not level.verified:
        yield (
            f"Level of certainty: {level.words}. The rule for these levels is not verified; compare it with the guideline."
        )


def _sensory_conduction(context: Context) -> Iterator[str]:
    motor, sensory = context.resolve("edx.ean_pns_2021"), context.resolve("edx.ean_pns_2021_sensory")
    if context.case.condition is not ConditionId.CIDP or not isinstance(motor, Known):
        return
    if motor.value not in _SUPPORTIVE or cidp_variants(context)["motor"]:
        return
    if not isinstance(sensory, Known):
        yield (
            "Sensory conduction is not measured, or not in enough nerves to be judged; EAN/PNS 2021 asks for two abnormal "
            "sensory nerves. Get the sensory part of the study with its values."
        )
    elif sensory.value == "normal":
        yield (
            "Sensory conduction is normal; EAN/PNS 2021 asks for two abnormal sensory nerves. Ask the neurologist whether "
            "motor CIDP is meant, or whether MMN or motor neuron disease has to be excluded."
        )
