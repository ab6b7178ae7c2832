"""A packet can go out by the same channel again once the payer has asked for information."""

import sqlalchemy as sa
from alembic import op


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("submissions", sa.Column("asked_before", sa.Integer(), server_default="0", nullable=False))
    op.drop_index("uq_submissions_once", table_name="submissions")
    op.create_index(
        "uq_submissions_once",
        "submissions",
        ["case_id", "channel", "packet_sha256", "asked_before"],
        unique=True,
    )
