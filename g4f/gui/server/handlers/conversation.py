"""Ask a model and stream what it answers."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, Literal

from flask import Request
from msgspec import Struct

from g4f.errors import G4FError, MalformedRequestError, ValidationError
from g4f.gui.server.api import Api
from g4f.gui.server.conversation import Conversation
from g4f.gui.server.framing import negotiate
from g4f.gui.server.handlers.asking import Asking, answering, bearer_of, question_of, search_of
from g4f.gui.server.handlers.raw_text import Chunks, first_text
from g4f.gui.server.handlers.runs import ask_in_chat
from g4f.gui.server.pieces import in_one_piece
from g4f.gui.server.principal import Principal
from g4f.gui.server.streams import Stream
from g4f.gui.server.uploads import attach
from g4f.requests import check_public_url
from g4f.services.grounding import Grounds
from g4f.services.references import refers
from g4f.typing import Framing


class FramingQuery(Struct, frozen=True):
    """Choose how the stream is cut: ``ndjson``, ``sse`` or ``text``."""

    framing: Literal["ndjson", "sse", "text", ""] = ""


def handle_conversation(
    api: Api, body: Conversation, query: FramingQuery, principal: Principal, request: Request
) -> Stream | Coroutine[Any, Any, Stream]:
    """Answer a conversation as a stream of chunks.

    402 and 429 when a budget or a limit is reached; 503 while nothing can be stored: what could not be recorded is not asked.
    """
    api.require_storage()
    asked = query.framing or request.headers.get("x-stream-framing")
    accept, legacy = request.headers.get("Accept", ""), body.is_legacy(body.wire)
    framing = negotiate(body.wire, asked, accept, api.settings.stream_framing, legacy=legacy)
    messages, media = attach(body.history(), request)
    asking = Asking(body, messages, media, principal.owner_id, request.environ["g4f.request_id"], bearer_of(request))
    if body.chat_id is not None:
        return ask_in_chat(api, asking, framing, request.headers.get("Idempotency-Key"))
    if not messages and not body.prompt:
        raise ValidationError("A conversation needs at least one message.", "messages")
    urls = request.form.getlist("media_url") if media else []
    if framing == "text" or urls or api.admission.limited or not (body.provider or api.catalog.fresh):
        return _begun(api, asking, framing, urls)
    return Stream(_ask(api, asking), framing)


def _ask(api: Api, asking: Asking, *, raise_first: bool = False) -> Chunks:
    """Choose who answers, and return the answer's chunks; nothing is asked before they are read."""
    model, provider = answering(api, asking.body)
    ask, search = question_of(api, asking, provider, model), search_of(asking.body)
    grounds = Grounds(asking.owner_id, api.catalog.window(provider.__name__, model), search)
    grounded = search or refers(asking.messages)
    answer = api.grounding.answer(grounds, asking.messages, ask) if grounded else ask(asking.messages)
    asked = asking.of(provider, model)
    chunks = api.relays.relay(asked, api.admission.admit(asked, answer), raise_first=raise_first)
    return chunks if asking.body.streamed else in_one_piece(chunks)


async def _begun(api: Api, asking: Asking, framing: Framing, urls: Sequence[str]) -> Stream:
    """Wait for what has to be known first: who can be asked, whether media may be fetched, whether raw text begins well."""
    if not asking.body.provider:
        await api.catalog.freshen()
    model, provider = answering(api, asking.body)
    await api.admission.check(asking.of(provider, model))
    for url in urls:
        try:
            await check_public_url(url)
        except G4FError:
            raise MalformedRequestError(
                "Invalid or disallowed media_url: it has to be a public http or https address.", "media_url"
            ) from None
    chunks = _ask(api, asking, raise_first=framing == "text")
    return Stream(await first_text(chunks), framing) if framing == "text" else Stream(chunks, framing)
