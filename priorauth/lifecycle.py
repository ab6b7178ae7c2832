"""The life of a case: which status may follow which, and who may make the move. Few statuses decide, many reasons explain."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schemas.treatment import DeterminationOutcome


class CaseStatus(StrEnum):
    """Where a request stands."""

    DRAFT = "draft"  # something is still to be collected or verified
    READY = "ready"  # verified, letter and packet can be made
    IN_REVIEW = "in_review"  # letter and packet lie before the person who signs
    SUBMITTED = "submitted"
    PENDED = "pended"  # the payer asks for information
    APPROVED = "approved"
    PARTIALLY_APPROVED = "partially_approved"
    DENIED = "denied"
    CLOSED = "closed"


class Role(StrEnum):
    """Who acts. Roles own work, persons sign for it."""

    SOFTWARE = "software"
    COORDINATOR = "coordinator"
    PRESCRIBER = "prescriber"
    SUPERVISOR = "supervisor"


class Reason(StrEnum):
    """Why a case moved. Reasons report and never decide; they are stored, so a name is never reused for something else."""

    # towards a request that can be sent
    RECEIVED = "received"
    VERIFIED = "verified"
    INFORMATION_MISSING = "information_missing"
    RECORD_CHANGED = "record_changed"
    PLAN_CHANGED = "plan_changed"
    DENIAL_EXPECTED = "denial_expected"
    PACKET_PREPARED = "packet_prepared"
    REVIEWED = "reviewed"
    SENT_BACK = "sent_back"
    RENEWAL_OPENED = "renewal_opened"
    # at the payer
    SENT = "sent"
    SENT_OUTSIDE = "sent_outside"
    MORE_INFORMATION_ASKED = "more_information_asked"
    INFORMATION_SENT = "information_sent"
    DECIDED = "decided"
    APPEAL_SENT = "appeal_sent"
    # the end of a case
    NOT_REQUIRED = "not_required"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    COURSE_COMPLETED = "course_completed"
    DISCONTINUED = "discontinued"
    COVERAGE_ENDED = "coverage_ended"
    PATIENT_DIED = "patient_died"
    OPENED_AGAIN = "opened_again"


BEGINS_A_REQUEST = frozenset({Reason.RENEWAL_OPENED, Reason.PLAN_CHANGED})
"""Reasons for which a case is a draft of another request than before: what was sent until then is not to be sent again."""


LETTER_RELEASED, LETTER_SENT_BACK = "letter_released", "letter_sent_back"
"""The events of the audit trail that say what came of the reading of a letter."""


@dataclass(frozen=True)
class Actor:
    """Who did something: the role that allows it, and the name that is recorded with it."""

    role: Role
    name: str


SOFTWARE = Actor(Role.SOFTWARE, "software")


@dataclass(frozen=True)
class Transition:
    """One allowed move, with the roles that may make it and what it means."""

    before: CaseStatus
    after: CaseStatus
    roles: frozenset[Role]
    meaning: str


_ANYONE = frozenset(Role)
_PERSONS = frozenset({Role.COORDINATOR, Role.PRESCRIBER, Role.SUPERVISOR})
_OFFICE = frozenset({Role.COORDINATOR, Role.SUPERVISOR})


def _moves(before: CaseStatus, *targets: tuple[CaseStatus, frozenset[Role], str]) -> tuple[Transition, ...]:
    return tuple(Transition(before, after, roles, meaning) for after, roles, meaning in targets)


TRANSITIONS: tuple[Transition, ...] = (
    *_moves(
        CaseStatus.DRAFT,
        (CaseStatus.READY, _ANYONE, "verified"),
        (CaseStatus.SUBMITTED, _OFFICE, "already sent outside the product"),
        (CaseStatus.CLOSED, _PERSONS, "not required, withdrawn"),
    ),
    *_moves(
        CaseStatus.READY,
        (CaseStatus.DRAFT, _ANYONE, "record or policy changed"),
        (CaseStatus.IN_REVIEW, _ANYONE, "packet prepared"),
        (CaseStatus.SUBMITTED, _OFFICE, "already sent outside the product"),
        (CaseStatus.CLOSED, _PERSONS, "withdrawn"),
    ),
    *_moves(
        CaseStatus.IN_REVIEW,
        (CaseStatus.DRAFT, _ANYONE, "record or policy changed"),
        (CaseStatus.READY, _PERSONS, "sent back"),
        # Whether the software may send what no person has released is the practice's rule for each channel.
        (CaseStatus.SUBMITTED, _ANYONE, "sent"),
        (CaseStatus.CLOSED, _PERSONS, "withdrawn"),
    ),
    *_moves(
        CaseStatus.SUBMITTED,
        (CaseStatus.DRAFT, _ANYONE, "plan changed"),
        (CaseStatus.IN_REVIEW, _ANYONE, "sending failed"),
        (CaseStatus.PENDED, _ANYONE, "payer asks for information"),
        (CaseStatus.APPROVED, _ANYONE, "determination"),
        (CaseStatus.PARTIALLY_APPROVED, _ANYONE, "determination"),
        (CaseStatus.DENIED, _ANYONE, "determination"),
        (CaseStatus.CLOSED, _PERSONS, "withdrawn"),
    ),
    *_moves(
        CaseStatus.PENDED,
        (CaseStatus.DRAFT, _ANYONE, "plan changed"),
        (CaseStatus.SUBMITTED, _ANYONE, "information sent"),
        (CaseStatus.APPROVED, _ANYONE, "determination"),
        (CaseStatus.PARTIALLY_APPROVED, _ANYONE, "determination"),
        (CaseStatus.DENIED, _ANYONE, "determination"),
        (CaseStatus.CLOSED, _PERSONS, "withdrawn"),
    ),
    *_moves(
        CaseStatus.APPROVED,
        (CaseStatus.DRAFT, _ANYONE, "renewal opened"),
        (CaseStatus.PARTIALLY_APPROVED, _OFFICE, "determination corrected"),
        (CaseStatus.DENIED, _OFFICE, "determination corrected"),
        (CaseStatus.CLOSED, _PERSONS, "course completed"),
    ),
    *_moves(
        CaseStatus.PARTIALLY_APPROVED,
        (CaseStatus.DRAFT, _ANYONE, "renewal opened"),
        (CaseStatus.IN_REVIEW, _PERSONS, "appeal prepared"),
        (CaseStatus.SUBMITTED, _OFFICE, "appeal sent"),
        (CaseStatus.APPROVED, _OFFICE, "overturned"),
        (CaseStatus.DENIED, _OFFICE, "determination corrected"),
        (CaseStatus.CLOSED, _PERSONS, "course completed"),
    ),
    *_moves(
        CaseStatus.DENIED,
        (CaseStatus.IN_REVIEW, _PERSONS, "appeal prepared"),
        (CaseStatus.SUBMITTED, _OFFICE, "appeal sent"),
        (CaseStatus.APPROVED, _OFFICE, "overturned"),
        (CaseStatus.PARTIALLY_APPROVED, _OFFICE, "overturned in part"),
        (CaseStatus.CLOSED, _PERSONS, "given up"),
    ),
    # What was closed by mistake is again what it was; what was never sent is verified anew.
    *_moves(
        CaseStatus.CLOSED,
        *(
            (status, _OFFICE, "opened again")
            for status in CaseStatus
            if status not in {CaseStatus.READY, CaseStatus.IN_REVIEW, CaseStatus.CLOSED}
        ),
    ),
)

_BY_MOVE = {(transition.before, transition.after): transition for transition in TRANSITIONS}

UNSENT = (CaseStatus.DRAFT, CaseStatus.READY, CaseStatus.IN_REVIEW)
AT_PAYER = frozenset({CaseStatus.SUBMITTED, CaseStatus.PENDED})
DETERMINED = frozenset({CaseStatus.APPROVED, CaseStatus.PARTIALLY_APPROVED, CaseStatus.DENIED})

STATUS_AFTER = {
    DeterminationOutcome.APPROVED: CaseStatus.APPROVED,
    DeterminationOutcome.PARTIALLY_APPROVED: CaseStatus.PARTIALLY_APPROVED,
    DeterminationOutcome.DENIED: CaseStatus.DENIED,
    DeterminationOutcome.MORE_INFORMATION: CaseStatus.PENDED,
    DeterminationOutcome.WITHDRAWN: CaseStatus.CLOSED,
}


class MoveRefused(Exception):
    """The move is not in the table, or not for this role; the message names the moves that are possible."""


def check_can_move(before: CaseStatus, after: CaseStatus, role: Role) -> None:
    """Raise MoveRefused unless ``role`` may move a case from one status to the other."""
    transition = _BY_MOVE.get((before, after))
    if transition is None:
        possible = [move.after.value for move in TRANSITIONS if move.before is before and role in move.roles]
        raise MoveRefused(
            f"a case that is {before.value} cannot become {after.value}; from here the {role.value} can make it "
            + (", ".join(possible) or "nothing else")
        )
    if role not in transition.roles:
        allowed = ", ".join(sorted(one.value for one in transition.roles))
        raise MoveRefused(
            f"the {role.value} may not move a case from {before.value} to {after.value}; it takes one of: {allowed}"
        )


def can_move(before: CaseStatus, after: CaseStatus, role: Role) -> bool:
    """Whether ``role`` may move a case from one status to the other."""
    try:
        check_can_move(before, after, role)
    except MoveRefused:
        return False
    return True


def lifecycle_diagram() -> str:
    """Draw the table as a Mermaid state diagram; the documentation holds a copy that a test compares."""
    lines = ["stateDiagram-v2", f"    [*] --> {CaseStatus.DRAFT.value}"]
    lines += [
        f"    {move.before.value} --> {move.after.value}: {move.meaning} ({_who(move.roles)})"
        for move in TRANSITIONS
    ]
    lines.append(f"    {CaseStatus.CLOSED.value} --> [*]")
    return "\n".join(lines) + "\n"


def _who(roles: frozenset[Role]) -> str:
    if roles == _ANYONE:
        return "anyone"
    if roles == _PERSONS:
        return "a person"
    return " or ".join(role.value for role in Role if role in roles)
