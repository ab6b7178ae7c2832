"""What one recording gives to compare with a cut-off: excess, slowing, fall and spread, each as a quantity.

A quantity that cannot be computed says what it lacks; it is never taken for normal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from priorauth.electrodiagnosis.nerves import Limb, Nerve
from priorauth.wording import plain
from schemas.chart import NerveRecording, NerveSegment


# Sites whose stretch below them crosses a common place of compression, even where the table does not mark it.
_CROSSES_ENTRAPMENT = {
    "ulnar": ("above elbow", "across elbow"),
    "fibular": ("above fibular head", "across fibular head", "above knee", "popliteal"),
}
_UNITS = {"amplitude": "mV", "area": "mV·ms"}
_BEYOND_FOREARM_OR_CALF = ("above", "axilla", "arm", "erb", "plexus", "popliteal", "thigh", "supraclavicular")


@dataclass(frozen=True, slots=True)
class Quantity:
    """One value to compare. ``value`` is None where it was not measured, or where ``lacks`` says what is missing.

    Most values are normal and never told, so their words are made only when asked for.
    """

    value: Decimal | None = None
    say: Callable[[], str] = str
    lacks: str = ""

    @property
    def words(self) -> str:
        return self.say()


@dataclass(frozen=True, slots=True)
class Stretch:
    """What happens to the motor response between a more distal and a more proximal site of stimulation."""

    words: str
    amplitude_fall: Quantity
    area_fall: Quantity
    duration_rise: Quantity
    distal_percent_of_lower: Decimal | None
    distal_mv: Decimal | None
    long: bool
    """A long segment; between two sites at one joint it is short."""
    within_forearm_or_calf: bool
    """Wrist to elbow, or ankle to below the knee, the stretches of the 1991 criteria."""


def whole_percent(number: Decimal) -> str:
    """Write a percentage without decimals, as a report of a laboratory does."""
    return f"{plain(number.quantize(Decimal(1), ROUND_HALF_UP))}%"


def sites(recording: NerveRecording) -> list[NerveSegment]:
    """Return the sites of stimulation, the most distal first; a row with a velocity only is a segment, not a site."""
    stimulated = [row for row in recording.segments if row.distal or _is_site(row)] or [recording.segments[0]]
    latencies = [row.latency_ms for row in stimulated]
    if None not in latencies:
        # A response takes longer from further up, so latency orders the sites whatever the order of the rows.
        return sorted(stimulated, key=lambda row: (row.latency_ms or Decimal(0), not row.distal))
    return stimulated[::-1] if stimulated[-1].distal else stimulated


def _is_site(row: NerveSegment) -> bool:
    return any(value is not None for value in (row.latency_ms, row.amplitude, row.area, row.duration_ms))


def distal_latency_excess(site: NerveSegment) -> Quantity:
    """Distal latency in percent above the upper limit of normal."""
    if site.latency_ms is None:
        return Quantity()
    return _over(
        site.latency_ms,
        site.latency_upper_ms,
        "ms",
        "upper limit of the distal latency",
    )


def f_wave_excess(recording: NerveRecording) -> Quantity:
    """F-wave latency in percent above the upper limit of normal."""
    if recording.f_wave_ms is None:
        return Quantity(lacks="F-wave latency" if recording.f_wave_absent is False else "")
    return _over(
        recording.f_wave_ms,
        recording.f_wave_upper_ms,
        "ms",
        "upper limit of the F-wave latency",
    )


def slowings(recording: NerveRecording) -> list[Quantity]:
    """Slowing of every segment in percent below the lower limit, entrapment sites left out.

    A lower limit printed once for the nerve holds for its other segments too.
    """
    limits = {row.velocity_lower_m_s for row in recording.segments if row.velocity_lower_m_s is not None}
    only_limit = limits.pop() if len(limits) == 1 else None
    return [
        _under(
            row.velocity_m_s,
            row.velocity_lower_m_s or only_limit,
            "m/s",
            "lower limit of the velocity",
        )
        for row in recording.segments
        if row.velocity_m_s is not None and not row.entrapment_site
    ]


def distal_amplitude_percent(site: NerveSegment) -> Decimal | None:
    """Distal amplitude in percent of the lower limit of normal, or None where either is missing."""
    return _percent_of(site.amplitude, site.amplitude_lower)


def stretches(nerve: Nerve, ordered: list[NerveSegment]) -> Iterator[Stretch]:
    """Compare every pair of sites, distal first, between which no common site of entrapment lies."""
    printed_lower = ordered[0].amplitude_lower
    for lower, distal in enumerate(ordered):
        for proximal in ordered[lower + 1 :]:
            if crosses_entrapment(nerve, proximal):
                break
            yield _stretch(nerve, distal, proximal, distal.amplitude_lower or printed_lower)


def crosses_entrapment(nerve: Nerve, site: NerveSegment) -> bool:
    """Whether the stretch just below this site passes a common place of compression."""
    return site.entrapment_site or any(
        name in site.segment.lower() for name in _CROSSES_ENTRAPMENT.get(nerve.name, ())
    )


def _stretch(
    nerve: Nerve, distal: NerveSegment, proximal: NerveSegment, lower_limit: Decimal | None
) -> Stretch:
    between = f"{_lowered(distal.segment)} to {_lowered(proximal.segment)}"
    at_one_joint = "elbow" in distal.segment.lower() and "elbow" in proximal.segment.lower()
    return Stretch(
        words=between,
        amplitude_fall=_fall(distal.amplitude, proximal.amplitude, "amplitude", between),
        area_fall=_fall(distal.area, proximal.area, "area", between),
        duration_rise=_rise(distal.duration_ms, proximal.duration_ms, between),
        distal_percent_of_lower=_percent_of(distal.amplitude, lower_limit),
        distal_mv=distal.amplitude,
        long=nerve.limb is Limb.ARM and not at_one_joint,
        within_forearm_or_calf=not any(
            word in proximal.segment.lower().replace("forearm", "") for word in _BEYOND_FOREARM_OR_CALF
        ),
    )


def _over(value: Decimal, limit: Decimal | None, unit: str, lacks: str) -> Quantity:
    if limit is None or limit <= 0:
        return Quantity(lacks=lacks)
    excess = (value / limit - 1) * 100
    return Quantity(excess, lambda: f"{plain(value)} {unit} ({_beyond(excess, 'above', limit)})")


def _under(value: Decimal, limit: Decimal | None, unit: str, lacks: str) -> Quantity:
    if limit is None or limit <= 0:
        return Quantity(lacks=lacks)
    slowing = (1 - value / limit) * 100
    return Quantity(slowing, lambda: f"{plain(value)} {unit} ({_beyond(slowing, 'below', limit)})")


def _beyond(percent: Decimal, side: str, limit: Decimal) -> str:
    if percent <= 0:
        return f"limit {plain(limit)}"
    return f"{whole_percent(percent)} {side} the limit of {plain(limit)}"


def _fall(distal: Decimal | None, proximal: Decimal | None, what: str, between: str) -> Quantity:
    if distal is None and proximal is None:
        return Quantity()
    if distal is None or proximal is None:
        return Quantity(lacks=f"{what} at both sites of {between}")
    if distal <= 0:
        return Quantity(lacks=f"a distal response to compare, {between}")
    fall = (1 - proximal / distal) * 100
    unit = _UNITS[what]
    return Quantity(
        fall, lambda: f"{between}, {what} {plain(distal)} → {plain(proximal)} {unit} ({_signed(-fall)})"
    )


def _rise(distal: Decimal | None, proximal: Decimal | None, between: str) -> Quantity:
    if distal is None and proximal is None:
        return Quantity()
    if distal is None or proximal is None or distal <= 0:
        return Quantity(lacks=f"duration at both sites of {between}")
    rise = (proximal / distal - 1) * 100
    return Quantity(
        rise, lambda: f"{between}, duration {plain(distal)} → {plain(proximal)} ms ({_signed(rise)})"
    )


def _signed(percent: Decimal) -> str:
    return f"{'−' if percent < 0 else '+'}{whole_percent(abs(percent))}"


def _lowered(site: str) -> str:
    """Write a site within a sentence; only a name such as Erb's keeps its capital."""
    return site if site.startswith("Erb") else site[:1].lower() + site[1:]


def _percent_of(value: Decimal | None, limit: Decimal | None) -> Decimal | None:
    return None if value is None or limit is None or limit <= 0 else value / limit * 100
