"""Uploads over HTTP: tus as its specification has it, bodies as they arrive, and forms as they arrive."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask

from g4f.db.models import LOCAL_OWNER
from g4f.db.objects import PIECE
from g4f.gui.server.api import Api
from g4f.gui.server.backend_api import Backend_Api
from g4f.gui.server.handlers.chats import read_id
from g4f.gui.server.incoming import Chunks
from g4f.gui.server.routing import Policy, Route
from tests.proofs import FULL, SEED, counted, proof
from tests.servers.platform import Platform
from tests.servers.raw import connected, exchange, read_all, refused, replies, request, reset
from tests.uploading import PROGRAM

UPLOADS = "/backend-api/v2/uploads"
MIB = 1024 * 1024
TUS = {"Tus-Resumable": "1.0.0"}
PART = TUS | {"Content-Type": "application/offset+octet-stream"}
LOCAL = {"REMOTE_ADDR": "127.0.0.1"}


async def measure(api: Api, incoming: Chunks) -> dict[str, Any]:
    """Say how long a body is, and how long it said it is."""
    return {"length": sum([len(chunk) async for chunk in incoming]), "said": incoming.length}


async def ignore(api: Api, incoming: Chunks) -> dict[str, Any]:
    """Answer without a look at the body."""
    return {}


class Uploading(Backend_Api):
    """Serve uploads, and two rows that only take bodies."""

    table = (
        Route("POST", "/measure", measure, Policy.PUBLIC, "upload_limit", streamed=True),
        Route("POST", "/ignore", ignore, Policy.SIGNED_IN, "upload_limit", streamed=True),
        *Backend_Api.table,
    )


def uploading_app(config: dict[str, Any]) -> Flask:
    app = Flask("uploading")
    app.extensions["g4f"] = Uploading(app, config)
    return app


class UploadingPlatform(Platform):
    factory = staticmethod(uploading_app)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UploadingPlatform]:
    """One for the tests that leave it alone."""
    with UploadingPlatform(tmp_path_factory.mktemp("uploads") / "data", body_idle_timeout=1, upload_limit=100 * MIB) as platform:
        yield platform


def metadata(**told: str) -> dict[str, str]:
    """Return the header that tells of a file."""
    return {"Upload-Metadata": ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in told.items())}


def begin(server: Platform, length: int, data: bytes | None = None, **told: str) -> requests.Response:
    headers = (TUS if data is None else PART) | {"Upload-Length": str(length)} | metadata(**{"filename": "a.txt", "bucket_id": "b", **told})
    return requests.post(server.base_url + UPLOADS, data=data, headers=headers, timeout=60)


def patch(server: Platform, place: str, offset: int, data: Any, **headers: str) -> requests.Response:
    return requests.patch(server.base_url + place, data=data, headers=PART | {"Upload-Offset": str(offset)} | headers, timeout=60)


def offset_of(server: Platform, place: str) -> int:
    """Ask how far an upload has come."""
    answer = requests.head(server.base_url + place, headers=TUS, timeout=60)
    assert (answer.status_code, answer.headers.get("Cache-Control"), answer.headers["Tus-Resumable"]) == (200, "no-store", "1.0.0")
    return int(answer.headers["Upload-Offset"])


def content(server: Platform, upload: str) -> bytes:
    """Return the bytes of the file that an upload became."""
    opened = server.api.files.open(LOCAL_OWNER, read_id(upload.rpartition("/")[2]))

    async def read() -> bytes:
        return b"".join([part async for part in opened.read(0, opened.size)])

    return asyncio.run(read())


def test_options_tell_version_extensions_and_limit(server: Platform) -> None:
    headers = requests.options(server.base_url + UPLOADS, timeout=20).headers
    assert headers["Tus-Resumable"] == headers["Tus-Version"] == "1.0.0"
    assert set(headers["Tus-Extension"].split(",")) == {"creation", "creation-with-upload", "expiration", "termination"}
    assert headers["Tus-Max-Size"] == str(100 * MIB)


def test_an_upload_in_two_parts_becomes_a_file_of_the_same_id(server: Platform) -> None:
    begun = begin(server, 11)
    place = begun.headers["Location"]
    assert (begun.status_code, offset_of(server, place)) == (201, 0)
    first = patch(server, place, 0, b"hello ")
    assert (first.status_code, first.headers["Upload-Offset"], first.content) == (204, "6", b"")
    assert first.headers["Upload-Expires"].endswith("GMT")
    last = patch(server, place, 6, b"world")
    assert (last.headers["Upload-Offset"], "Upload-Expires" in last.headers) == ("11", False)
    assert offset_of(server, place) == 11
    assert content(server, place) == b"hello world"


def test_the_first_part_may_come_with_the_beginning(server: Platform) -> None:
    begun = begin(server, 11, b"hello world", filename="отчёт.txt", bucket_id="made")
    assert (begun.status_code, begun.headers["Upload-Offset"]) == (201, "11")
    assert content(server, begun.headers["Location"]) == b"hello world"
    assert server.api.files.list(LOCAL_OWNER, "made")[0].name == "отчёт.txt"


def test_an_empty_file_is_there_at_once(server: Platform) -> None:
    assert content(server, begin(server, 0).headers["Location"]) == b""


def test_an_upload_without_a_bucket_gets_one_of_its_own(server: Platform) -> None:
    headers = TUS | {"Upload-Length": "0"}
    places = [requests.post(server.base_url + UPLOADS, headers=headers, timeout=20).headers["Location"] for _ in range(2)]
    files = [server.api.files.get(LOCAL_OWNER, read_id(place.rpartition("/")[2])) for place in places]
    assert files[0].bucket != files[1].bucket
    assert files[0].name == "file"


def test_a_cancelled_upload_is_not_found(server: Platform) -> None:
    place = begin(server, 5).headers["Location"]
    cancelled = requests.delete(server.base_url + place, headers=TUS, timeout=20)
    assert (cancelled.status_code, cancelled.headers["Tus-Resumable"]) == (204, "1.0.0")
    for answer in (patch(server, place, 0, b"hello"), requests.delete(server.base_url + place, headers=TUS, timeout=20)):
        assert (answer.status_code, answer.headers["Tus-Resumable"]) == (404, "1.0.0")
        refused(answer.status_code, answer.content)


@pytest.mark.parametrize(
    ("offset", "data", "headers", "status"),
    [
        (3, b"x", {}, 409),
        (0, b"123456", {}, 413),
        (0, b"x", {"Content-Type": "text/plain"}, 415),
        (0, b"x", {"Tus-Resumable": "0.2.2"}, 412),
        (0, b"x", {"Upload-Offset": "-1"}, 400),
        (0, b"x", {"Upload-Offset": "9" * 30}, 400),
        (0, b"x", {"Upload-Offset": "²"}, 400),
    ],
)
def test_a_part_that_does_not_fit_is_refused(server: Platform, offset: int, data: bytes, headers: dict[str, Any], status: int) -> None:
    place = begin(server, 5).headers["Location"]
    answer = patch(server, place, offset, data, **{name: value.encode() for name, value in headers.items()})
    refused(answer.status_code, answer.content)
    assert (answer.status_code, answer.headers["Tus-Resumable"]) == (status, "1.0.0")
    assert offset_of(server, place) == 0
    assert content(server, place) == b"right" if patch(server, place, 0, b"right") else None


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Upload-Length": "x"}, 400),
        ({"Upload-Defer-Length": "1"}, 400),
        ({"Upload-Length": str(100 * MIB + 1)}, 413),
        ({"Upload-Length": "1", "Upload-Metadata": "filename ?"}, 400),
        ({"Upload-Length": "1", "Upload-Metadata": "filename /w=="}, 400),
        ({"Upload-Length": "1", "Tus-Resumable": "2.0.0"}, 412),
    ],
)
def test_a_beginning_that_makes_no_sense_is_refused(server: Platform, headers: dict[str, str], status: int) -> None:
    answer = requests.post(server.base_url + UPLOADS, headers=TUS | headers, timeout=20)
    refused(answer.status_code, answer.content)
    assert (answer.status_code, answer.headers["Tus-Resumable"]) == (status, "1.0.0")


def test_a_program_is_refused_and_its_connection_closed(server: Platform) -> None:
    data = PROGRAM * 1000
    answer = begin(server, len(data), data)
    assert (answer.status_code, answer.headers["Connection"], answer.headers["Tus-Resumable"]) == (415, "close", "1.0.0")


@pytest.mark.parametrize("leave", [reset, lambda connection: connection.close()], ids=["reset", "close"])
def test_what_came_before_the_client_left_is_kept(server: Platform, leave: Any) -> None:
    place = begin(server, 10 * MIB).headers["Location"]
    head = b"Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: 10485760\r\n"
    with connected(server.port) as connection:
        connection.sendall(request("PATCH", place, head) + b"x" * 6_000_000)
        time.sleep(0.3)
        leave(connection)
    deadline = time.monotonic() + 20
    while (offset := offset_of(server, place)) <= PIECE:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert offset <= 6_000_000
    assert patch(server, place, offset, b"x" * (10 * MIB - offset)).status_code == 204
    assert content(server, place) == b"x" * 10 * MIB


@proof("cuts of a large upload", 20, 20)
def test_a_large_upload_cut_twenty_times_arrives_whole(tmp_path: Path) -> None:
    chance, size = random.Random(SEED), 1024 * MIB if FULL else 64 * MIB
    block = chance.randbytes(MIB)

    def part(start: int, end: int) -> Iterator[bytes]:
        for at in range(start - start % MIB, end, MIB):
            number = (at // MIB).to_bytes(8, "big").hex().encode() + block
            yield (number if at else b"ID3\x03" + number)[:MIB][max(0, start - at) : end - at]

    with UploadingPlatform(tmp_path / "data") as server:
        place = begin(server, size, filename="a.mp3").headers["Location"]
        for end in counted([*sorted(chance.sample(range(1, size), 20)), size]):
            while (offset := offset_of(server, place)) < end:
                status = send_until(server, place, part(offset, end), offset, size)
                assert status in (204, 409, None), "409 when a request that was cut is still at work"
                if end < size and status is None:
                    break
        opened = server.api.files.open(LOCAL_OWNER, read_id(place.rpartition("/")[2]))

        async def check() -> None:
            start = 0
            async for piece in opened.read(0, size):
                assert piece == b"".join(part(start, start + len(piece)))
                start += len(piece)
            assert start == size

        asyncio.run(check())


def send_until(server: Platform, place: str, pieces: Iterator[bytes], offset: int, size: int) -> int | None:
    """Send what there is of an upload and leave; return the status of the answer if one came."""
    head = b"Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\nUpload-Offset: %d\r\n" % offset
    sent = 0
    with connected(server.port) as connection:
        connection.settimeout(120)  # with the last byte all of it is read and hashed
        connection.sendall(request("PATCH", place, head + b"Content-Length: %d\r\n" % (size - offset)))
        with suppress(ConnectionError):
            for piece in pieces:
                connection.sendall(piece)
                sent += len(piece)
        if sent < size - offset:
            return None
        return replies(read_all(connection))[0].status


@pytest.mark.parametrize("in_chunks", [False, True])
@pytest.mark.parametrize(("length", "status"), [(0, 200), (1_000, 200), (1_001, 413)])
def test_a_body_that_arrives_is_bounded(tmp_path: Path, length: int, status: int, in_chunks: bool) -> None:
    body = b"x" * length
    with UploadingPlatform(tmp_path, upload_limit=1_000) as server:
        answer = requests.post(server.base_url + "/measure", data=iter([body]) if in_chunks else body, timeout=20)
    assert answer.status_code == status
    assert status != 200 or answer.json() == {"length": length, "said": None if in_chunks else length}


def test_a_body_that_stops_arriving_is_refused(server: Platform) -> None:
    with connected(server.port) as connection:
        connection.sendall(request("POST", "/measure", b"Content-Length: 1000\r\n", b"x" * 10))
        begun = connection.recv(65536)
        connection.shutdown(socket.SHUT_WR)  # else the server waits for the rest, lest it reset the connection
        [answer] = replies(begun + read_all(connection))
    assert (answer.status, answer.headers["connection"]) == (408, "close")


def test_a_body_that_nobody_reads_closes_its_connection(server: Platform) -> None:
    [answer] = exchange(server.port, request("POST", "/ignore", b"Content-Length: 1000000\r\n", b"x" * 100_000, last=False))
    assert (answer.status, answer.headers["connection"], answer.body) == (200, "close", b"{}")


def test_nothing_is_received_from_whoever_may_not_send_it(server: Platform) -> None:
    head = b"Content-Length: 100000\r\nExpect: 100-continue\r\nX-Forwarded-For: 1.2.3.4\r\n"
    with connected(server.port) as connection:
        connection.sendall(request("POST", "/ignore", head))
        assert connection.recv(12) == b"HTTP/1.1 401"


@pytest.mark.parametrize("length", [0, 1_000, 100_000])
def test_under_another_server_the_same_handler_gets_the_same_bytes(tmp_path: Path, length: int) -> None:
    app = uploading_app({"data_dir": str(tmp_path), "upload_limit": 1_000, "ollama": False})
    answer = app.test_client().post("/measure", data=b"x" * length, environ_base=LOCAL)
    assert answer.status_code == (413 if length > 1_000 else 200)
    assert length > 1_000 or answer.get_json()["length"] == length
