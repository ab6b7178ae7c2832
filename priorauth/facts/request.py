"""Facts of the request, the coverage and the people: what was asked for, of whom, by whom."""

from __future__ import annotations

from datetime import date

from priorauth.facts.context import Context
from priorauth.facts.resolution import Known, Resolution, Unknown
from priorauth.wording import slug_words
from schemas.assessment import CitedFact
from schemas.base import FactKey, SiteOfCare
from schemas.case import Prescriber
from schemas.chart import Source
from schemas.treatment import TreatmentRequest


# NUCC health care provider taxonomy: 2084N… are the neurologists among "psychiatry & neurology".
NEUROLOGY_TAXONOMY = "2084N"
_REFERRAL = Source(recorded_by="referral")
_BENEFIT_VERIFICATION = Source(recorded_by="benefit verification")
HOSPITALIST_TAXONOMY = "208M00000X"
_HOSPITAL_OUTPATIENT_CODES = frozenset({"19", "22"})


def request_of(context: Context) -> TreatmentRequest:
    """Return the request of the case, or an empty one: every field of it then counts as undocumented."""
    return context.case.request or TreatmentRequest.model_construct(
        **{
            name: field.get_default(call_default_factory=True)
            for name, field in TreatmentRequest.model_fields.items()
        }
    )


def date_of_service(context: Context) -> date:
    """Return the first day asked for; without one, the day of the request, then the day assessed."""
    request = context.case.request
    if request is None:
        return context.as_of
    return request.starts or request.requested_on or context.as_of


def cite_request(context: Context, key: FactKey, label: str, value: str) -> tuple[CitedFact, ...]:
    """Cite the order, or the referral where the order is not among the documents."""
    request = context.case.request
    source = request.source if request and request.source else _REFERRAL
    dated = request.requested_on if request else None
    return (CitedFact(key=key, label=label, value=value, dated=dated, source=source),)


def cite_coverage(context: Context, key: FactKey, label: str, value: str) -> tuple[CitedFact, ...]:
    """Cite the benefit verification."""
    coverage = context.case.coverage
    source = coverage.source if coverage and coverage.source else _BENEFIT_VERIFICATION
    dated = coverage.verified_on if coverage else None
    return (CitedFact(key=key, label=label, value=value, dated=dated, source=source),)


def _asked(key: FactKey, label: str, value: str | None, context: Context) -> Resolution:
    if value is None:
        return Unknown(f"{label} is not stated in the request", (key,))
    return Known(value, f"{label}: {slug_words(value)}", cite_request(context, key, label, slug_words(value)))


def phase(context: Context) -> Resolution:
    """Initiation or continuation."""
    request = context.case.request
    return _asked("request.phase", "Phase of therapy", request.phase.value if request else None, context)


def condition(context: Context) -> Resolution:
    """CIDP, GBS or MMN."""
    asked = context.case.condition
    return _asked("request.condition", "Condition", asked.value if asked else None, context)


def route(context: Context) -> Resolution:
    """Intravenous or subcutaneous."""
    request = context.case.request
    return _asked("request.route", "Route", request.route.value if request else None, context)


def site_of_care(context: Context) -> Resolution:
    """Where the infusion is to be given."""
    site = request_of(context).site_of_care
    return _asked("request.site_of_care", "Site of care", site.value if site else None, context)


def product(context: Context) -> Resolution:
    """The product asked for, as its id."""
    return _asked("request.product", "Product", request_of(context).product, context)


def payer(context: Context) -> Resolution:
    """The payer that decides, as its id; in Original Medicare the contractor, if it is known."""
    key = "coverage.payer"
    coverage = context.case.coverage
    if coverage is None or coverage.payer is None:
        return Unknown("The payer is not known", (key,))
    words = coverage.payer_name or slug_words(coverage.payer)
    return Known(coverage.payer, f"Payer: {words}", cite_coverage(context, key, "Payer", words))


def coverage_identified(context: Context) -> Resolution:
    """Payer, line of business and member number: without them no policy can be chosen."""
    coverage = context.case.coverage
    wanted = {
        "payer": coverage and coverage.payer,
        "line of business": coverage and coverage.line_of_business,
        "member number": coverage and (coverage.member_id or coverage.medicare_beneficiary_id),
    }
    absent = [name for name, value in wanted.items() if not value]
    if absent or coverage is None:
        return Unknown(f"The coverage lacks {', '.join(absent)}", ("coverage.identified",))
    name = coverage.payer_name or slug_words(str(coverage.payer))
    return Known(
        True,
        f"{name}, {slug_words(str(coverage.line_of_business))}",
        cite_coverage(context, "coverage.identified", "Coverage", name),
    )


