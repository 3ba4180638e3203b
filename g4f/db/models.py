"""Every table, on one page.

- Every row has an owner, but for those of ``workers``. Keys are (owner_id, id) and so are references, so no row can point
  at another owner's.
- An id is a UUID of version 7: rows sort by the moment they were made.
- A moment is a whole number of milliseconds since 1970-01-01 UTC, in columns ending in ``_at``.
- Money is a whole number of millionths of its currency, in columns ending in ``_micros``. Tokens are whole numbers.
- NULL means unknown, not asked for, or not yet.
"""

from __future__ import annotations

import time
from typing import Annotated, Any, ClassVar, Literal, get_args
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, MetaData, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from uuid_utils.compat import uuid7

LOCAL_OWNER = UUID("00000000-0000-7000-8000-000000000001")
"""The owner named ``local``: the person at the machine. Migration 0001 makes its row."""

Role = Literal["system", "user", "assistant", "tool"]
RunKind = Literal["durable", "relayed"]
State = Literal["running", "done", "stopped", "failed", "interrupted"]

Moment = Annotated[int, "milliseconds since 1970-01-01 UTC"]
Key = Annotated[UUID, mapped_column(primary_key=True, default=uuid7)]
OwnerKey = Annotated[UUID, mapped_column(primary_key=True)]
Tokens = Annotated[int, mapped_column(default=0)]


def now() -> Moment:
    """Return this moment as the tables write it."""
    return time.time_ns() // 1_000_000


def _one_of(column: str, values: object) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(map(repr, get_args(values)))})", name=column)


