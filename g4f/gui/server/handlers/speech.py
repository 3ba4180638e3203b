"""Texts read aloud, and recordings written down."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from flask import Request
from msgspec import Meta, Struct

from g4f import aio
from g4f.errors import ForbiddenError, ValidationError
from g4f.gui.server.api import Api
from g4f.gui.server.bodies import MAX_INTEGER
from g4f.gui.server.handlers.chats import read_id
from g4f.gui.server.incoming import Chunks
from g4f.gui.server.multipart import parts
from g4f.gui.server.principal import Principal
from g4f.gui.server.served import Served, send_whole
from g4f.gui.server.streams import ByteStream
from g4f.providers.chunks import text_of
from g4f.services.live import Event
from g4f.services.speech import EngineInfo, Manner
from g4f.services.spoken import follow
from g4f.speech import Voice

Text = Annotated[str, Meta(max_length=64)]


class Spoken(Struct, frozen=True):
    """Ask for a text to be read aloud; what is empty is chosen, and ``speed`` is 1 for the usual one."""

    text: str = ""
    voice: Text = ""
    language: Text = ""
    speed: float = 1.0
    format: Text = ""


class SpokenRunQuery(Struct, frozen=True):
    """Choose who reads an answer aloud, how, and the event after which to begin."""

    engine: Text = ""
    voice: Text = ""
    language: Text = ""
    speed: float = 1.0
    format: Text = ""
    after: Annotated[int, Meta(ge=0, le=MAX_INTEGER)] = 0


class Engines(Struct, frozen=True):
    """List who can read aloud, the usual one first, and who can write down."""

    engines: Sequence[EngineInfo]
    transcribers: Sequence[str]


class Transcript(Struct, frozen=True):
    """Be what was said."""

    text: str


def get_engines(api: Api) -> Engines:
    """List the speech engines."""
    return Engines(api.speech.engines(), api.speech.transcribers())


async def get_voices(api: Api, provider: str) -> list[Voice]:
    """List the voices of an engine; 502 and 504 when it cannot be asked."""
    return list(await api.speech.voices(provider))


async def synthesize(api: Api, principal: Principal, provider: str, query: Spoken, request: Request) -> Served:
    """Read a text aloud; 413 and 422 for one that cannot be, 502 and 504 when the engine fails."""
    return await _say(api, principal, provider, query, request)


async def synthesize_body(api: Api, principal: Principal, provider: str, body: Spoken, request: Request) -> Served:
    """Read a text aloud that is too long for an address; 413 and 422 for one that cannot be, 502 and 504 when the engine fails."""
    return await _say(api, principal, provider, body, request)


async def speak_run(api: Api, principal: Principal, run_id: str, query: SpokenRunQuery, request: Request) -> ByteStream:
    """Read an answer aloud while it is still being written; 422, 502, 503 and 504 as for a text."""
    _require_own(request)
    events = await api.runs.follow(principal.owner_id, read_id(run_id), query.after)
    manner = Manner(query.voice, query.language, query.speed, query.format)
    stream = await api.speech.read(principal.owner_id, query.engine, follow(_texts(events)), manner)
    return ByteStream(stream, (("Content-Type", stream.media_type),))


async def transcribe(api: Api, incoming: Chunks, request: Request) -> Transcript:
    """Write down the recording in the field `file` of a form; 501 when nothing is set up for it, 502 and 504 when that fails."""
    language = ""
    async for part in parts(incoming, request.headers.get("Content-Type", "")):
        if part.filename is not None:
            return Transcript(await api.speech.transcribe(part.chunks, part.filename, language))
        if part.name == "language":
            language = (b"".join([chunk async for chunk in part.chunks]))[:64].decode("utf-8", "replace")
    raise ValidationError("Send the recording in the field `file`.", "file")


async def _say(api: Api, principal: Principal, engine: str, spoken: Spoken, request: Request) -> Served:
    _require_own(request)
    manner = Manner(spoken.voice, spoken.language, spoken.speed, spoken.format)
    stream = await api.speech.synthesize(principal.owner_id, engine, spoken.text, manner)
    kept = ("Cache-Control", "private, max-age=604800")
    if request.method != "HEAD" and "Range" not in request.headers:
        return ByteStream(stream, (("Content-Type", stream.media_type), kept, ("Accept-Ranges", "bytes")))
    return send_whole(request, stream.media_type, b"".join([block async for block in stream]), kept)


async def _texts(events: AsyncIterator[Sequence[Event]]) -> AsyncIterator[str]:
    try:
        async for batch in events:
            for event in batch:
                if text := text_of(event.chunk()):
                    yield text
    finally:
        await aio.close(events)


def _require_own(request: Request) -> None:
    """Refuse what a page of another site asks for, even by a link: reading aloud costs."""
    if request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
        raise ForbiddenError("Only a page of this server may have texts read aloud.")
