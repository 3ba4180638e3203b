"""Durable runs: asking in a chat of the server, following, stopping."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from hashlib import sha256
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from flask import Request
from msgspec import Meta, Struct
from uuid_utils.compat import uuid7

from g4f import aio
from g4f.db.storage import storable
from g4f.errors import ValidationError
from g4f.gui.server.api import Api
from g4f.gui.server.bodies import MAX_INTEGER
from g4f.gui.server.conversation import Conversation
from g4f.gui.server.handlers.asking import Asking, answering, question_of, search_of
from g4f.gui.server.handlers.chats import read_id
from g4f.gui.server.handlers.raw_text import first_text
from g4f.gui.server.pieces import in_one_piece
from g4f.gui.server.principal import Principal
from g4f.gui.server.streams import Stream
from g4f.providers.base_provider import Batch
from g4f.providers.wire import Wire
from g4f.services.follow import RunInfo
from g4f.services.grounding import Grounds
from g4f.services.live import Event
from g4f.services.questions import Action, Begun, Question
from g4f.services.references import parts_of, reference_of, refers, text_of
from g4f.services.tally import Asked
from g4f.typing import Framing, Message, Messages

LONGEST_KEY = 255
NO_MEDIA = "A chat of the server keeps text and files: upload pictures, and refer to them by file_id."


class EventsQuery(Struct, frozen=True):
    """Choose the event after which to begin, and how the stream is cut."""

    after: Annotated[int, Meta(ge=0, le=MAX_INTEGER)] = 0
    framing: Literal["ndjson", "sse"] = "sse"


async def get_events(api: Api, principal: Principal, run_id: str, query: EventsQuery, request: Request) -> Stream:
    """Stream the events of a run after a number, or after the one that ``Last-Event-ID`` names; 503 without the storage.

    The stream lasts as long as the run; one that has ended is given at once.
    """
    named = request.headers.get("Last-Event-ID", "")
    after = max(query.after, int(named) if named.isascii() and named.isdigit() and len(named) < 16 else 0)
    run = read_id(run_id)
    return _stream(run, await api.runs.follow(principal.owner_id, run, after), query.framing)


async def stop_run(api: Api, principal: Principal, run_id: str) -> RunInfo:
    """End a run at once, and say how it ended; 503 without the storage."""
    return await api.runs.stop(principal.owner_id, read_id(run_id))


async def ask_in_chat(api: Api, asking: Asking, framing: Framing, key: str | None) -> Stream:
    """Begin a durable run, or attach to the one that the same question began, and stream its events."""
    body = asking.body
    question = _question(asking, key)
    if not body.provider:
        await api.catalog.freshen()
    model, provider = answering(api, body)
    window = api.catalog.window(provider.__name__, model)
    question = msgspec.structs.replace(question, model=model, provider=provider.__name__, window=window)
    if question.action == "next" and refers(asking.messages):
        question = msgspec.structs.replace(question, files=await api.grounding.files_of(asking.owner_id, asking.messages[-1]))
    ask, search, asked = question_of(api, asking, provider, model), search_of(body), asking.of(provider, model)
    if api.admission.concerns(asked) and not await api.runs.knows(question):
        await api.admission.check(asked)

    def answer(begun: Begun, asked: Asked) -> AsyncIterator[Batch]:
        messages = begun.fitted.messages
        grounds = Grounds(asking.owner_id, window, search, begun.message_id)
        grounded = api.grounding.answer(grounds, messages, ask) if search or refers(messages) else ask(messages)
        return api.admission.admit(asked, grounded)

    begun = await api.runs.ask(question, asked, answer)
    events = await api.runs.follow(asking.owner_id, begun.run_id)
    if body.streamed and framing != "text":
        return _stream(begun.run_id, events, framing)
    chunks = await first_text(_chunks(events)) if framing == "text" else _chunks(events)
    return Stream(chunks if body.streamed else in_one_piece(chunks), framing, (("X-Run-Id", str(begun.run_id)),))


def _stream(run_id: UUID, events: AsyncIterator[Sequence[Event]], framing: Framing) -> Stream:
    return Stream(events, framing, (("X-Run-Id", str(run_id)),), logged=True)


def _question(asking: Asking, key: str | None) -> Question:
    body = asking.body
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise ValidationError(f"An Idempotency-Key has 1 to {LONGEST_KEY} characters.", "Idempotency-Key")
    if asking.media:
        raise ValidationError(NO_MEDIA, "files")
    action = _action(body)
    before, text = _said(asking.messages) if action == "next" else ([], "")
    if key is None and body.message_id is not None:
        key = f"message {body.message_id}"
    digest = sha256(msgspec.json.encode((body.wire, asking.messages), order="sorted")).hexdigest() if key else None
    assert body.chat_id is not None
    return Question(
        asking.owner_id, body.chat_id, body.parent_id, body.message_id or uuid7(), action, text, before, asking.request_id, "", "",
        key=key, digest=digest,
    )  # fmt: skip


def _action(body: Conversation) -> Action:
    match body.action:
        case "continue" | "variant":
            return body.action
        case _:
            return "next"


def _said(messages: Messages) -> tuple[Messages, str]:
    """Return the instructions, and the text of the newest message: the chat has all the others."""
    if not messages or messages[-1].get("role") != "user":
        raise ValidationError("Give the new message of the user; the chat has all the others.", "messages")
    before = [message for message in messages[:-1] if message.get("role") == "system"]
    return before, storable(_text(messages[-1]))


def _text(message: Message) -> str:
    said = [part for part in parts_of(message) if reference_of(part) is None]
    if not all(isinstance(part, str) or isinstance(part.get("text"), str) for part in said):
        raise ValidationError(NO_MEDIA, "messages")
    return text_of(message)


async def _chunks(events: AsyncIterator[Sequence[Event]]) -> AsyncIterator[Sequence[Wire]]:
    try:
        async for batch in events:
            yield [event.chunk() for event in batch]
    finally:
        await aio.close(events)
