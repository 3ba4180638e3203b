"""Chats, their messages, and the runs that answer them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from g4f.db.models.base import Base, Key, KeyPart, Moment, Role, RunKind, State, now, one_of


class Chat(Base):
    """One conversation kept by the server: a tree of messages. One that was deleted can be restored for a while."""

    __tablename__ = "chats"
    __table_args__ = (Index(None, "owner_id", "updated_at"),)

    owner_id: Mapped[KeyPart] = mapped_column(ForeignKey("owners.id"))
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
        one_of("role", Role),
    )

    owner_id: Mapped[KeyPart]
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
        one_of("kind", RunKind),
        one_of("state", State),
        CheckConstraint("(finished_at IS NULL) = (state = 'running')", name="finished_at"),
        CheckConstraint("message_id IS NULL OR chat_id IS NOT NULL", name="message_id"),  # or its reference would go unchecked
        CheckConstraint("length(idempotency_key) <= 255", name="idempotency_key"),
    )

    owner_id: Mapped[KeyPart] = mapped_column(ForeignKey("owners.id"))
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

    owner_id: Mapped[KeyPart]
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    data: Mapped[str]


class JournalRow(Base):
    """What the runs of one process said between two commits, on SQLite: a JSON array of [owner_id, run_id, number, data].

    An event is here until its run ends, and then in the table of events.
    """

    __tablename__ = "journal"

    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    events: Mapped[str]


class Share(Base):
    """One conversation as a page of gpt4free keeps it: a JSON object under an id of the client's; ``updated`` is its version."""

    __tablename__ = "shares"

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("owners.id"))
    updated: Mapped[int]
    content: Mapped[bytes]
    created_at: Mapped[Moment] = mapped_column(default=now)
