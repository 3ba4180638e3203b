"""The programs of 2023 to 2025 that this platform has to run, with only import names, addresses and keys changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from g4f.client import Client
from g4f.Provider import OpenaiChat, RetryProvider
from g4f.Provider.template.BackendApi import BackendApi
from g4f.typing import Messages
from tests.servers.backend_api import CHUNKS, BackendApiServer
from tests.servers.openai import OpenaiServer
from tests.servers.proxy import HttpProxy


@pytest.fixture(params=["ndjson", "sse"])
def far(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[BackendApiServer]:
    with BackendApiServer(request.param) as server:
        monkeypatch.setattr(BackendApi, "url", server.origin)
        yield server


@pytest.fixture
def openai(upstream: OpenaiServer, monkeypatch: pytest.MonkeyPatch) -> OpenaiServer:
    monkeypatch.setenv("OPENAI_BASE_URL", upstream.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    return upstream


@pytest.fixture
def proxy() -> Iterator[HttpProxy]:
    with HttpProxy(user="username", password="password") as server:
        yield server


def test_seed_001_awaits_the_generator_and_then_iterates_it(far: BackendApiServer) -> None:
    async def main() -> list[dict[str, Any]]:
        model = "gpt-3.5-turbo"
        messages = Messages(
            [
                {"role": "user", "content": "Привет! Как дела?"},
            ]
        )
        async_generator = await BackendApi.create_async_generator(model=model, messages=messages)  # type: ignore[misc]
        return [response.get_dict() async for response in async_generator]

    assert asyncio.run(main()) == CHUNKS
    assert far.call().json == {
        "model": "gpt-3.5-turbo",
        "messages": [{"role": "user", "content": "Привет! Как дела?"}],
        "media": None,
        "api_key": None,
    }


def test_seed_003_iterates_at_once_with_positional_arguments(far: BackendApiServer) -> None:
    model = "gpt-3.5-turbo"
    messages: Messages = [{"role": "user", "content": "Hello, world!"}]
    media = None
    api_key = "your_api_key"
    kwargs: dict[str, Any] = {}

    async def main() -> list[Any]:
        return [response async for response in BackendApi.create_async_generator(model, messages, media, api_key, **kwargs)]

    assert [response.type for response in asyncio.run(main())] == [chunk["type"] for chunk in CHUNKS]
    assert far.call().json["api_key"] == "your_api_key"
    assert far.call().headers["accept"] == "text/event-stream"


def test_seed_002_asks_through_its_proxies(openai: OpenaiServer, proxy: HttpProxy) -> None:
    client = Client(
        proxies={"http": proxy.url, "https": proxy.url},
        provider=RetryProvider([OpenaiChat], single_provider_retry=True, max_retries=5),
    )
    messages: Messages = [{"role": "user", "content": "Hello"}]
    response = client.chat.completions.create(model="plain", messages=messages, stream=True)
    assert [message.choices[0].delta.content or "" for message in response] == ["Hello", ", ", "world", "!", ""]
    assert proxy.targets == [f"127.0.0.1:{openai.port}"]


def test_seed_002_survives_four_failures(openai: OpenaiServer) -> None:
    client = Client(provider=RetryProvider([OpenaiChat], single_provider_retry=True, max_retries=5))
    response = client.chat.completions.create(model="fail-4-times", messages=[{"role": "user", "content": "Hello"}], stream=True)
    assert "".join(message.choices[0].delta.content or "" for message in response) == "Hello, world!"
    assert len(openai.calls) == 5
