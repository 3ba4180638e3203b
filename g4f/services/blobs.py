"""The life of a blob, each step in a transaction of the one writer: pending, ready, gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, delete, exists, func, or_, select, update
from uuid_utils.compat import uuid7

from g4f import aio
from g4f.config import Settings
from g4f.db.models import Blob, File, Moment, Owner, Sound, now
from g4f.db.objects import Objects, Written, pieces
from g4f.db.storage import Storage, insert_unless
from g4f.errors import G4FError, MalformedRequestError, NotFoundError, PayloadTooLargeError, StorageFullError
from g4f.services.arriving import at_most

T = TypeVar("T")

HOUR = 3_600_000
TOGETHER = 500
"""How many sounds give way at once."""


class Freed(NamedTuple):
    """Be a blob that nothing needs any more, and its size."""

    id: UUID
    size: int


class Blobs:
    """Take bytes in and remove them again; every method raises UnavailableError or StorageFullError when the storage is in trouble."""

    def __init__(self, storage: Callable[[], Storage], objects: Objects, settings: Settings) -> None:
        self.objects = objects
        self._storage = storage
        self._limit, self._quota, self._hours = settings.upload_limit, settings.quota, settings.upload_hours

    async def store(
        self, owner_id: UUID, chunks: AsyncIterator[bytes], length: int | None, refer: Callable[[Connection, UUID, Written], T]
    ) -> T:
        """Store bytes and let ``refer`` say, in the transaction that makes them ready, what needs them."""
        blob_id = uuid7()

        def do(connection: Connection) -> tuple[UUID, T]:
            kept = settle(connection, owner_id, blob_id, written)
            return kept, refer(connection, kept, written)

        try:
            written = await self.objects.write(blob_id, self._counted(owner_id, blob_id, chunks, length))
            kept, outcome = await self.do(do)
        except BaseException:
            with suppress(G4FError):  # what cannot be removed now will be when its time is over
                if await self.do(partial(abandon, owner_id=owner_id, blob_id=blob_id)):
                    await self.remove(owner_id, blob_id)
            raise
        if kept != blob_id:
            await self.remove(owner_id, blob_id)
        return outcome

    async def _counted(self, owner_id: UUID, blob_id: UUID, chunks: AsyncIterator[bytes], length: int | None) -> AsyncIterator[bytes]:
        """Yield pieces, each once it is counted: all at once where their length is known."""
        size = 0
        if length is not None:
            await self._reserve(owner_id, blob_id, length)
        async for piece in pieces(chunks if length is None else at_most(chunks, length)):
            size += len(piece)
            if length is None:
                await self._reserve(owner_id, blob_id, size)
            yield piece
        if size != (length or size):
            raise MalformedRequestError("Fewer bytes came than were announced; send the file again.")
        if not size:
            await self._reserve(owner_id, blob_id, 0)

    async def _reserve(self, owner_id: UUID, blob_id: UUID, size: int) -> None:
        self.require_size(size)
        await self.do(lambda connection: reserve(connection, owner_id, blob_id, size, self._quota, self.expiry()))

    async def remove(self, owner_id: UUID, blob_id: UUID) -> None:
        """Remove a blob that is gone, its bytes first; what cannot be removed now is left to the cleaning."""
        with suppress(G4FError):
            await self.objects.delete(blob_id)
            await self.do(lambda connection: forget(connection, owner_id, blob_id))

    async def do(self, act: Callable[[Connection], T]) -> T:
        """Let the writer do something in one transaction and return what it returned; it is done or not when this ends."""
        return await aio.to_the_end(asyncio.to_thread(lambda: self._storage().write(act)))

    async def ask(self, read: Callable[[Connection], T]) -> T:
        """Read in a transaction."""

        def reading() -> T:
            with self._storage().read() as connection:
                return read(connection)

        return await asyncio.to_thread(reading)

    def expiry(self) -> Moment:
        """Return until when a blob may arrive of which something came now."""
        return now() + int(self._hours * HOUR)

    def require_size(self, size: int) -> None:
        """Raise PayloadTooLargeError for more bytes than a file may have."""
        if size > self._limit:
            message = f"A file may be {self._limit} bytes long; split it into smaller ones."
            raise PayloadTooLargeError(message, values={"limit": self._limit})


def lock(connection: Connection, owner_id: UUID) -> None:
    """Let nobody else change the files of an owner until the transaction ends; SQLite has one writer anyway.

    The lock leaves other rows that refer to the owner alone.
    """
    connection.execute(select(Owner.id).where(Owner.id == owner_id).with_for_update(key_share=True))


def reserve(connection: Connection, owner_id: UUID, blob_id: UUID, size: int, quota: int, expires_at: Moment) -> None:
    """Count ``size`` bytes for a blob that arrives, a new one or one that grows; raises StorageFullError beyond the quota.

    Sounds give way first, those that were not asked for longest.
    """
    lock(connection, owner_id)
    others = select(func.coalesce(func.sum(Blob.size), 0)).where(Blob.owner_id == owner_id, Blob.id != blob_id, Blob.state != "gone")
    excess = size + int(connection.scalar(others) or 0) - quota
    if quota and excess > 0 and not _make_room(connection, owner_id, excess):
        message = "This is more than the room that is left for your files. Delete some, and empty the trash."
        raise StorageFullError(message, values={"quota": quota})
    row = {"owner_id": owner_id, "id": blob_id, "state": "pending", "size": size, "expires_at": expires_at}
    insert = insert_unless(connection, Blob).values(row)
    changed = {"size": insert.excluded.size, "expires_at": insert.excluded.expires_at}
    insert = insert.on_conflict_do_update(index_elements=[Blob.owner_id, Blob.id], set_=changed, where=Blob.state == "pending")
    if not connection.execute(insert).rowcount:
        raise expired()


def settle(connection: Connection, owner_id: UUID, blob_id: UUID, written: Written) -> UUID:
    """Make a blob that arrived ready, and return it; when the owner has the same bytes already, it is gone and theirs returned."""
    lock(connection, owner_id)
    same = select(Blob.id).where(Blob.owner_id == owner_id, Blob.digest == written.digest, Blob.state == "ready")
    there = connection.scalar(same)
    values = {"state": "ready" if there is None else "gone", "size": written.size, "digest": written.digest, "expires_at": None}
    if not connection.execute(update(Blob).where(*_pending(owner_id, blob_id)).values(values)).rowcount:
        raise expired()
    return there or blob_id


def abandon(connection: Connection, owner_id: UUID, blob_id: UUID) -> bool:
    """Give up a blob that did not arrive, whose bytes count no longer; return whether there was one."""
    return bool(connection.execute(update(Blob).where(*_pending(owner_id, blob_id)).values(state="gone", expires_at=None)).rowcount)


def needed(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say whether a sound needs a blob, or a file, one of those ``which`` are meant; one in the trash does, for it can be restored."""
    by_file = exists().where(File.owner_id == Blob.owner_id, or_(File.blob_id == Blob.id, File.thumbnail_id == Blob.id), *which)
    return or_(by_file, needed_by_sound())


