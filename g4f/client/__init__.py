"""The OpenAI-shaped client: the same calls over any provider, sync and async."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from g4f.client.completions import AsyncCompletions, Completions
from g4f.client.images import AsyncImages, Images
from g4f.client.models import ClientModels
from g4f.client.request import Defaults, ProviderChoice, Proxies
from g4f.client.stubs import ChatCompletion, ChatCompletionChunk, ImagesResponse
from g4f.Provider.template import create_custom_provider
from g4f.typing import ApiKey

__all__ = [
    "AsyncClient",
    "ChatCompletion",
    "ChatCompletionChunk",
    "Client",
    "ClientFactory",
    "ImagesResponse",
    "create_custom_provider",
]

Made = TypeVar("Made")


class Chat(Generic[Made]):
    """Hold ``completions``, where OpenAI's client has them."""

    def __init__(self, completions: Made) -> None:
        self.completions = completions


class Client:
    """Ask models from ordinary code.

        client = Client(provider="Ollama")
        answer = client.chat.completions.create("Why is the sky blue?", "llama3.2")
        print(answer.choices[0].message.content)

    ``base_url`` without a provider asks the OpenAI-compatible API there. ``proxies`` is one address, or a map of which ``all``, else
    ``https``, is used; without it the variable ``G4F_PROXY`` counts. ``media_provider`` (or ``image_provider``) draws.
    """

    def __init__(
        self,
        provider: ProviderChoice = None,
        media_provider: ProviderChoice = None,
        *,
        image_provider: ProviderChoice = None,
        api_key: ApiKey = None,
        proxies: Proxies = None,
        base_url: str | None = None,
    ) -> None:
        defaults = Defaults(
            provider=provider, media_provider=media_provider or image_provider, api_key=api_key, proxies=proxies, base_url=base_url
        )
        self.chat = Chat(Completions(defaults))
        self.images = self.media = Images(defaults)
        self.models = ClientModels(defaults)


class AsyncClient:
    """Ask models from asynchronous code; the arguments are those of ``Client``.

    ``await client.chat.completions.create(...)`` gives the whole answer, ``async for`` over it with ``stream=True`` its chunks.
    """

    def __init__(
        self,
        provider: ProviderChoice = None,
        media_provider: ProviderChoice = None,
        *,
        image_provider: ProviderChoice = None,
        api_key: ApiKey = None,
        proxies: Proxies = None,
        base_url: str | None = None,
    ) -> None:
        defaults = Defaults(
            provider=provider, media_provider=media_provider or image_provider, api_key=api_key, proxies=proxies, base_url=base_url
        )
        self.chat = Chat(AsyncCompletions(defaults))
        self.images = self.media = AsyncImages(defaults)
        self.models = ClientModels(defaults)


class ClientFactory:
    """Make clients under the names gpt4free programs use."""

    @staticmethod
    def create_client(provider: ProviderChoice = None, media_provider: ProviderChoice = None, **options: Any) -> Client:
        """Return a Client; the options are its own."""
        return Client(provider, media_provider, **options)

    @staticmethod
    def create_async_client(provider: ProviderChoice = None, media_provider: ProviderChoice = None, **options: Any) -> AsyncClient:
        """Return an AsyncClient; the options are its own."""
        return AsyncClient(provider, media_provider, **options)
