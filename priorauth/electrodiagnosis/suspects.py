"""The suspects among the mimics: for each whether it is there, by which facts, and which facts would settle it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from priorauth.electrodiagnosis.at_diagnosis import Examination, examination
from priorauth.electrodiagnosis.kleene import Answer, among, every, some
from priorauth.electrodiagnosis.study import KEY
from priorauth.electrodiagnosis.supportive import number
from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Narrowed, Resolution, facts_of
from schemas.assessment import CitedFact
from schemas.base import ConditionId, FactKey


# American Diabetes Association: diabetes from an HbA1c of 6.5 %.
HBA1C_OF_DIABETES = Decimal("6.5")

# Codes that name one mimic and no other. G61.89 is left out: practices code several things with it.
_CODED = {
    "hereditary_cmt": "hereditary",
    "amyloid_hereditary": "amyloidosis",
    "amyloid_other": "amyloidosis",
    "motor_neuron_disease": "motor_neuron_disease",
    "vasculitic_neuropathy": "vasculitis",
    "small_fiber_neuropathy": "small_fiber",
    "poems": "poems",
}
_DIABETIC_CODES = (
    "diabetic_polyneuropathy",
    "diabetic_neuropathy_other",
    "diabetic_lumbosacral_radiculoplexus_neuropathy",
)


@dataclass(frozen=True, slots=True)
class Suspect:
    """One mimic: whether it is there, by which facts, and which facts would settle it."""

    mimic: str
    present: Answer
    keys: tuple[FactKey, ...]
    because: str = ""
    facts: tuple[CitedFact, ...] = ()


def suspects_of(context: Context) -> list[Suspect]:
    """List the mimics in the order in which a found one is reported."""
    recorded = [
        _recorded(context, "anti_mag", "anti_mag", "high_titer", absent=("negative", "low_titer")),
        _recorded(
            context,
            "nodal_antibody",
            "nodal_antibody",
            "nf155",
            "cntn1",
            "caspr1",
            "pan_neurofascin",
            absent=("negative",),
        ),
        _recorded(context, "poems", "poems", True, absent=(False,)),
        _recorded(context, "amyloidosis", "amyloidosis", True, absent=(False,)),
        _hereditary(context),
        _motor_neuron_disease(context),
        _recorded(context, "toxic", "neurotoxic_exposure", True, absent=(False,)),
        _recorded(context, "vasculitis", "vasculitis", True, absent=(False,)),
        _recorded(context, "small_fiber", "small_fiber_neuropathy", True, absent=(False,)),
        _recorded(context, "radiculoplexus", "lumbosacral_radiculoplexus_neuropathy", True, absent=(False,)),
        _recorded(context, "infection", "lyme_or_diphtheria", True, absent=(False,)),
        _diabetic(context),
    ]
    coded = _coded(context)
    return [*coded, *recorded]


def _recorded(
    context: Context, name: str, key: FactKey, *present: str | bool, absent: tuple[str | bool, ...]
) -> Suspect:
    resolution = context.resolve(key)
    answer: Answer = None
    if isinstance(resolution, Known):
        answer = True if resolution.value in present else (False if resolution.value in absent else None)
    return Suspect(name, answer, (key,), resolution.reason, resolution.facts)


def _hereditary(context: Context) -> Suspect:
    """Confirmed by a genetic test, or uniform slowing with a family history or a foot deformity of youth."""
    genetic, uniform = (
        context.resolve("hereditary_neuropathy_confirmed"),
        context.resolve("edx.uniform_slowing"),
    )
    family, foot = context.resolve("family_history_neuropathy"), context.resolve("foot_deformity")
    by_pattern = every((among(uniform, True), some((among(family, True), among(foot, True)))))
    confirmed = among(genetic, True)
    used = [
        part for part in (genetic, uniform, family, foot) if isinstance(part, Known) and part.value is True
    ]
    present = (
        True if confirmed or by_pattern else (False if confirmed is False or by_pattern is False else None)
    )
    return Suspect(
        "hereditary",
        present,
        ("family_history_neuropathy", "foot_deformity"),
        "; ".join(part.reason for part in used),
        facts_of(*used),
    )


def _motor_neuron_disease(context: Context) -> Suspect:
    """Diagnosed; in MMN also suggested by upper motor neuron or bulbar signs, which exclude that diagnosis."""
    diagnosed = context.resolve("motor_neuron_disease")
    if context.case.condition is not ConditionId.MMN:
        return _recorded(context, "motor_neuron_disease", "motor_neuron_disease", True, absent=(False,))
    signs = [context.resolve(key) for key in ("upper_motor_neuron_signs", "bulbar_signs")]
    used = [part for part in (*signs, diagnosed) if isinstance(part, Known)]
    found = [part for part in used if part.value is True]
    no_signs = every(among(part, False) for part in signs)
    present: Answer = True if found else (False if no_signs or among(diagnosed, False) else None)
    because = "; ".join(part.reason for part in (found or used))
    return Suspect(
        "motor_neuron_disease",
        present,
        ("upper_motor_neuron_signs", "bulbar_signs"),
        because,
        facts_of(*(found or used)),
    )


def _diabetic(context: Context) -> Suspect:
    """Diabetes with length-dependent loss and no demyelination. With demyelination diabetes excludes nothing."""
    name, diabetes = "diabetic_polyneuropathy", _has_diabetes(context)
    picture = every((diabetes, _length_dependent(examination(context))))
    demyelination = None if picture is False else _demyelination(context)
    present = every((picture, None if demyelination is None else not demyelination))
    if not present:
        keys: tuple[FactKey, ...] = ("sensory_loss", "reflexes", KEY) if diabetes else ("hba1c",)
        return Suspect(name, present, keys)
    used = (
        context.resolve(key)
        for key in ("diabetes", "hba1c", "weakness", "sensory_loss", "reflexes", "edx.ean_pns_2021")
    )
    known = [part for part in used if isinstance(part, Known)]
    because = (
        f"diabetes, length-dependent loss and no demyelination. {'; '.join(part.reason for part in known)}"
    )
    return Suspect(name, present, (), because, (*facts_of(*known), *_coded_facts(context, _DIABETIC_CODES)))


def _has_diabetes(context: Context) -> Answer:
    glycated = number(context.resolve("hba1c"))
    by_test: Answer = None if glycated is None else glycated >= HBA1C_OF_DIABETES
    by_code: Answer = True if _coded_facts(context, _DIABETIC_CODES) else None
    # Treated diabetes may have a normal HbA1c, so the note outweighs the test where it says yes.
    noted = among(context.resolve("diabetes"), True)
    if True in (noted, by_test, by_code):
        return True
    return False if False in (noted, by_test) else None


def _length_dependent(seen: Examination) -> Answer:
    """Stocking loss with at most distal weakness, and reflexes lost at the ankles at most."""
    no_proximal = some(
        (seen.shows("weakness", False), seen.shows("weakness_pattern", "none", "symmetric_distal"))
    )
    return every(
        (
            no_proximal,
            seen.shows("sensory_loss", "distal_stocking"),
            seen.shows("reflexes", "ankles_only", "normal"),
        )
    )


def _demyelination(context: Context) -> Answer:
    """Whether a guideline finds demyelination in the nerves it asks for; no only where both are decided."""
    strong = _narrowed_among(context.resolve("edx.ean_pns_2021"), "strongly_supportive")
    return strong or some(
        (strong, _narrowed_among(context.resolve("edx.efns_pns_2010"), "definite", "probable"))
    )


def _narrowed_among(resolution: Resolution, *values: str) -> Answer:
    if isinstance(resolution, Narrowed):
        answers = {value in values for value in resolution.possible}
        return answers.pop() if len(answers) == 1 else None
    return among(resolution, *values)


def _coded(context: Context) -> list[Suspect]:
    suspects = []
    for entry in context.case.chart.diagnoses:
        if entry.dated is None or entry.dated > context.as_of:
            continue
        for candidate in context.knowledge.mimics_coded(entry.code):
            name = _CODED.get(candidate.id)
            concerns = (
                not candidate.imitates
                or context.case.condition is None
                or context.case.condition in candidate.imitates
            )
            if name is not None and concerns and candidate.excludes_by_itself:
                cited = context.cite("diagnosis.mimic", candidate.name, entry.code, entry)
                suspects.append(
                    Suspect(
                        name, True, (), f"{candidate.name} is coded ({entry.code}, {entry.dated})", (cited,)
                    )
                )
    return sorted(suspects, key=lambda suspect: (suspect.mimic, suspect.because))


def _coded_facts(context: Context, mimics: Iterable[str]) -> tuple[CitedFact, ...]:
    wanted = set(mimics)
    cited = [
        context.cite("diabetes", "Coded diagnosis", entry.code, entry)
        for entry in context.case.chart.diagnoses
        if entry.dated is not None
        and entry.dated <= context.as_of
        and any(found.id in wanted for found in context.knowledge.mimics_coded(entry.code))
    ]
    return tuple(sorted(cited, key=lambda fact: (fact.value, str(fact.dated))))


def pointed_to(suspect: Suspect, context: Context) -> bool:
    """Whether an undecided suspect keeps "none" from being said: only one that a finding already points to."""
    pointers: dict[str, Callable[[], Answer]] = {
        "diabetic_polyneuropathy": lambda: _has_diabetes(context),
        "anti_mag": lambda: among(context.resolve("paraprotein"), "igm_kappa", "igm_lambda"),
        "poems": lambda: some(
            (
                among(context.resolve("paraprotein"), "lambda_light_chain", "igm_lambda"),
                among(context.resolve("vegf_raised"), True),
            )
        ),
        "hereditary": lambda: some(
            (
                among(context.resolve("family_history_neuropathy"), True),
                among(context.resolve("foot_deformity"), True),
                among(context.resolve("edx.uniform_slowing"), True),
            )
        ),
        "nodal_antibody": lambda: among(context.resolve("tremor"), True),
    }
    pointer = pointers.get(suspect.mimic)
    return pointer is not None and pointer() is True
