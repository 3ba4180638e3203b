"""Ask a model and stream what it answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any, Literal, TypeGuard
from uuid import UUID

import msgspec
from flask import Request
from msgspec import Struct

from g4f import aio
from g4f.completion import Provider, complete
from g4f.errors import G4FError, MalformedRequestError, ProviderException, ValidationError
from g4f.gui.server.api import Api
from g4f.gui.server.conversation import Conversation
from g4f.gui.server.framing import negotiate, text
from g4f.gui.server.principal import Principal
from g4f.gui.server.streams import Stream
from g4f.gui.server.uploads import Media, attach
from g4f.providers.response import JsonConversation
from g4f.providers.retry_provider import IterListProvider
from g4f.providers.wire import AuthChunk, ContentChunk, ErrorChunk, Wire
from g4f.requests import check_public_url
from g4f.services.tally import Asked
from g4f.typing import Framing, Messages

Chunks = AsyncIterator[Sequence[Wire]]

_NOT_FOR_CALLERS = frozenset(
    {"cls", "cookies", "headers", "proxies", "proxy", "public_only", "retries", "self", "ssl", "timeout", "timeouts"}
)


class FramingQuery(Struct, frozen=True):
    """Choose how the stream is cut: ``ndjson``, ``sse`` or ``text``."""

    framing: Literal["ndjson", "sse", "text", ""] = ""


def handle_conversation(
    api: Api, body: Conversation, query: FramingQuery, principal: Principal, request: Request
) -> Stream | Coroutine[Any, Any, Stream]:
    """Answer a conversation as a stream of chunks.

    503 while nothing can be stored: what could not be recorded is not asked.
    """
    api.require_storage()
    asked = query.framing or request.headers.get("x-stream-framing")
    accept, legacy = request.headers.get("Accept", ""), body.is_legacy(body.wire)
    framing = negotiate(body.wire, asked, accept, api.settings.stream_framing, legacy=legacy)
    messages, media = attach(body.history(), request)
    if not messages and not body.prompt:
        raise ValidationError("A conversation needs at least one message.", "messages")
    question = Question(body, messages, media, principal.owner_id, request.environ["g4f.request_id"], _bearer(request))
    urls = request.form.getlist("media_url") if media else []
    if framing == "text" or urls or not (body.provider or api.catalog.fresh):
        return _begun(api, question, framing, urls)
    return Stream(_ask(api, question), framing)


class Question(Struct, frozen=True):
    """Be a conversation that is ready to be asked."""

    body: Conversation
    messages: Messages
    media: Media
    owner_id: UUID
    request_id: str
    bearer: str


def _ask(api: Api, question: Question, *, raise_first: bool = False) -> Chunks:
    """Choose who answers, and return the answer's chunks; nothing is asked before they are read."""
    body, messages = question.body, question.messages
    model = body.model or api.settings.default_model
    provider = api.catalog.choose(body.provider or "", model, tuple(body.ignored or ()))
    answer = complete(messages, model, provider, **_options(api, question, provider))
    size = sum(len(text) for turn in messages if isinstance(text := turn.get("content"), str))
    asked = Asked(question.owner_id, question.request_id, model, provider.__name__, size, body.debug_mode)
    chunks = api.runs.relay(asked, answer, raise_first=raise_first)
    return chunks if body.streamed else _in_one_piece(chunks)


def _options(api: Api, question: Question, provider: Provider) -> dict[str, Any]:
    """Return what the provider is asked with: what the caller gave, and what only this server decides."""
    body = question.body
    options: dict[str, Any] = {name: value for name, value in body.extra.items() if name not in _NOT_FOR_CALLERS}
    options |= {"stream": body.streamed, "timeouts": api.catalog.timeouts, "debug_mode": body.debug_mode}
    return options | _given(
        api_key=_own(body.api_key, provider) or question.bearer,
        base_url=body.base_url if provider.__name__ == "Custom" else None,
        conversation=_state(api, body, provider),
        media=[*(body.media or []), *question.media],
        proxy=api.catalog.proxy(provider),
        prompt=body.prompt,
        action=body.action,
        ignored=body.ignored,
    )


async def _begun(api: Api, question: Question, framing: Framing, urls: Sequence[str]) -> Stream:
    """Wait for what has to be known first: who can be asked, whether media may be fetched, whether raw text begins well."""
    if not question.body.provider:
        await api.catalog.freshen()
    for url in urls:
        try:
            await check_public_url(url)
        except G4FError:
            raise MalformedRequestError(
                "Invalid or disallowed media_url: it has to be a public http or https address.", "media_url"
            ) from None
    chunks = _ask(api, question, raise_first=framing == "text")
    return Stream(await _first_text(chunks), framing) if framing == "text" else Stream(chunks, framing)


async def _first_text(chunks: Chunks) -> Chunks:
    """Wait for the first text; raises what went wrong before it, which raw text could not tell from an answer."""
    first: list[Wire] = []
    async for batch in chunks:
        first += batch
        if text(batch):
            return _again(first, chunks)
    for chunk in first:
        match chunk:
            case ErrorChunk(message=words) | AuthChunk(message=words) | {"type": "error" | "auth", "message": str(words)}:
                raise ProviderException(words)
    return _again(first, chunks)


async def _again(first: Sequence[Wire], rest: Chunks) -> Chunks:
    try:
        yield first
        async for batch in rest:
            yield batch
    finally:
        await aio.close(rest)


async def _in_one_piece(chunks: Chunks) -> Chunks:
    """Yield everything once it is there, all text in one chunk."""
    try:
        whole = [chunk async for batch in chunks for chunk in batch]
    finally:
        await aio.close(chunks)
    yield _joined(whole)


def _joined(chunks: Sequence[Wire]) -> list[Wire]:
    """Return the chunks with all text in the place of its first piece."""
    texts = [chunk.content for chunk in chunks if _is_text(chunk)]
    first = next((index for index, chunk in enumerate(chunks) if _is_text(chunk)), len(chunks))
    said: list[Wire] = [ContentChunk("".join(texts))] if texts else []
    return [*chunks[:first], *said, *(chunk for chunk in chunks[first:] if not _is_text(chunk))]


def _is_text(chunk: Wire) -> TypeGuard[ContentChunk]:
    return isinstance(chunk, ContentChunk) and chunk.urls is chunk.data is msgspec.UNSET


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value}


def _own(key: str | dict[str, str] | None, provider: Provider) -> str | dict[str, str] | None:
    """Return the key for this provider alone; a list of providers takes its own out of the map itself."""
    return key.get(provider.__name__) if isinstance(key, dict) and not isinstance(provider, IterListProvider) else key


def _state(api: Api, body: Conversation, provider: Provider) -> JsonConversation | None:
    """Return the provider's state the client sent back, whether by provider name or alone."""
    state = body.conversation
    if isinstance(provider, IterListProvider) or not state:
        return JsonConversation(**state) if state else None
    if isinstance(own := state.get(provider.__name__), dict):
        state = own
    elif any(api.catalog.knows(name) for name in state):
        return None  # a map from providers to states, without one for this provider
    return JsonConversation(**state)


def _bearer(request: Request) -> str:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""
