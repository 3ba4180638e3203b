"""What goes through a proxy, counted there."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from g4f import errors
from g4f.requests import StreamSession, Timeouts, pick_proxy, raise_for_status
from tests.servers.http import Answer, Call, HttpServer
from tests.servers.openai import OpenaiServer
from tests.servers.proxy import HttpProxy, Proxy, SocksProxy
from tests.servers.tls import make_contexts

KINDS = [HttpProxy, SocksProxy]


async def ask(url: str, model: str, **options: Any) -> bytes:
    """Stream one chat and return its body."""
    json = {"model": model, "messages": [], "stream": True}
    async with StreamSession(**options) as session, session.post(f"{url}/chat/completions", json=json) as response:
        await raise_for_status(response)
        return b"".join([block async for block in response.iter_content()])


async def fetch(url: str, **options: Any) -> bytes:
    """Fetch one address."""
    async with StreamSession(**options) as session, session.get(url) as response:
        return await response.read()


async def say_ok(call: Call, answer: Answer) -> None:
    """Answer with the path that was asked for."""
    await answer.reply(200, call.target.encode())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("user", "password"), [("", ""), ("me", "p@ss:word")])
def test_a_request_goes_through_its_proxy(kind: type[Proxy], user: str, password: str) -> None:
    with OpenaiServer() as server, kind(user=user, password=password) as proxy:
        assert asyncio.run(ask(server.base_url, "plain", proxy=proxy.url)).endswith(b"data: [DONE]\n\n")
    assert (proxy.targets, server.connections) == ([f"127.0.0.1:{server.port}"], 1)


@pytest.mark.parametrize("kind", KINDS)
def test_tls_goes_through_a_proxy_and_is_verified_behind_it(kind: type[Proxy], tmp_path: Path) -> None:
    serving, trusting = make_contexts(tmp_path)
    with HttpServer(say_ok, ssl_context=serving) as server, kind() as proxy:
        assert asyncio.run(fetch(f"{server.origin}/x", proxy=proxy.url, ssl=trusting)) == b"/x"
        with pytest.raises(errors.ConnectionFailedError, match="certificate"):
            asyncio.run(fetch(server.origin, proxy=proxy.url))
    assert len(server.calls) == 1


@pytest.mark.parametrize("secure_target", [False, True])
def test_the_way_to_a_proxy_may_be_tls_itself(secure_target: bool, tmp_path: Path) -> None:
    serving, trusting = make_contexts(tmp_path)
    with HttpServer(say_ok, ssl_context=serving if secure_target else None) as server, HttpProxy(ssl_context=serving) as proxy:
        assert asyncio.run(fetch(f"{server.origin}/x", proxy=proxy.url, ssl=trusting)) == b"/x"
    assert proxy.targets == [f"127.0.0.1:{server.port}"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_proxy_that_refuses_is_named_without_its_password(kind: type[Proxy]) -> None:
    with HttpServer(say_ok) as server, kind(user="me", password="secret") as proxy, pytest.raises(errors.G4FError) as caught:
        asyncio.run(ask(server.origin, "plain", proxy=proxy.url.replace("secret", "hidden")))
    assert "hidden" not in str(caught.value)
    assert (proxy.refusals, len(server.calls)) == (1, 0)


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_a_proxy_that_is_not_there_is_an_error(scheme: str) -> None:
    with HttpServer(say_ok) as server, HttpProxy() as proxy:
        pass
    with pytest.raises(errors.ConnectionFailedError):
        asyncio.run(fetch(server.origin, proxy=f"{scheme}://127.0.0.1:{proxy.port}"))


@pytest.mark.parametrize("proxy", ["ftp://127.0.0.1:1", "http://me:secret@", "http://me:secret@host:99999", "nonsense"])
def test_an_address_that_is_no_proxy_is_a_fault_of_the_configuration(proxy: str) -> None:
    with pytest.raises(errors.ConfigError, match="proxy") as caught:
        asyncio.run(fetch("http://127.0.0.1:9/", proxy=proxy))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_private_target_is_refused_before_the_proxy_hears_of_it(kind: type[Proxy]) -> None:
    with HttpServer(say_ok) as canary, kind() as proxy, pytest.raises(errors.ForbiddenError):
        asyncio.run(fetch(canary.origin, proxy=proxy.url, public_only=True))
    assert (proxy.connections, canary.connections) == (0, 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("model", "timeouts", "limit"),
    [
        ("hang", Timeouts(first_byte=0.2), "first_byte"),
        ("stall", Timeouts(idle=0.2), "idle"),
        ("slow", Timeouts(total=0.3), "total"),
    ],
)
def test_the_limits_hold_behind_a_proxy(kind: type[Proxy], model: str, timeouts: Timeouts, limit: str) -> None:
    with OpenaiServer(pace=0.05) as server, kind() as proxy, pytest.raises(errors.TimeoutError, match=f"limit: {limit}"):
        asyncio.run(ask(server.base_url, model, proxy=proxy.url, timeouts=timeouts))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("model", ["cut", "short", "noise"])
def test_a_broken_answer_behind_a_proxy_is_an_error(kind: type[Proxy], model: str) -> None:
    with OpenaiServer() as server, kind() as proxy, pytest.raises(errors.ResponseError):
        asyncio.run(ask(server.base_url, model, proxy=proxy.url))


@pytest.mark.parametrize("kind", KINDS)
def test_a_cancelled_reader_ends_the_connection_behind_the_proxy(kind: type[Proxy]) -> None:
    async def scenario() -> None:
        task = asyncio.create_task(ask(server.base_url, "stall", proxy=proxy.url))
        await asyncio.to_thread(server.call)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await asyncio.to_thread(server.call().wait)).aborted_at is not None

    with OpenaiServer() as server, kind() as proxy:
        asyncio.run(scenario())


@pytest.mark.parametrize(
    ("proxies", "scheme", "chosen"),
    [
        (None, "https", None),
        ("", "https", None),
        ("http://one", "https", "http://one"),
        ({"https": "h", "all": "a"}, "https", "a"),
        ({"http": "p", "https": "h"}, "https", "h"),
        ({"http": "p", "https": "h"}, "http", "h"),
        ({"http": "p"}, "https", None),
        ({"http": "p"}, "http", "p"),
        ({}, "http", None),
    ],
)
def test_the_proxy_of_all_comes_first_and_that_of_http_last(proxies: Any, scheme: str, chosen: str | None) -> None:
    assert pick_proxy(proxies, scheme) == chosen
