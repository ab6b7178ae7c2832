"""Patterns of the whole study: a polyneuropathy of any kind, and slowing so even that it suggests an inherited one."""

from __future__ import annotations

from decimal import Decimal

from priorauth.electrodiagnosis.ean_pns_2021 import RULE_SET, motor_findings, nerves_words, study_findings
from priorauth.electrodiagnosis.findings import Judged, Seen, judged_by, strongest, unless_cold
from priorauth.electrodiagnosis.measured import (
    Quantity,
)
from priorauth.electrodiagnosis.nerves import Limb, Nerve
from priorauth.electrodiagnosis.sensory import abnormal as sensory_abnormal
from priorauth.electrodiagnosis.study import KEY, Recorded, Studied, cite_study, studied
from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Resolution, Unknown
from priorauth.wording import listed, plain


# Charcot-Marie-Tooth disease type 1 slows the forearm below 38 m/s, and alike in all nerves.
INHERITED_ARM_VELOCITY_BELOW = Decimal(38)
# Working definition: velocities of the arm nerves within 10 m/s of each other count as uniform.
UNIFORM_WITHIN_M_S = Decimal(10)
_NERVES_FOR_A_PATTERN = 2
_FOCAL_ITEMS = ("M-e", "M-f")
"""Block and dispersion."""


def polyneuropathy(context: Context) -> Resolution:
    """Whether any value is abnormal in two nerves or more, of whatever kind."""
    found = studied(context)
    if isinstance(found, Unknown):
        return found
    demyelinated = study_findings(context).shown
    judged = _abnormalities(found, {nerve for _, nerve in demyelinated})
    shown = sorted(nerve for nerve, entry in judged.items() if entry.seen is Seen.PRESENT)
    still_open = [nerve for nerve, entry in judged.items() if entry.seen in (Seen.OPEN, Seen.NOT_MEASURED)]
    facts = cite_study(found, context)
    if len(shown) >= _NERVES_FOR_A_PATTERN:
        return Known(
            value=True,
            reason=f"Abnormal in {listed([nerve.words for nerve in shown])} ({found.words})",
            facts=facts,
        )
    if len(shown) + len(still_open) >= _NERVES_FOR_A_PATTERN or len(judged) < _NERVES_FOR_A_PATTERN:
        return Unknown(
            f"The values do not show whether two nerves are abnormal ({found.words})", (KEY,), facts
        )
    return Known(
        value=False, reason=f"Abnormal in {len(shown)} of {len(judged)} nerves ({found.words})", facts=facts
    )


def uniform_slowing(context: Context) -> Resolution:
    """Whether all arm nerves are slowed alike, below the limit of inherited neuropathies, without block or dispersion."""
    found = studied(context)
    if isinstance(found, Unknown):
        return found
    facts = cite_study(found, context)
    velocities = _arm_velocities(found)
    if any(entry.cold for entry in found.motor):
        return Unknown(
            f"Uniform slowing cannot be told from cold: {'; '.join(found.cautions)}", (KEY,), facts
        )
    if len({nerve for nerve, _ in velocities}) < _NERVES_FOR_A_PATTERN:
        return Unknown(
            f"Velocities of two arm nerves are needed to call slowing uniform ({found.words})", (KEY,), facts
        )
    values = [velocity for _, velocity in velocities]
    words = listed([f"{nerve.words} {plain(velocity)} m/s" for nerve, velocity in velocities])
    if max(values) >= INHERITED_ARM_VELOCITY_BELOW:
        return Known(
            value=False,
            reason=f"Not all arm nerves are below {plain(INHERITED_ARM_VELOCITY_BELOW)} m/s: {words} ({found.words})",
            facts=facts,
        )
    if max(values) - min(values) > UNIFORM_WITHIN_M_S:
        return Known(value=False, reason=f"Slowing is uneven: {words} ({found.words})", facts=facts)
    focal = _block_or_dispersion(found, context)
    if focal is None:
        return Unknown(
            f"Even slowing ({words}), but amplitudes and durations do not exclude block or dispersion",
            (KEY,),
            facts,
        )
    if focal:
        return Known(
            value=False,
            reason=f"Even slowing ({words}), but with block or dispersion ({found.words})",
            facts=facts,
        )
    reason = f"{words}, within {plain(UNIFORM_WITHIN_M_S)} m/s (working definition), no block or dispersion in {nerves_words(found)}"
    return Known(value=True, reason=reason, facts=facts)


def _abnormalities(found: Studied, blocked: set[Nerve]) -> dict[Nerve, Judged]:
    judged: dict[Nerve, Judged] = dict.fromkeys(blocked, Judged(Seen.PRESENT))
    results = [(entry.nerve, _motor_abnormal(entry)) for entry in found.motor]
    results += [(entry.nerve, sensory_abnormal(entry)) for entry in found.sensory]
    for nerve, result in results:
        if nerve not in judged or result.seen > judged[nerve].seen:
            judged[nerve] = result
    return {nerve: result for nerve, result in judged.items() if result.seen is not Seen.LEFT_OUT}


def _motor_abnormal(recorded: Recorded) -> Judged:
    site = recorded.distal
    if site.entrapment_site:
        return Judged(Seen.LEFT_OUT)
    quantities = (recorded.distal_latency_excess, recorded.f_wave_excess, *recorded.slowings)
    slow = strongest(judged_by(quantity, _beyond_limit) for quantity in quantities)
    small = Judged(Seen.NOT_MEASURED)
    if site.amplitude is not None and site.amplitude_lower is not None:
        small = Judged(Seen.PRESENT if site.amplitude < site.amplitude_lower else Seen.ABSENT)
    absent_f = Judged(Seen.PRESENT if recorded.recording.f_wave_absent else Seen.NOT_MEASURED)
    return strongest([unless_cold(slow, recorded), small, absent_f])


def _beyond_limit(quantity: Quantity) -> bool:
    return quantity.value is not None and quantity.value > 0


def _arm_velocities(found: Studied) -> list[tuple[Nerve, Decimal]]:
    return [
        (entry.nerve, row.velocity_m_s)
        for entry in found.motor
        if entry.nerve.limb is Limb.ARM
        for row in entry.recording.segments
        if row.velocity_m_s is not None and not row.entrapment_site
    ]


def _block_or_dispersion(found: Studied, context: Context) -> bool | None:
    findings = motor_findings(found.motor, context.knowledge.rule_sets[RULE_SET], _FOCAL_ITEMS)
    return True if findings.shown else (None if findings.possible else False)


DERIVATIONS = {"edx.polyneuropathy": polyneuropathy, "edx.uniform_slowing": uniform_slowing}
