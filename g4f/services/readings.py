"""Reading files, and listening to them: each file that waits is a job, taken by whichever process is free and finished once."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import Connection, update

from g4f import aio, debug
from g4f.db.models import File, now
from g4f.db.storage import Storage, storable
from g4f.errors import G4FError, NotFoundError, UnavailableError, UnreadableError
from g4f.reading.kinds import is_recording
from g4f.reading.pieces import Picture, Progress, Section, Skipped
from g4f.reading.readers import Readers
from g4f.reading.reasons import unreadable
from g4f.services.files import FileInfo, Files
from g4f.services.jobs import Job, change, claim, finish, renew
from g4f.services.passages import Passages
from g4f.services.uploads import Uploads

AT_ONCE = 2
TRIES = 3
"""How often a file is begun; one that takes its reader's process with it each time is given up."""
LOOK_SECONDS = 5.0
"""How often a process looks for files that others left."""
STEP_SECONDS = 0.5
"""How often people are told how far it is."""
PAUSE_MS = 15_000
"""How long a server of speech or embeddings is left alone after it failed."""

COPY = "g4f-reading-"
"""How the folders begin in which files are copied while they are read."""
STALE_SECONDS = 3600.0
"""How old such a folder is that nobody reads from any more."""

_UNHEARD = "What is said was not written down"

T = TypeVar("T")
Listen = Callable[[AsyncIterator[bytes], str], Awaitable[str]]
"""Write down a recording, given its bytes and its name."""


class _Read(NamedTuple):
    sections: list[Section]
    skipped: list[str]
    picture: Picture | None = None


