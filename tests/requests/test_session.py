"""What a session does between its ``async with`` and a real server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from g4f.errors import ConnectionFailedError, ResponseError, ValidationError
from g4f.requests import StreamSession
from g4f.requests.exchange import BLOCK_BYTES
from g4f.requests.response import MAX_LINE
from tests.requests.asking import ask, chat, fetch, say_ok
from tests.servers.http import Answer, Call, HttpServer
from tests.servers.openai import OpenaiServer


def test_lines_of_a_stream_come_without_their_ends() -> None:
    with OpenaiServer() as server:
        lines = asyncio.run(ask(server, "plain"))
    assert lines[-2:] == [b"data: [DONE]", b""] or lines[-2:] == [b"", b"data: [DONE]"]
    assert all(line.startswith(b"data: ") or not line for line in lines)


def test_a_request_carries_its_parts() -> None:
    async def scenario() -> None:
        url = f"{server.origin}/a b"
        params: dict[str, str | int | float] = {"q": "x&y", "n": 2}
        session = StreamSession(headers={"Authorization": "Bearer k", "X-One": "1"})
        async with session, session.put(url, params=params, data=b"body", headers={"X-One": "2"}):
            pass

    with HttpServer(say_ok) as server:
        asyncio.run(scenario())
    call = server.call()
    assert (call.method, call.target, call.body) == ("PUT", "/a%20b?q=x%26y&n=2", b"body")
    assert (call.headers["authorization"], call.headers["x-one"], call.headers["accept-encoding"]) == ("Bearer k", "2", "identity")


def test_json_is_sent_and_read() -> None:
    async def scenario() -> Any:
        async with StreamSession() as session, session.post(f"{server.base_url}/chat/completions", json=chat("echo", "漢")) as response:
            return await response.json()

    with OpenaiServer() as server:
        assert asyncio.run(scenario())["choices"][0]["message"]["content"] == "漢"
    assert server.call().headers["content-type"] == "application/json"


def test_nothing_listening_is_an_error_that_says_so() -> None:
    with HttpServer(say_ok) as server:
        pass
    with pytest.raises(ConnectionFailedError, match="refuses connections"):
        asyncio.run(fetch(server.origin))


def test_an_unknown_host_is_an_error_that_says_so() -> None:
    with pytest.raises(ConnectionFailedError, match="unknown"):
        asyncio.run(fetch("http://no-such-host.invalid/"))


def test_a_packed_body_is_refused() -> None:
    async def pack(call: Call, answer: Answer) -> None:
        await answer.reply(200, b"\x1f\x8b", headers={"content-encoding": "gzip"})

    with HttpServer(pack) as server, pytest.raises(ResponseError, match="compresses"):
        asyncio.run(fetch(server.origin))


def test_a_body_longer_than_the_limit_is_refused() -> None:
    async def scenario() -> None:
        async with StreamSession() as session, session.get(server.origin) as response:
            await response.read(limit=3)

    with HttpServer(lambda _, answer: answer.reply(200, b"four")) as server, pytest.raises(ResponseError, match="longer than 3 bytes"):
        asyncio.run(scenario())


def test_a_block_is_never_longer_than_the_longest_and_none_is_lost() -> None:
    body = bytes(range(256)) * 4000

    async def say_much(call: Call, answer: Answer) -> None:
        await answer.reply(200, body)

    async def scenario() -> list[bytes]:
        async with StreamSession() as session, session.get(server.origin) as response:
            await asyncio.sleep(0.05)
            return [block async for block in response.iter_content()]

    with HttpServer(say_much) as server:
        blocks = asyncio.run(scenario())
    assert b"".join(blocks) == body
    assert max(map(len, blocks)) <= BLOCK_BYTES


def test_a_line_longer_than_any_line_should_be_is_refused() -> None:
    async def scenario() -> None:
        async with StreamSession() as session, session.get(server.origin) as response:
            [line async for line in response.iter_lines()]

    with HttpServer(lambda _, answer: answer.reply(200, bytes(MAX_LINE + 1))) as server, pytest.raises(ResponseError, match="line"):
        asyncio.run(scenario())


@pytest.mark.parametrize("body", [b"one\ntwo\r\n\nthree", b"one\r\ntwo\n\r\nthree\n"])
def test_lines_end_in_either_way(body: bytes) -> None:
    async def scenario() -> list[bytes]:
        async with StreamSession() as session, session.get(server.origin) as response:
            return [line async for line in response.iter_lines()]

    with HttpServer(lambda _, answer: answer.reply(200, body)) as server:
        assert asyncio.run(scenario()) == [b"one", b"two", b"", b"three"]


def test_a_body_that_is_not_json_is_an_error() -> None:
    async def scenario() -> None:
        async with StreamSession() as session, session.get(server.origin) as response:
            await response.json()

    with HttpServer(say_ok) as server, pytest.raises(ResponseError, match="not JSON"):
        asyncio.run(scenario())


@pytest.mark.parametrize(
    "headers", [{"Authorization": "Bearer a\r\nX-Evil: 1"}, {"X\r\nY": "1"}, {"Authorization": "Bearer ключ"}, {"X": "a\0"}]
)
def test_a_header_that_could_not_be_sent_as_it_is_is_refused(headers: dict[str, str]) -> None:
    with HttpServer(say_ok) as server, pytest.raises(ValidationError):
        asyncio.run(fetch(server.origin, headers=headers))
    assert not server.calls


def test_a_user_in_a_trusted_address_becomes_a_header() -> None:
    async def scenario() -> str:
        async with StreamSession() as session, session.get(server.origin.replace("://", "://me:secret@")) as response:
            return response.url

    with HttpServer(say_ok) as server:
        assert "secret" not in asyncio.run(scenario())
    assert server.call().headers["authorization"] == "Basic bWU6c2VjcmV0"


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "Connection"])
def test_headers_of_the_wire_itself_cannot_be_set(name: str) -> None:
    with HttpServer(say_ok) as server:
        asyncio.run(fetch(server.origin, headers={name: "close"}))
    assert "close" not in server.call().headers.values()
