"""Rows of the tables of a letter: criteria, nerve conduction, treatments. Values in words, empty where not measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from priorauth.letters.reasons import caveats, mentioned, tabled
from priorauth.letters.witnesses import Evidence
from priorauth.wording import plain, slug_words
from schemas.assessment import CitedFact, Finding, Status
from schemas.chart import Diagnosis, MuscleStrength, NerveRecording, NerveSegment
from schemas.policy import Effect, Topic


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One line of the criteria table."""

    number: int
    criterion: str
    topic: Topic
    title: str
    clause: str | None
    section: str | None
    status: Status
    effect: Effect | None
    reason: str
    caveats: str
    facts: tuple[CitedFact, ...]
    same_as: int | None = None


@dataclass(frozen=True, slots=True)
class NerveRow:
    """One stimulation site of the nerve conduction table; values in words, empty where not measured."""

    nerve: str
    site: str
    latency: str
    amplitude: str
    area: str
    duration: str
    velocity: str
    f_wave: str
    whole_name: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as it is printed."""
        return (
            self.nerve,
            self.site,
            self.latency,
            self.amplitude,
            self.area,
            self.duration,
            self.velocity,
            self.f_wave,
        )


@dataclass(frozen=True, slots=True)
class StrengthRow:
    """One muscle or movement with its MRC grades; a side that was not graded is empty."""

    ground: Evidence
    muscle: str
    right: str
    left: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as it is printed."""
        return (self.muscle, self.right, self.left)


def strength_words(entry: MuscleStrength) -> str:
    """Say the grades of one muscle: "right 4, left 3"."""
    sides = (("right", entry.right), ("left", entry.left))
    return ", ".join(f"{side} {grade}" for side, grade in sides if grade is not None)


@dataclass(frozen=True, slots=True)
class TherapyRow:
    """One earlier or present treatment."""

    ground: Evidence
    treatment: str
    dates: str
    dose: str
    outcome: str

    @property
    def head(self) -> str:
        """What stands before the outcome in the row."""
        return " ".join(cell for cell in (self.treatment, self.dates, self.dose) if cell)


def criterion_row(number: int, finding: Finding) -> CriterionRow:
    """Make the row of one finding."""
    return CriterionRow(
        number=number,
        criterion=finding.criterion,
        topic=finding.topic,
        title=finding.title,
        clause=finding.clause,
        section=finding.section,
        status=finding.status,
        effect=finding.effect,
        reason=tabled(finding.reason, finding.facts),
        caveats=caveats(finding.reason),
        facts=mentioned(finding.reason, finding.facts),
    )


def without_repetition(rows: Iterable[CriterionRow]) -> tuple[CriterionRow, ...]:
    """Let a row that rests on the words of an earlier row refer to it by ``same_as``."""
    first: dict[str, int] = {}
    return tuple(replace(row, same_as=_earlier(row, first)) for row in rows)


def _earlier(row: CriterionRow, first: dict[str, int]) -> int | None:
    number = first.setdefault(row.reason, row.number)
    return None if number == row.number else number


def diagnosis_words(entry: Diagnosis) -> str:
    """Say a diagnosis as "name (code)", as a letter does."""
    return f"{entry.description} ({entry.code})" if entry.description else entry.code


def period(started: date | None, stopped: date | None) -> str:
    """Say from when to when a treatment went; empty where neither is recorded."""
    if started is None and stopped is None:
        return ""
    begin = f"{started:%m/%d/%Y}" if started else "start not stated"
    return f"{begin} to {stopped:%m/%d/%Y}" if stopped else f"since {begin}" if started else begin


def nerve_rows(recording: NerveRecording) -> list[NerveRow]:
    """Make the rows of one nerve, one for each stimulation site."""
    name = f"{slug_words(recording.nerve)}, {recording.side.value}".capitalize()
    return [
        _nerve_row(name if number == 0 else "", name, segment, recording, first=number == 0)
        for number, segment in enumerate(recording.segments)
    ]


def _nerve_row(
    name: str, whole_name: str, segment: NerveSegment, recording: NerveRecording, *, first: bool
) -> NerveRow:
    f_wave = ""
    if first and recording.f_wave_absent:
        f_wave = "absent"
    elif first and recording.f_wave_ms is not None:
        f_wave = _with_limit(recording.f_wave_ms, "max", recording.f_wave_upper_ms)
    return NerveRow(
        nerve=name,
        site=segment.segment,
        latency=_with_limit(segment.latency_ms, "max", segment.latency_upper_ms),
        amplitude=_with_limit(segment.amplitude, "min", segment.amplitude_lower),
        area=plain(segment.area) if segment.area is not None else "",
        duration=plain(segment.duration_ms) if segment.duration_ms is not None else "",
        velocity=_with_limit(segment.velocity_m_s, "min", segment.velocity_lower_m_s),
        f_wave=f_wave,
        whole_name=whole_name,
    )


def _with_limit(value: Decimal | None, bound: str, limit: Decimal | None) -> str:
    # In words: on a fax the sign "≥" reads as a 2, and "≥ 50" as 250.
    if value is None:
        return ""
    return f"{plain(value)} ({bound} {plain(limit)})" if limit is not None else plain(value)
