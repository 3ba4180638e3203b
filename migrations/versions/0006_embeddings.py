"""Embeddings: vectors of passages by model, in a table of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table; vectors kept so far, of which nobody wrote down the model, are made anew when they are wanted."""
    op.create_table(
        "embeddings",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("dimensions", sa.BigInteger(), nullable=False),
        sa.Column("vector", sa.LargeBinary().with_variant(ARRAY(sa.REAL()), "postgresql"), nullable=False),
        sa.CheckConstraint("dimensions >= 1", name=op.f("ck_embeddings_dimensions")),
        sa.ForeignKeyConstraint(
            ["owner_id", "file_id", "number"],
            ["passages.owner_id", "passages.file_id", "passages.number"],
            name=op.f("fk_embeddings_owner_id_file_id_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "file_id", "number", name=op.f("pk_embeddings")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE embeddings ALTER COLUMN vector SET STORAGE EXTERNAL")  # nothing in it can be compressed
    op.drop_column("passages", "embedding")


def downgrade() -> None:
    """Drop it; the vectors are lost."""
    op.add_column("passages", sa.Column("embedding", sa.LargeBinary(), nullable=True))
    op.drop_table("embeddings")
