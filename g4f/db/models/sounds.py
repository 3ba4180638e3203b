"""Sounds: what was read aloud before."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from g4f.db.models.base import Base, KeyPart, Moment, now


class Sound(Base):
    """The sound of one sentence; ``key`` is a digest of everything it depends on: the words, the engine, the voice, the speed.

    It may go at any time: those that were not asked for longest, by ``used_at``, make room for others and for files.
    """

    __tablename__ = "sounds"
    __table_args__ = (
        ForeignKeyConstraint(["owner_id", "blob_id"], ["blobs.owner_id", "blobs.id"], ondelete="CASCADE"),
        Index(None, "owner_id", "blob_id"),
        Index(None, "owner_id", "used_at"),
        CheckConstraint("size > 0", name="size"),
    )

    owner_id: Mapped[KeyPart]
    key: Mapped[str] = mapped_column(primary_key=True)
    blob_id: Mapped[UUID]
    size: Mapped[int]
    used_at: Mapped[Moment] = mapped_column(default=now)
