"""The sound of sentences that were read aloud before, each its owner's alone."""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol
from uuid import UUID


class SoundCache(Protocol):
    """Keep bytes under keys, an owner's apart from all others'; what was put may be gone when it is asked for."""

    async def get(self, owner_id: UUID, key: str) -> bytes | None:
        """Return what this owner put under the key, if it is still there."""
        ...

    async def put(self, owner_id: UUID, key: str, sound: bytes) -> None:
        """Keep bytes under the key."""
        ...


class MemorySoundCache:
    """Keep bytes in memory up to a limit; what was not asked for longest goes first."""

    def __init__(self, limit: int) -> None:
        self._limit, self._size = limit, 0
        self._sounds: OrderedDict[tuple[UUID, str], bytes] = OrderedDict()

    async def get(self, owner_id: UUID, key: str) -> bytes | None:
        """Return the bytes, and count them as asked for just now."""
        sound = self._sounds.get((owner_id, key))
        if sound is not None:
            self._sounds.move_to_end((owner_id, key))
        return sound

    async def put(self, owner_id: UUID, key: str, sound: bytes) -> None:
        """Keep the bytes, unless they alone pass the limit."""
        if len(sound) > self._limit:
            return
        self._size += len(sound) - len(self._sounds.pop((owner_id, key), b""))
        self._sounds[owner_id, key] = sound
        while self._size > self._limit:
            _, oldest = self._sounds.popitem(last=False)
            self._size -= len(oldest)
