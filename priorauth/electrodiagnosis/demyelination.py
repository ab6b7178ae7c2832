"""The motor items that the guidelines of 2010 and 2021 share, each as a judge of one recording.

Item for item the two differ only in their numbers, which come from the rule set.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from priorauth.electrodiagnosis.findings import Judged, Seen, judged_by, strongest, unless_cold
from priorauth.electrodiagnosis.measured import (
    Quantity,
    Stretch,
)
from priorauth.electrodiagnosis.study import Recorded
from priorauth.wording import plain
from schemas.rule_set import Cutoff, RuleSet


Judge = Callable[[Recorded], Judged]

DISTAL_AMPLITUDE = "distal amplitude with its lower limit"


def distal_latency(rules: RuleSet) -> Judge:
    """Prolonged distal motor latency; left out where the distal segment is a site of entrapment."""
    cutoff = rules.cutoff("distal_latency_percent_over_uln")

    def judge(recorded: Recorded) -> Judged:
        if recorded.distal.entrapment_site:
            return Judged(Seen.LEFT_OUT)
        return unless_cold(judged_by(recorded.distal_latency_excess, passed(cutoff)), recorded)

    return judge


def velocity(rules: RuleSet) -> Judge:
    """Slow motor conduction in any segment that is no site of entrapment."""
    cutoff = rules.cutoff("velocity_percent_under_lln")

    def judge(recorded: Recorded) -> Judged:
        judged = [judged_by(slowing, passed(cutoff)) for slowing in recorded.slowings]
        return unless_cold(strongest(judged), recorded)

    return judge


def f_wave_latency(rules: RuleSet) -> Judge:
    """Prolonged F-wave; a small distal response raises the cut-off."""
    ordinary, with_low_cmap = (
        rules.cutoff("f_wave_percent_over_uln"),
        rules.cutoff("f_wave_percent_over_uln_low_cmap"),
    )
    low_cmap = rules.cutoff("f_wave_low_cmap_percent_of_lln")

    def judge(recorded: Recorded) -> Judged:
        recording = recorded.recording
        if recording.f_wave_absent:
            return Judged(Seen.ABSENT)
        percent = recorded.distal_amplitude_percent
        passes = depending_on(percent, low_cmap, ordinary, with_low_cmap)
        return unless_cold(judged_by(recorded.f_wave_excess, passes, lacks=DISTAL_AMPLITUDE), recorded)

    return judge


def absent_f_waves(rules: RuleSet) -> Judge:
    """Absent F-waves, which count only where the distal response is large enough to expect one."""
    cutoff = rules.cutoff("f_wave_absent_distal_cmap_percent_of_lln")

    def judge(recorded: Recorded) -> Judged:
        recording = recorded.recording
        absent = recording.f_wave_absent
        if absent is None:
            return Judged(Seen.ABSENT) if recording.f_wave_ms is not None else Judged(Seen.NOT_MEASURED)
        if not absent:
            return Judged(Seen.ABSENT)
        percent = recorded.distal_amplitude_percent
        if percent is None:
            return Judged(Seen.OPEN, "absent", DISTAL_AMPLITUDE)
        return Judged(Seen.PRESENT if cutoff.passed_by(percent) else Seen.ABSENT, "absent")

    return judge


def block(rules: RuleSet, fall_name: str, *, leaving_out: tuple[str, ...] = ()) -> Judge:
    """Fall of amplitude between two sites, with a distal response large enough to judge it."""
    fall, enough = rules.cutoff(fall_name), rules.cutoff("block_distal_cmap_percent_of_lln")

    def judge(recorded: Recorded) -> Judged:
        if recorded.nerve.name in leaving_out:
            return Judged(Seen.LEFT_OUT)
        return strongest(_judged_block(stretch, fall, enough) for stretch in recorded.stretches)

    return judge


def _judged_block(stretch: Stretch, fall: Cutoff, enough: Cutoff) -> Judged:
    judged = judged_by(stretch.amplitude_fall, passed(fall))
    if judged.seen is not Seen.PRESENT:
        return judged
    if stretch.distal_percent_of_lower is None:
        return Judged(Seen.OPEN, judged.words, DISTAL_AMPLITUDE)
    return judged if enough.passed_by(stretch.distal_percent_of_lower) else Judged(Seen.ABSENT)


def dispersion(rules: RuleSet) -> Judge:
    """Spread of the response between two sites; the tibial nerve has its own cut-off where the rule set gives one."""
    cutoff = rules.cutoff("dispersion_duration_increase_percent")
    tibial = rules.cutoffs.get("dispersion_duration_increase_percent_tibial", cutoff)

    def judge(recorded: Recorded) -> Judged:
        nerve_cutoff = tibial if recorded.nerve.name == "tibial" else cutoff
        return strongest(
            judged_by(stretch.duration_rise, passed(nerve_cutoff)) for stretch in recorded.stretches
        )

    return judge


def distal_duration(rules: RuleSet) -> Judge:
    """Duration of the distal response, against a table by nerve and, in 2021, by filter setting."""
    rows = rules.tables["distal_cmap_duration_ms"].values

    def judge(recorded: Recorded) -> Judged:
        duration = recorded.distal.duration_ms
        if all(recorded.nerve.name not in row for row in rows.values()):
            return Judged(Seen.LEFT_OUT)
        if duration is None:
            return Judged(Seen.NOT_MEASURED)
        words = f"{plain(duration)} ms"
        passing = {cutoff.passed_by(duration) for cutoff in _duration_cutoffs(rules, recorded)}
        if len(passing) > 1:
            return Judged(Seen.OPEN, words, "low-frequency filter setting")
        return unless_cold(Judged(Seen.PRESENT if passing == {True} else Seen.ABSENT, words), recorded)

    return judge


def _duration_cutoffs(rules: RuleSet, recorded: Recorded) -> list[Cutoff]:
    """Return the cut-offs that could apply: the one of the filter used, or all where the filter is not in the table."""
    rows = rules.tables["distal_cmap_duration_ms"].values
    setting = recorded.study.low_frequency_filter_hz
    row = plain(setting) if setting is not None else ""
    cutoffs = (
        rules.cutoff_in("distal_cmap_duration_ms", row=name, column=recorded.nerve.name)
        for name in ([row] if row in rows else rows)
    )
    return [cutoff for cutoff in cutoffs if cutoff is not None]


def passed(cutoff: Cutoff) -> Callable[[Quantity], bool | None]:
    """Hold a quantity against one cut-off."""
    return lambda quantity: None if quantity.value is None else cutoff.passed_by(quantity.value)


def depending_on(
    percent: Decimal | None, is_low: Cutoff, ordinary: Cutoff, with_low: Cutoff
) -> Callable[[Quantity], bool | None]:
    """Choose between two cut-offs by the size of the response; undecided only where its size is unknown and they differ."""

    def passes(quantity: Quantity) -> bool | None:
        if quantity.value is None:
            return None
        if percent is not None:
            return (with_low if is_low.passed_by(percent) else ordinary).passed_by(quantity.value)
        either = {ordinary.passed_by(quantity.value), with_low.passed_by(quantity.value)}
        return either.pop() if len(either) == 1 else None

    return passes
