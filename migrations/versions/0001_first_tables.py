"""First tables: owners, chats, messages, runs, attempts, usage entries; and the owner named local.

1. Numbered: one number after the last, one head.
2. Reversible, or downgrade() says in its docstring why not.
3. Works with the previous release: it may run against these tables while servers are replaced one by one. So add
   columns that may be NULL or have a server default; drop or rename only what the previous release no longer uses.
"""

from __future__ import annotations

import time
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables, parents first, and the local owner."""
    _owners()
    _chats()
    _messages()
    _runs()
    _attempts()
    _usage_entries()
    owners = sa.table("owners", sa.column("id", sa.Uuid()), sa.column("name", sa.Text()), sa.column("created_at", sa.BigInteger()))
    local = UUID("00000000-0000-7000-8000-000000000001")
    op.bulk_insert(owners, [{"id": local, "name": "local", "created_at": time.time_ns() // 1_000_000}])


def downgrade() -> None:
    """Drop the tables, children first."""
    for table in ("usage_entries", "attempts", "runs", "messages", "chats", "owners"):
        op.drop_table(table)


def _owners() -> None:
    op.create_table(
        "owners",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owners")),
        sa.UniqueConstraint("name", name=op.f("uq_owners_name")),
    )


def _chats() -> None:
    op.create_table(
        "chats",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["owners.id"], name=op.f("fk_chats_owner_id")),
        sa.PrimaryKeyConstraint("owner_id", "id", name=op.f("pk_chats")),
    )
    op.create_index(op.f("ix_chats_owner_id_updated_at"), "chats", ["owner_id", "updated_at"])


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("chat_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("role IN ('system', 'user', 'assistant', 'tool')", name=op.f("ck_messages_role")),
        sa.ForeignKeyConstraint(
            ["owner_id", "chat_id", "parent_id"],
            ["messages.owner_id", "messages.chat_id", "messages.id"],
            name=op.f("fk_messages_owner_id_chat_id_parent_id"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "chat_id"], ["chats.owner_id", "chats.id"], name=op.f("fk_messages_owner_id_chat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "id", name=op.f("pk_messages")),
        sa.UniqueConstraint("owner_id", "chat_id", "id", name=op.f("uq_messages_owner_id_chat_id_id")),
    )
    op.create_index(op.f("ix_messages_owner_id_chat_id_parent_id"), "messages", ["owner_id", "chat_id", "parent_id"])


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(finished_at IS NULL) = (state = 'running')", name=op.f("ck_runs_finished_at")),
        sa.CheckConstraint("kind IN ('durable', 'relayed')", name=op.f("ck_runs_kind")),
        sa.CheckConstraint("state IN ('running', 'done', 'stopped', 'failed', 'interrupted')", name=op.f("ck_runs_state")),
        sa.CheckConstraint("length(idempotency_key) <= 255", name=op.f("ck_runs_idempotency_key")),
        sa.CheckConstraint("message_id IS NULL OR chat_id IS NOT NULL", name=op.f("ck_runs_message_id")),
        sa.ForeignKeyConstraint(
            ["owner_id", "chat_id", "message_id"],
            ["messages.owner_id", "messages.chat_id", "messages.id"],
            name=op.f("fk_runs_owner_id_chat_id_message_id"),
        ),
        sa.ForeignKeyConstraint(["owner_id", "chat_id"], ["chats.owner_id", "chats.id"], name=op.f("fk_runs_owner_id_chat_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["owners.id"], name=op.f("fk_runs_owner_id")),
        sa.PrimaryKeyConstraint("owner_id", "id", name=op.f("pk_runs")),
        sa.UniqueConstraint("owner_id", "idempotency_key", name=op.f("uq_runs_owner_id_idempotency_key")),
    )
    op.create_index(op.f("ix_runs_owner_id_chat_id_message_id"), "runs", ["owner_id", "chat_id", "message_id"])
    op.create_index(
        "ix_runs_running", "runs", ["state"], sqlite_where=sa.text("state = 'running'"), postgresql_where=sa.text("state = 'running'")
    )


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("error_name", sa.Text(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("first_token_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(finished_at IS NULL) = (outcome = 'running')", name=op.f("ck_attempts_finished_at")),
        sa.CheckConstraint("outcome IN ('running', 'done', 'stopped', 'failed', 'interrupted')", name=op.f("ck_attempts_outcome")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_attempts_number")),
        sa.ForeignKeyConstraint(["owner_id", "run_id"], ["runs.owner_id", "runs.id"], name=op.f("fk_attempts_owner_id_run_id")),
        sa.PrimaryKeyConstraint("owner_id", "id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("owner_id", "run_id", "number", name=op.f("uq_attempts_owner_id_run_id_number")),
    )


def _usage_entries() -> None:
    op.create_table(
        "usage_entries",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("prompt_tokens", sa.BigInteger(), nullable=False),
        sa.Column("completion_tokens", sa.BigInteger(), nullable=False),
        sa.Column("reasoning_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cached_tokens", sa.BigInteger(), nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("cost_micros", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(cost_micros IS NULL) = (currency IS NULL)", name=op.f("ck_usage_entries_currency")),
        sa.CheckConstraint("cost_micros >= 0", name=op.f("ck_usage_entries_cost_micros")),
        sa.CheckConstraint(
            "prompt_tokens >= 0 AND completion_tokens >= 0 AND reasoning_tokens >= 0 AND cached_tokens >= 0",
            name=op.f("ck_usage_entries_tokens"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "attempt_id"], ["attempts.owner_id", "attempts.id"], name=op.f("fk_usage_entries_owner_id_attempt_id")
        ),
        sa.PrimaryKeyConstraint("owner_id", "id", name=op.f("pk_usage_entries")),
        sa.UniqueConstraint("owner_id", "attempt_id", name=op.f("uq_usage_entries_owner_id_attempt_id")),
    )
    op.create_index(op.f("ix_usage_entries_owner_id_created_at"), "usage_entries", ["owner_id", "created_at"])