class Base(DeclarativeBase):
    """Hold the metadata of all tables; constraints are named, so that migrations can name them too."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {int: BigInteger, Moment: BigInteger, str: Text, Role: Text, RunKind: Text, State: Text}


class Owner(Base):
    """One who owns rows."""

    __tablename__ = "owners"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[Key]
    name: Mapped[str]
    created_at: Mapped[Moment] = mapped_column(default=now)


class Worker(Base):
    """One process that carries runs. While its row is there it may write for them; who finds the lease over takes the row away."""

    __tablename__ = "workers"

    id: Mapped[Key]
    lease_until: Mapped[Moment]


class Chat(Base):
    """One conversation kept by the server: a tree of messages. One that was deleted can be restored for a while."""

    __tablename__ = "chats"
    __table_args__ = (Index(None, "owner_id", "updated_at"),)

    owner_id: Mapped[OwnerKey] = mapped_column(ForeignKey("owners.id"))
    id: Mapped[Key]
    title: Mapped[str] = mapped_column(default="")
    created_at: Mapped[Moment] = mapped_column(default=now)
    updated_at: Mapped[Moment] = mapped_column(default=now, onupdate=now)
    deleted_at: Mapped[Moment | None]


class Message(Base):
    """One turn of a chat; siblings, which share a parent, are its branches."""

    __tablename__ = "messages"
    __table_args__ = (
        ForeignKeyConstraint(["owner_id", "chat_id"], ["chats.owner_id", "chats.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["owner_id", "chat_id", "parent_id"], ["messages.owner_id", "messages.chat_id", "messages.id"]),
        UniqueConstraint("owner_id", "chat_id", "id"),
        Index(None, "owner_id", "chat_id", "parent_id"),
        _one_of("role", Role),
    )

    owner_id: Mapped[OwnerKey]
    id: Mapped[Key]
    chat_id: Mapped[UUID]
    parent_id: Mapped[UUID | None]
    role: Mapped[Role]
    content: Mapped[str]
    created_at: Mapped[Moment] = mapped_column(default=now)


class Run(Base):
    """One request for an answer; ``provider`` and ``model`` were asked for, ``message_id`` is the answer of a durable run.

    ``worker_id`` is the process that carries a durable run; ``question`` tells whether two requests with the same idempotency
    key ask the same: it is a digest of the body.

    Runs outlive their chat, for the ledger rests on them: whoever deletes a chat first sets ``chat_id`` and ``message_id`` to NULL.
    """

    __tablename__ = "runs"
    __table_args__ = (
        ForeignKeyConstraint(["owner_id", "chat_id"], ["chats.owner_id", "chats.id"]),
        ForeignKeyConstraint(["owner_id", "chat_id", "message_id"], ["messages.owner_id", "messages.chat_id", "messages.id"]),
        UniqueConstraint("owner_id", "idempotency_key"),
        Index(None, "owner_id", "chat_id", "message_id"),
        Index("ix_runs_running", "state", sqlite_where=text("state = 'running'"), postgresql_where=text("state = 'running'")),
        _one_of("kind", RunKind),
        _one_of("state", State),
        CheckConstraint("(finished_at IS NULL) = (state = 'running')", name="finished_at"),
        CheckConstraint("message_id IS NULL OR chat_id IS NOT NULL", name="message_id"),  # or its reference would go unchecked
        CheckConstraint("length(idempotency_key) <= 255", name="idempotency_key"),
    )

    owner_id: Mapped[OwnerKey] = mapped_column(ForeignKey("owners.id"))
    id: Mapped[Key]
    kind: Mapped[RunKind]
    state: Mapped[State]
    chat_id: Mapped[UUID | None]
    message_id: Mapped[UUID | None]
    request_id: Mapped[str]
    idempotency_key: Mapped[str | None]
    question: Mapped[str | None]
    worker_id: Mapped[UUID | None]
    stop_asked_at: Mapped[Moment | None]
    provider: Mapped[str | None]
    model: Mapped[str | None]
    started_at: Mapped[Moment] = mapped_column(default=now)
    finished_at: Mapped[Moment | None]


class Event(Base):
    """One event of a durable run, ``number`` counting from 1; ``data`` is its chunk as JSON, on one line."""

    __tablename__ = "events"
    __table_args__ = (
        ForeignKeyConstraint(["owner_id", "run_id"], ["runs.owner_id", "runs.id"]),
        CheckConstraint("number >= 1", name="number"),
        {"sqlite_with_rowid": False},
    )

    owner_id: Mapped[OwnerKey]
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    data: Mapped[str]


class Attempt(Base):
    """One call of a provider within a run; ``number`` counts from 1, ``error_name`` is the class that ended it."""

    __tablename__ = "attempts"
    __table_args__ = (
        ForeignKeyConstraint(["owner_id", "run_id"], ["runs.owner_id", "runs.id"]),
        UniqueConstraint("owner_id", "run_id", "number"),
        _one_of("outcome", State),
        CheckConstraint("(finished_at IS NULL) = (outcome = 'running')", name="finished_at"),
        CheckConstraint("number >= 1", name="number"),
    )

    owner_id: Mapped[OwnerKey]
    id: Mapped[Key]
    run_id: Mapped[UUID]
    number: Mapped[int]
    provider: Mapped[str]
    model: Mapped[str | None]
    outcome: Mapped[State]
    error_name: Mapped[str | None]
    started_at: Mapped[Moment] = mapped_column(default=now)
    first_token_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]


class UsageEntry(Base):
    """What one attempt used; the ledger is append-only. ``estimated`` means that we counted, not the provider."""

    __tablename__ = "usage_entries"
    __table_args__ = (
        ForeignKeyConstraint(["owner_id", "attempt_id"], ["attempts.owner_id", "attempts.id"]),
        UniqueConstraint("owner_id", "attempt_id"),
        Index(None, "owner_id", "created_at"),
        CheckConstraint("prompt_tokens >= 0 AND completion_tokens >= 0 AND reasoning_tokens >= 0 AND cached_tokens >= 0", name="tokens"),
        CheckConstraint("cost_micros >= 0", name="cost_micros"),
        CheckConstraint("(cost_micros IS NULL) = (currency IS NULL)", name="currency"),
    )

    owner_id: Mapped[OwnerKey]
    id: Mapped[Key]
    attempt_id: Mapped[UUID]
    prompt_tokens: Mapped[Tokens]
    completion_tokens: Mapped[Tokens]
    reasoning_tokens: Mapped[Tokens]
    cached_tokens: Mapped[Tokens]
    estimated: Mapped[bool]
    cost_micros: Mapped[int | None]
    currency: Mapped[str | None]
    created_at: Mapped[Moment] = mapped_column(default=now)


class Share(Base):
    """One conversation as a page of gpt4free keeps it: a JSON object under an id of the client's; ``updated`` is its version."""

    __tablename__ = "shares"

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("owners.id"))
    updated: Mapped[int]
    content: Mapped[bytes]
    created_at: Mapped[Moment] = mapped_column(default=now)
