"""The engine: picks a provider, retries before anything was shown, remembers nothing."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from g4f import models
from g4f.completion import complete, get_model_and_provider
from g4f.errors import (
    BadRequestError,
    MissingAuthError,
    ModelNotFoundError,
    ProviderNotFoundError,
    ProviderNotWorkingError,
    RateLimitError,
    ResponseError,
    StreamNotSupportedError,
)
from g4f.Provider import Custom, Offline, Ollama, OpenaiChat
from g4f.providers.base_provider import AsyncProvider
from g4f.providers.response import AttemptFailed, ProviderInfo, Response
from g4f.providers.retry_provider import IterListProvider
from tests.servers.http import Answer, Call, HttpServer
from tests.servers.openai import OpenaiServer

HI: Any = [{"role": "user", "content": "Hi"}]


class Off(AsyncProvider):
    working = False


class Whole(AsyncProvider):
    supports_stream = False


def ask(server: OpenaiServer, model: str, provider: Any = Custom, **options: Any) -> list[str | Response]:
    async def main() -> list[str | Response]:
        answer = complete(HI, model, provider, base_url=server.base_url, api_key="k", **options)
        return [item async for batch in answer for item in batch]

    return asyncio.run(main())


async def drain(answer: Any) -> None:
    async for _ in answer:
        pass


def test_an_attempt_is_announced_first(upstream: OpenaiServer) -> None:
    items = ask(upstream, "plain")
    assert items[0] == ProviderInfo(name="Custom", url=None, label="Custom server", model="plain")
    assert "".join(map(str, items)) == "Hello, world!"


def test_a_failure_before_anything_was_shown_is_mended_by_another_attempt(upstream: OpenaiServer) -> None:
    items = ask(upstream, "fail-2-times")
    assert [type(item) for item in items[:5]] == [ProviderInfo, AttemptFailed, ProviderInfo, AttemptFailed, ProviderInfo]
    assert "".join(map(str, items)) == "Hello, world!"


def test_attempts_come_to_an_end(upstream: OpenaiServer) -> None:
    with pytest.raises(ResponseError):
        ask(upstream, "fail-4-times", retries=1)
    assert len(upstream.calls) == 2


@pytest.mark.parametrize(("model", "kind"), [("fail-400", BadRequestError), ("fail-401", MissingAuthError), ("nobody", ModelNotFoundError)])
def test_what_another_attempt_cannot_mend_is_raised_at_once(upstream: OpenaiServer, model: str, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        ask(upstream, model)
    assert len(upstream.calls) == 1


@pytest.mark.parametrize("model", ["cut", "error-midway"])
def test_a_failure_after_something_was_shown_is_raised(upstream: OpenaiServer, model: str) -> None:
    with pytest.raises(ResponseError):
        ask(upstream, model)
    assert len(upstream.calls) == 1


@pytest.mark.parametrize(("asked", "calls"), [("60", 1), ("0.3", 2)])
def test_a_pause_the_provider_asks_for_is_kept_unless_it_is_too_long(asked: str, calls: int) -> None:
    async def refuse(call: Call, answer: Answer) -> None:
        await answer.reply_json({"error": {"message": "Later."}}, 429, {"retry-after": asked})

    begun = time.monotonic()
    with HttpServer(refuse) as server, pytest.raises(RateLimitError):
        asyncio.run(drain(complete(HI, "m", Custom, base_url=server.origin, retries=1)))
    assert len(server.calls) == calls
    assert time.monotonic() - begun >= (calls - 1) * float(asked)


def test_a_list_announces_its_own_attempts_and_is_asked_once(upstream: OpenaiServer) -> None:
    with pytest.raises(ResponseError):
        ask(upstream, "fail-4-times", IterListProvider([Custom]))
    assert len(upstream.calls) == 1


def test_closing_ends_the_upstream_call(upstream: OpenaiServer) -> None:
    async def main() -> None:
        answer = complete(HI, "stall", Custom, base_url=upstream.base_url)
        await anext(answer)
        await anext(answer)
        await answer.aclose()

    asyncio.run(main())
    assert upstream.call().wait().aborted_at is not None


@pytest.mark.parametrize("provider", ["Ollama", "ollama", "Olla", Ollama])
def test_a_provider_is_a_class_a_name_or_its_beginning(provider: Any) -> None:
    assert get_model_and_provider("m", provider, stream=True) == ("m", Ollama)


def test_names_with_spaces_between_them_are_a_list() -> None:
    _, found = get_model_and_provider("m", "Ollama Offline", stream=True)
    assert isinstance(found, IterListProvider)
    assert found.providers == [Ollama, Offline]


def test_a_base_url_is_a_provider() -> None:
    _, found = get_model_and_provider("m", "http://127.0.0.1:9/v1", stream=True)
    assert found.base_url == "http://127.0.0.1:9/v1"  # type: ignore[union-attr]  # a class made for the address


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("gpt-4o", ("gpt-4o", OpenaiChat)),
        (models.llama_3_2, ("llama3.2", Ollama)),
        ("Ollama:llama3:8b", ("llama3:8b", Ollama)),
        ("Offline", ("", Offline)),
    ],
)
def test_without_a_provider_the_model_decides(model: Any, expected: tuple[str, Any]) -> None:
    assert get_model_and_provider(model, None, stream=True) == expected


def test_without_both_whoever_can_answers() -> None:
    name, found = get_model_and_provider("", None, stream=True)
    assert isinstance(found, IterListProvider)
    assert (name, list(found.providers)) == ("", ["OpenaiChat", "Ollama", "Offline"])


def test_a_provider_named_as_its_own_model_means_the_default() -> None:
    assert get_model_and_provider("Offline", "Offline", stream=True) == ("", Offline)


@pytest.mark.parametrize("name", ["Olama", "nobody", "custom:1"])
def test_an_unknown_provider_is_refused(name: str) -> None:
    with pytest.raises(ProviderNotFoundError):
        get_model_and_provider("m", name, stream=True)


def test_an_unknown_model_without_a_provider_is_refused() -> None:
    with pytest.raises(ModelNotFoundError, match="Name one beside it"):
        get_model_and_provider("nobody-knows", None, stream=True)


def test_a_provider_that_is_switched_off_is_refused_unless_insisted_on() -> None:
    with pytest.raises(ProviderNotWorkingError):
        get_model_and_provider("m", Off, stream=False)
    assert get_model_and_provider("m", Off, stream=False, ignore_working=True) == ("m", Off)


def test_a_provider_that_cannot_stream_is_refused_unless_insisted_on() -> None:
    with pytest.raises(StreamNotSupportedError):
        get_model_and_provider("m", Whole, stream=True)
    assert get_model_and_provider("m", Whole, stream=True, ignore_stream=True) == ("m", Whole)
