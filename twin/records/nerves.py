"""The nerve conduction study: one source for the tables on paper and for the recordings in the chart.

A recording is written as ``nerve: median right, abductor pollicis brevis`` with ``limits`` (distal latency at most,
amplitude at least, velocity at least, F wave at most; ``-`` for a limit the laboratory does not print), ``f`` and
``sites``. A site is its name followed by latency, amplitude, area, duration and velocity (motor) or latency,
amplitude and velocity (sensory). A star marks the distal site, an exclamation mark a common site of compression.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from schemas.base import Side
from schemas.chart import NerveKind, NerveRecording, NerveSegment, NerveStudy
from twin.records.printed import Block, Heading, Paragraph, Place, Table


MOTOR_HEAD = (
    "Nerve / site", "Lat ms", "≤", "Amp mV", "≥", "Area mV·ms", "Dur ms", "CV m/s", "≥", "F ms", "≤",
)  # fmt: skip
SENSORY_HEAD = ("Nerve / site", "Lat ms", "≤", "Amp µV", "≥", "CV m/s", "≥")


def _number(text: str) -> Decimal | None:
    return None if text == "-" else Decimal(text)


def _site(line: str, count: int) -> tuple[str, bool, bool, list[str]]:
    name, *values = line.rsplit(maxsplit=count)
    return name.rstrip("*! "), "*" in name, "!" in name, values


def _motor_recording(item: dict[str, Any]) -> tuple[NerveRecording, list[tuple[str, ...]]]:
    latency_limit, amplitude_limit, velocity_limit, f_limit = str(item["limits"]).split()
    f_wave = str(item.get("f", "-"))
    who, _, muscle = item["nerve"].partition(", ")
    nerve, side = who.rsplit(maxsplit=1)
    segments = []
    rows: list[tuple[str, ...]] = [_group(nerve, side, muscle)]
    for number, line in enumerate(item["sites"]):
        name, distal, entrapment, (latency, amplitude, area, duration, velocity) = _site(line, 5)
        segments.append(
            NerveSegment(
                segment=name,
                distal=distal,
                entrapment_site=entrapment,
                latency_ms=_number(latency),
                latency_upper_ms=_number(latency_limit) if distal else None,
                velocity_m_s=_number(velocity),
                velocity_lower_m_s=_number(velocity_limit) if velocity != "-" else None,
                amplitude=_number(amplitude),
                amplitude_lower=_number(amplitude_limit) if distal else None,
                area=_number(area),
                duration_ms=_number(duration),
            )
        )
        shown_f = (("NR" if f_wave == "absent" else f_wave), f_limit) if number == 0 else ("", "")
        rows.append(
            (
                name,
                latency,
                latency_limit if distal else "",
                amplitude,
                amplitude_limit if distal else "",
                area,
                duration,
                velocity if velocity != "-" else "",
                velocity_limit if velocity != "-" else "",
                *shown_f,
            )
        )
    recording = NerveRecording(
        nerve=nerve.replace(" ", "_"),
        side=Side(side),
        kind=NerveKind.MOTOR,
        segments=tuple(segments),
        f_wave_ms=None if f_wave in ("absent", "-") else Decimal(f_wave),
        f_wave_upper_ms=_number(f_limit),
        f_wave_absent={"absent": True, "-": None}.get(f_wave, False),
        muscle=muscle or None,
    )
    return recording, rows


def _sensory_recording(item: dict[str, Any]) -> tuple[NerveRecording, list[tuple[str, ...]]]:
    latency_limit, amplitude_limit, velocity_limit = str(item["limits"]).split()
    who, _, site = item["nerve"].partition(", ")
    nerve, side = who.rsplit(maxsplit=1)
    segments = []
    rows: list[tuple[str, ...]] = [_group(nerve, side, site)]
    for line in item["sites"]:
        name, distal, entrapment, (latency, amplitude, velocity) = _site(line, 3)
        absent = amplitude == "NR"
        segments.append(
            NerveSegment(
                segment=name,
                distal=distal,
                entrapment_site=entrapment,
                latency_ms=None if absent else _number(latency),
                latency_upper_ms=_number(latency_limit),
                velocity_m_s=None if absent else _number(velocity),
                velocity_lower_m_s=_number(velocity_limit),
                amplitude=Decimal(0) if absent else _number(amplitude),
                amplitude_lower=_number(amplitude_limit),
            )
        )
        rows.append((name, latency, latency_limit, amplitude, amplitude_limit, velocity, velocity_limit))
    recording = NerveRecording(
        nerve=nerve.replace(" ", "_"),
        side=Side(side),
        kind=NerveKind.SENSORY,
        segments=tuple(segments),
        muscle=None,
    )
    return recording, rows


def _group(nerve: str, side: str, where: str) -> tuple[str]:
    return (f"{nerve.title()} {side.title()}" + (f" – {where}" if where else ""),)


def motor(_: Any, place: Place, made: Block) -> None:
    """Print the motor table; the whole study enters the chart here, under this page."""
    rows = [row for item in place.study["motor"] for row in _motor_recording(item)[1]]
    made.add(Table(tuple(rows), MOTOR_HEAD, "Motor nerve conduction", "nerves"))
    recordings = [_motor_recording(item)[0] for item in place.study["motor"]]
    recordings += [_sensory_recording(item)[0] for item in place.study.get("sensory", ())]
    interpretation = place.study.get("interpretation")
    made.entries.append(
        NerveStudy(
            recordings=tuple(recordings),
            temperature_arm_c=place.study.get("temperature_arm"),
            temperature_leg_c=place.study.get("temperature_leg"),
            low_frequency_filter_hz=place.study.get("low_filter"),
            performed_by=place.study.get("performed_by"),
            interpretation=" ".join(interpretation.split()) if interpretation else None,
            dated=place.dated,
            source=place.source,
        )
    )


def sensory(_: Any, place: Place, made: Block) -> None:
    """Print the sensory table."""
    rows = [row for item in place.study["sensory"] for row in _sensory_recording(item)[1]]
    made.add(Table(tuple(rows), SENSORY_HEAD, "Sensory nerve conduction", "nerves"))


def technical(_: Any, place: Place, made: Block) -> None:
    """Print limb temperatures and filters, as far as the laboratory gives them."""
    study = place.study
    rows = []
    if "temperature_arm" in study:
        rows.append(("Skin temperature, hand", f"{study['temperature_arm']} °C"))
    if "temperature_leg" in study:
        rows.append(("Skin temperature, foot", f"{study['temperature_leg']} °C"))
    if "low_filter" in study:
        rows.append(("Motor filters", f"{study['low_filter']} Hz – 10 kHz"))
    if "performed_by" in study:
        rows.append(("Examiner", study["performed_by"]))
    made.add(Table(tuple(rows), (), None, "pairs"))


def needle(content: list[str], _: Place, made: Block) -> None:
    """Print the needle EMG table: muscle, insertional activity, fibrillations, fasciculations, units, recruitment."""
    rows = tuple(tuple(cell.strip() for cell in row.split("|")) for row in content)
    head = ("Muscle", "Ins. act.", "Fibs/PSW", "Fasc", "MUAP amp/dur", "Recruitment")
    made.add(Table(rows, head, "Needle electromyography", "nerves"))


def impression(_: Any, place: Place, made: Block) -> None:
    """Print the laboratory's own conclusion."""
    made.add(Heading("Impression"))
    made.add(Paragraph(" ".join(place.study["interpretation"].split())))
