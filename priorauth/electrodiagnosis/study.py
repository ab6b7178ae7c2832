"""Which nerve conduction study counts, and its recordings made ready to measure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from priorauth.electrodiagnosis import measured
from priorauth.electrodiagnosis.measured import Quantity, Stretch
from priorauth.electrodiagnosis.nerves import Limb, Nerve, nerve_of
from priorauth.facts.context import Context, once
from priorauth.facts.resolution import Known, Resolution, Unknown
from schemas.assessment import CitedFact
from schemas.case import DocumentKind
from schemas.chart import NerveKind, NerveRecording, NerveSegment, NerveStudy


KEY = "nerve_study_report"
TECHNIQUE = "ean_pns_2021"
"""The rule set that states the limb temperatures below which slowing may be due to cold."""


@dataclass(frozen=True)
class Recorded:
    """One recording with what its study says about technique. Its measures are computed once, then remembered."""

    nerve: Nerve
    recording: NerveRecording
    study: NerveStudy
    cold: bool | None
    """Whether the limb was below the temperature limit; None where no temperature is given."""

    @cached_property
    def sites(self) -> list[NerveSegment]:
        return measured.sites(self.recording)

    @property
    def distal(self) -> NerveSegment:
        return self.sites[0]

    @cached_property
    def stretches(self) -> list[Stretch]:
        return list(measured.stretches(self.nerve, self.sites))

    @cached_property
    def slowings(self) -> list[Quantity]:
        return measured.slowings(self.recording)

    @cached_property
    def distal_latency_excess(self) -> Quantity:
        return measured.distal_latency_excess(self.distal)

    @cached_property
    def f_wave_excess(self) -> Quantity:
        return measured.f_wave_excess(self.recording)

    @cached_property
    def distal_amplitude_percent(self) -> Decimal | None:
        return measured.distal_amplitude_percent(self.distal)


@dataclass(frozen=True, slots=True)
class Studied:
    """The recordings of the newest usable day of study."""

    dated: date
    studies: tuple[NerveStudy, ...]
    motor: tuple[Recorded, ...]
    sensory: tuple[Recorded, ...]
    passed_over: int
    """Older studies with values, which the newest supersedes."""

    @property
    def words(self) -> str:
        newest = f", newest of {self.passed_over + len(self.studies)}" if self.passed_over else ""
        return f"study of {self.dated}{newest}"

    @property
    def cautions(self) -> tuple[str, ...]:
        """What limits the reading of every slowing in this study."""
        recorded = (*self.motor, *self.sensory)
        found = []
        if any(entry.cold for entry in recorded):
            cold = sorted({entry.nerve.limb.value for entry in recorded if entry.cold})
            found.append(
                f"{' and '.join(cold)} below the temperature limit, so slowing there may be due to cold"
            )
        if any(entry.cold is None for entry in recorded):
            found.append("limb temperature not recorded throughout")
        return tuple(found)


@once
def studied(context: Context) -> Studied | Unknown:
    """Return the study that decides: the newest one that is dated, not later than the day assessed, and has values.

    Studies of the same day are read together, as one examination reported in parts.
    """
    studies = context.case.chart.nerve_studies
    usable = [
        study
        for study in studies
        if study.recordings and study.dated is not None and study.dated <= context.as_of
    ]
    if not usable:
        return _no_study(context)
    newest = max(study.dated for study in usable if study.dated is not None)
    chosen = sorted(
        (study for study in usable if study.dated == newest),
        key=lambda study: (study.source.document or "", study.source.page or 0),
    )
    entries = [entry for study in chosen for entry in _recorded(study, context)]
    # Sorted, so that a finding does not depend on the order in which nerves were typed in.
    entries.sort(
        key=lambda entry: (entry.nerve, entry.recording.muscle or "", entry.study.source.document or "")
    )
    return Studied(
        dated=newest,
        studies=tuple(chosen),
        motor=tuple(entry for entry in entries if entry.recording.kind is NerveKind.MOTOR),
        sensory=tuple(entry for entry in entries if entry.recording.kind is NerveKind.SENSORY),
        passed_over=len(usable) - len(chosen),
    )


def motor_recordings(context: Context) -> tuple[Recorded, ...]:
    """Return the motor recordings of the study that decides; without one there are none."""
    found = studied(context)
    return () if isinstance(found, Unknown) else found.motor


def nerve_study_report(context: Context) -> Resolution:
    """Whether a nerve conduction study with its values is in the file."""
    found = studied(context)
    if isinstance(found, Unknown):
        return found
    nerves = len({(entry.nerve, entry.recording.kind) for entry in (*found.motor, *found.sensory)})
    return Known(
        value=True,
        reason=f"Nerve conduction {found.words} with values of {nerves} nerves",
        facts=cite_study(found, context),
    )


def age_days(context: Context) -> Resolution:
    """Days between the study that decides and the day assessed."""
    found = studied(context)
    if isinstance(found, Unknown):
        return found
    days = (context.as_of - found.dated).days
    return Known(
        Decimal(days),
        f"Nerve conduction {found.words}, {days} days before {context.as_of}",
        cite_study(found, context),
    )


def cite_study(found: Studied, context: Context) -> tuple[CitedFact, ...]:
    """Cite the study as a whole."""
    return tuple(
        context.cite(KEY, "Nerve conduction study", f"{len(study.recordings)} recordings", study)
        for study in found.studies
    )


def _recorded(study: NerveStudy, context: Context) -> list[Recorded]:
    entries = []
    for recording in study.recordings:
        nerve = nerve_of(recording)
        entries.append(Recorded(nerve, recording, study, _is_cold(study, nerve.limb, context)))
    return entries


def _is_cold(study: NerveStudy, limb: Limb, context: Context) -> bool | None:
    technique = context.knowledge.rule_sets[TECHNIQUE]
    if limb is Limb.ARM:
        temperature, warm_enough = study.temperature_arm_c, technique.cutoff("temperature_palm_c")
    else:
        temperature, warm_enough = study.temperature_leg_c, technique.cutoff("temperature_malleolus_c")
    return None if temperature is None else not warm_enough.passed_by(temperature)


def _no_study(context: Context) -> Unknown:
    studies = context.case.chart.nerve_studies
    cited = tuple(
        context.cite(KEY, "Nerve conduction study", _what_it_holds(study), study)
        for study in sorted(studies, key=_by_source)
    )
    if not studies:
        in_file = [
            document.title for document in context.case.documents if document.kind is DocumentKind.NERVE_STUDY
        ]
        if in_file:
            return Unknown(
                f"The report '{in_file[0]}' is in the file, but its nerve-by-nerve values are not entered",
                (KEY,),
            )
        return Unknown("No nerve conduction study is documented", (KEY,))
    with_values = [study for study in studies if study.recordings]
    if not with_values:
        return Unknown(
            "The nerve conduction study is documented only by its conclusion; without nerve-by-nerve values no criterion can be computed",
            (KEY,),
            cited,
        )
    if all(study.dated is None for study in with_values):
        return Unknown("The nerve conduction study has no date", (KEY,), cited)
    return Unknown(
        f"The nerve conduction study was made only after {context.as_of}, the day assessed", (KEY,), cited
    )


def _what_it_holds(study: NerveStudy) -> str:
    if study.recordings:
        return f"{len(study.recordings)} recordings"
    return f"conclusion only: {study.interpretation}" if study.interpretation else "no values"


def _by_source(study: NerveStudy) -> tuple[str, str, int]:
    return (str(study.dated), study.source.document or "", study.source.page or 0)


DERIVATIONS = {"nerve_study_report": nerve_study_report, "edx.age_days": age_days}
