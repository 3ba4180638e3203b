"""What was asked of providers, and what it cost."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from g4f.db.models.base import Base, Key, Moment, OwnerKey, State, Tokens, now, one_of


class Attempt(Base):
    """One call of a provider within a run; ``number`` counts from 1, ``error_name`` is the class that ended it."""

    __tablename__ = "attempts"
    __table_args__ = (
        ForeignKeyConstraint(["owner_id", "run_id"], ["runs.owner_id", "runs.id"]),
        UniqueConstraint("owner_id", "run_id", "number"),
        one_of("outcome", State),
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