def needed_by_sound() -> ColumnElement[bool]:
    """Say whether a sound needs a blob."""
    return exists().where(Sound.owner_id == Blob.owner_id, Sound.blob_id == Blob.id)


def evict(connection: Connection, owner_id: UUID, size: int) -> Sequence[Freed] | None:
    """Let sounds of an owner go, ``size`` bytes of them and not too many at once; None when there are none.

    Those that were not asked for longest go first. Returns the blobs that nothing needs then; the owner has to be locked.
    """
    oldest = select(Sound.key, Sound.size).where(Sound.owner_id == owner_id).order_by(Sound.used_at).limit(TOGETHER)
    keys = list[str]()
    for sound in connection.execute(oldest).all():
        if size > 0:
            keys.append(sound.key)
            size -= sound.size
    return discard(connection, owner_id, keys) if keys else None


def discard(connection: Connection, owner_id: UUID, keys: Sequence[str]) -> Sequence[Freed]:
    """Let some sounds of an owner go; return the blobs that nothing needs then."""
    these = delete(Sound).where(Sound.owner_id == owner_id, Sound.key.in_(keys))
    return let_go(connection, owner_id, set(connection.scalars(these.returning(Sound.blob_id))))


def let_go(connection: Connection, owner_id: UUID, blob_ids: Collection[UUID]) -> Sequence[Freed]:
    """Let go of those of some blobs that nothing needs any more, and return them."""
    unused = update(Blob).where(Blob.owner_id == owner_id, Blob.id.in_(blob_ids), Blob.state == "ready", ~needed())
    return [Freed(*row) for row in connection.execute(unused.values(state="gone").returning(Blob.id, Blob.size))]


def release(connection: Connection, owner_id: UUID) -> None:
    """Let go of every blob of an owner that nothing needs any more."""
    lock(connection, owner_id)
    connection.execute(update(Blob).where(Blob.owner_id == owner_id, Blob.state == "ready", ~needed()).values(state="gone"))


def forget(connection: Connection, owner_id: UUID, blob_id: UUID) -> None:
    """Delete the row of a blob that is gone, once its bytes are."""
    connection.execute(delete(Blob).where(Blob.owner_id == owner_id, Blob.id == blob_id, Blob.state == "gone"))


def expired() -> NotFoundError:
    """Return what an upload is told that was given up meanwhile."""
    return NotFoundError("There is no such upload, or it was given up; begin it again.")


def _make_room(connection: Connection, owner_id: UUID, size: int) -> bool:
    """Let sounds go until so many bytes are free, or none is left; return whether they are. Their objects are left to the cleaning."""
    step = size
    while size > 0 and (freed := evict(connection, owner_id, step)) is not None:
        size -= sum(blob.size for blob in freed)
        step = size if freed else 2 * step  # many sounds may be the same bytes, which the last of them frees
    return size <= 0


def _pending(owner_id: UUID, blob_id: UUID) -> list[ColumnElement[bool]]:
    return [Blob.owner_id == owner_id, Blob.id == blob_id, Blob.state == "pending"]
