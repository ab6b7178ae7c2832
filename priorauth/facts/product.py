"""Facts of the product and the codes: labelled, preferred, and whether HCPCS, NDC and place of service agree."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from priorauth.facts.context import Context
from priorauth.facts.dose import product_asked
from priorauth.facts.request import cite_request, date_of_service, request_of
from priorauth.facts.resolution import Known, Resolution, Unknown
from priorauth.wording import listed, plain, slug_words
from schemas.assessment import CitedFact
from schemas.base import ConditionId, Phase, Route
from schemas.billing import CodeSystem
from schemas.chart import Response
from schemas.condition import CodeUse
from schemas.product import Product
from schemas.provenance import Confidence, provenance_of


# The guideline says it of CIDP; for GBS and MMN guidelines name intravenous induction and no label another.
_NOT_FOR_INDUCTION = (
    "Subcutaneous immunoglobulin is for maintenance after intravenous therapy, not for induction; "
    "stability on intravenous immunoglobulin is not documented"
)
_FAILED = (Response.NO_RESPONSE, Response.INSUFFICIENT, Response.INTOLERANT, Response.CONTRAINDICATED)


def known(context: Context) -> Resolution:
    """Whether the product is named, directly or by its NDC."""
    product = product_asked(context)
    if product is None:
        return Unknown("The order names no product that is on file", ("product.known",))
    return Known(True, product.brand, cite_request(context, "product.known", "Product", product.brand))


def labelled(context: Context) -> Resolution:
    """Whether the US label of the product names the condition, for the patient's age and the route asked for."""
    key = "product.labelled"
    product, condition = product_asked(context), context.case.condition
    if product is None or condition is None:
        return Unknown("Product or condition is not stated", (key, "request.product"))
    cited = cite_request(context, key, "Product", product.brand)
    if is_unconfirmed(product, f"labelled/{condition.value}"):
        return _unconfirmed(product, "label", cited)
    if not product.is_labelled_for(condition):
        return Known(
            False, f"{product.brand} is not labeled for {condition.value.upper()} in the United States", cited
        )
    use = f"{product.brand} is labeled for {condition.value.upper()}"
    route = label_route(product, condition)
    if route is not None and context.case.request is not None and context.case.request.route is not route:
        asked = context.case.request.route.value
        return Known(False, f"{use} by the {route.value} route only; the order is {asked}", cited)
    old_enough = of_labelled_age(context, product, condition)
    if isinstance(old_enough, Unknown):
        return Unknown(f"{use}, but not at every age. {old_enough.reason}", ("age",), cited)
    if old_enough.value is False:
        return Known(False, f"{use} {old_enough.reason}", (*cited, *old_enough.facts))
    return Known(True, f"{use} in the United States", (*cited, *old_enough.facts))


def label_route(product: Product, condition: ConditionId) -> Route | None:
    """Return the route the label doses the condition by, where the product's data say it."""
    dosing = product.dosing.get(condition)
    return dosing.route if dosing else None


def of_labelled_age(context: Context, product: Product, condition: ConditionId) -> Resolution:
    """Whether the patient is as old as the label asks for; its reason completes "is labeled for CIDP …"."""
    least = product.labelled[condition].minimum_age_years
    if least is None:
        return Known(True, "at any age")
    age = context.resolve("age")
    if isinstance(age, Unknown):
        return age
    years = plain(age.number)
    return Known(
        age.number >= least, f"from the age of {least} years only; the patient is {years}", age.facts
    )


def is_unconfirmed(product: Product, path: str) -> bool:
    """Whether a value of the product's data could not be confirmed, so that it is a question and no fact."""
    return provenance_of(product, path).confidence is Confidence.UNCONFIRMED


def _unconfirmed(product: Product, what: str, cited: tuple[CitedFact, ...]) -> Unknown:
    questions = f": {' '.join(product.open_questions)}" if product.open_questions else ""
    return Unknown(f"The {what} of {product.brand} could not be confirmed{questions}", (), cited)


def confirmed(context: Context) -> Resolution:
    """Whether all that is on file of the product was confirmed, or something has still to be asked."""
    key = "product.confirmed"
    product = product_asked(context)
    if product is None:
        return Unknown("The order names no product that is on file", (key,))
    cited = cite_request(context, key, "Product", product.brand)
    if product.open_questions:
        return Known(False, f"Open for {product.brand}: {' '.join(product.open_questions)}", cited)
    return Known(True, f"Nothing on file of {product.brand} is an open question", cited)


