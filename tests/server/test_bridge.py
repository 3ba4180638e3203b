"""The bridge: readers who do not read, readers who leave, handlers that fail, and servers that stop."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
import uvicorn
from flask import Flask
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from g4f.gui.server.hosting import bridge, configuration
from tests.server.test_hosting import wait_until
from tests.server.test_start import started
from tests.servers import transcripts
from tests.servers.flood import FloodServer
from tests.servers.odd import Odd, OddPlatform
from tests.servers.openai import OpenaiServer
from tests.servers.platform import CONVERSATION, Platform, question, said
from tests.servers.raw import connected, exchange, read_all, read_until, replies, request, reset, sized

READERS = 50
WINDOW = 4096
MIB = 1024 * 1024


def ask(model: str, provider: str = "scenario", framing: str = "ndjson") -> bytes:
    """Return the bytes of a conversation request."""
    body = json.dumps(question(model=model, provider=provider)).encode()
    return request("POST", f"{CONVERSATION}?framing={framing}", sized(body), body)


def settled(number: Callable[[], int]) -> int:
    """Return a number once it has not changed for a fifth of a second."""
    deadline, before, since = time.monotonic() + 20, -1, time.monotonic()
    while time.monotonic() - since < 0.2:
        assert time.monotonic() < deadline, f"{before} still changes"
        if (now := number()) != before:
            before, since = now, time.monotonic()
        time.sleep(0.01)
    return before


@pytest.fixture
def flooding() -> Iterator[FloodServer]:
    """A server that sends 400 MB to whoever reads them."""
    with FloodServer() as server:
        yield server


@pytest.fixture
def flooded(tmp_path: Path, upstream: OpenaiServer, flooding: FloodServer) -> Iterator[Platform]:
    """The platform with one thread, a server as usual and one that floods it."""
    servers = {"scenario": {"base_url": upstream.base_url, "models": ["plain"]}, "flood": {"base_url": flooding.base_url, "models": ["x"]}}
    with Platform(tmp_path / "data", servers=servers, threads=1) as server:
        yield server


def test_a_reader_that_never_reads_holds_its_provider_back(flooded: Platform, flooding: FloodServer) -> None:
    with connected(flooded.port, WINDOW) as reader:
        reader.sendall(ask("x", "flood"))
        call = flooding.call()
        assert 0 < settled(lambda: call.sent) < flooding.events / 10
        assert call.aborted_at is None
    assert call.wait().aborted_at is not None


def test_a_reader_that_never_reads_holds_a_provider_back_that_talks_slowly(tmp_path: Path) -> None:
    with FloodServer(60_000, pause=0.001) as talking, ExitStack() as opened:
        servers = {"flood": {"base_url": talking.base_url, "models": ["x"]}}
        platform = opened.enter_context(Platform(tmp_path / "data", servers=servers))
        opened.enter_context(connected(platform.port, WINDOW)).sendall(ask("x", "flood"))
        call = talking.call()
        assert 0 < settled(lambda: call.sent) < talking.events / 10


def test_a_reader_that_reads_again_gets_everything_in_order(platform: Platform) -> None:
    with connected(platform.port, WINDOW) as reader:
        reader.sendall(ask("many-20000"))
        time.sleep(0.2)
        [answer] = replies(read_all(reader))
    text = said([json.loads(line) for line in answer.body.splitlines()])
    assert text == "".join(f"{number} " for number in range(20_000))


def test_fifty_readers_that_never_read_slow_nobody(flooded: Platform, flooding: FloodServer) -> None:
    with ExitStack() as readers:
        for _ in range(READERS):
            readers.enter_context(connected(flooded.port, WINDOW)).sendall(ask("x", "flood"))
        flooding.call(READERS - 1)
        assert settled(lambda: sum(call.sent for call in flooding.calls)) < READERS * flooding.events / 10
        assert said(flooded.chunks(question(model="plain", provider="scenario"))) == "".join(transcripts.PLAIN)
        assert flooded.get("/readyz").status_code == 200
    assert all(call.wait().aborted_at is not None for call in flooding.calls)


@pytest.mark.parametrize("length", [200, 20_000])
def test_a_reader_that_never_reads_costs_less_than_a_mebibyte(tmp_path: Path, length: int) -> None:
    with FloodServer(length) as talking, ExitStack() as opened:
        server = opened.enter_context(started(tmp_path, G4F_SERVERS__X__BASE_URL=talking.base_url, G4F_SERVERS__X__MODELS="x"))
        process, port = psutil.Process(server.process.pid), int(server.base_url.rpartition(":")[2])
        sizes = []
        for number in range(11):
            opened.enter_context(connected(port, WINDOW)).sendall(ask("x", "X"))
            call = talking.call(number)
            assert settled(lambda call=call: call.sent) < talking.events / 10  # type: ignore[misc]  # bound now, as it must be
            sizes.append(process.memory_info().rss)
    assert sizes[-1] - sizes[0] < 10 * MIB, "the first one pays for what all share"


@pytest.mark.parametrize("framing", ["ndjson", "sse", "text"])
def test_words_that_come_one_by_one_are_sent_without_a_task_for_each(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, framing: str
) -> None:
    sent: list[object] = []
    send = RequestResponseCycle.send

    async def counting(cycle: RequestResponseCycle, message: Any) -> None:
        sent.append(message)
        await send(cycle, message)

    monkeypatch.setattr(RequestResponseCycle, "send", counting)
    answer = platform.post(question(model="paced-30", provider="scenario"), f"{CONVERSATION}?framing={framing}")
    assert "29 " in answer.text
    assert len(sent) < 15


def test_streams_hold_no_thread(flooded: Platform, upstream: OpenaiServer) -> None:
    with ExitStack() as readers:
        for _ in range(20):
            readers.enter_context(connected(flooded.port)).sendall(ask("stall"))
        upstream.call(19)
        assert flooded.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("model", "framing"), [("silent", "ndjson"), ("stall", "sse"), ("slow", "ndjson"), ("hang", "text"), ("hang", "sse")]
)
@pytest.mark.parametrize("leave", [reset, lambda connection: connection.close()], ids=["reset", "close"])
def test_leaving_ends_the_upstream_call(
    platform: Platform, upstream: OpenaiServer, model: str, framing: str, leave: Callable[..., None]
) -> None:
    with connected(platform.port) as reader:
        reader.sendall(ask(model, framing=framing))
        call = upstream.call()
        leave(reader)
        assert call.wait().aborted_at is not None


def test_leaving_ends_a_listing_that_does_not_end(lonely: Platform, flooding: FloodServer) -> None:
    with connected(lonely.port) as reader:
        reader.sendall(request("GET", "/backend-api/v2/models/Custom", f"X-Api-Base: {flooding.base_url}\r\n".encode()))
        call = flooding.call()
        reader.close()
        assert call.wait().aborted_at is not None


def test_a_connection_is_kept_after_a_stream(platform: Platform) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", platform.port, timeout=20)) as connection:
        connection.connect()
        first = connection.sock
        for _ in range(3):
            connection.request("POST", CONVERSATION, json.dumps(question(model="plain")), {"Content-Type": "application/json"})
            assert connection.getresponse().read().endswith(b"\n")
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() == b'{"status":"ok"}'
        assert connection.sock is first


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[OddPlatform]:
    """The odd server."""
    with OddPlatform(tmp_path) as server:
        yield server


def test_a_handler_that_fails_after_the_head_cuts_the_answer_and_nothing_else(odd: OddPlatform) -> None:
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        odd.get("/stream_and_break")
    assert odd.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/fail_later", "/fail_now"])
def test_an_unforeseen_failure_is_500_in_the_one_shape_and_says_nothing_of_it(odd: OddPlatform, path: str) -> None:
    answer = odd.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    assert "ZeroDivision" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_refusal_that_comes_later_keeps_its_status_and_headers(odd: OddPlatform) -> None:
    answer = odd.get("/refuse_later")
    assert (answer.status_code, answer.headers["X-Why"]) == (403, "because")
    assert answer.json()["error"]["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("path", ["/stream_endlessly", "/stream_later", "/fail_later", "/healthz"])
def test_head_answers_as_get_does_but_without_a_body(odd: OddPlatform, path: str) -> None:
    head = request("HEAD", path)
    [answer] = exchange(odd.port, head, "HEAD")
    assert (answer.status, answer.body) == (500 if path == "/fail_later" else 200, b"")
    assert odd.log.begun == odd.log.ended == 0


def test_leaving_ends_a_handlers_stream(odd: OddPlatform) -> None:
    for _ in range(3):
        with connected(odd.port) as reader:
            reader.sendall(request("GET", "/stream_endlessly"))
            read_until(reader, b"word")
    assert settled(lambda: odd.log.ended) == odd.log.begun == 3


def test_what_says_nothing_or_cannot_be_written_ends_no_answer_that_is_pushed(odd: OddPlatform) -> None:
    assert odd.get("/push_oddly").text == "word and the end"
    assert odd.log.pushed == [True, True, False]


def test_leaving_ends_the_upstream_call_of_a_long_question(platform: Platform, upstream: OpenaiServer) -> None:
    body = json.dumps(question("x" * 200_000, model="silent", provider="scenario")).encode()
    with connected(platform.port) as reader:
        reader.sendall(request("POST", CONVERSATION, sized(body), body))
        call = upstream.call()
    assert call.wait().aborted_at is not None


def test_a_stream_whose_reader_left_before_it_began_ends(odd: OddPlatform) -> None:
    with connected(odd.port) as reader:
        reader.sendall(request("GET", "/stream_slowly"))
        wait_until(lambda: odd.log.asked == 1)
    time.sleep(0.5)
    assert settled(lambda: odd.log.ended) == odd.log.begun


def test_a_stop_of_the_server_ends_its_streams(tmp_path: Path) -> None:
    with OddPlatform(tmp_path) as server, connected(server.port) as reader:
        reader.sendall(request("GET", "/stream_endlessly"))
        read_until(reader, b"word")
        server.stop()
        assert not read_all(reader).endswith(b"0\r\n\r\n")
        assert server.log.ended == 1
        assert not server.alive


def test_a_server_that_cannot_open_its_folder_does_not_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = Flask("second")
    second = uvicorn.Server(configuration(bridge(app, Odd(app, {"data_dir": str(tmp_path)}))))
    with OddPlatform(tmp_path, database_url=""), pytest.raises(SystemExit):
        second.run(sockets=[])
    assert caplog.messages[0].startswith("Another g4f process")
    assert not second.started
