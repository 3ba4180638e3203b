"""Another gpt4free server, or another instance of this platform, as a provider."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any, ClassVar

import msgspec

from g4f.config import Secret
from g4f.errors import BadRequestError, ResponseError
from g4f.Provider.template.media import to_data_uri
from g4f.Provider.template.openai_request import timeouts_of
from g4f.providers.base_provider import AsyncGeneratorProvider, Batch, ProviderModelMixin
from g4f.providers.response import BaseConversation, RawResponse
from g4f.providers.types import ModelInfo
from g4f.requests import StreamSession, raise_for_status
from g4f.requests.request import Tls
from g4f.requests.status import message_of
from g4f.typing import ApiKey, AsyncResult, MediaListType, Messages

_OURS = frozenset({"proxy", "public_only", "timeout", "timeouts"})
"""Options of the call itself; the far server does not get them."""


class BackendApi(AsyncGeneratorProvider, ProviderModelMixin):
    """Ask the gpt4free server at ``url``, and pass on every chunk it sends as RawResponse, errors among them.

    Reads both framings of POST /backend-api/v2/conversation: a JSON object a line, and ``event:``/``data:``.

        class Friend(BackendApi):
            url = "http://192.168.1.20:8080"
    """

    ssl: ClassVar[Tls] = None
    headers: ClassVar[Mapping[str, str]] = {}
    api_key: ClassVar[str | Secret | None] = None
    """The key of the server itself; the caller's ``api_key`` is for the provider behind it."""

    @classmethod
    def create_async_generator(
        cls, /, model: str, messages: Messages, media: MediaListType | None = None, api_key: ApiKey | Secret = None, **kwargs: Any
    ) -> AsyncResult:
        """Return the answer as a stream that may also be awaited first, which gives itself."""
        return super().create_async_generator(model, messages, media=media, api_key=api_key, **kwargs)

    @classmethod
    async def create_batches(
        cls, /, model: str, messages: Messages, media: MediaListType | None = None, api_key: ApiKey | Secret = None, **kwargs: Any
    ) -> AsyncGenerator[Batch]:
        """Yield every chunk of the far server; whatever else is given travels in the request's body."""
        body = {
            "model": model,
            "messages": list(messages),
            "media": [[await to_data_uri(data, name), name] for data, name in media] if media else None,
            "api_key": cls._own_key(api_key),
            **{name: _plain(value) for name, value in kwargs.items() if name not in _OURS},
        }
        async with (
            cls._session("text/event-stream", kwargs) as session,
            session.post(f"{cls._address()}/conversation", json=body, ssl=cls.ssl) as response,
        ):
            await raise_for_status(response)
            async for line in response.iter_lines():
                if (chunk := _chunk(line, response.host)) is not None:
                    yield [RawResponse(**chunk)]

    @classmethod
    async def fetch_models(cls, /, api_key: str | None = None, base_url: str | None = None, **kwargs: Any) -> list[ModelInfo]:
        """Return every model the far server lists, each once, whichever of its providers serves it."""
        async with cls._session("application/json", kwargs) as session, session.get(f"{cls._address()}/models", ssl=cls.ssl) as response:
            await raise_for_status(response)
            return list({model.id: model for model in _models(await response.json())}.values())

    @classmethod
    def _address(cls) -> str:
        if not cls.url:
            raise BadRequestError(f"{cls.__name__} needs the address of a gpt4free server: set {cls.__name__}.url, without a path.")
        return f"{cls.url.rstrip('/')}/backend-api/v2"

    @classmethod
    def _own_key(cls, api_key: ApiKey | Secret) -> str | None:
        """Return the key that the caller has for this server; of a map the others are not for it."""
        own = api_key.get(cls.__name__) if isinstance(api_key, Mapping) else api_key
        return own.reveal() if isinstance(own, Secret) else own

    @classmethod
    def _session(cls, accept: str, options: Mapping[str, Any]) -> StreamSession:
        key = cls.api_key.reveal() if isinstance(cls.api_key, Secret) else cls.api_key
        authorization = {"Authorization": f"Bearer {key}"} if key else {}
        return StreamSession(
            headers={"Accept": accept, **authorization, **cls.headers},
            proxy=options.get("proxy"),
            timeouts=timeouts_of(options),
            public_only=bool(options.get("public_only")),
        )


def _plain(value: Any) -> Any:
    return value.get_dict() if isinstance(value, BaseConversation) else value


def _chunk(line: bytes, host: str) -> dict[str, Any] | None:
    """Return the JSON object of a line, or None for a line that only frames; raises ResponseError for anything else."""
    if not line.strip() or line.startswith((b":", b"event:", b"id:", b"retry:")):
        return None
    try:
        chunk = msgspec.json.decode(line.removeprefix(b"data:"))
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ResponseError(f"{host} sent a line that is not JSON. Is it a gpt4free server?") from None
    if not isinstance(chunk, dict) or ("type" not in chunk and "error" in chunk):
        raise ResponseError(f"{host} refused: {message_of(chunk) or 'it gave no reason'}")
    return chunk


def _models(document: Any) -> list[ModelInfo]:
    """Read both shapes of GET models: names by provider, and the older list of objects."""
    match document:
        case dict():
            return [ModelInfo(id=name) for names in document.values() if isinstance(names, list) for name in names if isinstance(name, str)]
        case list():
            return [_model(entry) for entry in document if isinstance(entry, dict) and isinstance(entry.get("name"), str)]
        case _:
            return []


def _model(entry: Mapping[str, Any]) -> ModelInfo:
    vision, image, audio, video = (entry.get(ability) is True for ability in ("vision", "image", "audio", "video"))
    return ModelInfo(id=entry["name"], vision=vision, image=image, audio=audio, video=video)
