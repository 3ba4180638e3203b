"""Uploads: bytes become a file, all of them or none, at once or in parts that go on where they were cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from hashlib import sha256
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update
from uuid_utils.compat import uuid7

from g4f.config import Settings
from g4f.db.models import Blob, Bucket, File, FileState, Moment, Upload, now
from g4f.db.objects import PIECE, Objects, Written, name_of, pieces
from g4f.db.storage import Storage
from g4f.errors import ConflictError, NotFoundError, UnavailableError, UnsupportedMediaTypeError
from g4f.reading.kinds import HEAD, Kind, is_recording, kind_of
from g4f.services.arriving import UntilCut, at_most, with_head
from g4f.services.blobs import Blobs, abandon, expired, lock, reserve, settle
from g4f.services.file_names import safe_name
from g4f.services.files import FileInfo, bucket_id_of, info_of, missing, placed

T = TypeVar("T")


class Progress(NamedTuple):
    """Be how far an upload in parts has come: the bytes that are kept, of how many, and until when it waits for more.

    With all of them it is ``file``, under the same id, and waits no longer.
    """

    id: UUID
    received: int
    length: int
    expires_at: Moment | None
    file: FileInfo | None = None


class _Draft(NamedTuple):
    """Be a file whose bytes have yet to come."""

    id: UUID
    bucket: str | None
    name: str
    media_type: str
    state: FileState


class _Upload(NamedTuple):
    """Be an upload in parts that waits for more."""

    owner_id: UUID
    id: UUID
    bucket: str
    name: str
    claimed_type: str
    length: int
    received: int
    expires_at: Moment


class _Step(NamedTuple):
    """Be bytes that are in safety now, and have yet to be counted."""

    owner_id: UUID
    id: UUID
    start: int
    end: int
    until: Moment

    def take(self, connection: Connection) -> None:
        """Count them unless another request did, or gave the upload up."""
        mine = update(Upload).where(Upload.owner_id == self.owner_id, Upload.id == self.id, Upload.received == self.start)
        if not connection.execute(mine.values(received=self.end)).rowcount:
            raise _elsewhere()
        waiting = update(Blob).where(Blob.owner_id == self.owner_id, Blob.id == self.id, Blob.state == "pending")
        if not connection.execute(waiting.values(expires_at=self.until)).rowcount:
            raise expired()


class Uploads:
    """Take bytes of owners in: within their quota, nothing seen before all is there, and nothing left of what was cut.

    Whatever is stored is counted first. Every method raises UnavailableError when the storage is in trouble, and StorageFullError
    when there is no room, of the owner's or at all. ``heard`` says that recordings are listened to, and so wait like documents.
    """

    def __init__(self, storage: Callable[[], Storage], objects: Objects, settings: Settings, *, heard: bool = False) -> None:
        self._blobs, self._quota, self._heard = Blobs(storage, objects, settings), settings.quota, heard

    async def receive(
        self, owner_id: UUID, bucket: str, name: str, claimed_type: str, chunks: AsyncIterator[bytes], length: int | None = None
    ) -> FileInfo:
        """Take a whole file in; its bucket is made with it where there is none.

        Raises UnsupportedMediaTypeError after the first bytes for what is nothing that can be used, PayloadTooLargeError,
        and MalformedRequestError when it is not as long as ``length`` says.
        """
        name = safe_name(name, claimed_type)
        head, chunks = await with_head(chunks, HEAD)
        kind = _known(kind_of(head, name, claimed_type), name)
        draft = _Draft(uuid7(), bucket, name, kind.media_type, self._state_of(kind))
        return await self._blobs.store(owner_id, chunks, length, partial(_add_file, owner_id=owner_id, draft=draft))

    async def keep(self, owner_id: UUID, name: str, media_type: str, chunks: AsyncIterator[bytes]) -> FileInfo:
        """Take a file in that a model generated; it is in no bucket."""
        draft = _Draft(uuid7(), None, safe_name(name, media_type), media_type, "ready")
        return await self._blobs.store(owner_id, chunks, None, partial(_add_file, owner_id=owner_id, draft=draft))

    async def keep_thumbnail(self, owner_id: UUID, file_id: UUID, chunks: AsyncIterator[bytes]) -> None:
        """Give a file a thumbnail, in place of one it has; raises NotFoundError."""

        def do(connection: Connection, blob_id: UUID, written: Written) -> None:
            mine = update(File).where(File.owner_id == owner_id, File.id == file_id)
            if not connection.execute(mine.values(thumbnail_id=blob_id)).rowcount:
                raise missing()

        await self._blobs.store(owner_id, chunks, None, do)

    async def begin(self, owner_id: UUID, bucket: str, name: str, claimed_type: str, length: int) -> Progress:
        """Begin an upload in parts, whose bytes are counted at once; its bucket is made where there is none.

        Raises PayloadTooLargeError.
        """
        self._blobs.require_size(length)
        upload_id, expires_at = uuid7(), self._blobs.expiry()

        def do(connection: Connection) -> None:
            reserve(connection, owner_id, upload_id, length, self._quota, expires_at)
            place = {"owner_id": owner_id, "id": upload_id, "bucket_id": bucket_id_of(connection, owner_id, bucket)}
            row = {**place, "name": safe_name(name, claimed_type), "media_type": claimed_type, "length": length}
            connection.execute(insert(Upload).values(row))

        await self._blobs.do(do)
        return await self.status(owner_id, upload_id)

    async def append(self, owner_id: UUID, upload_id: UUID, offset: int, chunks: AsyncIterator[bytes]) -> Progress:
        """Take the next bytes of an upload in; with the last of them it becomes a file.

        When ``chunks`` fails, what came before is kept and the error raised. Raises ConflictError when the upload is not at
        ``offset``, PayloadTooLargeError for more bytes than it was begun with, UnsupportedMediaTypeError as ``receive``,
        which ends the upload, and NotFoundError.
        """
        upload = await self._read(owner_id, upload_id)
        progress = await self._progress(owner_id, upload_id, upload)
        if offset != progress.received:
            raise _elsewhere()
        if upload is None or progress.file is not None:
            return progress
        coming = UntilCut(at_most(chunks, upload.length - offset))
        head, chunks = await with_head(coming, HEAD)
        if offset == 0 and len(head) >= min(HEAD, upload.length):
            await self._require_known(upload, head)
        await self._put(upload, chunks)
        coming.raise_error()
        return await self.status(owner_id, upload_id)

    async def status(self, owner_id: UUID, upload_id: UUID) -> Progress:
        """Return how far an upload has come; one that has all its bytes becomes a file now. Raises NotFoundError."""
        return await self._progress(owner_id, upload_id, await self._read(owner_id, upload_id))

    async def cancel(self, owner_id: UUID, upload_id: UUID) -> None:
        """Give up an upload that has not become a file; raises NotFoundError."""

        def do(connection: Connection) -> None:
            if not connection.execute(delete(Upload).where(Upload.owner_id == owner_id, Upload.id == upload_id)).rowcount:
                raise expired()
            abandon(connection, owner_id, upload_id)

        await self._blobs.do(do)
        await self._blobs.remove(owner_id, upload_id)

    async def complete_all(self) -> None:
        """Make files of all uploads that have their bytes: a server that was killed did not come to it."""
        whole = select(Upload.owner_id, Upload.id).join(Blob, (Blob.owner_id == Upload.owner_id) & (Blob.id == Upload.id))
        whole = whole.where(Blob.state == "pending", Upload.received == Upload.length)
        for owner_id, upload_id in await self._blobs.ask(lambda connection: connection.execute(whole).all()):
            with suppress(NotFoundError, UnsupportedMediaTypeError):
                await self.status(owner_id, upload_id)

    def _state_of(self, kind: Kind) -> FileState:
        return "waiting" if kind.format is not None or (self._heard and is_recording(kind.media_type)) else "ready"

    async def _put(self, upload: _Upload, chunks: AsyncIterator[bytes]) -> None:
        """Store what comes; a piece that was begun before is written anew, under another name, with what it has now."""
        number, inside = divmod(upload.received, PIECE)
        begun = b"".join([part async for part in self._blobs.objects.read(upload.id, upload.received, number * PIECE)])
        async for piece in pieces(chunks, begun):
            if len(piece) > inside:
                await self._blobs.objects.put(upload.id, number, piece)
                step = _Step(upload.owner_id, upload.id, number * PIECE + inside, number * PIECE + len(piece), self._blobs.expiry())
                await self._blobs.do(step.take)
                await self._blobs.objects.discard([name_of(upload.id, number, inside)] if inside else [])
            number, inside = number + 1, 0

    async def _progress(self, owner_id: UUID, upload_id: UUID, upload: _Upload | None) -> Progress:
        if upload is not None and upload.received < upload.length:
            return Progress(upload_id, upload.received, upload.length, upload.expires_at)
        if upload is not None:
            file = await self._complete(upload)
        else:
            file = await self._blobs.ask(lambda connection: info_of(connection, owner_id, upload_id))
        return Progress(upload_id, file.size, file.size, None, file)

    async def _complete(self, upload: _Upload) -> FileInfo:
        """Make the file of an upload that has all its bytes, unless somebody else just did."""
        digest, head = sha256(), b""
        try:
            async for part in self._blobs.objects.read(upload.id, upload.length):
                head = head or part[:HEAD]
                await asyncio.to_thread(digest.update, part)
        except UnavailableError:  # who made the file may have found these bytes kept already, and removed the second ones
            if await self._read(upload.owner_id, upload.id) is not None:
                raise
            return await self._blobs.ask(lambda connection: info_of(connection, upload.owner_id, upload.id))
        kind = await self._require_known(upload, head)
        draft = _Draft(upload.id, upload.bucket, upload.name, kind.media_type, self._state_of(kind))
        written = Written(upload.length, digest.hexdigest())

        def do(connection: Connection) -> tuple[UUID, FileInfo]:
            lock(connection, upload.owner_id)
            if not connection.execute(delete(Upload).where(Upload.owner_id == upload.owner_id, Upload.id == upload.id)).rowcount:
                return upload.id, info_of(connection, upload.owner_id, upload.id)
            kept = settle(connection, upload.owner_id, upload.id, written)
            return kept, _add_file(connection, kept, written, owner_id=upload.owner_id, draft=draft)

        kept, file = await self._blobs.do(do)
        if kept != upload.id:
            await self._blobs.remove(upload.owner_id, upload.id)
        return file

    async def _require_known(self, upload: _Upload, head: bytes) -> Kind:
        try:
            return _known(kind_of(head, upload.name, upload.claimed_type), upload.name)
        except UnsupportedMediaTypeError:
            await self.cancel(upload.owner_id, upload.id)
            raise

    async def _read(self, owner_id: UUID, upload_id: UUID) -> _Upload | None:
        columns = (Bucket.name, Upload.name, Upload.media_type, Upload.length, Upload.received, Blob.expires_at)
        found = select(Upload.owner_id, Upload.id, *columns).where(Upload.owner_id == owner_id, Upload.id == upload_id)
        found = found.join(Blob, (Blob.owner_id == Upload.owner_id) & (Blob.id == Upload.id))
        found = found.join(Bucket, (Bucket.owner_id == Upload.owner_id) & (Bucket.id == Upload.bucket_id))
        found = found.where(Blob.state == "pending", Blob.expires_at > now())
        rows = await self._blobs.ask(lambda connection: connection.execute(found).all())
        return _Upload(*rows[0]) if rows else None  # type: ignore[arg-type]  # a pending blob has its time


def _add_file(connection: Connection, blob_id: UUID, written: Written, *, owner_id: UUID, draft: _Draft) -> FileInfo:
    place = placed(connection, owner_id, draft.bucket, draft.name)
    row = {"owner_id": owner_id, "id": draft.id, "bucket_id": place.bucket_id, "name": place.name, "blob_id": blob_id}
    told = {"media_type": draft.media_type, "size": written.size, "state": draft.state, "created_at": now()}
    connection.execute(insert(File).values({**row, **told}))
    return info_of(connection, owner_id, draft.id)


def _known(kind: Kind, name: str) -> Kind:
    if kind.use == "unknown":
        message = f"{name} is not of a kind that is taken here, or not what its name says."
        raise UnsupportedMediaTypeError(message, "files", values={"name": name})
    return kind


def _elsewhere() -> ConflictError:
    return ConflictError("The upload is at another byte; ask where it is, and go on from there.", "Upload-Offset")
