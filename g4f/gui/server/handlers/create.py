"""Ask a question in an address, and get the answer as text."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, get_args

import msgspec
from flask import Request, Response
from msgspec import UNSET, Struct

from g4f import aio
from g4f.errors import ForbiddenError, ValidationError
from g4f.gui.server.api import Api
from g4f.gui.server.conversation import Conversation
from g4f.gui.server.handlers.conversation import FramingQuery, handle_conversation
from g4f.gui.server.principal import Principal
from g4f.gui.server.streams import ByteStream
from g4f.providers.chunks import text_of
from g4f.providers.wire import ContentChunk, FinishChunk, Wire
from g4f.typing import Reason

_TEXT = "text/plain; charset=utf-8"
_OPENING = re.compile(r"```[^`]*$")
_CUT = frozenset(f"[{reason}]" for reason in get_args(Reason))
_YES, _NO = ("true", "1"), ("", "false", "0")


class CreateQuery(Struct, frozen=True):
    """Ask ``prompt`` of a model.

    ``web_search`` searches first: ``true``, or what to search for. ``filter_markdown`` gives the first code block alone:
    ``true``, or its language; ``json`` the first JSON. ``cache`` is a name under which the answer is kept for its asker.
    """

    prompt: str = ""
    model: str = ""
    provider: str = ""
    audio_provider: str = ""
    web_search: str = ""
    filter_markdown: str = ""
    json: str = ""
    cache: str = ""
    stream: str = "true"
    audio: str = ""

    @property
    def asked(self) -> dict[str, str]:
        """Return what decides the answer."""
        return {name: value for name in self.__struct_fields__ if name not in ("cache", "stream") and (value := getattr(self, name))}

    def body(self) -> Conversation:
        """Return the conversation that asks it."""
        search: Any = True if self.web_search in _YES else self.web_search
        fields: dict[str, Any] = {"messages": [{"role": "user", "content": self.prompt}], "model": self.model}
        fields["provider"] = self.provider or self.audio_provider or None
        if self.web_search not in _NO:
            fields["web_search"] = search
        if self.audio in _YES:
            fields["audio"] = {}
        try:
            return Conversation.from_wire(fields)
        except msgspec.ValidationError as error:
            raise ValidationError(f"{error}.") from None


async def create(api: Api, principal: Principal, query: CreateQuery, request: Request) -> ByteStream | Response:
    """Answer a prompt as plain text, an image as its address; a reason to end other than ``stop`` follows in brackets.

    402 when a budget is spent, 403 for a page of another site, 404 for a model or provider that is not there, 429 for too many
    answers, 502 and 504 when the provider fails, 503 without the storage.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise ForbiddenError("A page of another site may not ask a question that costs; open the address yourself.", "Sec-Fetch-Site")
    if not query.prompt:
        raise ValidationError("Say in prompt what is asked.", "prompt")
    if query.cache and (kept := await asyncio.to_thread(api.created.get, principal.owner_id, query.cache, query.asked)) is not None:
        return Response(kept, 200, content_type=_TEXT)
    answer = handle_conversation(api, query.body(), FramingQuery("text"), principal, request)
    stream = await answer if inspect.isawaitable(answer) else answer
    pieces = _pieces(stream.chunks)
    if not (query.cache or query.filter_markdown not in _NO or query.json not in _NO or query.stream in _NO):
        return ByteStream(_encoded(pieces), (("Content-Type", _TEXT),))
    said = [piece async for piece in pieces]
    text = _filtered("".join(said), query)
    if query.cache and said and said[-1] not in _CUT:
        await asyncio.to_thread(api.created.put, principal.owner_id, query.cache, query.asked, text)
    return Response(text, 200, content_type=_TEXT)


async def _pieces(chunks: AsyncIterator[Sequence[Any]]) -> AsyncIterator[str]:
    """Yield what an answer says in text alone."""
    said = False
    try:
        async for batch in chunks:
            for chunk in batch:
                if piece := _said(chunk):
                    yield f"\n{piece}" if said and _is_media(chunk) else piece
                    said = True
    finally:
        await aio.close(chunks)


def _is_media(chunk: Wire) -> bool:
    return isinstance(chunk, ContentChunk) and chunk.urls is not UNSET


def _said(chunk: Wire) -> str:
    match chunk:
        case ContentChunk(urls=list(urls)):
            return "\n".join(urls)
        case FinishChunk(finish) if finish.reason != "stop":
            return f"[{finish.reason}]"
        case _:
            return text_of(chunk)


async def _encoded(pieces: AsyncIterator[str]) -> AsyncIterator[bytes]:
    try:
        async for piece in pieces:
            yield piece.encode("utf-8", "replace")
    finally:
        await aio.close(pieces)


def _filtered(text: str, query: CreateQuery) -> str:
    """Return the part that is wanted, the whole text if there is no such part."""
    if query.json not in _NO:
        return _json_in(text, "json" if query.json in _YES else query.json)
    if query.filter_markdown not in _NO:
        return _block_in(text, "" if query.filter_markdown in _YES else query.filter_markdown) or text
    return text


def _block_in(text: str, language: str) -> str | None:
    return next((block for name, block in _blocks(text) if not language or name == language.lower()), None)


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield the language and the text of each block, line by line: an answer may hold any number of fences."""
    name, lines = None, list[str]()
    for line in text.split("\n"):
        if name is None:
            name = _OPENING.match(line) and line[3:].strip().lower()
        elif line.rstrip(" \t") == "```":
            yield name, "".join(f"{each}\n" for each in lines)
            name, lines = None, []
        else:
            lines.append(line)


def _json_in(text: str, language: str) -> str:
    if (block := _block_in(text, language)) is not None:
        return block
    for opening, closing in ("{}", "[]"):
        found = text[text.find(opening) : text.rfind(closing) + 1]
        try:
            msgspec.json.decode(found)
        except (msgspec.DecodeError, RecursionError):
            continue
        return found
    return text
