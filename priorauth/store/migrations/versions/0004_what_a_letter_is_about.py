"""What a letter was written about beyond the case, so that it can be released from the version alone."""

import sqlalchemy as sa
from alembic import op


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outgoing_documents", sa.Column("matter", sa.Text(), nullable=True))
