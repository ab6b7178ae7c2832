"""Facts of safety: contraindications on the label, and the risks that ask for mitigation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from priorauth.facts.context import Context
from priorauth.facts.dose import product_asked
from priorauth.facts.request import cite_request, request_of
from priorauth.facts.resolution import Known, Resolution, Unknown, facts_of, first_unknown
from schemas.base import Route
from schemas.product import BoxedWarning, ContraindicationFact, Product, Stabiliser
from schemas.provenance import provenance_of


# Selective IgA deficiency is diagnosed below 7 mg/dL, the limit of detection of older assays. A result "< 7" stands
# in a case file as 7, so that 7 itself counts as deficient.
IGA_DEFICIENT_UP_TO = Decimal(7)
# KDIGO: kidney function is reduced below 60 mL/min/1.73 m².
REDUCED_EGFR_BELOW = Decimal(60)
# The boxed warning names age over 65 for the kidney, and "advanced age", read as 65 and over, for thrombosis.
ADVANCED_AGE = Decimal(65)

# Contraindications that come with one ingredient, by the recorded fact that shows them, and the word for each.
_OF_ONE_INGREDIENT: Mapping[ContraindicationFact, str] = {
    ContraindicationFact.HYPERPROLINEMIA: "hyperprolinemia",
    ContraindicationFact.HEREDITARY_FRUCTOSE_INTOLERANCE: "fructose_intolerance",
    ContraindicationFact.CORN_ALLERGY: "corn_allergy",
    ContraindicationFact.HYALURONIDASE_HYPERSENSITIVITY: "hyaluronidase",
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
    """IgA deficiency with anti-IgA antibodies and a history of hypersensitivity, as the intravenous labels word it."""
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
    product = product_asked(context)
    doubt = _doubt(product, ContraindicationFact.IGA_DEFICIENCY_WITH_ANTI_IGA) if product else ""
    return Known(
        True,
        f"IgA deficiency with anti-IgA antibodies and an earlier reaction: contraindicated on the labels{doubt}",
        facts_of(deficient, antibodies, reaction),
    )


def _particular_to_product(context: Context) -> Resolution:
    product = product_asked(context)
    if product is None:
        return Unknown("The product is unknown", ("request.product",))
    for fact in (entry.fact for entry in product.contraindications if entry.fact in _OF_ONE_INGREDIENT):
        resolution = context.resolve(fact.value)
        if isinstance(resolution, Known) and resolution.value is True:
            reason = f"{resolution.reason}; {product.brand} is contraindicated{_doubt(product, fact)}"
            return Known(_OF_ONE_INGREDIENT[fact], reason, resolution.facts)
    return Known(False, f"Nothing documented that rules out {product.brand} in particular")


def _doubt(product: Product, fact: ContraindicationFact) -> str:
    listed = any(entry.fact is fact for entry in product.contraindications)
    mark = provenance_of(product, f"contraindications/{fact.value}").confidence if listed else None
    return f" ({mark.words})" if mark is not None and mark.needs_verifying else ""


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
        yes_no=("chronic_kidney_disease", "nephrotoxic_drugs", "diabetes", "volume_depletion", "sepsis"),
        needed=("chronic_kidney_disease", "egfr"),
        title="renal risk",
        warning=BoxedWarning.RENAL_FAILURE,
        others=[
            _below(context, "egfr", REDUCED_EGFR_BELOW),
            _age(context, lambda years: years > ADVANCED_AGE),
            _paraprotein(context),
            _sucrose(context),
        ],
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
        warning=BoxedWarning.THROMBOSIS,
        others=[
            _age(context, lambda years: years >= ADVANCED_AGE),
            _thrombosis_after_immunoglobulin(context),
        ],
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
    warning: BoxedWarning,
    others: list[Resolution],
) -> Resolution:
    asked = {key: context.resolve(key) for key in yes_no}
    present = [
        answer for answer in (*asked.values(), *others) if isinstance(answer, Known) and answer.value is True
    ]
    if present:
        product = product_asked(context)
        boxed = (
            f". {warning.words} is in the boxed warning of {product.brand}"
            if product and warning in product.boxed_warning
            else ""
        )
        return Known(True, "; ".join(answer.reason for answer in present) + boxed, facts_of(*present))
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


def _age(context: Context, advanced: Callable[[Decimal], bool]) -> Resolution:
    age = context.resolve("age")
    if isinstance(age, Unknown) or not isinstance(age.value, Decimal):
        return age
    return Known(advanced(age.value), f"Age {age.value}", age.facts)


def _thrombosis_after_immunoglobulin(context: Context) -> Resolution:
    reaction = context.resolve("prior_immunoglobulin_reaction")
    if isinstance(reaction, Unknown):
        return reaction
    return Known(reaction.value == "thrombosis", reaction.reason, reaction.facts)


def _sucrose(context: Context) -> Resolution:
    product = product_asked(context)
    if product is None:
        return Unknown("The product is unknown", ("request.product",))
    cited = cite_request(context, "safety.renal_risk", "Product", product.brand)
    return Known(
        product.stabiliser is Stabiliser.SUCROSE, f"{product.brand} is stabilised with sucrose", cited
    )


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
