"""What was asked of providers, what it cost, and what is held back for answers that are on their way."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from g4f.db.models.base import Base, Count, Key, KeyPart, Moment, State, now, one_of

Units = Annotated[int, mapped_column(default=0, server_default="0")]
KeyText = Annotated[str, mapped_column(primary_key=True, default="")]


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

    owner_id: Mapped[KeyPart]
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
    """What one attempt used; an entry never changes. ``estimated`` means that we counted, not the provider.

    ``prompt_tokens`` includes ``cached_tokens`` and ``prompt_audio_tokens``, ``completion_tokens`` includes
    ``reasoning_tokens`` and ``completion_audio_tokens``; ``images``, the number of pictures made, is in addition to both.
    ``cost_micros`` is what that cost by ``price_source``, the price of the moment it was entered: later prices change
    nothing. ``message_id`` is the name a client knows the answer by.
    """

    __tablename__ = "usage_entries"
    __table_args__ = (
        ForeignKeyConstraint(["owner_id", "attempt_id"], ["attempts.owner_id", "attempts.id"]),
        UniqueConstraint("owner_id", "attempt_id"),
        Index(None, "owner_id", "created_at"),
        Index(None, "created_at"),
        CheckConstraint("prompt_tokens >= 0 AND completion_tokens >= 0 AND reasoning_tokens >= 0 AND cached_tokens >= 0", name="tokens"),
        CheckConstraint("cost_micros >= 0", name="cost_micros"),
        CheckConstraint("(cost_micros IS NULL) = (currency IS NULL)", name="currency"),
    )

    owner_id: Mapped[KeyPart]
    id: Mapped[Key]
    attempt_id: Mapped[UUID]
    prompt_tokens: Mapped[Count]
    completion_tokens: Mapped[Count]
    reasoning_tokens: Mapped[Count]
    cached_tokens: Mapped[Count]
    prompt_audio_tokens: Mapped[Units]
    completion_audio_tokens: Mapped[Units]
    images: Mapped[Units]
    estimated: Mapped[bool]
    cost_micros: Mapped[int | None]
    currency: Mapped[str | None]
    price_source: Mapped[str | None]
    message_id: Mapped[str | None]
    created_at: Mapped[Moment] = mapped_column(default=now)


class UsageDay(Base):
    """The sums of a day's entries that agree in all of the key; ``day`` counts days since 1970-01-01 UTC.

    Days are closed in their order and all at once: what is newer than the newest day here is summed from the entries.
    ``first_token_ms`` is the sum of the waits of the ``first_tokens`` attempts that had one. The empty text stands for none.
    """

    __tablename__ = "usage_days"
    __table_args__ = (Index(None, "day"),)

    owner_id: Mapped[KeyPart] = mapped_column(ForeignKey("owners.id"))
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    provider: Mapped[KeyText]
    model: Mapped[KeyText]
    error_name: Mapped[KeyText]
    currency: Mapped[KeyText]
    estimated: Mapped[bool] = mapped_column(primary_key=True)
    attempts: Mapped[int]
    prompt_tokens: Mapped[int]
    completion_tokens: Mapped[int]
    reasoning_tokens: Mapped[int]
    cached_tokens: Mapped[int]
    prompt_audio_tokens: Mapped[int]
    completion_audio_tokens: Mapped[int]
    images: Mapped[int]
    cost_micros: Mapped[int]
    first_tokens: Mapped[int]
    first_token_ms: Mapped[int]
    longest_first_token_ms: Mapped[int]


class Reservation(Base):
    """What is held back of budgets for a run: until the run has ended, or the worker that carries it is gone."""

    __tablename__ = "reservations"
    __table_args__ = (CheckConstraint("tokens >= 0 AND cost_micros >= 0", name="amounts"),)

    owner_id: Mapped[KeyPart] = mapped_column(ForeignKey("owners.id"))
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    worker_id: Mapped[UUID]
    model: Mapped[str]
    tokens: Mapped[Count]
    cost_micros: Mapped[Count]
    currency: Mapped[str | None]
    created_at: Mapped[Moment] = mapped_column(default=now)


class UsageClaim(Base):
    """What a client says an answer used, as JSON; it counts nowhere. One for each message it names."""

    __tablename__ = "usage_claims"
    __table_args__ = (UniqueConstraint("owner_id", "message_id"), Index(None, "owner_id", "created_at"))

    owner_id: Mapped[KeyPart] = mapped_column(ForeignKey("owners.id"))
    id: Mapped[Key]
    message_id: Mapped[str | None]
    data: Mapped[str]
    created_at: Mapped[Moment] = mapped_column(default=now)


class LogLine(Base):
    """One object that a client wrote to its log, as JSON; ``origin`` is the page it came from."""

    __tablename__ = "log_lines"
    __table_args__ = (Index(None, "owner_id", "created_at"),)

    owner_id: Mapped[KeyPart] = mapped_column(ForeignKey("owners.id"))
    id: Mapped[Key]
    origin: Mapped[str | None]
    data: Mapped[str]
    created_at: Mapped[Moment] = mapped_column(default=now)


class CreatedAnswer(Base):
    """The text of an answer that its owner asked to keep; ``id`` is a digest of the name it was given and of what was asked."""

    __tablename__ = "created_answers"
    __table_args__ = (Index(None, "owner_id", "created_at"),)

    owner_id: Mapped[KeyPart] = mapped_column(ForeignKey("owners.id"))
    id: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[str]
    created_at: Mapped[Moment] = mapped_column(default=now)
