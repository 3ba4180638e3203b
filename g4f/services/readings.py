"""Reading files: each file that waits is a job, taken by whichever process is free and finished once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Connection, delete, insert, or_, select, tuple_, update

from g4f import aio, debug
from g4f.db.models import File, Moment, Passage, now
from g4f.db.storage import Storage, storable
from g4f.errors import G4FError, NotFoundError, UnreadableError
from g4f.reading.pieces import Picture, Progress, Section, Skipped
from g4f.reading.readers import Readers
from g4f.services.files import FileInfo, Files
from g4f.services.passages import Passages
from g4f.services.uploads import Uploads

AT_ONCE = 2
LEASE_MS = 60_000
"""How long a process may take for a file before another takes it over: more than the time a reader is given."""
TRIES = 3
"""How often a file is begun; one that takes its reader's process with it each time is given up."""
LOOK_SECONDS = 5.0
"""How often a process looks for files that others left."""
STEP_SECONDS = 0.5
"""How often people are told how far it is."""

T = TypeVar("T")


class Job(Struct, frozen=True):
    """Be a file that this process reads, under the lease that ends at ``lease_until``."""

    owner_id: UUID
    file_id: UUID
    name: str
    media_type: str
    lease_until: Moment
    tries: int


class _Read(NamedTuple):
    sections: list[Section]
    skipped: list[str]
    picture: Picture | None = None


