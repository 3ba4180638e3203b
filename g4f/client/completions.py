"""Chat completions: OpenAI's calls over any provider, written once as asynchronous code."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterator
from contextlib import aclosing
from typing import Any, Literal, overload

from g4f import aio
from g4f.client.fold import Fold
from g4f.client.request import Asked, Defaults, ProviderChoice, Request, make_request
from g4f.client.stubs import ChatCompletion, ChatCompletionChunk, ChatCompletionDelta
from g4f.models import Model


class AsyncCompletions:
    """Create chat completions."""

    def __init__(self, defaults: Defaults) -> None:
        self._defaults = defaults

    @overload
    def create(
        self,
        messages: Asked,
        model: Model | str = "",
        provider: ProviderChoice = None,
        stream: Literal[False] = False,
        **options: Any,
    ) -> Coroutine[Any, Any, ChatCompletion]: ...

    @overload
    def create(
        self, messages: Asked, model: Model | str = "", provider: ProviderChoice = None, *, stream: Literal[True], **options: Any
    ) -> AsyncIterator[Any]: ...

    def create(
        self, messages: Asked, model: Model | str = "", provider: ProviderChoice = None, stream: bool = False, **options: Any
    ) -> Coroutine[Any, Any, ChatCompletion] | AsyncIterator[Any]:
        """Ask for an answer: awaited it is whole, with ``stream`` it is iterated in chunks.

        ``max_tokens`` counts chunks, ``stop`` cuts the text, ``response_format={"type": "json_object"}`` takes a whole answer
        out of its Markdown fence, ``raw`` yields the provider's responses as they are. Everything else goes to the provider:
        ``image`` or ``media``, ``api_key``, ``proxy``, ``tools``, ``temperature`` and so on.
        """
        return self.stream(messages, model, provider, **options) if stream else self._create(messages, model, provider, **options)

    def stream(self, messages: Asked, model: Model | str = "", provider: ProviderChoice = None, **options: Any) -> AsyncIterator[Any]:
        """Ask for an answer in chunks."""
        raw = bool(options.pop("raw", False))
        request = make_request(self._defaults, messages, model, provider, stream=True, **options)
        return aio.AsyncStream(request.responses() if raw else _chunks(request))

    async def _create(self, messages: Asked, model: Model | str, provider: ProviderChoice, **options: Any) -> ChatCompletion:
        options.pop("raw", None)
        request = make_request(self._defaults, messages, model, provider, **options)
        fold = _fold(request)
        async for _ in _deltas(request, fold):
            pass
        return fold.completion()


class Completions:
    """Create chat completions from ordinary code."""

    def __init__(self, defaults: Defaults) -> None:
        self._asynchronous = AsyncCompletions(defaults)

    @overload
    def create(
        self,
        messages: Asked,
        model: Model | str = "",
        provider: ProviderChoice = None,
        stream: Literal[False] = False,
        **options: Any,
    ) -> ChatCompletion: ...

    @overload
    def create(
        self, messages: Asked, model: Model | str = "", provider: ProviderChoice = None, *, stream: Literal[True], **options: Any
    ) -> Iterator[Any]: ...

    def create(
        self, messages: Asked, model: Model | str = "", provider: ProviderChoice = None, stream: bool = False, **options: Any
    ) -> ChatCompletion | Iterator[Any]:
        """Ask for an answer, whole or with ``stream`` in chunks; the options are those of ``AsyncCompletions.create``."""
        if stream:
            return self.stream(messages, model, provider, **options)
        answer: ChatCompletion = aio.run(self._asynchronous.create(messages, model, provider, **options))
        return answer

    def stream(self, messages: Asked, model: Model | str = "", provider: ProviderChoice = None, **options: Any) -> Iterator[Any]:
        """Ask for an answer in chunks."""
        return aio.iterate(self._asynchronous.stream(messages, model, provider, **options))


async def _chunks(request: Request) -> AsyncGenerator[ChatCompletionChunk]:
    fold = _fold(request)
    async with aclosing(_deltas(request, fold)) as deltas:
        async for delta in deltas:
            yield fold.chunk(delta)
    yield fold.last_chunk()


async def _deltas(request: Request, fold: Fold) -> AsyncGenerator[ChatCompletionDelta]:
    """Yield what each response shows; the provider's call ends as soon as nothing more is wanted."""
    async with aclosing(request.responses()) as responses:
        async for response in responses:
            for delta in fold.take(response):
                yield delta
            if fold.done:
                return
        for delta in fold.end():
            yield delta


def _fold(request: Request) -> Fold:
    return Fold(request, f"chatcmpl-{secrets.token_hex(14)}", int(time.time()))
