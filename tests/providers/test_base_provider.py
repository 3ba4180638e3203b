"""Whichever function a provider writes, the others follow from it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from g4f.errors import ModelNotFoundError
from g4f.providers.base_provider import AbstractProvider, AsyncGeneratorProvider, AsyncProvider, ProviderModelMixin
from g4f.typing import Messages

HI: Messages = [{"role": "user", "content": "Hi"}]


class Sync(AbstractProvider):
    @classmethod
    def create_completion(cls, model: str, messages: Messages, stream: bool = False, **kwargs: Any) -> Iterator[str]:
        yield from ("Hel", None, "lo")  # type: ignore[misc]  # gpt4free providers may yield None for nothing


class Whole(AsyncProvider):
    @classmethod
    async def create_async(cls, model: str, messages: Messages, **kwargs: Any) -> str:
        return "Hello"


class Streaming(AsyncGeneratorProvider):
    @classmethod
    async def create_async_generator(cls, model: str, messages: Messages, **kwargs: Any) -> AsyncIterator[str]:
        for piece in ("Hel", None, "lo"):
            yield piece  # type: ignore[misc]  # the same


class Aliased(ProviderModelMixin):
    default_model = "big"
    model_aliases = {"old": "big", "any": ["one", "two"]}  # noqa: RUF012


PROVIDERS = pytest.mark.parametrize("provider", [Sync, Whole, Streaming])


@PROVIDERS
def test_a_provider_answers_in_batches(provider: type[AbstractProvider]) -> None:
    async def main() -> str:
        return "".join([str(item) async for batch in provider.create_batches("m", HI) for item in batch])

    assert asyncio.run(main()) == "Hello"


@PROVIDERS
def test_a_provider_answers_ordinary_code(provider: type[AbstractProvider]) -> None:
    assert "".join(map(str, filter(None, provider.create_completion("m", HI, stream=True)))) == "Hello"


def test_closing_the_answer_of_ordinary_code_closes_it_there() -> None:
    closed: list[bool] = []

    class Endless(AbstractProvider):
        @classmethod
        def create_completion(cls, model: str, messages: Messages, stream: bool = False, **kwargs: Any) -> Iterator[str]:
            try:
                while True:
                    yield "more "
            finally:
                closed.append(True)

    async def main() -> None:
        answer = Endless.create_batches("m", HI)
        await anext(answer)
        await answer.aclose()

    asyncio.run(main())
    assert closed == [True]


def test_a_streaming_provider_gives_its_answer_whole() -> None:
    assert asyncio.run(Streaming.create_async("m", HI)) == "Hello"


def test_a_model_is_the_default_itself_or_what_its_alias_stands_for() -> None:
    assert [Aliased.get_model(name) for name in ("", "old", "other")] == ["big", "big", "other"]
    assert Aliased.get_model("any") in {"one", "two"}


def test_no_model_and_no_default_is_an_error() -> None:
    with pytest.raises(ModelNotFoundError):
        ProviderModelMixin.get_model("")
