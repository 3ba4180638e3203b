"""Reading jobs: each file once, whoever takes it, and none for ever."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from g4f.config import Settings
from g4f.db.migration import upgrade
from g4f.db.models import File, Passage, now
from g4f.db.objects import Objects
from g4f.db.session import Database
from g4f.db.storage import Storage
from g4f.db.writer import Writer
from g4f.reading.pieces import Section
from g4f.reading.readers import Readers
from g4f.services.files import FileInfo, Files
from g4f.services.jobs import claim, finish, renew
from g4f.services.passages import Passages
from g4f.services.readings import COPY, TRIES, Listen, Readings
from g4f.services.uploads import Uploads
from tests.databases import database_url
from tests.pictures import picture
from tests.stores import store_settings

TEXT = b"The capital of Zanzor is Quillon."


class Desk:
    """The services that reading needs, on one storage; with ``listen`` recordings are written down."""

    def __init__(self, storage: Storage, data_dir: Path, listen: Listen | None = None) -> None:
        settings = Settings.load({"data_dir": str(data_dir), **store_settings(data_dir)}, {})
        objects = Objects(settings)
        self.storage, self.files = storage, Files(lambda: storage, objects, settings)
        self.uploads = Uploads(lambda: storage, objects, settings, heard=listen is not None)
        self.passages, self._listen = Passages(lambda: storage), listen

    def readings(self) -> Readings:
        """Return the reading of one process."""
        return Readings(lambda: self.storage, self.files, self.uploads, self.passages, Readers(), self._listen)

    async def add(self, owner_id: UUID, name: str = "a.txt", data: bytes = TEXT) -> UUID:
        """Upload a file, which nobody reads yet."""

        async def chunks() -> AsyncIterator[bytes]:
            yield data

        return (await self.uploads.receive(owner_id, "b", name, "", chunks())).id

    async def read(self, owner_id: UUID, *file_ids: UUID, processes: int = 1) -> Sequence[FileInfo]:
        """Read what waits, with as many processes, and return the files."""
        desks = [self.readings() for _ in range(processes)]
        for each in desks:
            each.wake()
        files = await desks[0].wait(owner_id, file_ids, 60)
        for each in desks:
            await each.stop()
        return files

    def change(self, file_id: UUID, **values: Any) -> None:
        """Change the row of a file behind everybody's back."""
        self.storage.write(lambda connection: connection.execute(update(File).where(File.id == file_id).values(**values)))

    def row(self, file_id: UUID) -> Any:
        """Return the row of a file."""
        with self.storage.read() as connection:
            return connection.execute(select(*File.__table__.columns).where(File.id == file_id)).one()


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    """A storage of its own: whoever reads takes every file that waits."""
    with closing(Database(database_url(tmp_path))) as database:
        upgrade(database)
        with closing(Writer(database)) as writer:
            yield Storage(database, writer)


@pytest.fixture
def desk(storage: Storage, tmp_path: Path) -> Desk:
    return Desk(storage, tmp_path)


def test_several_processes_read_each_file_once(desk: Desk, owner_id: UUID) -> None:
    async def read() -> list[UUID]:
        files = [await desk.add(owner_id, f"{number}.txt") for number in range(6)]
        await desk.read(owner_id, *files, processes=3)
        return files

    files = asyncio.run(read())
    assert [desk.row(file_id).tries for file_id in files] == [1] * 6
    with desk.storage.read() as connection:
        assert connection.scalar(select(func.count()).where(Passage.file_id.in_(files))) == 6


def test_a_file_whose_reader_is_gone_is_taken_over_when_its_lease_ends(desk: Desk, owner_id: UUID) -> None:
    async def read() -> FileInfo:
        file_id = await desk.add(owner_id)
        desk.change(file_id, state="reading", lease_until=now() - 1, tries=1)
        (file,) = await desk.read(owner_id, file_id)
        return file

    assert asyncio.run(read()).state == "ready"


def test_a_file_that_somebody_reads_is_left_alone(desk: Desk, owner_id: UUID) -> None:
    async def read() -> UUID:
        file_id = await desk.add(owner_id)
        desk.change(file_id, state="reading", lease_until=now() + 60_000, tries=1)
        await desk.read(owner_id, await desk.add(owner_id))
        return file_id

    assert desk.row(asyncio.run(read())).state == "reading"


def test_a_start_gives_back_what_the_last_one_left(desk: Desk, owner_id: UUID) -> None:
    file_id = asyncio.run(desk.add(owner_id))
    desk.change(file_id, state="reading", lease_until=now() + 60_000)
    desk.readings().open(alone=False)
    assert desk.row(file_id).state == "reading"
    desk.readings().open(alone=True)
    assert desk.row(file_id).state == "waiting"


def test_a_start_removes_the_copies_of_a_server_that_was_killed(desk: Desk) -> None:
    left, fresh = (Path(mkdtemp(prefix=COPY)) for _ in range(2))
    (left / "file").write_bytes(b"private")
    os.utime(left, (0, 0))
    desk.readings().open(alone=True)
    assert (left.exists(), fresh.exists()) == (False, True)
    fresh.rmdir()


def test_a_file_that_takes_the_server_with_it_is_given_up(desk: Desk, owner_id: UUID) -> None:
    async def read() -> FileInfo:
        file_id = await desk.add(owner_id)
        desk.change(file_id, tries=TRIES)
        (file,) = await desk.read(owner_id, file_id)
        return file

    file = asyncio.run(read())
    assert file.state == "unreadable"
    assert "time and again" in str(file.reason)


def test_who_lost_the_lease_writes_nothing(desk: Desk, owner_id: UUID) -> None:
    file_id = asyncio.run(desk.add(owner_id))
    job = desk.storage.write(claim)
    assert job is not None
    rows = list(desk.passages.rows(owner_id, file_id, [Section("Late.")]))
    desk.change(file_id, lease_until=job.lease_until + 1)  # somebody else has it
    desk.storage.write(partial(finish, job=job, rows=rows, state="ready"))
    assert desk.storage.write(partial(renew, job=job)) is None
    assert desk.row(file_id).state == "reading"
    with desk.storage.read() as connection:
        assert connection.scalar(select(func.count()).where(Passage.file_id == file_id)) == 0


def test_a_picture_gets_its_size_and_a_thumbnail(desk: Desk, owner_id: UUID) -> None:
    async def read() -> FileInfo:
        (file,) = await desk.read(owner_id, await desk.add(owner_id, "p.png", picture(800, 200)))
        return file

    file = asyncio.run(read())
    assert (file.width, file.height) == (800, 200)
    assert desk.files.open(owner_id, file.id, thumbnail=True).media_type == "image/webp"
