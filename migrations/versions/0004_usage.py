"""Usage: more units and the price in the ledger, its closed days, what is reserved, what clients claim and log; kept answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_UNITS = ("prompt_audio_tokens", "completion_audio_tokens", "images")
_TEXTS = ("price_source", "message_id")
_SUMS = (
    "attempts", "prompt_tokens", "completion_tokens", "reasoning_tokens", "cached_tokens", *_UNITS, "cost_micros", "first_tokens",
    "first_token_ms", "longest_first_token_ms",
)  # fmt: skip


def upgrade() -> None:
    """Add the columns and make the tables."""
    for name in _UNITS:
        op.add_column("usage_entries", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    for name in _TEXTS:
        op.add_column("usage_entries", sa.Column(name, sa.Text(), nullable=True))
    op.create_index(op.f("ix_usage_entries_created_at"), "usage_entries", ["created_at"])
    _usage_days()
    _reservations()
    _usage_claims()
    _log_lines()
    _created_answers()


def downgrade() -> None:
    """Drop them; claims, logs and sums whose entries were deleted are lost."""
    for table in ("created_answers", "log_lines", "usage_claims", "reservations", "usage_days"):
        op.drop_table(table)
    op.drop_index(op.f("ix_usage_entries_created_at"), "usage_entries")
    for name in (*_UNITS, *_TEXTS):
        op.drop_column("usage_entries", name)


def _usage_days() -> None:
    key = ("owner_id", "day", "provider", "model", "error_name", "currency", "estimated")
    op.create_table(
        "usage_days",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("provider", "model", "error_name", "currency")),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _SUMS),
        sa.ForeignKeyConstraint(["owner_id"], ["owners.id"], name=op.f("fk_usage_days_owner_id")),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_usage_days")),
    )
    op.create_index(op.f("ix_usage_days_day"), "usage_days", ["day"])


def _reservations() -> None:
    op.create_table(
        "reservations",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost_micros", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("tokens >= 0 AND cost_micros >= 0", name=op.f("ck_reservations_amounts")),
        sa.ForeignKeyConstraint(["owner_id"], ["owners.id"], name=op.f("fk_reservations_owner_id")),
        sa.PrimaryKeyConstraint("owner_id", "run_id", name=op.f("pk_reservations")),
    )


def _usage_claims() -> None:
    op.create_table(
        "usage_claims",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["owners.id"], name=op.f("fk_usage_claims_owner_id")),
        sa.PrimaryKeyConstraint("owner_id", "id", name=op.f("pk_usage_claims")),
        sa.UniqueConstraint("owner_id", "message_id", name=op.f("uq_usage_claims_owner_id_message_id")),
    )
    op.create_index(op.f("ix_usage_claims_owner_id_created_at"), "usage_claims", ["owner_id", "created_at"])


def _log_lines() -> None:
    op.create_table(
        "log_lines",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["owners.id"], name=op.f("fk_log_lines_owner_id")),
        sa.PrimaryKeyConstraint("owner_id", "id", name=op.f("pk_log_lines")),
    )
    op.create_index(op.f("ix_log_lines_owner_id_created_at"), "log_lines", ["owner_id", "created_at"])


def _created_answers() -> None:
    op.create_table(
        "created_answers",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["owners.id"], name=op.f("fk_created_answers_owner_id")),
        sa.PrimaryKeyConstraint("owner_id", "id", name=op.f("pk_created_answers")),
    )
    op.create_index(op.f("ix_created_answers_owner_id_created_at"), "created_answers", ["owner_id", "created_at"])
