"""Cleaning: what nobody can want any more goes, step by step, and each step may be cut and done again.

A draft that was never sent goes to the trash. A file whose time there is over loses its row; a blob that neither a file nor a
sound needs, or that never arrived, is gone; the object of a blob that is gone is deleted, and then its row. Whatever else lies
in the store is nobody's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, func, or_, select, tuple_, update

from g4f.config import Settings
from g4f.db.models import Blob, Bucket, File, Moment, Upload, now
from g4f.db.objects import Objects, Stored, blob_of, is_piece
from g4f.db.storage import Storage
from g4f.services import drafts
from g4f.services.blobs import HOUR, Blobs, needed, release

DAY = 24 * HOUR
TOGETHER = 100
"""How many rows one transaction changes: it must end soon, for everybody's writes wait for it."""
FILES_TOGETHER = 10
"""How many files one deletes, each with all its passages."""
LISTED_TOGETHER = 5000
"""How many objects are looked up at once, which takes as long for many as for one."""


class Waste(Struct, frozen=True):
    """Count what is to go: files of the trash, uploads that were never finished, the bytes both free, and objects that are nobody's.

    ``drafts`` go into the trash, which frees nothing yet.
    """

    drafts: int
    files: int
    uploads: int
    bytes: int
    objects: int
    object_bytes: int


class Cleaning:
    """Remove what is over; every method raises UnavailableError when the storage is in trouble, and goes on the next time."""

    def __init__(self, storage: Callable[[], Storage], objects: Objects, settings: Settings) -> None:
        self._blobs, self._objects = Blobs(storage, objects, settings), objects
        self._kept, self._drafts_kept = int(settings.trash_days * DAY), int(settings.draft_hours * HOUR)

    async def report(self, strays_before: Moment | None = None) -> Waste:
        """Return what ``clean`` would remove now."""
        moment = now()
        return await self._weigh(moment, await self._strays(moment - DAY if strays_before is None else strays_before))

    async def clean(self, strays_before: Moment | None = None) -> Waste:
        """Remove everything that is over, of all owners, and objects that are nobody's and older than a day; return what it was."""
        moment = now()
        before = moment - DAY if strays_before is None else strays_before
        strays = await self._strays(before)
        waste = await self._weigh(moment, strays)
        await self._all(lambda connection: drafts.discard(connection, moment - self._drafts_kept, TOGETHER))
        await self._all(lambda connection: _delete_files(connection, File.deleted_at < moment - self._kept))
        await self._all(lambda connection: _delete_buckets(connection, moment - self._kept, moment - self._drafts_kept))
        await self._all(lambda connection: _expire(connection, moment))
        await self._remove_blobs()
        await self._objects.discard([stray.name for stray in strays])
        await self._objects.tidy(before)
        return waste

    async def empty_trash(self, owner_id: UUID, before: Moment | None = None) -> None:
        """Delete for good what an owner deleted, or only what was deleted before a moment."""
        deleted = File.deleted_at.is_not(None) if before is None else File.deleted_at < before
        await self._all(lambda connection: _delete_files(connection, and_(File.owner_id == owner_id, deleted)))
        await self._remove_blobs()

    async def _all(self, step: Callable[[Connection], int]) -> None:
        """Do a step until nothing is left for it."""
        while await self._blobs.do(step):
            pass

    async def _remove_blobs(self) -> None:
        for owner_id in await self._blobs.ask(_owners_of_unused):
            await self._blobs.do(partial(release, owner_id=owner_id))
        for owner_id, blob_id in await self._blobs.ask(_gone):
            await self._blobs.remove(owner_id, blob_id)

    async def _weigh(self, moment: Moment, strays: Sequence[Stored]) -> Waste:
        unsent = await self._blobs.ask(lambda connection: drafts.count(connection, moment - self._drafts_kept))
        files, uploads, size = await self._blobs.ask(lambda connection: _counts(connection, moment, moment - self._kept))
        return Waste(unsent, files, uploads, size, len(strays), sum(stray.size for stray in strays))

    async def _strays(self, before: Moment) -> Sequence[Stored]:
        """Return the objects older than a moment that belong to no blob, or to none that still has them."""
        strays: list[Stored] = []
        page: list[Stored] = []
        async for each in self._objects.stored():
            if each.changed_at < before:
                page.append(each)
            if len(page) == LISTED_TOGETHER:
                strays += await self._blobs.ask(partial(_without_blob, page=page))
                page = []
        return strays + (await self._blobs.ask(partial(_without_blob, page=page)) if page else [])


