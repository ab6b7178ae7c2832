"""What the store answers: codes, dates and ids. Only ``Case`` itself holds anything about a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from priorauth.lifecycle import CaseStatus
from schemas.base import CaseId, ConditionId, Phase
from schemas.renewal import CourseStatus


class Put(StrEnum):
    """What putting something did."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class CaseSummary:
    """One line of a case list."""

    case_id: CaseId
    status: CaseStatus
    reason: str
    condition: ConditionId | None
    phase: Phase | None
    payer: str | None
    version: int
    sha256: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class AuditEvent:
    """One thing that happened, with the status before and after where it moved the case."""

    at: datetime
    role: str
    actor: str
    case_id: CaseId | None
    event: str
    before: str | None
    after: str | None
    reason: str | None
    detail: str | None


@dataclass(frozen=True)
class StoredDocument:
    """A file of the store by its content."""

    sha256: str
    media_type: str
    pages: int | None
    size: int


@dataclass(frozen=True)
class OutgoingDocument:
    """A letter or packet that was made. ``matter`` is what a letter is about beyond the case, as JSON."""

    outgoing_id: int
    case_id: CaseId
    kind: str
    sha256: str
    path: str
    pages: int | None
    draft: bool
    assessment_id: int | None
    matter: str | None
    made_at: datetime


class SubmissionState(StrEnum):
    """Claimed before sending, confirmed after."""

    CLAIMED = "claimed"
    CONFIRMED = "confirmed"


@dataclass(frozen=True)
class Claim:
    """The right to send one packet to one payer by one channel. Only who got a ``fresh`` claim may send.

    ``sent_on`` is the day where the practice is. Payer and day are empty in claims of the first version.
    """

    submission_id: int
    case_id: CaseId
    channel: str
    packet_sha256: str
    state: SubmissionState
    fresh: bool
    claimed_by: str
    claimed_at: datetime
    payer: str | None = None
    sent_on: date | None = None
    acknowledgement: str | None = None


DUE_AT_ONCE = date.min
"""When a course whose record changed is looked at again: at once, or by the next sweep, whatever day that looks from."""


@dataclass(frozen=True)
class CourseState:
    """What the last sweep found for one course. ``next_action_on`` brings it back to the sweep; empty means never."""

    case_id: CaseId
    status: CourseStatus
    covered_until: date | None = None
    uncovered_on: date | None = None
    renew_by: date | None = None
    next_action_on: date | None = None


@dataclass(frozen=True)
class RenewalException:
    """Something a person must do so that no infusion meets a lapsed authorization."""

    key: str
    case_id: CaseId
    kind: str
    owner: str
    raised_on: date
    due: date
    level: int = 0
    detail: str = ""
    closed_on: date | None = None
    closed_because: str | None = None


@dataclass(frozen=True)
class CourseFile:
    """All that a sweep needs to know of one course, read together. ``content`` is the case as stored."""

    case_id: CaseId
    content: str
    status: CaseStatus
    submitted_on: date | None
    tasks: tuple[RenewalException, ...]
    next_action_on: date | None
    looked_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True)
class CourseLook:
    """What a sweep found for one course and does about it, to be kept together."""

    file: CourseFile
    state: CourseState
    opened: tuple[RenewalException, ...] = ()
    closed: tuple[tuple[str, str], ...] = ()
    """Keys of tasks with the reason why they are closed."""


class Opened(StrEnum):
    """What opening an exception did."""

    OPENED = "opened"
    STANDING = "standing"
    REOPENED = "reopened"


@dataclass(frozen=True)
class SweepRun:
    """The heartbeat: one sweep that came to its end."""

    name: str
    as_of: date
    started_at: datetime
    finished_at: datetime
    succeeded: bool
    looked_at: int = 0
    opened: int = 0
    closed: int = 0
    failed: int = 0


@dataclass(frozen=True)
class StoredFault:
    """A file that intake could not take in. ``line``, ``name`` and ``path`` may hold patient data and never leave the store."""

    fault_id: str
    name: str
    path: str | None
    code: str
    line: str
    first_seen_at: datetime
    last_seen_at: datetime
