"""The clinical criteria of CIDP, GBS and MMN, from course, weakness, sensation and reflexes.

Each criterion is yes, no or not documented. The pattern of weakness says which variant of CIDP is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from priorauth.electrodiagnosis.at_diagnosis import Examination, examination
from priorauth.electrodiagnosis.kleene import Answer, every
from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Resolution, Unknown
from priorauth.wording import listed, slug_words
from schemas.base import ConditionId, FactKey


_REDUCED_IN_ALL = ("absent_all_limbs", "reduced_all_limbs")
_REDUCED_SOMEWHERE = (*_REDUCED_IN_ALL, "reduced_affected_limbs", "ankles_only")
_SYMMETRIC = ("symmetric_proximal_and_distal", "legs_then_arms")

# EAN/PNS 2021: pattern of weakness, sensory involvement and reflexes of typical CIDP and its variants. A stocking
# loss without weakness and with ankle reflexes lost alone is the usual length-dependent neuropathy, not sensory CIDP.
_VARIANTS: Mapping[str, Mapping[FactKey, tuple[str, ...]]] = {
    "typical": {
        "weakness_pattern": _SYMMETRIC,
        "sensory_loss": ("two_or_more_limbs", "distal_stocking"),
        "reflexes": _REDUCED_IN_ALL,
    },
    "distal": {
        "weakness_pattern": ("symmetric_distal",),
        "sensory_loss": ("two_or_more_limbs", "distal_stocking"),
        "reflexes": _REDUCED_SOMEWHERE,
    },
    "multifocal": {
        "weakness_pattern": ("asymmetric_multifocal",),
        "sensory_loss": ("single_limb", "two_or_more_limbs", "distal_stocking"),
        "reflexes": _REDUCED_SOMEWHERE,
    },
    "focal": {
        "weakness_pattern": ("focal",),
        "sensory_loss": ("single_limb",),
        "reflexes": (*_REDUCED_SOMEWHERE, "normal"),
    },
    "motor": {
        "weakness_pattern": (*_SYMMETRIC, "symmetric_distal"),
        "sensory_loss": ("none",),
        "reflexes": _REDUCED_SOMEWHERE,
    },
    "sensory": {
        "weakness_pattern": ("none",),
        "sensory_loss": ("two_or_more_limbs", "distal_stocking"),
        "reflexes": _REDUCED_IN_ALL,
    },
}
_CIDP_COURSES = ("progressive", "relapsing", "stepwise_progressive")
_CIDP_KEYS = ("course_pattern", "symptom_onset", "weakness_pattern", "sensory_loss", "reflexes")
_GBS_KEYS = (
    "weakness",
    "weakness_pattern",
    "limbs_affected",
    "reflexes",
    "course_pattern",
    "symptom_onset",
    "nadir",
)
_MMN_KEYS = (
    "course_pattern",
    "symptom_onset",
    "weakness_pattern",
    "motor_nerves_affected",
    "sensory_loss",
    "upper_motor_neuron_signs",
    "bulbar_signs",
    "diffuse_symmetric_weakness_first_weeks",
)


def clinically_supported(context: Context) -> Resolution:
    """Whether the documented bedside findings fulfil the criteria of the condition asked for."""
    match context.case.condition:
        case ConditionId.CIDP:
            return cidp_supported(context)
        case ConditionId.GBS:
            return _gbs(context)
        case ConditionId.MMN:
            return mmn_supported(context)
        case None:
            return Unknown("The request names no condition", ("request.condition",))


def cidp_variants(context: Context) -> dict[str, Answer]:
    """Say of typical CIDP and of every variant whether the clinical criteria are fulfilled."""
    seen = examination(context)
    shared = every((seen.shows("course_pattern", *_CIDP_COURSES), _developed_over_weeks(seen)))
    return {variant: every((shared, *_answers(seen, wanted))) for variant, wanted in _VARIANTS.items()}


def cidp_supported(context: Context) -> Resolution:
    """Whether the findings are those of typical CIDP or a variant."""
    variants = cidp_variants(context)
    seen = examination(context)
    fulfilled = [variant for variant, answer in variants.items() if answer is True]
    if fulfilled:
        name = (
            "Typical CIDP"
            if fulfilled[0] == "typical"
            else f"{slug_words(fulfilled[0]).capitalize()} variant of CIDP"
        )
        return Known(
            value=True,
            reason=f"{name}, clinical criteria of EAN/PNS 2021: {seen.reasons(_CIDP_KEYS)}",
            facts=seen.facts(_CIDP_KEYS),
        )
    still_open = [variant for variant, answer in variants.items() if answer is None]
    facts = seen.facts(_CIDP_KEYS)
    if not still_open:
        reason = (
            f"The findings fit neither typical CIDP nor a variant (EAN/PNS 2021): {seen.reasons(_CIDP_KEYS)}"
        )
        return Known(value=False, reason=reason, facts=facts)
    return _undecided(
        "CIDP (EAN/PNS 2021)",
        seen,
        _CIDP_KEYS,
        f"{listed([slug_words(name) for name in still_open], 'or')} CIDP remains possible",
    )


def _gbs(context: Context) -> Resolution:
    seen = examination(context)
    answers = gbs_criteria(context)
    decided = every(answers.values())
    return _settled(decided, "GBS (GBS-C1 to C3)", seen, _GBS_KEYS, answers)


def gbs_criteria(context: Context) -> dict[str, Answer]:
    """Weakness of more than one limb, reduced reflexes, and progression of no more than four weeks."""
    seen = examination(context)
    reflexes = seen.shows("reflexes", *_REDUCED_SOMEWHERE)
    return {
        "weakness of more than one limb": _weak_in_limbs(seen),
        # Reflexes may be normal or brisk early on, so they leave the question open rather than answer it with no.
        "reduced reflexes": reflexes or None,
        "progression within four weeks": every((_monophasic(seen), progressed_within_weeks(context))),
    }


def _weak_in_limbs(seen: Examination) -> Answer:
    weak = seen.shows("weakness", True)
    limbs = seen.finding("limbs_affected")
    pattern = seen.finding("weakness_pattern")
    if weak is False or (isinstance(pattern, Known) and pattern.value == "none"):
        return False
    if isinstance(limbs, Known):
        more_than_one: Answer = not isinstance(limbs.value, bool | str | date) and limbs.value > 1
    elif isinstance(pattern, Known):
        more_than_one = pattern.value != "focal"
        weak = True
    else:
        more_than_one = None
    return every((weak, more_than_one))


def _monophasic(seen: Examination) -> Answer:
    return seen.shows("course_pattern", "monophasic", "progressive", "improving", "stable")


def progressed_within_weeks(context: Context) -> Answer:
    """Whether weakness reached its worst within four weeks. Before that time is over it has not been exceeded."""
    rule = context.knowledge.conditions["gbs"].time_rule.at_most_weeks
    if rule is None:
        return None
    onset, nadir = _date(context.resolve("symptom_onset")), _date(context.resolve("nadir"))
    if onset is None or onset > context.as_of:
        return None
    if nadir is not None:
        return (nadir - onset).days <= rule * 7 if nadir >= onset else None
    return True if (context.as_of - onset).days <= rule * 7 else None


def mmn_supported(context: Context) -> Resolution:
    """Whether both core criteria hold and no exclusion does."""
    seen = examination(context)
    answers = mmn_criteria(context)
    return _settled(every(answers.values()), "MMN (EFNS/PNS 2010)", seen, _MMN_KEYS, answers)


def mmn_criteria(context: Context) -> dict[str, Answer]:
    """The two core criteria and the four exclusions, each as the answer that speaks for MMN."""
    seen = examination(context)
    asymmetric = seen.shows("weakness_pattern", "asymmetric_multifocal", "focal")
    diffuse = seen.shows("diffuse_symmetric_weakness_first_weeks", False)
    return {
        "progressive or stepwise course": seen.shows("course_pattern", "progressive", "stepwise_progressive"),
        "more than one month": _longer_than_a_month(seen),
        "asymmetric weakness": asymmetric,
        "two nerves or more": _two_motor_nerves(seen),
        "no sensory loss": seen.shows("sensory_loss", "none", "minor_vibration_legs"),
        "no upper motor neuron signs": seen.shows("upper_motor_neuron_signs", False),
        "no bulbar signs": seen.shows("bulbar_signs", False),
        # Weakness that is asymmetric and slowly progressive was not diffuse and symmetric in its first weeks.
        "not diffuse and symmetric at first": True if diffuse is None and asymmetric else diffuse,
    }


def _two_motor_nerves(seen: Examination) -> Answer:
    nerves = seen.finding("motor_nerves_affected")
    if isinstance(nerves, Unknown) or isinstance(nerves.value, bool | str | date):
        return None
    needed = seen.now.knowledge.rule_sets["efns_pns_2010_mmn"].cutoff("motor_nerves_affected")
    return needed.passed_by(nerves.value)


def _longer_than_a_month(seen: Examination) -> Answer:
    months = seen.now.resolve("symptom_duration_months")
    if isinstance(months, Unknown) or isinstance(months.value, bool | str | date):
        return None
    return seen.now.knowledge.rule_sets["efns_pns_2010_mmn"].cutoff("duration_months").passed_by(months.value)


def _developed_over_weeks(seen: Examination) -> Answer:
    """Whether the illness had lasted long enough when treatment began; treated earlier, its course cannot be told."""
    weeks = seen.now.knowledge.conditions["cidp"].time_rule.at_least_weeks
    onset = _date(seen.now.resolve("symptom_onset"))
    if weeks is None or onset is None or onset > seen.now.as_of:
        return None
    if (seen.before.as_of - onset).days >= weeks * 7:
        return True
    return None if (seen.now.as_of - onset).days >= weeks * 7 else False


def _answers(seen: Examination, wanted: Mapping[FactKey, tuple[str, ...]]) -> list[Answer]:
    answers = []
    for key, values in wanted.items():
        answer = seen.shows(key, *values)
        if key == "weakness_pattern" and answer is None and seen.shows("weakness", False):
            answer = "none" in values
        answers.append(answer)
    return answers


def _settled(
    decided: Answer, name: str, seen: Examination, keys: tuple[FactKey, ...], answers: Mapping[str, Answer]
) -> Resolution:
    failed = [words for words, answer in answers.items() if answer is False]
    if decided is None:
        open_words = [words for words, answer in answers.items() if answer is None]
        return _undecided(name, seen, keys, f"not documented: {', '.join(open_words)}")
    verdict = "fulfilled" if decided else f"not fulfilled ({', '.join(failed)})"
    return Known(
        value=decided,
        reason=f"Clinical criteria of {name} {verdict}: {seen.reasons(keys)}",
        facts=seen.facts(keys),
    )


def _undecided(name: str, seen: Examination, keys: tuple[FactKey, ...], why: str) -> Unknown:
    documented = seen.reasons(keys)
    reason = f"Clinical criteria of {name} not decided: {why}" + (
        f". Documented: {documented}" if documented else ""
    )
    # With every finding documented, what is left open needs the neurologist's own words on the early course.
    missing = seen.undocumented(keys) or ("diagnosis_by_specialist",)
    return Unknown(reason, missing, seen.facts(keys))


def _date(resolution: Resolution) -> date | None:
    return resolution.value if isinstance(resolution, Known) and isinstance(resolution.value, date) else None


DERIVATIONS = {"diagnosis.clinically_supported": clinically_supported}
