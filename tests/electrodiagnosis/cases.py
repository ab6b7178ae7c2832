"""Nerve tables and charts for tests: a normal study of four motor nerves, and cases with what a test adds to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from priorauth.facts.context import Context
from priorauth.facts.derived import DERIVATIONS
from priorauth.facts.resolution import Known, Resolution, Unknown
from priorauth.knowledge import load_knowledge
from schemas.base import ConditionId, Phase, Side
from schemas.case import Case, Patient, Referral
from schemas.chart import (
    Chart,
    Fact,
    FactValue,
    Measurement,
    NerveKind,
    NerveRecording,
    NerveSegment,
    NerveStudy,
    Source,
)
from schemas.treatment import TreatmentRequest


AS_OF = date(2026, 11, 23)
STUDIED_ON = date(2026, 10, 12)
SOURCE = Source(recorded_by="test")
KNOWLEDGE = load_knowledge(Path(__file__).parents[2] / "knowledge")

# Limits of normal and normal values: distal latency, velocity, amplitude, distal duration, F-wave.
_NORMAL = {
    "median": ("4.0", "3.0", "50", "55", "4", "8", "6.0", "31", "28"),
    "ulnar": ("3.0", "2.5", "50", "55", "6", "9", "6.0", "32", "28"),
    "radial": ("3.0", "2.5", "50", "55", "2", "5", "6.0", "31", "28"),
    "fibular": ("6.0", "5.0", "40", "45", "2", "5", "6.0", "56", "50"),
    "tibial": ("6.0", "5.0", "40", "45", "4", "8", "6.0", "56", "50"),
}
_PROXIMAL = {
    "median": "elbow",
    "ulnar": "below elbow",
    "radial": "elbow",
    "fibular": "below knee",
    "tibial": "knee",
}


def number(text: str | Decimal | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def motor(
    nerve: str,
    side: Side = Side.RIGHT,
    *,
    limits: bool = True,
    proximal_segment: Mapping[str, Any] | None = None,
    distal_segment: Mapping[str, Any] | None = None,
    **values: Any,
) -> NerveRecording:
    """Record a normal motor nerve; ``values`` replace latency, velocity, amplitude, proximal, duration, f_wave…"""
    (
        latency_upper,
        latency,
        velocity_lower,
        velocity,
        amplitude_lower,
        amplitude,
        duration,
        f_upper,
        f_wave,
    ) = _NORMAL[nerve]
    taken = {
        "latency": latency,
        "velocity": velocity,
        "amplitude": amplitude,
        "proximal": values.get("amplitude", amplitude),
        "duration": duration,
        "proximal_duration": values.get("duration", duration),
        "area": None,
        "proximal_area": None,
        "f_wave": f_wave,
        "f_wave_absent": None,
        **values,
    }
    site = {"median": "wrist", "ulnar": "wrist", "radial": "forearm"}.get(nerve, "ankle")
    distal = NerveSegment(
        **{"segment": site, **(distal_segment or {})},
        distal=True,
        latency_ms=number(taken["latency"]),
        latency_upper_ms=number(latency_upper) if limits else None,
        amplitude=number(taken["amplitude"]),
        amplitude_lower=number(amplitude_lower) if limits else None,
        duration_ms=number(taken["duration"]),
        area=number(taken["area"]),
    )
    proximal = NerveSegment(
        segment=(proximal_segment or {}).get("segment", _PROXIMAL[nerve]),
        velocity_m_s=number(taken["velocity"]),
        velocity_lower_m_s=number(velocity_lower) if limits else None,
        amplitude=number(taken["proximal"]),
        duration_ms=number(taken["proximal_duration"]),
        area=number(taken["proximal_area"]),
        entrapment_site=(proximal_segment or {}).get("entrapment_site", False),
    )
    return NerveRecording(
        nerve=nerve,
        side=side,
        kind=NerveKind.MOTOR,
        segments=(distal, proximal),
        f_wave_ms=None if taken["f_wave_absent"] else number(taken["f_wave"]),
        f_wave_upper_ms=number(f_upper) if limits else None,
        f_wave_absent=taken["f_wave_absent"],
    )


def sense(
    nerve: str, side: Side = Side.RIGHT, *, amplitude: str | None = "20", velocity: str | None = "55"
) -> NerveRecording:
    """Record a sensory nerve; the limits are 10 µV and 50 m/s."""
    segment = NerveSegment(
        segment="wrist",
        distal=True,
        amplitude=number(amplitude),
        amplitude_lower=Decimal(10),
        velocity_m_s=number(velocity),
        velocity_lower_m_s=Decimal(50),
    )
    return NerveRecording(nerve=nerve, side=side, kind=NerveKind.SENSORY, segments=(segment,))


def four_nerves(*changed: NerveRecording) -> tuple[NerveRecording, ...]:
    """Return the routine study of one side, normal but for the recordings given."""
    replaced = {(recording.nerve, recording.side, recording.kind) for recording in changed}
    normal = (motor(nerve) for nerve in ("median", "ulnar", "fibular", "tibial"))
    return (
        *(
            recording
            for recording in normal
            if (recording.nerve, recording.side, recording.kind) not in replaced
        ),
        *changed,
    )


def nerve_study(
    recordings: Iterable[NerveRecording], *, dated: date | None = STUDIED_ON, **technique: Any
) -> NerveStudy:
    warm = {
        "temperature_arm_c": Decimal(33),
        "temperature_leg_c": Decimal(31),
        "low_frequency_filter_hz": Decimal(2),
    }
    return NerveStudy(dated=dated, source=SOURCE, recordings=tuple(recordings), **{**warm, **technique})


def fact(key: str, value: FactValue, dated: date | None = AS_OF, unit: str | None = None) -> Fact:
    """Record a fact; a number is in the unit of the vocabulary where no other is given."""
    return Fact(
        fact=key, value=value, dated=dated, source=SOURCE, unit=unit or KNOWLEDGE.vocabulary[key].unit
    )


def facts(dated: date | None = AS_OF, **values: FactValue) -> tuple[Fact, ...]:
    return tuple(fact(key, value, dated) for key, value in values.items())


def score(
    measure: str,
    value: str | int,
    dated: date | None,
    *,
    out_of: int | None = None,
    side: Side | None = None,
    unit: str | None = None,
) -> Measurement:
    return Measurement(
        measure=measure,
        value=Decimal(value),
        dated=dated,
        out_of=None if out_of is None else Decimal(out_of),
        side=side,
        unit=unit,
        source=SOURCE,
    )


def case(
    condition: ConditionId | None = ConditionId.CIDP,
    *,
    phase: Phase = Phase.INITIATION,
    born: date | None = date(1972, 3, 1),
    request: TreatmentRequest | None = None,
    **chart: Any,
) -> Context:
    """Return the context of a case with this chart, assessed on 23 November 2026."""
    if "studies" in chart:
        chart["nerve_studies"] = tuple(chart.pop("studies"))
    made = Case(
        case_id="PA-00000000",
        referral=Referral(system="test", identifier="1"),
        condition=condition,
        patient=Patient(born=born),
        request=request or TreatmentRequest(phase=phase),
        chart=Chart(**chart),
    )
    return Context(made, AS_OF, KNOWLEDGE, None, DERIVATIONS)


def studied(
    *recordings: NerveRecording, condition: ConditionId = ConditionId.CIDP, **technique: Any
) -> Context:
    """Return the context of a case with one study of these recordings."""
    return case(condition, studies=[nerve_study(recordings, **technique)])


def value_of(context: Context, key: str) -> object:
    """Return the value of a fact, or "unknown"."""
    resolution = context.resolve(key)
    return resolution.value if isinstance(resolution, Known) else "unknown"


def reason_of(context: Context, key: str) -> str:
    return context.resolve(key).reason


def unknown(resolution: Resolution) -> Unknown:
    assert isinstance(resolution, Unknown), resolution
    return resolution
