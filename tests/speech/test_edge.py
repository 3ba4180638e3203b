"""Edge's voices: what is said when the service is out of reach."""

from __future__ import annotations

import asyncio

import pytest

from g4f.config import Settings
from g4f.errors import SpeechError, SpeechTimeoutError
from g4f.speech import Voice
from g4f.speech.edge import Edge, engines
from tests.servers.proxy import HttpProxy, SocksProxy

EMMA = Voice("en-US-EmmaMultilingualNeural", "Emma", "en-US")


class Silent(HttpProxy):
    """A proxy behind which nobody answers."""

    async def connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self.targets.append(f"{host}:{port}")
        await asyncio.Event().wait()
        raise ConnectionError


class Closed(SocksProxy):
    """A SOCKS proxy that hangs up."""

    async def connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self.targets.append(f"{host}:{port}")
        raise ConnectionError


async def speak(engine: Edge) -> None:
    """Read a sentence to its end."""
    async for _ in engine.synthesize("Hello.", EMMA, 1.0, "mp3"):
        pass


def edge(proxy: str, **settings: object) -> Edge:
    """Return the engine behind a proxy."""
    return Edge(Settings.load({"proxy": proxy, **settings}, {}))


def test_no_network_is_an_error() -> None:
    with pytest.raises(SpeechError, match="No connection"):
        asyncio.run(speak(edge("http://127.0.0.1:1")))


def test_the_list_of_voices_is_awaited_no_longer_than_a_connection() -> None:
    with Silent() as proxy, pytest.raises(SpeechTimeoutError, match=r"0\.3 seconds"):
        asyncio.run(edge(proxy.url, connect_timeout=0.3).voices())


def test_a_socks_proxy_is_asked_too() -> None:
    with Closed() as proxy:
        with pytest.raises(SpeechError, match="No connection"):
            asyncio.run(speak(edge(proxy.url)))
        assert [target.rpartition(":")[2] for target in proxy.targets] == ["443"]


def test_the_engine_is_there_where_its_library_is() -> None:
    assert [engine.name for engine in engines(Settings())] == ["edge"]
