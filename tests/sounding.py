"""What the tests of sounds share: putting, asking as another process, and looking at what is kept."""

from __future__ import annotations

import asyncio
from uuid import UUID

from sqlalchemy import select, update

from g4f.db.models import Blob, Moment, Sound, now
from g4f.db.objects import blob_of
from g4f.services.blobs import HOUR
from g4f.services.sound_cache import SoundCache
from tests.uploading import Keeping


def cache_of(kept: Keeping) -> SoundCache:
    """Return the sounds as one process has them."""
    return SoundCache(lambda: kept.storage, kept.objects, kept.settings)


def put(kept: Keeping, owner_id: UUID, **sounds: bytes) -> None:
    """Keep sounds, one after the other."""

    async def each() -> None:
        cache = cache_of(kept)
        for key, sound in sounds.items():
            cache.put(owner_id, key, sound)
            await cache.settle()

    asyncio.run(each())


def get(kept: Keeping, owner_id: UUID, key: str) -> bytes | None:
    """Ask as a process that was just started."""
    return asyncio.run(cache_of(kept).get(owner_id, key))


def keys(kept: Keeping, owner_id: UUID) -> dict[str, Moment]:
    """Return what is kept for an owner, and when each was asked for."""
    kept.storage.writer.flush(10)
    with kept.storage.read() as connection:
        return {row.key: row.used_at for row in connection.execute(select(Sound.key, Sound.used_at).where(Sound.owner_id == owner_id))}


def age(kept: Keeping, owner_id: UUID, **hours: float) -> None:
    """Say that sounds were asked for so many hours ago."""
    for key, ago in hours.items():
        one = update(Sound).where(Sound.owner_id == owner_id, Sound.key == key).values(used_at=now() - int(ago * HOUR))
        kept.storage.write(lambda connection, one=one: connection.execute(one))  # type: ignore[misc]  # bound now


def nothing_is_left_over(kept: Keeping, owner_id: UUID) -> None:
    """Check that the blobs and objects of an owner are those that sounds and files refer to."""
    with kept.storage.read() as connection:
        needed = set(connection.scalars(select(Sound.blob_id).where(Sound.owner_id == owner_id)))
        digests = [file.digest for file in kept.files.list(owner_id, "b")]
        needed |= set(connection.scalars(select(Blob.id).where(Blob.owner_id == owner_id, Blob.digest.in_(digests), Blob.state == "ready")))
    assert set(kept.blobs(owner_id)) == set(kept.blobs(owner_id, "ready")) == needed
    assert {blob_of(name) for name in asyncio.run(kept.everything())} == needed
