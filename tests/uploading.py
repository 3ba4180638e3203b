"""What the tests of files share: the services over one storage, and bytes that arrive as a test wants them to."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select

from g4f.config import Settings
from g4f.db.models import Blob
from g4f.db.objects import PIECE, Objects
from g4f.db.storage import Storage
from g4f.services.cleaning import Cleaning
from g4f.services.files import FileInfo, Files
from g4f.services.uploads import Uploads
from tests.stores import store_settings

FUTURE = 2**53
"""A moment after which no object of a test is made."""
TEXT = random.Random(0).randbytes(PIECE).hex().encode()
"""Two pieces to the byte."""
PROGRAM = b"MZ\x90\x00\x03" + bytes(range(256)) * 36
"""What nobody may upload."""


class Cut(Exception):
    """Say that the bytes stopped coming."""


class Keeping(NamedTuple):
    """Be everything that keeps files."""

    storage: Storage
    settings: Settings
    objects: Objects
    uploads: Uploads
    files: Files
    cleaning: Cleaning

    async def receive(self, owner_id: UUID, data: bytes, name: str = "a.txt", bucket: str = "b", **options: Any) -> FileInfo:
        """Take a text in."""
        return await self.uploads.receive(owner_id, bucket, name, "", arriving(data), **options)

    async def content(self, owner_id: UUID, file_id: UUID) -> bytes:
        """Return all bytes of a file."""
        opened = self.files.open(owner_id, file_id)
        return b"".join([part async for part in opened.read(0, opened.size)])

    async def names(self, owner_id: UUID) -> set[str]:
        """Return the names of all objects of an owner."""
        return {each.name for blob_id in self.blobs(owner_id) async for each in self.objects.stored(blob_id)}

    async def everything(self) -> list[str]:
        """Return the names of all objects."""
        return [each.name async for each in self.objects.stored()]

    def blobs(self, owner_id: UUID, state: str | None = None) -> list[UUID]:
        """Return the blobs of an owner."""
        mine = select(Blob.id).where(Blob.owner_id == owner_id, *([] if state is None else [Blob.state == state]))
        with self.storage.read() as connection:
            return list(connection.scalars(mine))


def keeping(storage: Storage, data_dir: Path, **settings: Any) -> Keeping:
    """Make the services."""
    loaded = Settings.load({"data_dir": str(data_dir), **store_settings(data_dir), **settings}, {})
    objects = Objects(loaded)
    services = (service(lambda: storage, objects, loaded) for service in (Uploads, Files, Cleaning))
    return Keeping(storage, loaded, objects, *services)  # type: ignore[arg-type]  # in this order


async def arriving(data: bytes, step: int = 64 * 1024, cut: int | None = None) -> AsyncIterator[bytes]:
    """Yield bytes in steps; with ``cut`` so many of them, and then raise Cut."""
    for start in range(0, len(data[:cut]), step):
        yield data[:cut][start : start + step]
    if cut is not None:
        raise Cut
