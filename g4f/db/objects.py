"""The bytes of blobs, in a folder or on an S3 server.

A blob is kept as pieces of ``PIECE`` bytes, the last one shorter, each an object named after its place and its length:
``5f/9a/<blob id>/0.4194304``, ``5f/9a/<blob id>/1.1200``. A piece appears whole or not at all on every store, an upload
goes on where it was cut, and nothing of it is ever copied.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from uuid import UUID

from g4f import aio, debug
from g4f.config import Settings
from g4f.db.models import Moment
from g4f.db.session import in_one_line, refusal_of

if TYPE_CHECKING:
    from obstore.store import ObjectStore, S3Config

PIECE = 4 * 1024 * 1024
"""How long a piece is: about as much of an upload is in memory at a time. It is part of how blobs are kept."""
_M_MMAP_THRESHOLD = -3
"""The number of that option of ``mallopt``."""
STEP = 512 * 1024
"""How much of a piece is read from a folder at a time; from an S3 server it is the whole piece, for there requests cost more."""
SECONDS = "30s"
"""How long one request to an S3 server may take."""

T = TypeVar("T")


class Written(NamedTuple):
    """Be what was stored: how many bytes, and their SHA-256."""

    size: int
    digest: str


class Stored(NamedTuple):
    """Be one object as it is listed."""

    name: str
    size: int
    changed_at: Moment


class Objects:
    """Keep the pieces of blobs; every method raises UnavailableError or StorageFullError when the store is in trouble."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = None if settings.s3_bucket else settings.data_path / "blobs"
        self._step = STEP if self._folder is not None else PIECE
        self._store: ObjectStore | None = None

    async def write(self, blob_id: UUID, chunks: AsyncIterator[bytes]) -> Written:
        """Store a whole blob while it arrives; what is there when ``chunks`` fails is left for ``delete``."""
        number = size = 0
        digest = sha256()
        async for piece in pieces(chunks):
            await asyncio.to_thread(digest.update, piece)
            await self.put(blob_id, number, piece)
            number, size = number + 1, size + len(piece)
        return Written(size, digest.hexdigest())

    async def put(self, blob_id: UUID, number: int, piece: bytes) -> None:
        """Store one piece; it is on the disk of the store when this returns."""
        await aio.to_the_end(self._put(name_of(blob_id, number, len(piece)), piece))

    async def read(self, blob_id: UUID, size: int, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes from ``start`` to before ``end`` of a blob of this size, a piece or less at a time."""
        last = size if end is None else min(end, size)
        while start < last:
            number, inside = divmod(start, PIECE)
            length = min(PIECE, size - number * PIECE)
            until = min(length, last - number * PIECE, inside + self._step)
            part = await self._get(name_of(blob_id, number, length), inside, until)
            yield part
            start += len(part)

    async def delete(self, blob_id: UUID) -> None:
        """Delete every piece of a blob, if there are any."""
        await self.discard([each.name async for each in self.stored(blob_id)])
        if self._folder is not None:
            await asyncio.to_thread(_remove_unfinished, self._folder / _key(blob_id), time.time())

    async def discard(self, names: Sequence[str]) -> None:
        """Delete objects by their names; one that is gone already is no matter."""
        if names:
            await aio.to_the_end(self._discard(names))

    async def stored(self, blob_id: UUID | None = None) -> AsyncIterator[Stored]:
        """Yield every object, or those of one blob."""
        if self._folder is not None and not await asyncio.to_thread(self._folder.exists):
            return
        import obstore  # noqa: PLC0415 - a server that has no files does not need its memory

        with _explained():
            async for listed in obstore.list(self._opened(), _key(blob_id) if blob_id else None, chunk_size=1000):
                for each in listed:
                    yield Stored(each["path"], each["size"], int(each["last_modified"].timestamp() * 1000))

    async def tidy(self, before: Moment) -> int:
        """Remove what killed processes left of pieces they were writing before a moment; return how many. Only a folder has such."""
        return 0 if self._folder is None else await asyncio.to_thread(_remove_unfinished, self._folder, before / 1000)

    async def _put(self, name: str, piece: bytes) -> None:
        import obstore  # noqa: PLC0415 - a server that has no files does not need its memory

        with _explained():
            await obstore.put_async(self._opened(), name, piece, use_multipart=False)
            if self._folder is not None:
                await asyncio.to_thread(_sync, self._folder, self._folder / name)

    async def _get(self, name: str, start: int, end: int) -> bytes:
        import obstore  # noqa: PLC0415 - a server that has no files does not need its memory

        with _explained():
            return bytes(await obstore.get_range_async(self._opened(), name, start=start, end=end))

    async def _discard(self, names: Sequence[str]) -> None:
        import obstore  # noqa: PLC0415 - a server that has no files does not need its memory

        with _explained():
            try:
                await obstore.delete_async(self._opened(), names)
            except FileNotFoundError:  # a folder stops at the first one that is gone
                for name in names:
                    with suppress(FileNotFoundError):
                        await obstore.delete_async(self._opened(), name)

    def _opened(self) -> ObjectStore:
        if self._store is None:
            self._store = _s3(self._settings) if self._folder is None else _local(self._folder)
            _give_memory_back()
        return self._store


async def pieces(chunks: AsyncIterator[bytes], held: bytes = b"") -> AsyncIterator[bytes]:
    """Yield chunks joined and cut to pieces, only the last one shorter; ``held`` comes before them."""
    waiting = bytearray(held)
    try:
        async for chunk in chunks:
            if not waiting and len(chunk) == PIECE:
                yield chunk
                continue
            waiting += chunk
            while len(waiting) >= PIECE:
                piece = bytes(memoryview(waiting)[:PIECE])
                del waiting[:PIECE]
                yield piece
    finally:
        await aio.close(chunks)
    if waiting:
        yield bytes(waiting)


def name_of(blob_id: UUID, number: int, length: int) -> str:
    """Return the name of a piece."""
    return f"{_key(blob_id)}/{number}.{length}"


def is_piece(name: str, blob_id: UUID, size: int) -> bool:
    """Return whether this is the name of a piece of a blob of this size."""
    number = name.rpartition("/")[2].partition(".")[0]
    return number.isdecimal() and name == name_of(blob_id, int(number), min(PIECE, size - int(number) * PIECE))


def blob_of(name: str) -> UUID | None:
    """Return which blob an object is a piece of, or None for an object that is not ours."""
    try:
        found = UUID(name.rpartition("/")[0].rpartition("/")[2])
    except ValueError:
        return None
    return found if name.startswith(f"{_key(found)}/") else None


def _key(blob_id: UUID) -> str:
    """Return the folder of a blob; the end of its id is random, so that they spread evenly."""
    return f"{blob_id.hex[-2:]}/{blob_id.hex[-4:-2]}/{blob_id}"


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what a store raises into what a request is answered with."""
    from obstore.exceptions import BaseError  # noqa: PLC0415 - it is loaded where this is used

    try:
        yield
    except (BaseError, OSError) as error:
        debug.error(f"The store of files is in trouble: {in_one_line(error)}")
        raise refusal_of(error) from error


def _local(folder: Path) -> ObjectStore:
    from obstore.store import LocalStore  # noqa: PLC0415 - it is loaded where this is used

    with _explained():
        return LocalStore(folder, mkdir=True, automatic_cleanup=True)


def _s3(settings: Settings) -> ObjectStore:
    from obstore.store import S3Store  # noqa: PLC0415 - it is loaded where this is used

    config: S3Config = {"region": settings.s3_region}
    if settings.s3_endpoint:
        config["endpoint"] = settings.s3_endpoint
    if settings.s3_access_key:
        config["access_key_id"] = settings.s3_access_key.reveal()
        config["secret_access_key"] = settings.s3_secret_key.reveal()
    return S3Store(
        settings.s3_bucket, prefix=settings.s3_prefix or None, config=config,
        client_options={"timeout": SECONDS, "allow_http": settings.s3_endpoint.startswith("http://")},
        retry_config={"max_retries": 3},
    )  # fmt: skip


def _give_memory_back() -> None:
    """Let the C library return the memory of each piece when it is freed; glibc would keep several for every thread that had one.

    https://man7.org/linux/man-pages/man3/mallopt.3.html
    """
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "mallopt"):
        library.mallopt(_M_MMAP_THRESHOLD, PIECE // 4)


def _sync(root: Path, path: Path) -> None:
    """See to it that a file and the folders on the way to it survive a power cut."""
    for each in (path, *path.parents):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if each == root:
            return


def _remove_unfinished(folder: Path, before: float) -> int:
    """Delete the files that obstore writes a piece to before it has its name, which is when ``#`` and a number go."""
    count = 0
    for name, _, files in os.walk(folder):
        for path in (Path(name, file) for file in files if "#" in file):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime <= before:
                    path.unlink()
                    count += 1
    return count