def coverage_active(context: Context) -> Resolution:
    """Whether the plan pays on the first date of service, as far as benefit verification knows."""
    key = "coverage.active"
    coverage, on = context.case.coverage, date_of_service(context)
    if coverage is None:
        return Unknown("No coverage is on file", (key,))
    if coverage.ends is not None and coverage.ends < on:
        return Known(
            False,
            f"Coverage ended on {coverage.ends}, before the date of service {on}",
            cite_coverage(context, key, "Coverage ends", str(coverage.ends)),
        )
    if coverage.starts is not None and coverage.starts > on:
        return Known(
            False,
            f"Coverage starts on {coverage.starts}, after the date of service {on}",
            cite_coverage(context, key, "Coverage starts", str(coverage.starts)),
        )
    if coverage.active is False:
        return Known(
            False,
            f"The eligibility answer of {coverage.verified_on} says the coverage is not active",
            cite_coverage(context, key, "Eligibility", "inactive"),
        )
    if coverage.active is None or coverage.verified_on is None:
        return Unknown("Eligibility has not been checked", (key,))
    return Known(
        True,
        f"Active when checked on {coverage.verified_on}, and no end before {on}",
        cite_coverage(context, key, "Eligibility", "active"),
    )


def prescriber_specialty(context: Context) -> Resolution:
    """Neurology, a specialty that treats GBS in hospital, or another; from the taxonomy code or the words of the order."""
    key = "prescriber.specialty"
    prescriber = context.case.prescriber
    if prescriber is None or not (prescriber.specialty or prescriber.taxonomy):
        return Unknown("The prescriber's specialty is not stated", (key,))
    words = prescriber.specialty or str(prescriber.taxonomy)
    cited = cite_request(context, key, "Prescriber's specialty", words)
    return Known(_specialty(prescriber), f"Prescriber's specialty: {words}", cited)


def _specialty(prescriber: Prescriber) -> str:
    taxonomy, words = prescriber.taxonomy or "", (prescriber.specialty or "").lower()
    if taxonomy.startswith(NEUROLOGY_TAXONOMY) or "neuro" in words:
        return "neurology"
    if "critical care" in words or "intensiv" in words:
        return "critical_care"
    if taxonomy == HOSPITALIST_TAXONOMY or "hospitalist" in words or "hospital medicine" in words:
        return "hospital_medicine"
    return "other"


def prescriber_identified(context: Context) -> Resolution:
    """NPI and a telephone number for the peer-to-peer call."""
    key = "prescriber.identified"
    prescriber = context.case.prescriber
    if prescriber is None:
        return Unknown("No prescriber is named", (key,))
    absent = [
        name
        for name, value in (("NPI", prescriber.npi), ("direct telephone line", prescriber.phone))
        if not value
    ]
    if absent:
        return Unknown(f"The prescriber's {' and '.join(absent)} is not on file", (key,))
    return Known(
        True,
        f"NPI {prescriber.npi}, telephone {prescriber.phone}",
        cite_request(context, key, "Prescriber's NPI", str(prescriber.npi)),
    )


def hospital_site(context: Context) -> Resolution:
    """Hospital outpatient department, by site or by place of service code."""
    key = "site.hospital"
    request = request_of(context)
    if request.site_of_care is None and request.place_of_service is None:
        return Unknown("The site of care is not stated", (key,))
    hospital = (
        request.site_of_care is SiteOfCare.OUTPATIENT_HOSPITAL
        or request.place_of_service in _HOSPITAL_OUTPATIENT_CODES
    )
    words = (
        slug_words(request.site_of_care.value)
        if request.site_of_care
        else f"place of service {request.place_of_service}"
    )
    return Known(hospital, f"Site of care: {words}", cite_request(context, key, "Site of care", words))


DERIVATIONS = {
    "request.phase": phase,
    "request.condition": condition,
    "request.route": route,
    "request.site_of_care": site_of_care,
    "request.product": product,
    "coverage.payer": payer,
    "coverage.identified": coverage_identified,
    "coverage.active": coverage_active,
    "prescriber.specialty": prescriber_specialty,
    "prescriber.identified": prescriber_identified,
    "site.hospital": hospital_site,
}
