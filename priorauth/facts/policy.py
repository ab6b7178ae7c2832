"""Facts about the policy that governs: found, confirmed, whether it asks for authorization and offers the phase."""

from __future__ import annotations

from priorauth.facts.context import Context
from priorauth.facts.request import cite_coverage, cite_request, request_of
from priorauth.facts.resolution import Known, Resolution, Unknown
from priorauth.wording import slug_words
from schemas.base import ConditionId
from schemas.chart import Diagnosis


def policy_found(context: Context) -> Resolution:
    """A policy version for the payer, the line of business and the date that speaks of the condition."""
    key = "policy.found"
    if context.policy is None:
        return Unknown("No coverage policy is on file for this payer, line of business and date", (key,))
    if context.rules is None:
        return Unknown(f"{context.policy.title} on file says nothing of the condition asked for", (key,))
    version = f"{context.policy.title}, version {context.policy.version}"
    return Known(True, version, cite_coverage(context, key, "Policy", version))


def policy_confirmed(context: Context) -> Resolution:
    """Whether somebody compared the profile with the payer's text, and whether that still holds."""
    key = "policy.confirmed"
    if context.policy is None:
        return Unknown("There is no policy to confirm", (key,))
    confirmation = context.policy.confirmation
    if confirmation is None or confirmation.compared_on > context.as_of:
        return Known(
            False,
            f"Nobody has yet compared this profile (modeled on {context.policy.modelled_on}) with the payer's current text",
        )
    if confirmation.valid_until < context.as_of:
        return Known(
            False,
            f"The comparison by {confirmation.compared_by} of {confirmation.compared_on} was good until {confirmation.valid_until}",
        )
    return Known(
        True,
        f"Compared by {confirmation.compared_by} with {confirmation.bulletin} on {confirmation.compared_on}",
    )


def criteria_read(context: Context) -> Resolution:
    """Whether the plan's own criteria are known; until somebody has read them nothing can be said to be kept or not."""
    compared = context.resolve("policy.confirmed")
    if isinstance(compared, Known) and compared.value is True:
        return compared
    return Unknown(compared.reason, ("policy.criteria_read",))


def phase_offered(context: Context) -> Resolution:
    """Whether the policy covers this phase at all; most policies offer no continuation after GBS."""
    key = "policy.phase_offered"
    if context.rules is None or context.case.request is None:
        return Unknown("Policy or phase of therapy is unknown", (key,))
    phase = context.case.request.phase.value
    cited = cite_request(context, key, "Phase of therapy", phase)
    if context.phase_rules is None:
        return Known(False, context.rules.not_renewable or f"The policy has no rules for {phase}", cited)
    return Known(True, f"The policy has criteria for {phase}", cited)


def authorization_needed(context: Context) -> Resolution:
    """Whether the plan asks for drug authorization at the site named."""
    key = "authorization.needed"
    if context.policy is None:
        return Unknown("Without the policy the authorization rule is unknown", (key,))
    if context.policy.no_authorization_at_all:
        return Known(
            False,
            context.policy.no_authorization_duty
            or "The plan asks for no prior authorization; coverage is decided on the claim",
        )
    site = request_of(context).site_of_care
    if site is None:
        return Unknown("The site of care is not stated", (key, "request.site_of_care"))
    cited = cite_request(context, key, "Site of care", slug_words(site.value))
    if site in context.policy.no_authorization_at:
        duty = context.policy.no_authorization_duty
        return Known(
            False,
            f"No drug authorization at the site {slug_words(site.value)}{f'; {duty}' if duty else ''}",
            cited,
        )
    return Known(True, f"Authorization is asked for at the site {slug_words(site.value)}", cited)


def diagnosis_covered(context: Context) -> Resolution:
    """Whether the policy lists the diagnosis code of the order."""
    key = "diagnosis.covered"
    code = request_of(context).icd10
    if code is None:
        return Unknown("The order carries no diagnosis code", (key,))
    if context.policy is None:
        return Unknown("Without the policy the list of covered diagnoses is unknown", (key, "policy.found"))
    conditions = [context.rules] if context.rules else list(context.policy.conditions.values())
    covered = any(code in rules.icd10 for rules in conditions)
    verb = "is" if covered else "is not"
    return Known(
        covered,
        f"{code} {verb} among the diagnoses of the policy",
        cite_request(context, key, "Diagnosis code", code),
    )


def code_matches_condition(context: Context) -> Resolution:
    """Whether the code of the order is one of those for the condition that the notes name."""
    key = "diagnosis.code_matches_condition"
    code, condition = request_of(context).icd10, context.case.condition
    if code is None or condition is None:
        return Unknown("Diagnosis code or condition is not stated", (key,))
    expected = icd10_codes(context, condition)
    cited = cite_request(context, key, "Diagnosis code", code)
    if code in expected:
        return Known(True, f"{code} is a code for {condition.value.upper()}", cited)
    return Known(
        False,
        f"{code} is not a code for {condition.value.upper()}; its code is {' or '.join(expected)}",
        cited,
    )


def icd10_codes(context: Context, condition: ConditionId) -> tuple[str, ...]:
    """Return the codes of a condition, the usual one first."""
    return tuple(target.code for target in context.knowledge.conditions[condition].icd10)


def other_diagnosis(context: Context) -> Diagnosis | None:
    """Return the diagnosis of the record where its code is none of the condition's: nothing on a label is about it.

    The principal diagnosis decides; of several, one of the condition is enough. A wrong code on the order alone does
    not change what is treated.
    """
    condition = context.case.condition
    dated = [
        entry
        for entry in context.case.chart.diagnoses
        if entry.dated is not None and entry.dated <= context.as_of
    ]
    counting = [entry for entry in dated if entry.principal] or dated
    if condition is None or not counting:
        return None
    codes = icd10_codes(context, condition)
    if any(entry.code in codes for entry in counting):
        return None
    return min(counting, key=lambda entry: entry.code)


DERIVATIONS = {
    "policy.found": policy_found,
    "policy.confirmed": policy_confirmed,
    "policy.criteria_read": criteria_read,
    "policy.phase_offered": phase_offered,
    "authorization.needed": authorization_needed,
    "diagnosis.covered": diagnosis_covered,
    "diagnosis.code_matches_condition": code_matches_condition,
}
