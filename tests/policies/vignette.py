"""Vignettes: short cases in YAML, with the finding expected for each criterion, expanded to whole cases.

A vignette says only what matters to it. Everything else is filled in here, plainly: coverage that is active, a
prescriber, entries dated on the day assessed and recorded by "vignette".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import Field

from priorauth.knowledge import load_knowledge
from schemas.base import Exact, FactKey, Line, Model, Slug
from schemas.case import Case
from schemas.chart import FactValue


KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
SOURCE = {"recorded_by": "vignette"}
PRESCRIBER = {"name": "Dr. N. Example", "npi": "1234567893", "phone": "555-0100"}


class DatedValue(Model):
    """A fact with what a plain ``key: value`` cannot say."""

    value: FactValue
    unit: Line | None = None
    dated: date | None = None
    undated: bool = Field(
        False, description="the record gives no date, so no criterion may rest on the entry"
    )


class DatedScore(Model):
    """One result of an outcome measure."""

    value: Exact
    dated: date | None = Field(None, description="empty: the day assessed")
    out_of: Exact | None = None
    side: Line | None = None
    unit: Line | None = None


class Study(Model):
    """A nerve study as compact tables: nerve and side, then site by site ``value/limit`` as the report prints it.

    The first site of a nerve is the distal one. Motor rows: latency, velocity, amplitude (mV), area, duration;
    ``F wave`` stands beside the sites, as ``40/31`` or ``absent``.
    """

    dated: date | None = None
    motor: Mapping[Line, Mapping[Line, Mapping[Line, Exact | Line] | Line]] = Field(default_factory=dict)
    sensory: Mapping[Line, Mapping[Line, Mapping[Line, Exact | Line]]] = Field(default_factory=dict)
    low_frequency_filter_hz: Exact | None = None


class Expected(Model):
    """What verification must find. Criteria not named here may come out either way."""

    recommendation: Line | None = None
    approval_months: Exact | None = None
    policy_version: Line | None = None
    met: tuple[Line, ...] = ()
    not_met: tuple[Line, ...] = ()
    undocumented: tuple[Line, ...] = ()
    held_back: tuple[Line, ...] = Field(
        (), description="criteria that do not apply, so that there is no finding"
    )
    units: tuple[int, ...] = Field((), description="billing units computed for each order, one dose each")
    total_units: int | None = Field(None, description="billing units of all doses asked for")
    facts: Mapping[FactKey, FactValue] = Field(
        default_factory=dict, description="facts of the vocabulary, recorded or derived, with their values"
    )
    work_names: tuple[FactKey, ...] = Field((), description="facts the work list asks for")
    decision_within: Line | None = Field(None, description="the payer's time to decide, as '24 hours'")
    rights: tuple[Slug, ...] = Field((), description="rules of continuity that hold for the case")
    questions_for_counsel: tuple[Slug, ...] = Field(
        (), description="rules of continuity with an open question"
    )


class Vignette(Model):
    """One case in short, and what is expected of it."""

    name: Line
    number: Line | None = None
    payer: Slug
    line_of_business: Line = "commercial_fully_insured"
    as_of: date
    condition: Line | None = None
    phase: Line = "initiation"
    sex: Line = "unknown"
    age: int | None = Field(50, description="null: the date of birth is not on file")
    coverage: Mapping[Line, Any] = Field(default_factory=dict)
    prescriber: Mapping[Line, Any] = Field(default_factory=dict)
    facts: Mapping[FactKey, FactValue | DatedValue | tuple[DatedValue, ...]] = Field(default_factory=dict)
    measures: Mapping[Slug, Exact | tuple[DatedScore, ...]] = Field(default_factory=dict)
    study: Study | None = None
    therapies: tuple[Mapping[Line, Any], ...] = ()
    infusions: tuple[Mapping[Line, Any], ...] = ()
    request: Mapping[Line, Any] = Field(default_factory=dict)
    course: Mapping[Line, Any] = Field(default_factory=dict)
    expect: Expected = Expected()

    def case(self) -> Case:
        """Expand to a case, which the schemas then check like any other."""
        return Case.model_validate(
            {
                "case_id": "PA-00000000",
                "referral": {"system": "vignettes", "identifier": self.number or self.name[:300]},
                "condition": self.condition,
                "patient": {
                    "sex": self.sex,
                    "born": None if self.age is None else date(self.as_of.year - self.age, 1, 1),
                },
                "coverage": {
                    "payer": self.payer,
                    "line_of_business": self.line_of_business,
                    "member_id": "W000000001",
                    "starts": date(self.as_of.year - 1, 1, 1),
                    "verified_on": self.as_of,
                    "active": True,
                    **self.coverage,
                },
                "prescriber": {**PRESCRIBER, **self.prescriber},
                "request": {
                    "phase": self.phase,
                    "requested_on": self.as_of,
                    "starts": self.as_of,
                    **self.request,
                },
                "chart": {
                    "facts": list(self._facts()),
                    "measurements": list(self._measurements()),
                    "nerve_studies": [_study(self.study, self.as_of)] if self.study else [],
                    "therapies": [
                        {"dated": self.as_of, "source": SOURCE, **entry} for entry in self.therapies
                    ],
                    "infusions": [
                        {"dated": entry["on"], "source": SOURCE, **entry} for entry in self.infusions
                    ],
                },
                "course": {
                    **self.course,
                    "authorizations": [
                        {"payer": self.payer, "source": SOURCE, **grant}
                        for grant in self.course.get("authorizations", ())
                    ],
                },
            }
        )

    def _facts(self) -> list[dict[str, Any]]:
        entries = []
        for key, stated in self.facts.items():
            for one in stated if isinstance(stated, tuple) else (stated,):
                dated = one if isinstance(one, DatedValue) else DatedValue(value=one)
                day = None if dated.undated else dated.dated or self.as_of
                entries.append(
                    {
                        "fact": key,
                        "value": dated.value,
                        "unit": dated.unit or _usual_unit(key),
                        "dated": day,
                        "source": SOURCE,
                    }
                )
        return entries

    def _measurements(self) -> list[dict[str, Any]]:
        entries = []
        for measure, stated in self.measures.items():
            scores = stated if isinstance(stated, tuple) else (DatedScore(value=stated),)
            entries += [
                {
                    "measure": measure,
                    "source": SOURCE,
                    "dated": self.as_of,
                    **score.model_dump(exclude_none=True),
                }
                for score in scores
            ]
        return entries


_MOTOR_COLUMNS = {
    "latency": ("latency_ms", "latency_upper_ms"),
    "velocity": ("velocity_m_s", "velocity_lower_m_s"),
    "amplitude": ("amplitude", "amplitude_lower"),
    "area": ("area", None),
    "duration": ("duration_ms", None),
}


def _study(study: Study, as_of: date) -> dict[str, Any]:
    recordings = [
        _recording(name, rows, kind)
        for kind, table in (("motor", study.motor), ("sensory", study.sensory))
        for name, rows in table.items()
    ]
    return {
        "dated": study.dated or as_of,
        "source": SOURCE,
        "recordings": recordings,
        "temperature_arm_c": 33,
        "temperature_leg_c": 31,
        "low_frequency_filter_hz": study.low_frequency_filter_hz,
    }


def _recording(name: str, rows: Mapping[str, Any], kind: str) -> dict[str, Any]:
    nerve, side = name.rsplit(" ", 1)
    recording: dict[str, Any] = {"nerve": nerve, "side": side, "kind": kind, "segments": []}
    for site, columns in rows.items():
        if site == "F wave":
            recording |= _f_wave(str(columns))
            continue
        segment: dict[str, Any] = {"segment": site, "distal": not recording["segments"]}
        for column, cell in columns.items():
            value, limit = _MOTOR_COLUMNS[column]
            measured, _, normal = str(cell).partition("/")
            segment[value] = measured
            if normal and limit:
                segment[limit] = normal
        recording["segments"].append(segment)
    return recording


def _f_wave(cell: str) -> dict[str, Any]:
    if cell == "absent":
        return {"f_wave_absent": True}
    measured, _, normal = cell.partition("/")
    return {"f_wave_absent": False, "f_wave_ms": measured, "f_wave_upper_ms": normal or None}


def _usual_unit(key: FactKey) -> str | None:
    """A vignette may leave out the unit that the vocabulary names first; a chart may not."""
    definition = load_knowledge(KNOWLEDGE).vocabulary.get(key)
    return definition.unit if definition else None
