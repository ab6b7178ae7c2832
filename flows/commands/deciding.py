"""The payer's decision as the command records it, on a stored case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from flows.clock import today
from flows.commands.mistakes import Refused
from flows.commands.reviewing import stored
from flows.determining import check_days, record
from flows.forms import DeterminationForm, FormMistake
from flows.sweeping import look_after_changes
from priorauth.lifecycle import CaseStatus
from priorauth.store.records import Put
from priorauth.wording import listed
from schemas.base import CaseId


_OPTIONS = {
    "authorization_number": "--approved",
    "starts": "--from",
    "ends": "--until",
    "hcpcs": "--code",
    "sites": "--site",
    "reasons": "--denied",
    "recorded_by": "--by",
}
"""The fields of the form whose option has another name."""

_WAYS = {
    "authorization_number": "Approved",
    "reasons": "Denied",
    "asked": "MoreInformation",
    "accepted": "Accepted",
}
"""What each kind of decision begins with, and the part of the form it fills in."""


_CHANGES = {"code": "hcpcs", "product": "product", "site": "sites"}
"""What only an approval in part can carry: the option, and the field of the form."""

_NUMBER = "digits, letters without accents, blanks, points, hyphens and slashes, the first a digit or letter"

_PATTERNS = {
    "authorization_number": _NUMBER,
    "instead_of": _NUMBER,
    "reference": _NUMBER,
    "hcpcs": "a capital letter and four digits, as J1561",
    "product": "a product as the order names it: small letters, digits and underscores",
    "recorded_by": "two to five letters",
}
"""What the patterns of the form ask for, in words."""


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What was recorded of a decision."""

    case_id: CaseId
    put: Put
    status: CaseStatus


def recorded_decision(
    named: str,
    decision: Mapping[str, object],
    *,
    on: date | None,
    by: str,
    reference: str | None,
    sent_outside: bool,
) -> Decided:
    """Record the decision of a payer, and look at its course at once."""
    work, case_id = stored(named)
    form = _form(
        {
            "case_id": case_id,
            "decided_on": str(on or today(work.settings)),
            "decision": {
                name: str(value) if isinstance(value, date) else value
                for name, value in decision.items()
                if value is not None and value is not False
            },
            "reference": reference,
            "recorded_by": by,
            "sent_outside": sent_outside,
        }
    )
    try:
        check_days(work, form)
        put = record(work, form)
    except FormMistake as mistake:
        raise Refused(str(mistake)) from None
    look_after_changes(work, [case_id], as_of=today(work.settings))
    return Decided(case_id=case_id, put=put, status=work.store.case_summary(case_id).status)


def _form(given: dict[str, object]) -> DeterminationForm:
    decision = given["decision"]
    assert isinstance(decision, dict)  # noqa: S101 - made above
    ways = [way for way in _WAYS if way in decision]
    if len(ways) != 1:
        raise Refused("say what was decided: one of --approved, --denied, --asked and --accept")
    changed = [f"--{name}" for name, field in _CHANGES.items() if field in decision]
    if changed and "modified" not in decision:
        raise Refused(
            f"{listed(changed)} needs --modified, which says in what the approval differs from the request: "
            f"--modified {'site_of_care' if changed == ['--site'] else 'product'}"
        )
    kind = "PartiallyApproved" if "modified" in decision else _WAYS[ways[0]]
    try:
        return DeterminationForm.model_validate(given)
    except ValidationError as error:
        # Each kind of decision is tried in turn; only what keeps the one that was meant from fitting is of use.
        lines = [
            f"{_option(fault['loc'])}: {_found(fault['type'], fault['input'])}{_expected(fault)}"
            for fault in error.errors()
            if fault["loc"][0] != "decision" or fault["loc"][1] == kind
        ]
        raise Refused("\n".join(lines)) from None


def _expected(fault: ErrorDetails) -> str:
    words = _PATTERNS.get(str(fault["loc"][-1])) if fault["type"] == "string_pattern_mismatch" else None
    return f"expected {words}" if words else f"{fault['msg'][:1].lower()}{fault['msg'][1:]}"


def _option(place: tuple[int | str, ...]) -> str:
    field = next(str(part) for part in reversed(place) if isinstance(part, str))
    return _OPTIONS.get(field, f"--{field.replace('_', '-')}")


def _found(kind: str, value: object) -> str:
    return "" if kind == "missing" else f"found {value}, "
