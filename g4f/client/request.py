"""What a client was set up with, and what becomes of it and a call's own arguments."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from g4f import aio
from g4f.client.raw import opened
from g4f.completion import Provider, complete, get_model_and_provider
from g4f.models import Model
from g4f.Provider.template import create_custom_provider
from g4f.providers.response import Response
from g4f.requests import pick_proxy
from g4f.typing import ApiKey, ImageType, Message, Messages

Proxies = str | Mapping[str, str] | None
Asked = str | Messages
ProviderChoice = Provider | str | None
"""A provider, its name or address, or nothing for whoever serves the model."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Defaults:
    """Be what calls use where they say nothing themselves; never shown, for it may hold a key."""

    provider: ProviderChoice = None
    media_provider: ProviderChoice = None
    api_key: ApiKey = None
    proxies: Proxies = None
    base_url: str | None = None

    def chosen(self, provider: ProviderChoice) -> ProviderChoice:
        """Return the provider of a call: its own, the client's, else one made for ``base_url``."""
        named = provider or self.provider
        return create_custom_provider(self.base_url) if self.base_url and not named else named

    def options(self, **options: Any) -> dict[str, Any]:
        """Return the options of a call with what it left open, and without what is not set."""
        base_url = self.base_url if self.provider else None
        proxy = pick_proxy(self.proxies) or os.environ.get("G4F_PROXY")
        given = {name: value for name, value in options.items() if value is not None}
        open_ones = {"api_key": self.api_key, "base_url": base_url, "proxy": proxy}
        return {name: value for name, value in open_ones.items() if value} | given


@dataclass(frozen=True, repr=False)
class Request:
    """Be one call, ready to be made; ``max_chunks`` is where its answer is cut. Never shown, for it may hold a key."""

    messages: Messages
    model: str
    provider: Provider
    options: dict[str, Any]
    max_chunks: int | None = None

    async def responses(self) -> AsyncGenerator[str | Response]:
        """Yield the responses of the answer one by one; closing this ends the provider's call."""
        batches = complete(self.messages, self.model, self.provider, **self.options)
        try:
            async for batch in batches:
                for item in batch:
                    yield opened(item)
        finally:
            await aio.close(batches)


def make_request(
    defaults: Defaults,
    asked: Asked,
    model: Model | str,
    provider: ProviderChoice = None,
    *,
    stream: bool = False,
    ignore_working: bool = False,
    ignore_stream: bool = False,
    image: ImageType | None = None,
    image_name: str | None = None,
    images: Iterable[Any] | None = None,
    media: Iterable[Any] | None = None,
    max_tokens: int | None = None,
    **options: Any,
) -> Request:
    """Find provider and model, and bring the arguments into the form providers take.

    A text alone is a question. ``image``, ``images`` and ``media`` are data, files, ``pathlib.Path`` or addresses, alone or in
    pairs with a file name.
    """
    seen = [*([(image, image_name)] if image is not None else []), *_pairs(images), *_pairs(media)]
    name, chosen = get_model_and_provider(
        model, defaults.chosen(provider), stream, ignore_working=ignore_working, ignore_stream=ignore_stream, has_images=bool(seen)
    )
    messages: Messages = [Message(role="user", content=asked)] if isinstance(asked, str) else list(asked)
    # A provider refuses a limit of nothing, which here still means the first chunk.
    options |= {"stream": stream, "media": seen or None, "max_tokens": max_tokens or None}
    return Request(messages, name, chosen, defaults.options(**options), max_tokens)


def _pairs(media: Iterable[Any] | None) -> Sequence[tuple[Any, str | None]]:
    return [(item[0], item[1]) if isinstance(item, (tuple, list)) else (item, None) for item in media or ()]
