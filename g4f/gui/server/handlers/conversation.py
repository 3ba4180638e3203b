"""Ask a model and stream what it answers."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any, Literal, TypeGuard

import msgspec
from flask import Request
from msgspec import Struct

from g4f import aio
from g4f.completion import complete
from g4f.errors import G4FError, MalformedRequestError, ValidationError
from g4f.gui.server.api import Api
from g4f.gui.server.conversation import Conversation
from g4f.gui.server.framing import negotiate, text
from g4f.gui.server.principal import Principal
from g4f.gui.server.streams import Stream
from g4f.gui.server.uploads import Media, attach
from g4f.providers.response import JsonConversation
from g4f.providers.wire import ContentChunk, Wire
from g4f.requests import Timeouts, check_public_url
from g4f.services.tally import Asked
from g4f.typing import Messages

Chunks = AsyncIterator[Sequence[Wire]]

_NOT_FOR_CALLERS = frozenset({"cookies", "headers", "proxies", "proxy", "public_only", "retries", "ssl", "timeout", "timeouts"})


class FramingQuery(Struct, frozen=True):
    """Choose how the stream is cut: ``ndjson``, ``sse`` or ``text``."""

    framing: Literal["ndjson", "sse", "text", ""] = ""


def handle_conversation(
    api: Api, body: Conversation, query: FramingQuery, principal: Principal, request: Request
) -> Stream | Coroutine[Any, Any, Stream]:
    """Answer a conversation as a stream of chunks."""
    request.environ["g4f.legacy"] = body.legacy
    asked_framing = query.framing or request.headers.get("x-stream-framing")
    framing = negotiate(body.wire, asked_framing, request.headers.get("Accept", ""), api.settings.stream_framing)
    messages, media = attach(body.history(), request)
    if not messages and not body.prompt:
        raise ValidationError("A conversation needs at least one message.", "messages")
    chunks = _ask(api, body, principal, request, messages, media, raise_first=framing == "text")
    stream = Stream(chunks if body.streamed else _in_one_piece(chunks), framing)
    urls = request.form.getlist("media_url") if media else []
    return _begun(stream, urls) if urls or framing == "text" else stream


def _ask(
    api: Api, body: Conversation, principal: Principal, request: Request, messages: Messages, media: Media, *, raise_first: bool
) -> Chunks:
    """Choose who answers, and return the answer's chunks; nothing is asked before they are read."""
    settings = api.settings
    model = body.model or settings.default_model
    provider = api.catalog.choose(body.provider or "", model, tuple(body.ignored or ()))
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    options: dict[str, Any] = {name: value for name, value in body.extra.items() if name not in _NOT_FOR_CALLERS}
    options |= {"stream": body.streamed, "timeouts": _timeouts(api), "debug_mode": body.debug_mode}
    options |= _given(
        api_key=body.api_key or bearer,
        base_url=body.base_url if provider.__name__ == "Custom" else None,
        conversation=_state(body, provider.__name__),
        media=[*((each[0], each[1]) for each in body.media or [] if len(each) == 2), *media],
        proxy=_proxy(api),
        prompt=body.prompt,
        action=body.action,
        ignored=body.ignored,
    )
    answer = complete(messages, model, provider, **options)
    size = sum(len(text) for turn in messages if isinstance(text := turn.get("content"), str))
    asked = Asked(principal.owner_id, request.environ["g4f.request_id"], model, provider.__name__, size, body.debug_mode)
    return api.runs.relay(asked, answer, raise_first=raise_first)


async def _begun(stream: Stream, urls: Sequence[str]) -> Stream:
    """Check the addresses of media; wait for the first text where an error could no longer be told apart from it."""
    for url in urls:
        try:
            await check_public_url(url)
        except G4FError:
            raise MalformedRequestError(
                "Invalid or disallowed media_url: it has to be a public http or https address.", "media_url"
            ) from None
    if stream.framing != "text":
        return stream
    first: list[Wire] = []
    async for batch in stream.chunks:
        first += batch
        if text(batch):
            break
    return Stream(_again(first, stream.chunks), "text")


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


def _state(body: Conversation, provider: str) -> JsonConversation | None:
    """Return the provider's state the client sent back, whether by provider name or alone."""
    state = body.conversation
    if state and isinstance(own := state.get(provider), dict):
        state = own
    return JsonConversation(**state) if state else None


def _proxy(api: Api) -> str | None:
    settings = api.settings
    pool = settings.proxies if settings.use_auto_proxy else ()
    return (secrets.choice(pool) if pool else settings.proxy).reveal() or None


def _timeouts(api: Api) -> Timeouts:
    settings = api.settings
    return Timeouts(settings.connect_timeout, settings.first_byte_timeout, settings.idle_timeout, settings.total_timeout)
