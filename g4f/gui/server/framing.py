"""How a stream of chunks becomes bytes: JSON lines, server-sent events, or the answer's text alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from g4f.errors import ValidationError
from g4f.providers.chunks import UNWRITABLE, text_of
from g4f.providers.wire import Wire
from g4f.services.live import Event
from g4f.sse import encode_comment, encode_event
from g4f.typing import Framing

_ENCODER = msgspec.json.Encoder()
_LINE_ENDS = ((b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"), (b"\xc2\x85", b"\\u0085"))
"""Characters JSON may hold as they are, and at which many programs end a line."""


def ndjson(chunks: Sequence[Wire]) -> bytes:
    """Return one JSON object and a line feed for each chunk; never a blank line."""
    return _one_line(_ENCODER.encode_lines(chunks))


def sse(chunks: Sequence[Wire]) -> bytes:
    """Return one event for each chunk: its type, then one ``data:`` line."""
    return b"".join([encode_event(_one_line(_ENCODER.encode(chunk)), _type(chunk)) for chunk in chunks])


def text(chunks: Sequence[Wire]) -> bytes:
    """Return what the chunks say to a reader of text alone."""
    return "".join([text_of(chunk) for chunk in chunks]).encode("utf-8", "replace")


def ndjson_log(events: Sequence[Event]) -> bytes:
    """Return the chunks of events, one a line."""
    return _one_line(b"".join([line for event in events for line in (event.data, b"\n")]))


def sse_log(events: Sequence[Event]) -> bytes:
    """Return events with their numbers as ids, by which a reader that was cut off goes on; for none, a sign of life."""
    return b"".join([_numbered(event) for event in events]) or encode_comment()


def text_log(events: Sequence[Event]) -> bytes:
    """Return what events say to a reader of text alone."""
    return text([event.chunk() for event in events])


def _numbered(event: Event) -> bytes:
    return encode_event(_one_line(event.data), _name(event.type), event.number or None)


Encode = Callable[[Sequence[Any]], bytes]

_FRAMINGS: Mapping[Framing, Encode] = {"ndjson": ndjson, "sse": sse, "text": text}
_LOG_FRAMINGS: Mapping[Framing, Encode] = {"ndjson": ndjson_log, "sse": sse_log, "text": text_log}


def encoder(framing: Framing, *, logged: bool = False) -> Encode:
    """Return what encodes batches of chunks, or of events of a log.

    What a plug-in yielded and JSON cannot hold is replaced by a chunk that says so.
    """
    if logged:
        return _LOG_FRAMINGS[framing]
    frame = _FRAMINGS[framing]

    def encode(chunks: Sequence[Wire]) -> bytes:
        try:
            return frame(chunks)
        except (TypeError, ValueError):
            return frame([UNWRITABLE]) if len(chunks) == 1 else b"".join([encode([chunk]) for chunk in chunks])

    return encode


def negotiate(body: dict[str, Any], asked: str | None, accept: str, default: str, *, legacy: bool = False) -> Framing:
    """Choose the framing a client can read; the first sign wins.

    ``asked`` is what the query or the header ``x-stream-framing`` names. Then come an ``Accept`` that asks for one alone, the
    bodies of 2023 (raw text), those of gpt4free's own provider and pages of any age (JSON lines), an ``Accept`` of
    server-sent events, and last the server's default.
    """
    match asked:
        case "ndjson" | "sse" | "text":
            return asked
        case str(other) if other:
            raise ValidationError("A stream can be framed as ndjson, sse or text.", "framing")
    if "application/x-ndjson" in accept or "application/jsonl" in accept:
        return "ndjson"
    if accept.partition(";")[0].strip() == "text/plain" or legacy:
        return "text"
    if "id" in body or "conversation_id" in body or {"media", "api_key"} <= body.keys():
        return "ndjson"
    return "sse" if "text/event-stream" in accept or default == "sse" else "ndjson"


def _one_line(data: bytes) -> bytes:
    if b"\xe2\x80" in data or b"\xc2\x85" in data:
        for raw, escaped in _LINE_ENDS:
            data = data.replace(raw, escaped)
    return data


def _type(chunk: Wire) -> str:
    return _name(str(chunk.get("type")) if isinstance(chunk, dict) else str(chunk.__struct_config__.tag))


def _name(kind: str) -> str:
    """Return the name of an event; another server may have sent anything as the type of its chunk."""
    return kind if kind.replace("_", "").isalnum() and kind.isascii() else "message"