def _without_blob(connection: Connection, page: Sequence[Stored]) -> list[Stored]:
    found = {each.name: blob_of(each.name) for each in page}
    known = select(Blob.id, Blob.state, Blob.size).where(Blob.id.in_({blob_id for blob_id in found.values() if blob_id}))
    blobs: dict[UUID | None, Row[*tuple[Any, ...]]] = {row.id: row for row in connection.execute(known)}

    def is_stray(each: Stored) -> bool:
        blob = blobs.get(found[each.name])
        return blob is None or (blob.state == "ready" and not is_piece(each.name, blob.id, blob.size))

    return [each for each in page if is_stray(each)]


def _delete_files(connection: Connection, which: ColumnElement[bool]) -> int:
    """Delete the rows of some files; what they needed is released later."""
    some = [tuple(row) for row in connection.execute(select(File.owner_id, File.id).where(which).limit(FILES_TOGETHER))]
    if some:
        connection.execute(delete(File).where(tuple_(File.owner_id, File.id).in_(some), File.deleted_at.is_not(None)))
    return len(some)


def _delete_buckets(connection: Connection, before: Moment, drafts_before: Moment) -> int:
    """Delete the rows of some buckets that hold nothing: deleted before a moment, or made for a draft before another."""
    holds = or_(
        exists().where(File.owner_id == Bucket.owner_id, File.bucket_id == Bucket.id),
        exists().where(Upload.owner_id == Bucket.owner_id, Upload.bucket_id == Bucket.id),
    )
    over = or_(Bucket.deleted_at < before, and_(Bucket.created_at < drafts_before, drafts.of_drafts()))
    empty = select(Bucket.owner_id, Bucket.id).where(over, ~holds).limit(TOGETHER)
    some = [tuple(row) for row in connection.execute(empty)]
    if some:
        connection.execute(delete(Bucket).where(tuple_(Bucket.owner_id, Bucket.id).in_(some), ~holds))
    return len(some)


def _expire(connection: Connection, moment: Moment) -> int:
    """Give up some blobs whose time to arrive is over."""
    late = select(Blob.owner_id, Blob.id).where(Blob.state == "pending", Blob.expires_at < moment).limit(TOGETHER)
    some = [tuple(row) for row in connection.execute(late)]
    if some:
        one = (tuple_(Blob.owner_id, Blob.id).in_(some), Blob.state == "pending", Blob.expires_at < moment)
        connection.execute(update(Blob).where(*one).values(state="gone", expires_at=None))
    return len(some)


def _owners_of_unused(connection: Connection) -> Sequence[UUID]:
    return connection.scalars(select(Blob.owner_id).where(Blob.state == "ready", ~needed()).distinct()).all()


def _gone(connection: Connection) -> Sequence[tuple[UUID, UUID]]:
    return [(row.owner_id, row.id) for row in connection.execute(select(Blob.owner_id, Blob.id).where(Blob.state == "gone"))]


def _counts(connection: Connection, moment: Moment, deleted_before: Moment) -> tuple[int, int, int]:
    """Return how many files and uploads are over, and the bytes of the blobs that nothing needs then."""
    files = select(func.count()).select_from(File).where(File.deleted_at < deleted_before)
    late = and_(Blob.state == "pending", Blob.expires_at < moment)
    uploads = select(func.count()).select_from(Blob).where(late)
    kept = or_(File.deleted_at.is_(None), File.deleted_at >= deleted_before)
    size = select(func.coalesce(func.sum(Blob.size), 0)).where(or_(late, Blob.state == "gone", and_(Blob.state == "ready", ~needed(kept))))
    return connection.scalar(files) or 0, connection.scalar(uploads) or 0, int(connection.scalar(size) or 0)
