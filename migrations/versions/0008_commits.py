"""The numbers of commits, by which PostgreSQL is asked what became of one that did not answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "commits",
        sa.Column("writer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("writer_id", name=op.f("pk_commits")),
    )


def downgrade() -> None:
    """Drop it; a server that was stopped has no commit in doubt."""
    op.drop_table("commits")
