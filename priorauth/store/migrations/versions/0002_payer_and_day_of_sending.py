"""To whom and on which day of the practice a request was sent, and where the file of an intake fault lies."""

import sqlalchemy as sa
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty in rows written before, which then mean what they meant.
    op.add_column("submissions", sa.Column("payer", sa.String(length=80), nullable=True))
    op.add_column("submissions", sa.Column("sent_on", sa.Date(), nullable=True))
    op.drop_index("uq_submissions_live", "submissions")
    op.create_index(
        "uq_submissions_once", "submissions", ["case_id", "channel", "packet_sha256"], unique=True
    )
    op.add_column("intake_faults", sa.Column("path", sa.Text(), nullable=True))
    op.create_index("ix_intake_faults_path", "intake_faults", ["path"], unique=False)
