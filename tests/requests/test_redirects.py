"""Redirects and TLS."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from g4f.errors import ConnectionFailedError, ForbiddenError, ResponseError
from g4f.requests import StreamSession
from tests.requests.asking import fetch, say_ok
from tests.servers.http import Answer, Call, HttpServer
from tests.servers.serving import Reader, ThreadedServer
from tests.servers.tls import make_contexts


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
