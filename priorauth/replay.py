"""Replay of an old assessment: the same case under the same policy version gives the same bytes, years later."""

from __future__ import annotations

from priorauth.formats.case_file import case_sha256
from priorauth.knowledge import Knowledge
from priorauth.policies import Governing
from priorauth.verification import ENGINE, verify_under
from schemas.assessment import Assessment, PolicyPin
from schemas.case import Case
from schemas.policy import CoveragePolicy


class CannotReplay(ValueError):
    """What is on file is not what the assessment was made from; the message names what differs."""


def replay(assessment: Assessment, case: Case, knowledge: Knowledge) -> bytes:
    """Assess again under the policy version that was pinned, whichever would be chosen today.

    ``case`` is the version of the case that was assessed; ``knowledge`` must still hold the pinned policy file.
    """
    found = case_sha256(case)
    if found != assessment.case_sha256:
        raise CannotReplay(
            f"found another content of case {case.case_id} (SHA-256 {found}), expected the version "
            f"assessed on {assessment.assessed_on} ({assessment.case_sha256}); read that version from the store"
        )
    if assessment.engine != ENGINE:
        raise CannotReplay(
            f"found the engine {ENGINE}, expected {assessment.engine}; replay with that version of the product"
        )
    pin = assessment.policy
    governing = Governing(None, "") if pin is None else Governing(_pinned(pin, knowledge), pin.note or "")
    again = verify_under(governing, case, as_of=assessment.assessed_on, knowledge=knowledge)
    return again.model_dump_json().encode()


def _pinned(pin: PolicyPin, knowledge: Knowledge) -> CoveragePolicy:
    versions = [
        policy
        for policy in knowledge.policies.values()
        if (policy.payer, policy.policy, policy.version) == (pin.payer, pin.policy, pin.version)
    ]
    for policy in versions:
        if policy.content_sha256 == pin.sha256:
            return policy
    name = f"{pin.payer}/{pin.policy}, version {pin.version}"
    if versions:
        raise CannotReplay(
            f"found {name} with other content ({versions[0].content_sha256}), expected {pin.sha256}; "
            "a policy in force is never edited: restore the file, and write the change as a new version"
        )
    raise CannotReplay(f"found no {name} in knowledge/payers, expected the file with SHA-256 {pin.sha256}")
