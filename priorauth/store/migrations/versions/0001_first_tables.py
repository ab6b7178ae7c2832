"""The first tables of the case store."""

import sqlalchemy as sa
from alembic import op


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("case_id", sa.String(length=11), nullable=False),
        sa.Column("referral_system", sa.Text(), nullable=False),
        sa.Column("referral_identifier", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("condition", sa.String(length=16), nullable=True),
        sa.Column("phase", sa.String(length=16), nullable=True),
        sa.Column("payer", sa.String(length=80), nullable=True),
        sa.Column("received", sa.Text(), nullable=False),
        sa.Column("received_sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_cases"),
        sa.UniqueConstraint(
            "referral_system", "referral_identifier", name="uq_cases_referral_system_referral_identifier"
        ),
    )
    op.create_index("ix_cases_payer", "cases", ["payer"], unique=False)
    op.create_index("ix_cases_status", "cases", ["status"], unique=False)
    op.create_table(
        "documents",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_documents"),
    )
    op.create_table(
        "intake_faults",
        sa.Column("fault_id", sa.String(length=10), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("fault_id", name="pk_intake_faults"),
    )
    op.create_index("ix_intake_faults_name", "intake_faults", ["name"], unique=False)
    op.create_table(
        "sweep_runs",
        sa.Column("sweep_id", _NUMBER, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sweep_id", name="pk_sweep_runs"),
    )
    op.create_index("ix_sweep_runs_latest", "sweep_runs", ["name", "finished_at"], unique=False)
    op.create_table(
        "assessments",
        sa.Column("assessment_id", _NUMBER, nullable=False),
        sa.Column("case_id", sa.String(length=11), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("recommendation", sa.String(length=40), nullable=False),
        sa.Column("payer", sa.String(length=80), nullable=True),
        sa.Column("policy", sa.String(length=80), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=True),
        sa.Column("policy_sha256", sa.String(length=64), nullable=True),
        sa.Column("case_sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_assessments_case_id_cases"),
        sa.PrimaryKeyConstraint("assessment_id", name="pk_assessments"),
        sa.UniqueConstraint("case_id", "number", name="uq_assessments_case_id_number"),
    )
    op.create_index(
        "ix_assessments_policy", "assessments", ["payer", "policy", "policy_version"], unique=False
    )
    op.create_table(
        "audit_events",
        sa.Column("event_id", _NUMBER, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("case_id", sa.String(length=11), nullable=True),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("before", sa.String(length=24), nullable=True),
        sa.Column("after", sa.String(length=24), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_audit_events_case_id_cases"),
        sa.PrimaryKeyConstraint("event_id", name="pk_audit_events"),
    )
    op.create_index("ix_audit_events_case_id", "audit_events", ["case_id", "event_id"], unique=False)
    op.create_table(
        "authorizations",
        sa.Column("authorization_id", _NUMBER, nullable=False),
        sa.Column("case_id", sa.String(length=11), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("payer", sa.String(length=80), nullable=False),
        sa.Column("product", sa.String(length=80), nullable=True),
        sa.Column("hcpcs", sa.String(length=5), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=True),
        sa.Column("visits", sa.Integer(), nullable=True),
        sa.Column("units_per_visit", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_authorizations_case_id_cases"),
        sa.PrimaryKeyConstraint("authorization_id", name="pk_authorizations"),
    )
    op.create_index("ix_authorizations_case_id", "authorizations", ["case_id"], unique=False)
    op.create_index("ix_authorizations_ends", "authorizations", ["ends"], unique=False)
    op.create_table(
        "courses",
        sa.Column("case_id", sa.String(length=11), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("covered_until", sa.Date(), nullable=True),
        sa.Column("uncovered_on", sa.Date(), nullable=True),
        sa.Column("renew_by", sa.Date(), nullable=True),
        sa.Column("next_action_on", sa.Date(), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_courses_case_id_cases"),
        sa.PrimaryKeyConstraint("case_id", name="pk_courses"),
    )
    op.create_index("ix_courses_next_action_on", "courses", ["next_action_on", "case_id"], unique=False)
    op.create_table(
        "determinations",
        sa.Column("determination_id", _NUMBER, nullable=False),
        sa.Column("case_id", sa.String(length=11), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("respond_by", sa.Date(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_determinations_case_id_cases"),
        sa.PrimaryKeyConstraint("determination_id", name="pk_determinations"),
        sa.UniqueConstraint("case_id", "sha256", name="uq_determinations_case_id_sha256"),
    )
    op.create_table(
        "exceptions",
        sa.Column("exception_id", _NUMBER, nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("case_id", sa.String(length=11), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("opened_times", sa.Integer(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_because", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_exceptions_case_id_cases"),
        sa.PrimaryKeyConstraint("exception_id", name="pk_exceptions"),
        sa.UniqueConstraint("key", name="uq_exceptions_key"),
    )
    op.create_index("ix_exceptions_case_id", "exceptions", ["case_id"], unique=False)
    op.create_index("ix_exceptions_open", "exceptions", ["state", "due"], unique=False)
    op.create_table(
        "given_infusions",
        sa.Column("given_id", _NUMBER, nullable=False),
        sa.Column("case_id", sa.String(length=11), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("product", sa.String(length=80), nullable=False),
        sa.Column("milligrams", sa.BigInteger(), nullable=False),
        sa.Column("wasted_milligrams", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_given_infusions_case_id_cases"),
        sa.PrimaryKeyConstraint("given_id", name="pk_given_infusions"),
    )
    op.create_index("ix_given_infusions_case_id", "given_infusions", ["case_id", "on_date"], unique=False)
    op.create_table(
        "planned_infusions",
        sa.Column("planned_id", _NUMBER, nullable=False),
        sa.Column("case_id", sa.String(length=11), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("product", sa.String(length=80), nullable=False),
        sa.Column("milligrams", sa.BigInteger(), nullable=False),
        sa.Column("over_days", sa.Integer(), nullable=False),
        sa.Column("site_of_care", sa.String(length=40), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_planned_infusions_case_id_cases"),
        sa.PrimaryKeyConstraint("planned_id", name="pk_planned_infusions"),
    )
    op.create_index("ix_planned_infusions_case_id", "planned_infusions", ["case_id", "on_date"], unique=False)
    op.create_table(
        "recorded_entries",
        sa.Column("entry_id", _NUMBER, nullable=False),
        sa.Column("case_id", sa.String(length=11), nullable=False),
        sa.Column("part", sa.String(length=24), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_recorded_entries_case_id_cases"),
        sa.PrimaryKeyConstraint("entry_id", name="pk_recorded_entries"),
        sa.UniqueConstraint("case_id", "part", "sha256", name="uq_recorded_entries_case_id_part_sha256"),
    )
    op.create_table(
        "submissions",
        sa.Column("submission_id", _NUMBER, nullable=False),
        sa.Column("case_id", sa.String(length=11), nullable=False),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("packet_sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledgement", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_submissions_case_id_cases"),
        sa.PrimaryKeyConstraint("submission_id", name="pk_submissions"),
    )
    op.create_index(
        "uq_submissions_live",
        "submissions",
        ["case_id", "channel", "packet_sha256"],
        unique=True,
        sqlite_where=sa.text("state <> 'abandoned'"),
        postgresql_where=sa.text("state <> 'abandoned'"),
    )
    op.create_table(
        "outgoing_documents",
        sa.Column("outgoing_id", _NUMBER, nullable=False),
        sa.Column("case_id", sa.String(length=11), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.Column("assessment_id", _NUMBER, nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessments.assessment_id"],
            name="fk_outgoing_documents_assessment_id_assessments",
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_outgoing_documents_case_id_cases"),
        sa.ForeignKeyConstraint(
            ["sha256"], ["documents.sha256"], name="fk_outgoing_documents_sha256_documents"
        ),
        sa.PrimaryKeyConstraint("outgoing_id", name="pk_outgoing_documents"),
        sa.UniqueConstraint("case_id", "kind", "sha256", name="uq_outgoing_documents_case_id_kind_sha256"),
    )

    for table in ("audit_events", "assessments"):
        _make_append_only(table)


def _make_append_only(table: str) -> None:
    """Let the database itself refuse to change or remove what was written."""
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} are only appended to'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_are_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} are only appended to'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_are_append_only()"
    )
