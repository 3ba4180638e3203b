"""Uploads and faults: a server killed amid them, and two servers that race for the last bytes."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable, Iterator
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
    """Yield bytes with pauses, half a second of them in all."""
    for start in range(0, len(data), PIECE // 4):
        yield data[start : start + PIECE // 4]
        time.sleep(0.04)


def opened(address: str, data_dir: Path, stack: ExitStack, **settings: int) -> Keeping:
    """Open what a server keeps, as one that runs beside it or after it."""
    database = stack.enter_context(closing(Database(address)))
    return keeping(Storage(database, stack.enter_context(closing(Writer(database)))), data_dir, **settings)


def killed_amid(server: Process, seconds: float, *senders: Callable[[], None]) -> None:
    """Kill a server some time after senders began, and start it again."""
    threads = [threading.Thread(target=sender) for sender in senders]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    server.kill()
    for thread in threads:
        thread.join(30)
    server.start()


def sweep(address: str, data: Path) -> tuple[int, int, list[str]]:
    """Let the time of all uploads pass and clean; return how many blobs and files are left, and the objects."""
    with ExitStack() as stack:
        kept = opened(address, data, stack)
        late = update(Blob).where(Blob.state == "pending").values(expires_at=now() - 1)
        kept.storage.write(lambda connection: connection.execute(late))
        asyncio.run(kept.cleaning.clean(FUTURE))
        unfinished = (path.name for path in (data / "blobs").rglob("*") if path.is_file())
        left = [*asyncio.run(kept.everything()), *unfinished]
        return len(kept.blobs(LOCAL_OWNER)), kept.files.used(LOCAL_OWNER).files, left


class Sender:
    """Send one file whole and another one in parts."""

    def __init__(self, base_url: str) -> None:
        self._base_url, self._place, self.reached = base_url, "", 0

    @property
    def upload(self) -> UUID:
        """Return the upload in parts."""
        return UUID(self._place.rpartition("/")[2])

    def begin(self) -> None:
        """Begin another upload in parts."""
        told = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(DATA)), "Upload-Metadata": "filename YS5tcDM=,bucket_id cGFydHM="}
        self._place = self._base_url + requests.post(f"{self._base_url}{V2}/uploads", headers=told, timeout=20).headers["Location"]
        self.reached = 0

    def ask(self) -> None:
        """Ask how far it came; what was said to be kept is kept."""
        answer = requests.head(self._place, headers=PART, timeout=60)
        assert answer.status_code == 200
        reached = int(answer.headers["Upload-Offset"])
        assert reached >= self.reached
        self.reached = reached

    def send_part(self) -> None:
        """Send what it lacks, until the server is gone."""
        with suppress(requests.ConnectionError):
            headers = PART | {"Upload-Offset": str(self.reached)}
            requests.patch(self._place, data=slowly(DATA[self.reached :]), headers=headers, timeout=60)

    def send_whole(self) -> None:
        """Send a whole file, until the server is gone."""
        with suppress(requests.ConnectionError):
            requests.put(f"{self._base_url}{V2}/files/whole/a.mp3", data=slowly(DATA), headers={"Content-Type": "audio/mpeg"}, timeout=60)

    def files(self) -> list[object]:
        """Return the files that came whole."""
        return [*requests.get(f"{self._base_url}{V2}/buckets/whole/files", timeout=20).json()["files"]]


@pytest.mark.long
@proof("servers killed amid an upload of a whole file and one in parts", 6, 100)
def test_a_kill_leaves_nothing_of_a_whole_upload_and_all_of_one_in_parts(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    with Process(tmp_path) as server:
        sender = Sender(server.base_url)
        sender.begin()
        for _ in counted(range(100 if FULL else 6)):
            killed_amid(server, chance.uniform(0.05, 0.5), sender.send_part, sender.send_whole)
            assert sender.files() == []
            sender.ask()
            if sender.reached == len(DATA):
                sender.begin()
        while sender.reached < len(DATA):
            sender.send_part()
            sender.ask()
    with ExitStack() as stack:
        kept = opened(server.address, tmp_path, stack)
        assert asyncio.run(kept.content(LOCAL_OWNER, sender.upload)) == DATA
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
