"""Durable runs: events, the workers that carry runs, chats that can be restored; and what gpt4free's pages share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables and add the columns."""
    op.create_table(
        "workers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    _events()
    _shares()
    op.add_column("chats", sa.Column("deleted_at", sa.BigInteger(), nullable=True))
    op.add_column("runs", sa.Column("question", sa.Text(), nullable=True))
    op.add_column("runs", sa.Column("worker_id", sa.Uuid(), nullable=True))
    op.add_column("runs", sa.Column("stop_asked_at", sa.BigInteger(), nullable=True))


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_events_number")),
        sa.ForeignKeyConstraint(["owner_id", "run_id"], ["runs.owner_id", "runs.id"], name=op.f("fk_events_owner_id_run_id")),
        sa.PrimaryKeyConstraint("owner_id", "run_id", "number", name=op.f("pk_events")),
        sqlite_with_rowid=False,
    )


def _shares() -> None:
    op.create_table(
        "shares",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["owners.id"], name=op.f("fk_shares_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shares")),
    )


def downgrade() -> None:
    """Drop them; what was shared and every event is lost, the messages stay."""
    for column in ("stop_asked_at", "worker_id", "question"):
        op.drop_column("runs", column)
    op.drop_column("chats", "deleted_at")
    for table in ("shares", "events", "workers"):
        op.drop_table(table)
