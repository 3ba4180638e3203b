"""Nothing that came in a request reaches an address that is not public, however it is spelled."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine
from typing import Any

import pytest

from g4f.errors import ConnectionFailedError, ForbiddenError
from g4f.requests import StreamSession, check_public_url, is_public
from tests.servers.http import Answer, Call, HttpServer

PRIVATE = """
127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.0.1 169.254.169.254 100.64.0.1
100.100.100.200 100.127.255.255 168.63.129.16 192.0.0.8 192.0.0.170 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.1
203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:7f00:1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1
64:ff9b::a9fe:a9fe 64:ff9b::10.0.0.1 64:ff9b:1::1 2002:7f00:1:: 2002:a00:1::1 2002:a9fe:a9fe:: 2001::1 2001:0:4136:e378:8000:63bf:80ff:fffe
2001:db8::1 3fff::1 fe80::1 fe80::1%eth0 fec0::1 fc00::1 fd00:ec2::254 ff02::1 ff0e::1 100::1 5f00::1 4000::1
"""

PUBLIC = """
1.1.1.1 8.8.8.8 100.63.255.255 172.32.0.1 192.0.1.1
2606:4700:4700::1111 2a00:1450::1 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808::1
"""

SPELLINGS = """
localhost LOCALHOST localhost. 127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7F.1 0177.0.0.1 017700000001 0x7f.0.0.0x1
127.0.0.1. 0 0.0.0.0 [::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:0:0:1] [::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::]
①②⑦.⓪.⓪.① 127。0。0。1 １２７.０.０.１ %31%32%37.0.0.1
"""

CONFUSED = [
    "http://1.1.1.1\\@127.0.0.1:{port}/",
    "http://1.1.1.1@127.0.0.1:{port}/",
    "http://me:secret@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@1.1.1.1/",
    "http://127.0.0.1\t:{port}/",
    " http://127.0.0.1:{port}/",
    "http://1.1.1.1 @127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@1.1.1.1/",
    "http:///127.0.0.1:{port}/",
    "http:127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "ftp://127.0.0.1:{port}/",
    "http://[::1/",
    "",
    "http://",
    "http://127.0.0.1:99999/",
]


async def say_ok(call: Call, answer: Answer) -> None:
    """Be the canary that nobody may reach."""
    await answer.reply(200, b"reached")


async def fetch(url: str, **options: Any) -> bytes:
    """Fetch an address that came in a request."""
    async with StreamSession(public_only=True, **options) as session, session.get(url) as response:
        return await response.read()


@pytest.mark.parametrize("address", PRIVATE.split())
def test_a_private_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_a_global_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", SPELLINGS.split())
def test_no_spelling_of_loopback_is_reached(host: str) -> None:
    with HttpServer(say_ok) as canary:
        with pytest.raises((ForbiddenError, ConnectionFailedError)):
            asyncio.run(fetch(f"http://{host}:{canary.port}/"))
        with pytest.raises((ForbiddenError, ConnectionFailedError)):
            asyncio.run(check_public_url(f"http://{host}:{canary.port}/"))
    assert not canary.connections


@pytest.mark.parametrize("url", CONFUSED)
def test_no_url_that_parsers_read_differently_is_asked(url: str) -> None:
    with HttpServer(say_ok) as canary, pytest.raises(ForbiddenError):
        asyncio.run(fetch(url.format(port=canary.port)))
    assert not canary.connections


@pytest.mark.parametrize(
    "url", ["ftp://{}/", "gopher://{}:80/", " http://{}/", "http://{}/a b", "http://{}\t/", "http://{}/\\x", "http://a@{}/"]
)
def test_a_public_address_is_refused_where_its_spelling_is_in_doubt(url: str) -> None:
    asyncio.run(check_public_url("http://8.8.8.8/"))
    with pytest.raises(ForbiddenError):
        asyncio.run(check_public_url(url.format("8.8.8.8")))


def test_the_canary_can_be_reached_without_the_guard() -> None:
    async def scenario() -> bytes:
        async with StreamSession() as session, session.get(f"http://127.1:{canary.port}/") as response:
            return await response.read()

    with HttpServer(say_ok) as canary:
        assert asyncio.run(scenario()) == b"reached"


OUTSIDE = "8.8.8.8"
"""Where ``Net`` shows the servers of this machine to the outside."""


class Net(asyncio.SelectorEventLoop):
    """An event loop in a net of its own: names resolve to the next of the answers given for them, OUTSIDE leads back here."""

    def __init__(self, names: dict[str, list[list[str]]]) -> None:
        super().__init__()
        self._names = names

    async def getaddrinfo(self, host: Any, port: Any, **_: Any) -> Any:
        """Resolve a name to its next answer, an address to itself."""
        answers = self._names.get(host, [[host]])
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:
        """Connect, to this machine if OUTSIDE is meant."""
        host, port = address
        await super().sock_connect(sock, ("127.0.0.1" if host == OUTSIDE else host, port))


def run_in_net(coroutine: Coroutine[Any, Any, bytes], **names: list[list[str]]) -> bytes:
    """Run a coroutine in a net where ``name.example`` has the given answers."""
    with asyncio.Runner(loop_factory=lambda: Net({f"{name}.example": answers for name, answers in names.items()})) as runner:
        return runner.run(coroutine)


def test_a_public_name_is_reached() -> None:
    with HttpServer(say_ok) as server:
        assert run_in_net(fetch(f"http://public.example:{server.port}/"), public=[[OUTSIDE]]) == b"reached"


@pytest.mark.parametrize("answer", [["127.0.0.1"], [OUTSIDE, "127.0.0.1"], ["127.0.0.1", OUTSIDE]])
def test_a_name_with_any_private_address_is_refused(answer: list[str]) -> None:
    with HttpServer(say_ok) as canary, pytest.raises(ForbiddenError):
        run_in_net(fetch(f"http://innocent.example:{canary.port}/"), innocent=[answer])
    assert not canary.connections


def test_a_name_that_changes_its_address_after_a_check_is_refused() -> None:
    async def scenario() -> bytes:
        url = f"http://rebinding.example:{canary.port}/"
        await check_public_url(url)
        return await fetch(url)

    with HttpServer(say_ok) as canary, pytest.raises(ForbiddenError):
        run_in_net(scenario(), rebinding=[[OUTSIDE], ["127.0.0.1"]])
    assert not canary.connections


def test_a_name_is_not_looked_up_again_between_check_and_connection() -> None:
    with HttpServer(say_ok) as server:
        url = f"http://rebinding.example:{server.port}/"
        assert run_in_net(fetch(url), rebinding=[[OUTSIDE], ["127.0.0.2"]]) == b"reached"


def test_an_idle_connection_of_trusted_code_does_not_serve_a_guarded_request() -> None:
    async def scenario() -> bytes:
        async with StreamSession() as session, session.get(canary.origin) as response:
            await response.read()
        return await fetch(canary.origin)

    with HttpServer(say_ok) as canary, pytest.raises(ForbiddenError):
        asyncio.run(scenario())
    assert len(canary.calls) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:{port}/", "http://inside.example:{port}/", "//inside.example:{port}/", "http://me@public.example/"]
)
def test_a_redirect_is_checked_like_the_first_address(status: int, target: str) -> None:
    async def redirect(call: Call, answer: Answer) -> None:
        await answer.reply(status, b"", headers={"location": target.format(port=canary.port)})

    with HttpServer(say_ok) as canary, HttpServer(redirect) as server:
        with pytest.raises(ForbiddenError):
            run_in_net(fetch(f"http://public.example:{server.port}/"), public=[[OUTSIDE]], inside=[["127.0.0.1"]])
        assert len(server.calls) == 1
    assert not canary.connections
