"""Facts of safety: contraindications on the label, and the risks that ask for mitigation."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from priorauth.facts.context import Context
from priorauth.facts.dose import product_asked
from priorauth.facts.request import request_of
from priorauth.facts.resolution import Known, Resolution, Unknown, facts_of, first_unknown
from schemas.base import Route
from schemas.product import Stabiliser


# Selective IgA deficiency is diagnosed below 7 mg/dL, the limit of detection of older assays. A result "< 7" stands
# in a case file as 7, so that 7 itself counts as deficient.
IGA_DEFICIENT_UP_TO = Decimal(7)
# KDIGO: kidney function is reduced below 60 mL/min/1.73 m².
REDUCED_EGFR_BELOW = Decimal(60)
# The boxed warning names age over 65 for the kidney and "advanced age" for thrombosis; 65 itself counts for both.
ADVANCED_AGE = Decimal(65)

# Contraindications that come with one stabiliser or ingredient: the recorded fact, and the word for it.
_BY_STABILISER: Mapping[Stabiliser, tuple[str, str]] = {
    Stabiliser.PROLINE: ("hyperprolinemia", "hyperprolinemia"),
    Stabiliser.SORBITOL: ("hereditary_fructose_intolerance", "fructose_intolerance"),
    Stabiliser.MALTOSE: ("corn_allergy", "corn_allergy"),
}


def contraindication(context: Context) -> Resolution:
    """A contraindication on the label, or "none" where the record shows that the general ones were looked for."""
    key = "safety.contraindication"
    reaction, iga_risk = context.resolve("prior_immunoglobulin_reaction"), _iga_with_antibodies(context)
    if isinstance(iga_risk, Known) and iga_risk.value is True:
        return Known("iga_deficiency_with_anti_iga", iga_risk.reason, iga_risk.facts)
    if isinstance(reaction, Known) and reaction.value == "anaphylaxis":
        return Known("anaphylaxis", "Anaphylaxis to immunoglobulin or plasma is documented", reaction.facts)
    particular = _particular_to_product(context)
    if isinstance(particular, Known) and particular.value is not False:
        return particular
    unknown = first_unknown(reaction, iga_risk)
    if unknown is not None:
        return Unknown(unknown.reason, (*unknown.missing, key), unknown.facts)
    return Known(
        "none",
        "No contraindication on the label is documented, and reactions and IgA were looked for",
        facts_of(reaction, iga_risk),
    )


def _iga_with_antibodies(context: Context) -> Resolution:
    """IgA deficiency with anti-IgA antibodies and a history of hypersensitivity, as labels of all products word it."""
    deficient = context.resolve("safety.iga_deficient")
    if isinstance(deficient, Unknown) or deficient.value is False:
        return deficient
    antibodies, reaction = (
        context.resolve("anti_iga_antibodies"),
        context.resolve("prior_immunoglobulin_reaction"),
    )
    for ruled_out in (
        isinstance(antibodies, Known) and antibodies.value is False,
        isinstance(reaction, Known) and reaction.value == "none",
    ):
        if ruled_out:
            return Known(
                False,
                "IgA is low, but there are no anti-IgA antibodies or no earlier reaction",
                facts_of(deficient, antibodies, reaction),
            )
    unknown = first_unknown(antibodies, reaction)
    if unknown is not None:
        return unknown
    return Known(
        True,
        "IgA deficiency with anti-IgA antibodies and an earlier reaction: contraindicated on every label",
        facts_of(deficient, antibodies, reaction),
    )


def _particular_to_product(context: Context) -> Resolution:
    product = product_asked(context)
    if product is None:
        return Unknown("The product is unknown", ("request.product",))
    by_stabiliser = _BY_STABILISER.get(product.stabiliser) if product.stabiliser else None
    checks = [by_stabiliser] if by_stabiliser else []
    if product.id == "hyqvia":
        checks.append(("hyaluronidase_hypersensitivity", "hyaluronidase"))
    for fact, word in checks:
        resolution = context.resolve(fact)
        if isinstance(resolution, Known) and resolution.value is True:
            return Known(word, f"{resolution.reason}; {product.brand} is contraindicated", resolution.facts)
    return Known(False, f"Nothing documented that rules out {product.brand} in particular")


def iga_known(context: Context) -> Resolution:
    """Whether an IgA level is on file."""
    level = context.resolve("iga")
    return level if isinstance(level, Unknown) else Known(True, level.reason, level.facts)


def iga_deficient(context: Context) -> Resolution:
    """IgA not above the limit of detection."""
    level = context.resolve("iga")
    if isinstance(level, Unknown) or not isinstance(level.value, Decimal):
        return level
    return Known(level.value <= IGA_DEFICIENT_UP_TO, level.reason, level.facts)


def renal_function_known(context: Context) -> Resolution:
    """Whether a fresh creatinine or eGFR is on file."""
    results = [context.resolve("egfr"), context.resolve("creatinine")]
    known = [result for result in results if isinstance(result, Known)]
    if known:
        return Known(True, known[0].reason, facts_of(*known))
    return Unknown(
        "No renal function of the last six months is on file", ("creatinine", "egfr"), facts_of(*results)
    )


def renal_risk(context: Context) -> Resolution:
    """A documented renal risk of the boxed warning; "no" only where kidney function and kidney disease are documented."""
    return _any_risk(
        context,
        yes_no=("chronic_kidney_disease", "nephrotoxic_drugs", "diabetes"),
        needed=("chronic_kidney_disease", "egfr"),
        title="renal risk",
        others=[_below(context, "egfr", REDUCED_EGFR_BELOW), _advanced_age(context), _paraprotein(context)],
    )


def thrombosis_risk(context: Context) -> Resolution:
    """A documented thrombotic risk of the boxed warning; "no" only where earlier clots were asked about."""
    return _any_risk(
        context,
        yes_no=(
            "prior_thrombosis",
            "hypercoagulable_state",
            "immobilization",
            "estrogen_therapy",
            "central_venous_catheter",
            "hyperviscosity",
            "cardiovascular_risk",
        ),
        needed=("prior_thrombosis",),
        title="thrombotic risk",
        others=[_advanced_age(context)],
    )


def glucose_meter_risk(context: Context) -> Resolution:
    """Maltose reads as glucose on GDH-PQQ meters, which leads to too much insulin."""
    product = product_asked(context)
    if product is None:
        return Unknown("The product is unknown", ("request.product",))
    if product.stabiliser is not Stabiliser.MALTOSE:
        return Known(False, f"{product.brand} contains no maltose")
    return context.resolve("gdh_pqq_glucose_meter")


def duplicate_therapy(context: Context) -> Resolution:
    """A second immunoglobulin, or an FcRn blocker, at the same time."""
    current = context.resolve("concurrent_immunotherapy")
    if isinstance(current, Unknown):
        return current
    same_route = {
        Route.INTRAVENOUS: "intravenous_immunoglobulin",
        Route.SUBCUTANEOUS: "subcutaneous_immunoglobulin",
    }[request_of(context).route]
    duplicates = {"efgartigimod", "subcutaneous_immunoglobulin", "intravenous_immunoglobulin"} - {same_route}
    return Known(current.value in duplicates, current.reason, current.facts)


def _any_risk(
    context: Context,
    *,
    yes_no: tuple[str, ...],
    needed: tuple[str, ...],
    title: str,
    others: list[Resolution],
) -> Resolution:
    asked = {key: context.resolve(key) for key in yes_no}
    present = [
        answer for answer in (*asked.values(), *others) if isinstance(answer, Known) and answer.value is True
    ]
    if present:
        return Known(True, "; ".join(answer.reason for answer in present), facts_of(*present))
    answers = [context.resolve(key) for key in needed]
    unknown = first_unknown(*answers)
    if unknown is not None:
        return unknown
    return Known(False, f"No {title} is documented, and it was looked for", facts_of(*answers))


def _below(context: Context, key: str, limit: Decimal) -> Resolution:
    answer = context.resolve(key)
    if isinstance(answer, Unknown) or not isinstance(answer.value, Decimal):
        return answer
    return Known(answer.value < limit, answer.reason, answer.facts)


def _advanced_age(context: Context) -> Resolution:
    age = context.resolve("age")
    if isinstance(age, Unknown) or not isinstance(age.value, Decimal):
        return age
    return Known(age.value >= ADVANCED_AGE, f"Age {age.value}", age.facts)


def _paraprotein(context: Context) -> Resolution:
    answer = context.resolve("paraprotein")
    return (
        answer if isinstance(answer, Unknown) else Known(answer.value != "none", answer.reason, answer.facts)
    )


DERIVATIONS = {
    "safety.contraindication": contraindication,
    "safety.iga_known": iga_known,
    "safety.iga_deficient": iga_deficient,
    "safety.renal_function_known": renal_function_known,
    "safety.renal_risk": renal_risk,
    "safety.thrombosis_risk": thrombosis_risk,
    "safety.glucose_meter_risk": glucose_meter_risk,
    "safety.duplicate_therapy": duplicate_therapy,
}
