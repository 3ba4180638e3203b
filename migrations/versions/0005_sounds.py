"""Sounds: what was read aloud before, kept for its owner."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "sounds",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("blob_id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_sounds_size")),
        sa.ForeignKeyConstraint(
            ["owner_id", "blob_id"], ["blobs.owner_id", "blobs.id"], name=op.f("fk_sounds_owner_id_blob_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "key", name=op.f("pk_sounds")),
    )
    op.create_index(op.f("ix_sounds_owner_id_blob_id"), "sounds", ["owner_id", "blob_id"])
    op.create_index(op.f("ix_sounds_owner_id_used_at"), "sounds", ["owner_id", "used_at"])


def downgrade() -> None:
    """Drop it; the sounds' bytes, which nothing needs then, are left to the cleaning."""
    op.drop_table("sounds")
