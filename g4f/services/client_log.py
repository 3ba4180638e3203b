"""The log that clients write: what went wrong in a page, for whoever runs it to read."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, delete, insert, select
from uuid_utils.compat import uuid7

from g4f.db.models import LogLine, UsageClaim, now
from g4f.db.storage import Storage, storable
from g4f.errors import PayloadTooLargeError

KEPT_MS = 7 * 24 * 3600 * 1000
"""How long a line is kept."""
KEPT_LINES = 10_000
"""How many lines of one owner are kept; the oldest go first."""
LINE_BYTES = 16 * 1024
"""The longest line."""
_SWEPT = 64
"""One line of so many looks for those that are too many."""


class ClientLog:
    """Keep lines of an owner, newest first; raises UnavailableError when the storage is in trouble."""

    def __init__(self, storage: Callable[[], Storage]) -> None:
        self._storage = storage

    def write(self, owner_id: UUID, line: dict[str, Any], origin: str | None) -> None:
        """Keep a line; raises PayloadTooLargeError."""
        data = msgspec.json.encode(line)
        if len(data) > LINE_BYTES:
            raise PayloadTooLargeError(f"A line of the log may be {LINE_BYTES} bytes long.")
        row = {"owner_id": owner_id, "id": uuid7(), "origin": origin and storable(origin)[:255], "data": data.decode(), "created_at": now()}
        self._storage().write(lambda connection: _write(connection, row))

    def read(self, owner_id: UUID, limit: int) -> list[dict[str, Any]]:
        """Return the newest lines of the last seven days, newest first."""
        mine = (LogLine.owner_id == owner_id, LogLine.created_at >= now() - KEPT_MS)
        newest = select(LogLine.origin, LogLine.data).where(*mine).order_by(LogLine.created_at.desc(), LogLine.id.desc()).limit(limit)
        with self._storage().read() as connection:
            return [{"origin": origin, **msgspec.json.decode(data)} for origin, data in connection.execute(newest)]


def keep_newest(connection: Connection, model: type[LogLine | UsageClaim], owner_id: UUID, count: int) -> None:
    """Delete all but about so many of an owner's newest rows, now and then."""
    if random.randrange(_SWEPT):  # noqa: S311 - nothing rests on it
        return
    newest = select(model.created_at).where(model.owner_id == owner_id).order_by(model.created_at.desc())
    if (last := connection.scalar(newest.offset(count).limit(1))) is not None:
        connection.execute(delete(model).where(model.owner_id == owner_id, model.created_at <= last))


def _write(connection: Connection, row: dict[str, Any]) -> None:
    connection.execute(insert(LogLine), row)
    connection.execute(delete(LogLine).where(LogLine.owner_id == row["owner_id"], LogLine.created_at < row["created_at"] - KEPT_MS))
    keep_newest(connection, LogLine, row["owner_id"], KEPT_LINES)
