"""The tables of the case store. The same on SQLite and on PostgreSQL; times are UTC and always come from the caller."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from priorauth.store.columns import Moment, Number, metadata


def _case(*, primary_key: bool = False, nullable: bool = False) -> Column[Any]:
    return Column(
        "case_id", String(11), ForeignKey("cases.case_id"), primary_key=primary_key, nullable=nullable
    )


cases = Table(
    "cases",
    metadata,
    Column("case_id", String(11), primary_key=True),
    Column("referral_system", Text, nullable=False),
    Column("referral_identifier", Text, nullable=False),
    Column("status", String(24), nullable=False, index=True),
    Column("reason", String(40), nullable=False),
    Column("condition", String(16)),
    Column("phase", String(16)),
    Column("payer", String(80), index=True),
    # As intake read it, to recognize the same referral, and with what was recorded since, which is the case.
    Column("received", Text, nullable=False),
    Column("received_sha256", String(64), nullable=False),
    Column("content", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    UniqueConstraint("referral_system", "referral_identifier"),
)

recorded_entries = Table(
    "recorded_entries",
    metadata,
    Column("entry_id", Number, primary_key=True),
    _case(),
    Column("part", String(24), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    UniqueConstraint("case_id", "part", "sha256"),
)

documents = Table(
    "documents",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("media_type", String(80), nullable=False),
    Column("pages", Integer),
    Column("size", BigInteger, nullable=False),
    Column("stored_at", Moment, nullable=False),
)

intake_faults = Table(
    "intake_faults",
    metadata,
    Column("fault_id", String(10), primary_key=True),
    Column("name", Text, nullable=False, index=True),
    # Two files of one name are told apart by it; empty in rows of the first tables.
    Column("path", Text, index=True),
    Column("code", String(40), nullable=False),
    Column("line", Text, nullable=False),
    Column("first_seen_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
    Column("cleared_at", Moment),
)

assessments = Table(
    "assessments",
    metadata,
    Column("assessment_id", Number, primary_key=True),
    _case(),
    Column("number", Integer, nullable=False),
    Column("assessed_on", Date, nullable=False),
    Column("recommendation", String(40), nullable=False),
    Column("payer", String(80)),
    Column("policy", String(80)),
    Column("policy_version", Text),
    Column("policy_sha256", String(64)),
    Column("case_sha256", String(64), nullable=False),
    Column("content", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("recorded_at", Moment, nullable=False),
    UniqueConstraint("case_id", "number"),
    Index("ix_assessments_policy", "payer", "policy", "policy_version"),
)

outgoing_documents = Table(
    "outgoing_documents",
    metadata,
    Column("outgoing_id", Number, primary_key=True),
    _case(),
    Column("kind", String(40), nullable=False),
    Column("sha256", String(64), ForeignKey("documents.sha256"), nullable=False),
    Column("path", Text, nullable=False),
    Column("pages", Integer),
    Column("draft", Boolean, nullable=False),
    Column("assessment_id", Number, ForeignKey("assessments.assessment_id")),
    # What a letter is about beyond the case, as JSON; empty for packets, and for letters that need none.
    Column("matter", Text),
    Column("made_at", Moment, nullable=False),
    UniqueConstraint("case_id", "kind", "sha256"),
)

submissions = Table(
    "submissions",
    metadata,
    Column("submission_id", Number, primary_key=True),
    _case(),
    Column("channel", String(80), nullable=False),
    Column("packet_sha256", String(64), nullable=False),
    # Of the coverage on that day, and the day where the practice is; empty in rows of the first tables.
    Column("payer", String(80)),
    Column("sent_on", Date),
    # How many requests for information went before it: the answer to each is a sending of its own.
    Column("asked_before", Integer, nullable=False, server_default="0"),
    Column("state", String(16), nullable=False),
    Column("claimed_by", Text, nullable=False),
    Column("claimed_at", Moment, nullable=False),
    Column("settled_at", Moment),
    Column("acknowledgement", Text),
)
# One sending of one packet by one channel, whatever crashes or is started twice, and one more for each request for
# information it answers.
Index(
    "uq_submissions_once",
    submissions.c.case_id,
    submissions.c.channel,
    submissions.c.packet_sha256,
    submissions.c.asked_before,
    unique=True,
)

determinations = Table(
    "determinations",
    metadata,
    Column("determination_id", Number, primary_key=True),
    _case(),
    Column("outcome", String(24), nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("reference", Text),
    Column("respond_by", Date),
    Column("content", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    UniqueConstraint("case_id", "sha256"),
)

# The next three are copies of what the case says, kept in the same transaction, for questions over many cases.
authorizations = Table(
    "authorizations",
    metadata,
    Column("authorization_id", Number, primary_key=True),
    _case(),
    Column("number", Text, nullable=False),
    Column("payer", String(80), nullable=False),
    Column("product", String(80)),
    Column("hcpcs", String(5), nullable=False),
    Column("starts", Date, nullable=False),
    Column("ends", Date, nullable=False, index=True),
    Column("units", Integer),
    Column("visits", Integer),
    Column("units_per_visit", Integer),
    Index("ix_authorizations_case_id", "case_id"),
)

planned_infusions = Table(
    "planned_infusions",
    metadata,
    Column("planned_id", Number, primary_key=True),
    _case(),
    Column("on_date", Date, nullable=False),
    Column("product", String(80), nullable=False),
    Column("milligrams", BigInteger, nullable=False),
    Column("over_days", Integer, nullable=False),
    Column("site_of_care", String(40)),
    Column("held", Boolean, nullable=False),
    Index("ix_planned_infusions_case_id", "case_id", "on_date"),
)

given_infusions = Table(
    "given_infusions",
    metadata,
    Column("given_id", Number, primary_key=True),
    _case(),
    Column("on_date", Date, nullable=False),
    Column("product", String(80), nullable=False),
    Column("milligrams", BigInteger, nullable=False),
    Column("wasted_milligrams", BigInteger, nullable=False),
    Column("units", Integer),
    Index("ix_given_infusions_case_id", "case_id", "on_date"),
)

courses = Table(
    "courses",
    metadata,
    _case(primary_key=True),
    Column("status", String(24), nullable=False),
    Column("covered_until", Date),
    Column("uncovered_on", Date),
    Column("renew_by", Date),
    # A sweep reads this index and nothing else to find its work, so it costs what is due, not what exists.
    Column("next_action_on", Date),
    Column("looked_at", Moment),
    Index("ix_courses_next_action_on", "next_action_on", "case_id"),
)

exceptions = Table(
    "exceptions",
    metadata,
    Column("exception_id", Number, primary_key=True),
    Column("key", String(160), nullable=False, unique=True),
    _case(),
    Column("kind", String(40), nullable=False),
    Column("owner", String(24), nullable=False),
    Column("state", String(8), nullable=False),
    Column("level", Integer, nullable=False),
    Column("raised_on", Date, nullable=False),
    Column("due", Date, nullable=False),
    Column("detail", Text, nullable=False),
    Column("opened_times", Integer, nullable=False),
    Column("closed_on", Date),
    Column("closed_because", String(80)),
    Index("ix_exceptions_open", "state", "due"),
    Index("ix_exceptions_case_id", "case_id"),
)

sweep_runs = Table(
    "sweep_runs",
    metadata,
    Column("sweep_id", Number, primary_key=True),
    Column("name", String(40), nullable=False),
    Column("as_of", Date, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment, nullable=False),
    Column("succeeded", Boolean, nullable=False),
    Column("looked_at", Integer, nullable=False),
    Column("opened", Integer, nullable=False),
    Column("closed", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Index("ix_sweep_runs_latest", "name", "finished_at"),
)

audit_events = Table(
    "audit_events",
    metadata,
    Column("event_id", Number, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("role", String(24), nullable=False),
    Column("actor", Text, nullable=False),
    _case(nullable=True),
    Column("event", String(40), nullable=False),
    Column("before", String(24)),
    Column("after", String(24)),
    Column("reason", String(40)),
    Column("detail", Text),
    Index("ix_audit_events_case_id", "case_id", "event_id"),
)
