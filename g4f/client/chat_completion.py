"""``g4f.ChatCompletion``: the calls of 2023, which give text or the provider's own responses."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Coroutine, Iterable, Iterator
from typing import Any

from g4f import aio
from g4f.client.request import Asked, Defaults, ProviderChoice, Request, make_request
from g4f.models import Model
from g4f.providers.response import Response

Item = str | Response


class ChatCompletion:
    """Ask without a client."""

    @staticmethod
    def create(
        model: Model | str, messages: Asked, provider: ProviderChoice = None, stream: bool = False, **options: Any
    ) -> str | Iterator[Item]:
        """Return the answer's text, or with ``stream`` or ``ignore_stream`` everything the provider yields, one by one.

        Takes ``image``, ``image_name``, ``ignore_working`` and ``ignore_stream``; everything else goes to the provider.
        """
        request = _request(model, messages, provider, stream, options)
        return aio.iterate(request.responses()) if request.options["stream"] else aio.run(async_concat_chunks(request.responses()))

    @staticmethod
    def create_async(
        model: Model | str, messages: Asked, provider: ProviderChoice = None, stream: bool = False, **options: Any
    ) -> Coroutine[Any, Any, str] | AsyncIterator[Item]:
        """Return an awaitable of the text, or with ``stream`` an asynchronous iterator; the options are those of ``create``."""
        request = _request(model, messages, provider, stream, options)
        return aio.AsyncStream(request.responses()) if request.options["stream"] else async_concat_chunks(request.responses())


def concat_chunks(chunks: Iterable[Item]) -> str:
    """Return the text of responses."""
    return "".join(map(str, chunks))


async def async_concat_chunks(chunks: AsyncIterable[Item]) -> str:
    """Return the text of responses that come asynchronously."""
    return "".join([str(chunk) async for chunk in chunks])


def _request(model: Model | str, messages: Asked, provider: ProviderChoice, stream: bool, options: dict[str, Any]) -> Request:
    return make_request(Defaults(), messages, model, provider, stream=stream or bool(options.get("ignore_stream")), **options)