class Readings:
    """Read the files that wait, a few at a time, and keep their text; with ``listen`` what is said in recordings, too.

    The lease of a recording, which takes as long as its server needs, is renewed every ``renew_seconds``.
    """

    renew_seconds = 20.0

    def __init__(
        self, storage: Callable[[], Storage], files: Files, uploads: Uploads, passages: Passages, readers: Readers,
        listen: Listen | None = None,
    ) -> None:  # fmt: skip
        self._storage, self._files, self._uploads, self._passages, self._readers = storage, files, uploads, passages, readers
        self._listen = listen
        self._woken, self._bare = asyncio.Event(), asyncio.Event()
        self._duties = (*[self._work] * AT_ONCE, self._complete)
        self._workers: list[asyncio.Task[None] | None] = [None] * len(self._duties)

    def open(self, *, alone: bool) -> None:
        """Give back what a process that is gone had begun; ``alone`` says that no other one lives, which may have its reasons."""
        _sweep()
        if alone:
            left = update(File).where(File.state == "reading").values(state="waiting", lease_until=None)
            self._storage().writer.act(lambda connection: connection.execute(left)).result()

    def wake(self) -> None:
        """Say that files wait; who says so first, or after a fault ended the work, begins it on its loop."""
        self._woken.set()
        for place, (worker, duty) in enumerate(zip(self._workers, self._duties, strict=True)):
            if worker is None or worker.done():
                self._workers[place] = asyncio.get_running_loop().create_task(duty())

    async def stop(self) -> None:
        """End what is being read; it will be begun anew."""
        workers = [worker for worker in self._workers if worker is not None]
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        self._workers = [None] * len(self._duties)

    def has_text(self, file: FileInfo) -> bool:
        """Return whether a file is read for its text, or listened to."""
        return not file.is_media or (self._listen is not None and file.is_recording)

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
                while job := await self._act(claim):
                    await self._read(job)
            except G4FError as error:
                debug.error(f"Files are not read for the moment: {error}")
            self._woken.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._woken.wait()

    async def _complete(self) -> None:
        """Give passages their vectors; without them, as while the server of embeddings is away, words alone find them."""
        while self._passages.vectors is not None:
            self._bare.clear()
            try:
                await self._passages.vectors.complete()
            except G4FError as error:
                debug.error(f"Passages get no vectors for the moment: {error}")
                await asyncio.sleep(PAUSE_MS / 1000)
            else:
                await self._bare.wait()

    async def _read(self, job: Job) -> None:
        """Read or listen; of a file that was deleted meanwhile, or that another process took over, nothing is kept."""
        with suppress(NotFoundError):
            if self._listen is not None and is_recording(job.media_type):
                await self._hear(job, self._listen)
            else:
                await self._look(job)

    async def _hear(self, job: Job, listen: Listen) -> None:
        """Have a recording written down, under a lease that is renewed meanwhile; whatever fails, it stays a recording."""
        if job.tries > TRIES:
            await self._finish(job, [], state="ready", reason=f"{_UNHEARD}: the server ended meanwhile, time and again.")
            return
        opened = await asyncio.to_thread(self._files.open, job.owner_id, job.file_id)
        work = asyncio.ensure_future(listen(opened.read(0, opened.size), job.name))
        try:
            while not (await asyncio.wait({work}, timeout=self.renew_seconds))[0]:
                if (renewed := await self._act(partial(renew, job=job))) is None:
                    return
                job = renewed
            await self._heard(job, work)
        finally:
            work.cancel()
            await asyncio.wait({work})

    async def _heard(self, job: Job, work: asyncio.Future[str]) -> None:
        """Keep what was said; after trouble that may pass, the job is left to be begun again after a pause."""
        try:
            said = work.result()
        except G4FError as error:
            reason = storable(f"{_UNHEARD}: {error}")
            if job.tries < TRIES and _may_pass(error):
                await self._act(partial(change, job=job, lease_until=now() + PAUSE_MS, reason=reason))
            else:
                await self._finish(job, [], state="ready", reason=reason)
        else:
            await self._keep(job, [Section(said)] if said else [], reason=None)

    async def _look(self, job: Job) -> None:
        try:
            _require_hope(job)
            with TemporaryDirectory(prefix=COPY) as folder:
                read = await self._gather(job, await self._fetch(job, Path(folder, "file")))
        except UnreadableError as error:
            await self._finish(job, [], state="unreadable", reason=str(error))
            return
        found: dict[str, Any] = {"reason": _left_out(read.skipped)}
        if read.picture is not None:
            await self._uploads.keep_thumbnail(job.owner_id, job.file_id, aio.once(read.picture.thumbnail))
            found |= {"width": read.picture.width, "height": read.picture.height}
        await self._keep(job, read.sections, **found)

    async def _keep(self, job: Job, sections: Sequence[Section], **values: Any) -> None:
        rows = await asyncio.to_thread(lambda: [*self._passages.rows(job.owner_id, job.file_id, sections)])
        await self._finish(job, rows, state="ready", **values)
        self._bare.set()

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
                        await self._act(partial(change, job=job, page=page, pages=pages))
        return read

    async def _finish(self, job: Job, rows: list[dict[str, Any]], **values: Any) -> None:
        await self._act(partial(finish, job=job, rows=rows, **values))

    def _act(self, do: Callable[[Connection], T]) -> Awaitable[T]:
        return self._storage().writer.acting(do)


def _require_hope(job: Job) -> None:
    if job.tries > TRIES:
        raise unreadable("hopeless")


def _may_pass(error: G4FError) -> bool:
    match error.__cause__ or error:
        case G4FError(retryable=retryable) as cause:
            return retryable or isinstance(cause, UnavailableError)
        case _:
            return False


def _sweep() -> None:
    """Remove the copies that processes left which were killed amid a reading."""
    for folder in Path(gettempdir()).glob(f"{COPY}*"):
        with suppress(OSError):  # it is somebody else's, or just gone
            known = folder.lstat()
            if known.st_uid == os.getuid() and known.st_mtime < time.time() - STALE_SECONDS:
                shutil.rmtree(folder)


def _left_out(names: Sequence[str]) -> str | None:
    shown = ", ".join(storable(name) for name in names[:5])
    return f"{shown}{f' and {len(names) - 5} more' if len(names) > 5 else ''} inside could not be read." if names else None


async def read_text(readers: Readers, data: bytes, name: str, media_type: str) -> str:
    """Return the text of a document that is not kept; raises UnreadableError."""
    with TemporaryDirectory(prefix=COPY) as folder:
        path = Path(folder, "file")
        await asyncio.to_thread(path.write_bytes, data)
        async with aclosing(readers.read(path, name, media_type)) as pieces:
            return "\n\n".join([piece.text async for piece in pieces if isinstance(piece, Section)])