def preference(context: Context) -> Resolution:
    """Where the plan's lists put the product."""
    key = "product.preference"
    product, policy = product_asked(context), context.policy
    if product is None or policy is None:
        return Unknown("Product or policy is unknown", (key,))
    lists = policy.products
    standing = next(
        (
            name
            for name, ids in (
                ("not_covered", lists.not_covered),
                ("preferred", lists.preferred),
                ("non_preferred", lists.non_preferred),
            )
            if product.id in ids
        ),
        "unlisted",
    )
    return Known(
        standing,
        f"{product.brand} is {slug_words(standing)} in the plan's lists",
        cite_request(context, key, "Product", product.brand),
    )


def preferred_failures_needed(context: Context) -> Resolution:
    """How many preferred products are still to be tried before the one asked for."""
    key = "product.preferred_failures_needed"
    standing = context.resolve("product.preference")
    if isinstance(standing, Unknown):
        return standing
    needed = context.policy.products.failures_needed if context.policy else None
    if standing.value != "non_preferred" or needed is None:
        return Known(Decimal(0), "No preferred product has to be tried first", standing.facts)
    preferred = _preferred_by_route(context)
    tried, labelled_choice = _preferred_failures(context, preferred), _labelled_among(preferred, context)
    if tried is None:
        return Unknown(
            f"The plan wants {needed} preferred products tried first; the record names none{labelled_choice}",
            (key, "preferred_products_failed"),
            standing.facts,
        )
    left = max(Decimal(0), needed - tried)
    return Known(
        left,
        f"The plan wants {needed} preferred products tried first; {tried} documented as failed{labelled_choice}",
        standing.facts,
    )


def _preferred_by_route(context: Context) -> tuple[str, ...]:
    """Keep to the preferred products of the route asked for: plans list the two routes apart."""
    preferred = context.policy.products.preferred if context.policy else ()
    products, route = context.knowledge.products, request_of(context).route
    return tuple(name for name in preferred if name in products and route in products[name].routes)


def _labelled_among(preferred: tuple[str, ...], context: Context) -> str:
    """Name the preferred products with a label for the condition, as the rest of a sentence; empty where none has."""
    condition, products = context.case.condition, context.knowledge.products
    if condition is None:
        return ""
    brands = [products[name].brand for name in preferred if products[name].is_labelled_for(condition)]
    return f". Preferred and labeled for {condition.value.upper()}: {listed(brands)}" if brands else ""


def _preferred_failures(context: Context, preferred: tuple[str, ...]) -> Decimal | None:
    failed = {
        therapy.treatment
        for therapy in context.case.chart.therapies
        if therapy.treatment in preferred
        and therapy.response in _FAILED
        and therapy.dated
        and therapy.dated <= context.as_of
    }
    stated = context.value("preferred_products_failed")
    if isinstance(stated, Decimal):
        return max(stated, Decimal(len(failed)))
    return Decimal(len(failed)) if failed else None


def route_fits(context: Context) -> Resolution:
    """Whether the product is given by the route asked for; subcutaneous therapy follows intravenous therapy."""
    key = "product.route_fits"
    request, product = context.case.request, product_asked(context)
    if request is None or product is None:
        return Unknown("Product or route is not stated", (key, "request.product"))
    cited = cite_request(context, key, "Route", request.route.value)
    if is_unconfirmed(product, "routes"):
        return _unconfirmed(product, "route", cited)
    if request.route not in product.routes:
        return Known(False, f"{product.brand} is not given by the {request.route.value} route", cited)
    if request.route is Route.SUBCUTANEOUS and request.phase is Phase.INITIATION:
        stable = context.resolve("stabilised_on_ivig")
        if isinstance(stable, Unknown) or stable.value is False:
            return Known(False, _NOT_FOR_INDUCTION, (*cited, *stable.facts))
        return Known(True, f"{stable.reason}: subcutaneous therapy goes on with it", (*cited, *stable.facts))
    return Known(True, f"{product.brand} is given by the {request.route.value} route", cited)


def hcpcs_matches(context: Context) -> Resolution:
    """Whether the HCPCS code is the product's on the date of service."""
    key = "codes.hcpcs_matches_product"
    request, product, on = request_of(context), product_asked(context), date_of_service(context)
    if request.hcpcs is None:
        return Unknown("The order carries no HCPCS code", (key,))
    codes = product.hcpcs_in_force_on(on) if product else ()
    if product is None or not codes:
        return Unknown(
            "The product, or its HCPCS code on the date of service, is unknown", (key, "request.product")
        )
    cited, assigned = cite_request(context, key, "HCPCS code", request.hcpcs), codes[0]
    if is_unconfirmed(product, f"hcpcs/{assigned.code}"):
        return _unconfirmed(product, "HCPCS code", cited)
    mark = provenance_of(product, f"hcpcs/{assigned.code}").confidence
    doubt = f" ({mark.words})" if mark.needs_verifying else ""
    if request.hcpcs == assigned.code:
        return Known(True, f"{request.hcpcs} is the code of {product.brand} on {on}{doubt}", cited)
    if request.hcpcs in {code.code for code in codes[1:]}:
        return _unconfirmed(product, f"HCPCS code, {assigned.code} or {request.hcpcs},", cited)
    owners = [other.brand for other in context.knowledge.products_billed_as(request.hcpcs, on)]
    whose = f"the code of {' and '.join(owners)}" if owners else "no code of a product on file"
    billed = f"{product.brand} is billed with {assigned.code} on {on}{doubt}"
    return Known(False, f"{request.hcpcs} is {whose}; {billed}", cited)


