"""What a session does between its ``async with`` and a real server."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from g4f.errors import ConnectionFailedError, ForbiddenError, G4FError, ResponseError, ValidationError
from g4f.requests import StreamSession, raise_for_status
from g4f.requests.response import MAX_LINE
from tests.servers.http import Answer, Call, HttpServer
from tests.servers.openai import OpenaiServer
from tests.servers.serving import Reader, ThreadedServer
from tests.servers.tls import make_contexts


def chat(model: str, text: str = "hi", **options: Any) -> dict[str, Any]:
    """Make the body of a chat request."""
    return {"model": model, "messages": [{"role": "user", "content": text}], **options}


async def say_ok(call: Call, answer: Answer) -> None:
    """Answer with the path that was asked for."""
    await answer.reply(200, call.target.encode())


async def fetch(url: str, **options: Any) -> bytes:
    """Fetch one address by a session of its own."""
    async with StreamSession(**options) as session, session.get(url) as response:
        await raise_for_status(response)
        return await response.read()


async def ask(server: OpenaiServer, model: str, **options: Any) -> list[bytes]:
    """Stream one chat and return its lines."""
    url = f"{server.base_url}/chat/completions"
    async with StreamSession(**options) as session, session.post(url, json=chat(model, stream=True)) as response:
        await raise_for_status(response)
        return [line async for line in response.iter_lines()]


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


def test_one_connection_serves_one_request_after_the_other() -> None:
    async def scenario() -> None:
        for _ in range(5):
            await ask(server, "plain")

    with OpenaiServer() as server:
        asyncio.run(scenario())
    assert (server.connections, len(server.calls)) == (1, 5)


@pytest.mark.parametrize("model", ["cut", "short", "noise", "stall"])
def test_a_connection_of_a_broken_or_left_answer_is_not_used_again(model: str) -> None:
    async def scenario() -> None:
        try:
            async with asyncio.timeout(0.2):
                await ask(server, model)
        except (G4FError, TimeoutError):
            pass
        await ask(server, "plain")

    with OpenaiServer() as server:
        asyncio.run(scenario())
    assert server.connections == 2


STEPS = st.lists(
    st.sampled_from(["whole", "stream", "first block", "head", "cut", "stall", "fail-500", "many-300"]), min_size=2, max_size=10
)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_no_answer_ever_reaches_another_request(steps: list[str]) -> None:
    async def step(kind: str, text: str) -> None:
        model = kind if kind in ("cut", "stall", "fail-500", "many-300") else "echo"
        body = chat(model, text, stream=kind not in ("whole", "fail-500"))
        async with StreamSession() as session, session.post(f"{server.base_url}/chat/completions", json=body) as response:
            if kind in ("head", "fail-500"):
                assert response.status == (500 if kind == "fail-500" else 200)
            elif kind in ("first block", "cut", "stall", "many-300"):
                await anext(response.iter_content())
            else:
                assert text.encode() in await response.read()

    async def scenario() -> None:
        for number, kind in enumerate(steps):
            await step(kind, f"answer-{number}")
        await step("whole", "the last")

    with OpenaiServer() as server:
        asyncio.run(scenario())


def test_a_kept_connection_that_died_is_replaced_once() -> None:
    async def close_after(call: Call, answer: Answer) -> None:
        if call.target == "/dies" and call.connection == 1:
            answer.cut()
        else:
            await answer.reply(200, b"ok")

    async def scenario() -> bytes:
        await fetch(f"{server.origin}/lives")
        return await fetch(f"{server.origin}/dies")

    with HttpServer(close_after) as server:
        assert asyncio.run(scenario()) == b"ok"
    assert [(call.target, call.connection) for call in server.calls] == [("/lives", 1), ("/dies", 1), ("/dies", 2)]


def test_a_new_connection_that_dies_is_not_replaced() -> None:
    async def die(call: Call, answer: Answer) -> None:
        answer.cut()

    with HttpServer(die) as server, pytest.raises(ConnectionFailedError, match="without an answer"):
        asyncio.run(fetch(server.origin))
    assert len(server.calls) == 1


def test_a_kept_connection_that_the_server_closed_is_forgotten() -> None:
    async def close(call: Call, answer: Answer) -> None:
        await answer.reply(200, b"ok")
        answer.close()

    async def scenario() -> None:
        for _ in range(2):
            await fetch(server.origin)
            await asyncio.sleep(0.05)

    with HttpServer(close) as server:
        asyncio.run(scenario())
    assert [call.connection for call in server.calls] == [1, 2]


@pytest.mark.parametrize("model", ["hang", "silent", "stall", "slow"])
def test_a_cancelled_reader_ends_the_upstream_connection(model: str) -> None:
    async def scenario() -> None:
        task = asyncio.create_task(ask(server, model))
        await asyncio.to_thread(server.call)
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        call = await asyncio.to_thread(server.call().wait)
        assert call.aborted_at is not None

    with OpenaiServer() as server:
        asyncio.run(scenario())


def test_leaving_the_block_ends_the_upstream_connection() -> None:
    async def scenario() -> None:
        async with StreamSession() as session:
            async with session.post(f"{server.base_url}/chat/completions", json=chat("stall", stream=True)) as response:
                await anext(response.iter_content())
            assert (await asyncio.to_thread(server.call().wait)).aborted_at is not None

    with OpenaiServer() as server:
        asyncio.run(scenario())


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


class Impatient(ThreadedServer):
    """Refuses uploads without reading them, and would keep the connection."""

    async def converse(self, reader: Reader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")
        await reader.left.wait()


def test_a_connection_with_half_a_request_in_it_is_not_used_again() -> None:
    async def scenario() -> list[int]:
        statuses = []
        for _ in range(2):
            url = f"http://127.0.0.1:{server.port}/"
            async with StreamSession() as session, session.post(url, data=bytes(32 * 1024 * 1024)) as response:
                await response.read()
                statuses.append(response.status)
        return statuses

    with Impatient() as server:
        assert asyncio.run(scenario()) == [413, 413]
        assert server.connections == 2


async def redirect(call: Call, answer: Answer) -> None:
    """Redirect ``/to/<address>`` to that address, and answer anything else."""
    if call.target.startswith("/to/"):
        await answer.reply(302, b"", headers={"location": call.target.removeprefix("/to/")})
    else:
        await say_ok(call, answer)


def test_a_redirect_is_followed_with_all_headers_on_the_same_origin() -> None:
    with HttpServer(redirect) as server:
        assert asyncio.run(fetch(f"{server.origin}/to//there?x=1", headers={"Authorization": "Bearer k"})) == b"/there?x=1"
    assert server.call().headers["authorization"] == "Bearer k"


def test_a_redirect_to_another_origin_gets_no_credentials() -> None:
    secrets = {"Authorization": "Bearer k", "api-key": "k", "Cookie": "k", "X-Custom": "k"}
    with HttpServer(say_ok) as other, HttpServer(redirect) as server:
        assert asyncio.run(fetch(f"{server.origin}/to/{other.origin}/x", headers=secrets)) == b"/x"
    assert "k" not in other.call().headers.values()


@pytest.mark.parametrize(("depth", "followed"), [(3, True), (4, False)])
def test_three_redirects_are_followed_and_no_more(depth: int, followed: bool) -> None:
    with HttpServer(redirect) as server:
        url = f"{server.origin}{'/to/' * depth}/end"
        if followed:
            assert asyncio.run(fetch(url)) == b"/end"
        else:
            with pytest.raises(ResponseError, match="more than 3"):
                asyncio.run(fetch(url))


def test_a_redirect_to_another_scheme_is_refused() -> None:
    with HttpServer(redirect) as server, pytest.raises(ForbiddenError):
        asyncio.run(fetch(f"{server.origin}/to/file:///etc/passwd"))


def test_a_post_follows_no_redirect() -> None:
    async def scenario() -> int:
        async with StreamSession() as session, session.post(f"{server.origin}/to//there", json={}) as response:
            return response.status

    with HttpServer(redirect) as server:
        assert asyncio.run(scenario()) == 302
    assert len(server.calls) == 1


def test_tls_is_spoken_and_kept(tmp_path: Path) -> None:
    async def scenario() -> bytes:
        await fetch(server.origin, ssl=trusting)
        return await fetch(f"{server.origin}/again", ssl=trusting)

    serving, trusting = make_contexts(tmp_path)
    with HttpServer(say_ok, ssl_context=serving) as server:
        assert asyncio.run(scenario()) == b"/again"
    assert server.connections == 1


@pytest.mark.parametrize("ssl", [None, True])
def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path, ssl: bool | None) -> None:
    serving, _ = make_contexts(tmp_path)
    with HttpServer(say_ok, ssl_context=serving) as server, pytest.raises(ConnectionFailedError, match="certificate"):
        asyncio.run(fetch(server.origin, ssl=ssl))
    assert not server.calls


def test_a_certificate_of_another_host_is_refused(tmp_path: Path) -> None:
    serving, trusting = make_contexts(tmp_path, "127.0.0.2")
    with HttpServer(say_ok, ssl_context=serving) as server, pytest.raises(ConnectionFailedError, match="certificate"):
        asyncio.run(fetch(server.origin, ssl=trusting))


def test_an_unverified_connection_is_not_lent_to_a_verified_request(tmp_path: Path) -> None:
    async def scenario() -> None:
        await fetch(server.origin, ssl=False)
        with pytest.raises(ConnectionFailedError, match="certificate"):
            await fetch(server.origin)

    serving, _ = make_contexts(tmp_path)
    with HttpServer(say_ok, ssl_context=serving) as server:
        asyncio.run(scenario())
    assert len(server.calls) == 1


class PlainSpeaker(ThreadedServer):
    """Answers in plain HTTP whatever is said."""

    async def converse(self, reader: Reader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read(1)


def test_plain_http_on_a_tls_address_is_an_error_that_says_so() -> None:
    with PlainSpeaker() as server, pytest.raises(ConnectionFailedError, match="does not speak TLS"):
        asyncio.run(fetch(f"https://127.0.0.1:{server.port}"))