class Readings:
    """Read the files that wait, a few at a time, and keep their text."""

    def __init__(self, storage: Callable[[], Storage], files: Files, uploads: Uploads, passages: Passages, readers: Readers) -> None:
        self._storage, self._files, self._uploads, self._passages, self._readers = storage, files, uploads, passages, readers
        self._woken = asyncio.Event()
        self._workers: list[asyncio.Task[None]] = []

    def open(self, *, alone: bool) -> None:
        """Give back what a process that is gone had begun; ``alone`` says that no other one lives, which may have its reasons."""
        if alone:
            left = update(File).where(File.state == "reading").values(state="waiting", lease_until=None)
            self._storage().writer.act(lambda connection: connection.execute(left)).result()

    def wake(self) -> None:
        """Say that files wait; who says so first, or after a fault ended the work, begins it on its loop."""
        self._woken.set()
        working = [worker for worker in self._workers if not worker.done()]
        begun = [asyncio.get_running_loop().create_task(self._work()) for _ in range(AT_ONCE - len(working))]
        self._workers = working + begun

    async def stop(self) -> None:
        """End what is being read; it will be begun anew."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        self._workers = []

    async def wait(self, owner_id: UUID, file_ids: Sequence[UUID], seconds: float = 30.0) -> Sequence[FileInfo]:
        """Return the files once they are read, or as far as they are after a while."""
        self.wake()
        end = asyncio.get_running_loop().time() + seconds
        while True:
            files = [await asyncio.to_thread(self._files.get, owner_id, file_id) for file_id in file_ids]
            if all(file.is_read for file in files) or asyncio.get_running_loop().time() >= end:
                return files
            await asyncio.sleep(0.05)

    async def _work(self) -> None:
        """Read what waits; a fault of ours ends this, the log says it, and the lease lets another try."""
        while True:
            try:
                while job := await self._act(_claim):
                    await self._read(job)
            except G4FError as error:
                debug.error(f"Files are not read for the moment: {error}")
            self._woken.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._woken.wait()

    async def _read(self, job: Job) -> None:
        try:
            _require_hope(job)
            with TemporaryDirectory(prefix="g4f-reading-") as folder:
                read = await self._gather(job, await self._fetch(job, Path(folder, "file")))
        except UnreadableError as error:
            await self._finish(job, [], state="unreadable", reason=str(error))
            return
        except NotFoundError:  # it was deleted meanwhile
            return
        found: dict[str, Any] = {"reason": _left_out(read.skipped)}
        if read.picture is not None:
            await self._uploads.keep_thumbnail(job.owner_id, job.file_id, aio.once(read.picture.thumbnail))
            found |= {"width": read.picture.width, "height": read.picture.height}
        rows = await asyncio.to_thread(lambda: [*self._passages.rows(job.owner_id, job.file_id, read.sections)])
        await self._finish(job, rows, state="ready", **found)
        try:
            await self._passages.embed_file(job.owner_id, job.file_id)
        except G4FError as error:  # words alone find it, too
            debug.error(f"The passages of {job.file_id} have no embeddings: {error}")

    async def _fetch(self, job: Job, path: Path) -> Path:
        opened = await asyncio.to_thread(self._files.open, job.owner_id, job.file_id)
        with path.open("wb") as file:
            async for block in opened.read(0, opened.size):
                await asyncio.to_thread(file.write, block)
        return path

    async def _gather(self, job: Job, path: Path) -> _Read:
        read, told, time = _Read([], []), 0.0, asyncio.get_running_loop().time
        async with aclosing(self._readers.read(path, job.name)) as pieces:
            async for piece in pieces:
                match piece:
                    case Section():
                        read.sections.append(piece)
                    case Skipped(name):
                        read.skipped.append(name)
                    case Picture():
                        read = read._replace(picture=piece)
                    case Progress(page, pages) if time() >= told + STEP_SECONDS:
                        told = time()
                        await self._act(partial(_change, job=job, page=page, pages=pages))
        return read

    async def _finish(self, job: Job, rows: Sequence[dict[str, Any]], **values: Any) -> None:
        def finish(connection: Connection) -> None:
            if not _change(connection, job, lease_until=None, **values):
                return  # somebody else has it, or it is deleted for good
            connection.execute(delete(Passage).where(Passage.owner_id == job.owner_id, Passage.file_id == job.file_id))
            if rows:
                connection.execute(insert(Passage), list(rows))

        await self._act(finish)

    def _act(self, do: Callable[[Connection], T]) -> Awaitable[T]:
        return asyncio.wrap_future(self._storage().writer.act(do))


def _require_hope(job: Job) -> None:
    if job.tries > TRIES:
        raise UnreadableError("The file broke the server that read it, time and again; save it in another format and upload that.")


def _left_out(names: Sequence[str]) -> str | None:
    shown = ", ".join(storable(name) for name in names[:5])
    return f"{shown}{f' and {len(names) - 5} more' if len(names) > 5 else ''} inside could not be read." if names else None


async def read_text(readers: Readers, data: bytes, name: str, media_type: str) -> str:
    """Return the text of a document that is not kept; raises UnreadableError."""
    with TemporaryDirectory(prefix="g4f-reading-") as folder:
        path = Path(folder, "file")
        await asyncio.to_thread(path.write_bytes, data)
        async with aclosing(readers.read(path, name, media_type)) as pieces:
            return "\n\n".join([piece.text async for piece in pieces if isinstance(piece, Section)])


def _claim(connection: Connection) -> Job | None:
    """Take a file that waits, or one whose reader's lease ran out."""
    moment = now()
    free = or_(File.state == "waiting", (File.state == "reading") & (File.lease_until < moment))
    first = (
        select(File.owner_id, File.id).where(free, File.deleted_at.is_(None)).order_by(File.id).limit(1).with_for_update(skip_locked=True)
    )
    if (row := connection.execute(first.with_for_update(skip_locked=True)).first()) is None:
        return None
    taken = (
        update(File)
        .where(tuple_(File.owner_id, File.id) == tuple_(*row))
        .values(state="reading", lease_until=moment + LEASE_MS, tries=File.tries + 1)
        .returning(File.owner_id, File.id, File.name, File.media_type, File.tries)
    )
    job = connection.execute(taken).one()
    return Job(job.owner_id, job.id, job.name, job.media_type, moment + LEASE_MS, job.tries)


def _change(connection: Connection, job: Job, **values: Any) -> bool:
    """Change a file while its lease is this job's; return whether it is."""
    mine = (File.owner_id == job.owner_id, File.id == job.file_id, File.state == "reading", File.lease_until == job.lease_until)
    return bool(connection.execute(update(File).where(*mine).values(**values)).rowcount)
