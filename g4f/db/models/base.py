"""What every table is made of; and the owners of rows."""

from __future__ import annotations

import time
from typing import Annotated, Any, ClassVar, Literal, get_args
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, MetaData, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from uuid_utils.compat import uuid7

LOCAL_OWNER = UUID("00000000-0000-7000-8000-000000000001")
"""The owner named ``local``: the person at the machine. Migration 0001 makes its row."""

FULL_TEXT = "full_text"
"""The index of what can be searched, which each database keeps in a form of its own: it is made by migrations alone."""

Role = Literal["system", "user", "assistant", "tool"]
RunKind = Literal["durable", "relayed"]
State = Literal["running", "done", "stopped", "failed", "interrupted"]
BlobState = Literal["pending", "ready", "gone"]
FileState = Literal["waiting", "reading", "ready", "unreadable"]

Moment = Annotated[int, "milliseconds since 1970-01-01 UTC"]
Key = Annotated[UUID, mapped_column(primary_key=True, default=uuid7)]
KeyPart = Annotated[UUID, mapped_column(primary_key=True)]
Count = Annotated[int, mapped_column(default=0)]


def now() -> Moment:
    """Return this moment as the tables write it."""
    return time.time_ns() // 1_000_000


def one_of(column: str, values: object) -> CheckConstraint:
    """Return the constraint that a column holds one of the values of a ``Literal``."""
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
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger, Moment: BigInteger, str: Text, Role: Text, RunKind: Text, State: Text, BlobState: Text, FileState: Text,
    }  # fmt: skip


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


class Commit(Base):
    """The last commit of one writer on PostgreSQL, which is asked for when a commit does not answer."""

    __tablename__ = "commits"

    writer_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int]
    made_at: Mapped[Moment]
