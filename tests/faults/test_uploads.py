"""Uploads and faults: a server killed amid them, and two servers that race for the last bytes."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from uuid import UUID

import pytest
import requests
from sqlalchemy import delete, update
from uuid_utils.compat import uuid7

from g4f.db.migration import upgrade
from g4f.db.models import LOCAL_OWNER, Blob, File, now
from g4f.db.objects import PIECE
from g4f.db.session import Database
from g4f.db.storage import Storage
from g4f.db.writer import Writer
from g4f.errors import StorageFullError
from tests.databases import database_url
from tests.proofs import FULL, SEED, counted, proof
from tests.servers.process import Process
from tests.uploading import FUTURE, Keeping, keeping

V2 = "/backend-api/v2"
DATA = b"ID3\x03" + random.Random(0).randbytes(3 * PIECE)
PART = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


def slowly(data: bytes) -> Iterator[bytes]:
    """Yield bytes with pauses, a second of them in all."""
    for start in range(0, len(data), PIECE // 4):
        yield data[start : start + PIECE // 4]
        time.sleep(0.04)


def opened(address: str, data_dir: Path, stack: ExitStack, **settings: int) -> Keeping:
    """Open what a server keeps, as one that runs beside it or after it."""
    database = stack.enter_context(closing(Database(address)))
    return keeping(Storage(database, stack.enter_context(closing(Writer(database)))), data_dir, **settings)


def killed_amid(server: Process, send: threading.Thread, seconds: float) -> None:
    """Kill a server some time after a sender began, and start it again."""
    send.start()
    time.sleep(seconds)
    server.kill()
    send.join(30)
    server.start()


def sweep(address: str, data: Path) -> tuple[int, int, list[str]]:
    """Let the time of all uploads pass and clean; return how many blobs and files are left, and the objects."""
    with ExitStack() as stack:
        kept = opened(address, data, stack)
        late = update(Blob).where(Blob.state == "pending").values(expires_at=now() - 1)
        kept.storage.write(lambda connection: connection.execute(late))
        asyncio.run(kept.cleaning.clean(FUTURE))
        left = [path.name for path in (data / "blobs").rglob("*") if path.is_file()]
        return len(kept.blobs(LOCAL_OWNER)), kept.files.used(LOCAL_OWNER).files, left


@proof("servers killed amid an upload", 4, 60)
def test_a_server_killed_amid_an_upload_leaves_nothing(tmp_path: Path) -> None:
    chance = random.Random(SEED)

    def send(name: str) -> None:
        with suppress(requests.ConnectionError):
            requests.put(f"{server.base_url}{V2}/files/b/{name}", data=slowly(DATA), headers={"Content-Type": "audio/mpeg"}, timeout=60)

    with Process(tmp_path) as server:
        for number in counted(range(60 if FULL else 4)):
            killed_amid(server, threading.Thread(target=send, args=(f"{number}.mp3",)), chance.uniform(0.05, 0.5))
            assert requests.get(f"{server.base_url}{V2}/buckets", timeout=20).json() == []
    assert sweep(server.address, tmp_path) == (0, 0, [])


@proof("servers killed amid an upload in parts", 6, 100)
def test_an_upload_in_parts_survives_its_server(tmp_path: Path) -> None:
    chance = random.Random(SEED)

    def offset() -> int:
        return int(requests.head(place, headers=PART, timeout=60).headers["Upload-Offset"])

    def send(start: int) -> None:
        with suppress(requests.ConnectionError):
            requests.patch(place, data=slowly(DATA[start:]), headers=PART | {"Upload-Offset": str(start)}, timeout=60)

    def begin() -> str:
        told = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(DATA)), "Upload-Metadata": "filename YS5tcDM=,bucket_id Yg=="}
        return server.base_url + requests.post(f"{server.base_url}{V2}/uploads", headers=told, timeout=20).headers["Location"]

    with Process(tmp_path) as server:
        place, before = begin(), 0
        for _ in counted(range(100 if FULL else 6)):
            killed_amid(server, threading.Thread(target=send, args=(before,)), chance.uniform(0.05, 0.7))
            reached = offset()
            assert reached >= before, "what was said to be kept is kept"
            if reached == len(DATA):
                place, reached = begin(), 0
            before = reached
        while (before := offset()) < len(DATA):
            send(before)
        last = UUID(place.rpartition("/")[2])
    with ExitStack() as stack:
        kept = opened(server.address, tmp_path, stack)
        assert asyncio.run(kept.content(LOCAL_OWNER, last)) == DATA
        kept.storage.write(lambda connection: connection.execute(delete(File)))
    assert sweep(server.address, tmp_path) == (0, 0, [])


@pytest.mark.parametrize("known", [True, False])
def test_two_servers_that_race_for_the_last_bytes_never_pass_the_quota(tmp_path: Path, known: bool) -> None:
    address, size = database_url(tmp_path), 1000
    with ExitStack() as stack:
        upgrade(stack.enter_context(closing(Database(address))))
        servers = [opened(address, tmp_path, stack, quota=5 * size + 1) for _ in range(2)]

        async def race() -> list[object]:
            ones = (str(uuid7()).encode().ljust(size) for _ in range(20))
            length = size if known else None
            sent = (servers[number % 2].receive(LOCAL_OWNER, one, length=length) for number, one in enumerate(ones))
            return [*await asyncio.gather(*sent, return_exceptions=True)]

        outcomes = asyncio.run(race())
        assert [*map(type, outcomes)].count(StorageFullError) == 15, outcomes
        files = servers[0].files.list(LOCAL_OWNER, "b")
        assert len({file.name for file in files}) == 5, "no name is given twice"
        assert servers[1].files.used(LOCAL_OWNER).used == 5 * size
