"""The sound of sentences that were read aloud before, each its owner's alone.

It is kept like files are, as blobs, and found by a digest of all that it depends on. Nothing here ever makes reading aloud fail
or wait: what cannot be read is made anew, and what was made is stored later, or not at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Select, func, select, update
from sqlalchemy.exc import IntegrityError

from g4f import aio
from g4f.config import Settings
from g4f.db.models import Blob, Moment, Sound, now
from g4f.db.objects import Objects, Written
from g4f.db.storage import Storage, insert_unless
from g4f.errors import G4FError
from g4f.services.blobs import HOUR, Blobs, Freed, discard, evict, let_go, lock

PATIENCE = 1.0
"""Seconds that a reader waits for a sound that is kept; then it is made anew, which takes about as long."""
WAITING_BYTES = 32 * 1024 * 1024
"""How much sound may wait to be stored; what comes while it does is not kept."""


class _New(NamedTuple):
    """Be a row to come."""

    owner_id: UUID
    key: str
    blob_id: UUID
    size: int
    used_at: Moment


class SoundCache:
    """Keep sounds under keys, an owner's apart from all others', up to ``speech_cache_limit`` bytes each.

    What was not asked for longest goes first; what was put may be gone when it is asked for.
    """

    def __init__(self, storage: Callable[[], Storage], objects: Objects, settings: Settings) -> None:
        self._blobs, self._storage, self._limit = Blobs(storage, objects, settings), storage, settings.speech_cache_limit
        self._waiting: dict[tuple[UUID, str], bytes] = {}
        self._storing: asyncio.Task[None] | None = None

    async def get(self, owner_id: UUID, key: str) -> bytes | None:
        """Return what this owner put under the key, if it is there and comes soon."""
        if (waiting := self._waiting.get((owner_id, key))) is not None:
            return waiting
        with suppress(G4FError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                return await self._read(owner_id, key)
        return None

    def put(self, owner_id: UUID, key: str, sound: bytes) -> None:
        """Have bytes stored under the key; nobody waits for it."""
        if not 0 < len(sound) <= self._limit or len(sound) + sum(map(len, self._waiting.values())) > WAITING_BYTES:
            return
        self._waiting[owner_id, key] = sound
        if self._storing is None or self._storing.done():
            self._storing = asyncio.create_task(self._store_all())

    async def settle(self) -> None:
        """Wait until what was put is stored, or given up."""
        if self._storing is not None:
            await asyncio.wait([self._storing])

    async def _read(self, owner_id: UUID, key: str) -> bytes | None:
        sound = await self._blobs.ask(lambda connection: connection.execute(_found(owner_id, key)).first())
        if sound is None:
            return None
        try:
            read = self._blobs.objects.read(sound.id, sound.size)
            content = b"".join([part async for part in read])
        except G4FError:  # it is lost, or the store is away: another one is stored when that works again
            self._note(lambda connection: _forget(connection, owner_id, key))
            return None
        if sound.used_at < (stale := now() - HOUR):
            self._note(lambda connection: _use(connection, owner_id, key, stale))
        return content

    def _note(self, act: Callable[[Connection], object]) -> None:
        """Let the writer do something that nobody waits for."""
        with suppress(G4FError):
            self._storage().writer.act(act)

    async def _store_all(self) -> None:
        """Store what waits, one after the other."""
        while self._waiting:
            (owner_id, key), sound = next(iter(self._waiting.items()))
            try:
                await self._store(owner_id, key, sound)
            except (G4FError, IntegrityError):
                pass  # the quota is full of files, the owner is gone, or the storage in trouble, which was said
            finally:
                del self._waiting[owner_id, key]

    async def _store(self, owner_id: UUID, key: str, sound: bytes) -> None:
        def add(connection: Connection, blob_id: UUID, written: Written) -> Sequence[Freed]:
            return _add(connection, _New(owner_id, key, blob_id, written.size, now()), self._limit)

        for blob in await self._blobs.store(owner_id, aio.once(sound), len(sound), add):
            await self._blobs.remove(owner_id, blob.id)


def _found(owner_id: UUID, key: str) -> Select[*tuple[Any, ...]]:
    one = select(Blob.id, Blob.size, Sound.used_at).join(Blob, (Blob.owner_id == Sound.owner_id) & (Blob.id == Sound.blob_id))
    return one.where(Sound.owner_id == owner_id, Sound.key == key, Blob.state == "ready")


def _add(connection: Connection, new: _New, limit: int) -> Sequence[Freed]:
    """Add a sound, unless another process just did, and let others go beyond the limit; return what nothing needs then."""
    insert = insert_unless(connection, Sound).values(new._asdict()).on_conflict_do_nothing()
    if connection.scalar(insert.returning(Sound.key)) is None:
        return let_go(connection, new.owner_id, {new.blob_id})
    size = connection.scalar(select(func.sum(Sound.size)).where(Sound.owner_id == new.owner_id))
    return evict(connection, new.owner_id, int(size or 0) - limit) or []


def _forget(connection: Connection, owner_id: UUID, key: str) -> None:
    lock(connection, owner_id)
    discard(connection, owner_id, [key])


def _use(connection: Connection, owner_id: UUID, key: str, stale: Moment) -> None:
    """Note that a sound was asked for, if nobody has for a while."""
    one = update(Sound).where(Sound.owner_id == owner_id, Sound.key == key, Sound.used_at < stale)
    connection.execute(one.values(used_at=now()))
