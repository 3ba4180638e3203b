"""Shares: conversations as gpt4free's pages keep them on the server, under ids that whoever knows them may read."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Container
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Connection, and_, case, delete, select, true

from g4f.db.models import Moment, Share, now
from g4f.db.storage import Storage, insert_unless
from g4f.errors import ConflictError, ForbiddenError, NotFoundError

REMEMBERED_BYTES = 32 * 1024 * 1024
"""How much of what was read last is kept in memory."""


class Kept(NamedTuple):
    """Be the version that is kept after a write; ``stored`` says whether it is the one that was sent."""

    updated: int
    stored: bool


class Copy(NamedTuple):
    """Be a share as it is read; ``content`` is None for a reader who has this version."""

    updated: int
    content: bytes | None


class _State(NamedTuple):
    """Be what two equal copies of a share agree in; ``created_at`` tells one from another that had its id before."""

    owner_id: UUID
    created_at: Moment
    updated: int


class Shares:
    """Keep JSON objects under ids of the client's choice; ``updated``, in milliseconds, is an object's version, and the newest stays.

    Every method raises UnavailableError when the storage is in trouble.
    """

    def __init__(self, storage: Callable[[], Storage], remembered_bytes: int = REMEMBERED_BYTES) -> None:
        self._storage = storage
        self._copies = _Copies(remembered_bytes)

    def get(self, share_id: str, seen: Container[int] = ()) -> Copy:
        """Return the newest version as JSON, unless the reader has ``seen`` it; raises NotFoundError.

        The database is always asked which version that is: another process may have written it.
        """
        key = _key(share_id)
        with self._storage().read() as connection:
            found = connection.execute(select(Share.owner_id, Share.created_at, Share.updated).where(Share.id == key)).first()
            if found is None:
                raise _missing()
            state = _State(*found)
            if state.updated in seen:
                return Copy(state.updated, None)
            content = self._copies.get(key, state)
            return Copy(state.updated, content) if content is not None else self._read(connection, key)

    def put(
        self, owner_id: UUID, share_id: str, fields: dict[str, Any], updated: int | None = None, based_on: Container[int] | None = None
    ) -> Kept:
        """Store an object without its ``updated``, which is given apart, unless the same or a newer version is there.

        An object without a version becomes the newest. With ``based_on`` the version that is there has to be one of these,
        and what is not stored is a ConflictError. Raises ForbiddenError when the id is another owner's.
        """
        row = {"id": _key(share_id), "owner_id": owner_id, "content": msgspec.json.encode(fields), "created_at": now()}
        row["updated"] = row["created_at"] if updated is None else updated
        return self._storage().write(lambda connection: _put(connection, row, updated, based_on))

    def revoke(self, owner_id: UUID, share_id: str) -> None:
        """Delete a share; raises NotFoundError unless it is there and the owner's."""
        mine = delete(Share).where(Share.id == _key(share_id), Share.owner_id == owner_id)
        if not self._storage().write(lambda connection: connection.execute(mine).rowcount):
            raise _missing()

    def _read(self, connection: Connection, key: str) -> Copy:
        whole = select(Share.owner_id, Share.created_at, Share.updated, Share.content).where(Share.id == key)
        row = connection.execute(whole).first()
        if row is None:
            raise _missing()
        state, content = _State(*row[:3]), _with_version(row.content, row.updated)
        self._copies.put(key, state, content)
        return Copy(state.updated, content)


class _Copies:
    """Remember what was read last, up to a number of bytes."""

    def __init__(self, limit: int) -> None:
        self._limit, self._size = limit, 0
        self._copies: OrderedDict[str, tuple[_State, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str, state: _State) -> bytes | None:
        """Return the content if it is the one of this state."""
        with self._lock:
            remembered = self._copies.get(key)
            if remembered is None or remembered[0] != state:
                return None
            self._copies.move_to_end(key)
            return remembered[1]

    def put(self, key: str, state: _State, content: bytes) -> None:
        """Remember a content, and forget what was not asked for longest."""
        with self._lock:
            _, old = self._copies.pop(key, (None, b""))
            self._copies[key] = state, content
            self._size += len(content) - len(old)
            while self._size > self._limit:
                _, (_, oldest) = self._copies.popitem(last=False)
                self._size -= len(oldest)


def _put(connection: Connection, row: dict[str, Any], updated: int | None, based_on: Container[int] | None) -> Kept:
    """Store a row unless that is against the rules, in one statement: whatever others do meanwhile, they hold."""
    if based_on is not None:
        _check_base(connection, row, updated, based_on)
    insert = insert_unless(connection, Share).values(row)
    sent = insert.excluded
    newer = Share.updated < sent.updated
    version = case((newer, sent.updated), else_=Share.updated + 1)  # an object without a version has to become the newest
    allowed = and_(Share.owner_id == sent.owner_id, true() if updated is None else newer)
    values = {"updated": version, "content": sent.content}
    stored = connection.scalar(insert.on_conflict_do_update(index_elements=[Share.id], set_=values, where=allowed).returning(Share.updated))
    if stored is not None:
        return Kept(stored, stored=True)
    owner_id, kept = connection.execute(select(Share.owner_id, Share.updated).where(Share.id == row["id"])).one()
    if owner_id != row["owner_id"]:
        raise ForbiddenError("This id belongs to somebody else; choose another.")
    if based_on is not None and kept != updated:
        raise _conflict()
    return Kept(kept, stored=kept == updated)


def _check_base(connection: Connection, row: dict[str, Any], updated: int | None, based_on: Container[int]) -> None:
    """Raise unless the version that is there is one to build on, or the one that is sent: then it was sent before."""
    there = select(Share.owner_id, Share.updated).where(Share.id == row["id"]).with_for_update()
    found = connection.execute(there).first()
    if found is None or (found.owner_id == row["owner_id"] and found.updated != updated and found.updated not in based_on):
        raise _conflict()


def _key(share_id: str) -> str:
    """Return what the row is found by: the id, or for one too long for an index a name as distinct as it."""
    if "\0" in share_id:
        raise _missing()
    return share_id if len(share_id) < 256 else share_id[:192] + hashlib.sha256(share_id.encode("utf-8", "surrogatepass")).hexdigest()


def _with_version(content: bytes, updated: int) -> bytes:
    return b'{"updated":%d%s%s' % (updated, b"" if content == b"{}" else b",", content[1:])


def _conflict() -> ConflictError:
    return ConflictError("Another version was stored meanwhile. Read it, join the two, and send the result.", "If-Match")


def _missing() -> NotFoundError:
    return NotFoundError("Nothing is shared under this id.")
