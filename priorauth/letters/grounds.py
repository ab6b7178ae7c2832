"""Entries of the chart, and words of a notice, as evidence for sentences: what is cited, and with which value."""

from __future__ import annotations

from datetime import date

from priorauth.letters.rows import NerveRow, StrengthRow, TherapyRow, diagnosis_words, period, strength_words
from priorauth.letters.witnesses import Evidence, Ground, Missing
from priorauth.rendering.filters import quoted
from priorauth.wording import capital
from schemas.assessment import CitedFact
from schemas.chart import Diagnosis, MuscleStrength, NerveStudy, Response, Source, Therapy


_NO_STUDY = Missing("No nerve conduction study is in the record")


def diagnosis_ground(entry: Diagnosis) -> Evidence:
    """Cite a coded diagnosis."""
    words = diagnosis_words(entry)
    return Evidence(entry.code, words, (_cited("diagnosis", "Diagnosis", words, entry.dated, entry.source),))


def study_ground(study: NerveStudy | None) -> Ground:
    """Cite the nerve study as a whole."""
    if study is None:
        return _NO_STUDY
    cited = _cited(
        "nerve_study", "Nerve conduction study", "on file", study.dated, study.source, study.interpretation
    )
    return Evidence("on file", "on file", (cited,))


def nerve_row_ground(study: NerveStudy | None, row: NerveRow) -> Ground:
    """Cite one row of the nerve conduction table."""
    if study is None:
        return _NO_STUDY
    words = " ".join(cell for cell in row.cells if cell)
    label = f"{row.whole_name}, {row.site}"
    return Evidence(words, words, (_cited("nerve_study", label, words, study.dated, study.source),))


def strength_row(entry: MuscleStrength) -> StrengthRow:
    """Make the row of one muscle or movement, which cites its entry."""
    words = strength_words(entry)
    cited = _cited("muscle_strength", entry.muscle, words, entry.dated, entry.source)
    return StrengthRow(Evidence(words, words, (cited,)), entry.muscle, entry.right or "", entry.left or "")


_OUTCOMES = {
    Response.IMPROVED: "improved",
    Response.NO_RESPONSE: "no benefit",
    Response.INSUFFICIENT: "insufficient benefit",
    Response.INTOLERANT: "not tolerated",
    Response.CONTRAINDICATED: "contraindicated",
    Response.UNKNOWN: "result not stated",
}


def therapy_row(entry: Therapy, name: str) -> TherapyRow:
    """Make the row of an earlier or present treatment, which cites its entry."""
    response = _OUTCOMES[entry.response]
    said = [] if entry.response is Response.UNKNOWN else [response]
    if entry.reason_stopped:
        said.append(f"stopped: {quoted(entry.reason_stopped)}")
    cited = _cited(
        "therapy", "Treatment", f"{name}: {response}", entry.dated, entry.source, entry.reason_stopped
    )
    return TherapyRow(
        ground=Evidence(entry.response.value, name, (cited,)),
        treatment=capital(name),
        dates=period(entry.started, entry.stopped),
        dose=entry.dose or "",
        outcome="; ".join(said),
    )


def words_ground(words: str, dated: date, source: Source, label: str, key: str = "statement") -> Evidence:
    """Cite words of a notice of the plan, of a statement or of a report."""
    return Evidence(words, words, (_cited(key, label, words, dated, source),))


def _cited(
    key: str, label: str, value: str, dated: date | None, source: Source, note: str | None = None
) -> CitedFact:
    return CitedFact(key=key, label=label, value=value, dated=dated, source=source, note=note)
