"""Answers that their owners asked to keep, so that the same question is not asked again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from uuid import UUID

import msgspec
from sqlalchemy import Connection, delete, select

from g4f.db.models import CreatedAnswer, now
from g4f.db.storage import Storage, insert_unless, storable

KEPT_ANSWERS = 1_000
"""How many answers of one owner are kept; the oldest go first."""


class Created:
    """Keep the texts of answers under a name of the client's and what was asked; raises UnavailableError when the storage is in trouble."""

    def __init__(self, storage: Callable[[], Storage]) -> None:
        self._storage = storage

    def get(self, owner_id: UUID, name: str, asked: Mapping[str, str]) -> str | None:
        """Return an answer of this owner's, None if none is kept."""
        mine = (CreatedAnswer.owner_id == owner_id, CreatedAnswer.id == _key(name, asked))
        with self._storage().read() as connection:
            return connection.scalar(select(CreatedAnswer.content).where(*mine))

    def put(self, owner_id: UUID, name: str, asked: Mapping[str, str], text: str) -> None:
        """Keep an answer; the one that is there stays."""
        row = {"owner_id": owner_id, "id": _key(name, asked), "content": storable(text), "created_at": now()}
        self._storage().write(lambda connection: _put(connection, row))


def _put(connection: Connection, row: dict[str, object]) -> None:
    mine = CreatedAnswer.owner_id == row["owner_id"]
    newest = select(CreatedAnswer.created_at).where(mine).order_by(CreatedAnswer.created_at.desc())
    last = connection.scalar(newest.offset(KEPT_ANSWERS).limit(1))
    if last is not None:
        connection.execute(delete(CreatedAnswer).where(mine, CreatedAnswer.created_at <= last))
    connection.execute(insert_unless(connection, CreatedAnswer).values(row).on_conflict_do_nothing())


def _key(name: str, asked: Mapping[str, str]) -> str:
    return sha256(msgspec.json.encode([name, dict(asked)], order="sorted")).hexdigest()