def ndc_matches(context: Context) -> Resolution:
    """Whether the NDC is one of the product's, and so agrees with its HCPCS code."""
    key = "codes.ndc_matches_product"
    request, product = request_of(context), product_asked(context)
    if request.ndc is None or product is None:
        return Unknown("The order carries no NDC, or no product to compare it with", (key,))
    owner = context.knowledge.product_for_ndc(request.ndc)
    cited = cite_request(context, key, "NDC", request.ndc)
    if owner is None:
        return Unknown(
            f"NDC {request.ndc} is not among those on file; compare it with the carton", (key,), cited
        )
    assigned = owner.hcpcs_on(date_of_service(context))
    if owner.id != product.id:
        return Known(False, f"NDC {request.ndc} is {owner.brand}, the order is for {product.brand}", cited)
    if request.hcpcs and assigned and assigned.code != request.hcpcs:
        return Known(
            False,
            f"NDC {request.ndc} is {owner.brand} ({assigned.code}), the order says {request.hcpcs}",
            cited,
        )
    return Known(True, f"NDC {request.ndc} is {product.brand}", cited)


def place_of_service_fits(context: Context) -> Resolution:
    """Whether the place of service code is one used for the site of care."""
    key = "codes.place_of_service_fits"
    request = request_of(context)
    if request.place_of_service is None or request.site_of_care is None:
        return Unknown("Site of care or place of service code is not stated", (key,))
    on = date_of_service(context)
    allowed = context.knowledge.places_of_service(request.site_of_care, on)
    site = slug_words(request.site_of_care.value)
    cited = cite_request(context, key, "Place of service", request.place_of_service)
    if request.place_of_service in allowed:
        return Known(True, f"Place of service {request.place_of_service} fits {site}", cited)
    stands_for = context.knowledge.billing_code(CodeSystem.PLACE_OF_SERVICE, request.place_of_service, on)
    meaning = f" ({stands_for.meaning.lower()})" if stands_for else ""
    return Known(
        False,
        f"Place of service {request.place_of_service}{meaning} does not fit {site}, which is {' or '.join(allowed)}",
        cited,
    )


def icd10_specific(context: Context) -> Resolution:
    """Whether the diagnosis code exists, is billable, and is not an "unspecified" one."""
    key = "codes.icd10_specific"
    code = request_of(context).icd10
    if code is None:
        return Unknown("The order carries no diagnosis code", (key,))
    cited = cite_request(context, key, "Diagnosis code", code)
    listed = context.knowledge.diagnosis_code(code)
    if listed is not None and listed.use is CodeUse.WEAK:
        return Known(False, f"{code} is an unspecified code ({listed.meaning})", cited)
    known_mimic = any(code in mimic.icd10 for mimic in context.knowledge.mimics_coded(code))
    flaw = None if listed is not None or known_mimic else _code_flaw(code)
    if flaw:
        return Known(False, f"{code} {flaw}", cited)
    return Known(True, f"{code} is a billable, specific code", cited)


@cache
def _code_flaw(code: str) -> str | None:
    # The code list takes over a second to import, and most requests carry a code that the knowledge has.
    import simple_icd_10_cm  # noqa: PLC0415 - see above

    if not simple_icd_10_cm.is_valid_item(code):
        return "is not in the ICD-10-CM code set on file"
    if not simple_icd_10_cm.is_leaf(code):
        return "is a category; a billable code has more characters"
    if "unspecified" in simple_icd_10_cm.get_description(code).lower():
        return f"is an unspecified code ({simple_icd_10_cm.get_description(code)})"
    return None


DERIVATIONS = {
    "product.known": known,
    "product.labelled": labelled,
    "product.confirmed": confirmed,
    "product.preference": preference,
    "product.preferred_failures_needed": preferred_failures_needed,
    "product.route_fits": route_fits,
    "codes.hcpcs_matches_product": hcpcs_matches,
    "codes.ndc_matches_product": ndc_matches,
    "codes.place_of_service_fits": place_of_service_fits,
    "codes.icd10_specific": icd10_specific,
}
