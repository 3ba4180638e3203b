"""How a stream of chunks becomes bytes: JSON lines, server-sent events, or the answer's text alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from g4f.errors import ValidationError
from g4f.providers.chunks import text_of
from g4f.providers.wire import MessageChunk, Wire
from g4f.sse import encode_event
from g4f.typing import Framing

_ENCODER = msgspec.json.Encoder()
_LINE_ENDS = ((b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"), (b"\xc2\x85", b"\\u0085"))
"""Characters JSON may hold as they are, and at which many programs end a line."""
_CANNOT = "A part of the answer cannot be written as JSON and is left out."


def ndjson(chunks: Sequence[Wire]) -> bytes:
    """Return one JSON object and a line feed for each chunk; never a blank line."""
    return _one_line(_ENCODER.encode_lines(chunks))


def sse(chunks: Sequence[Wire]) -> bytes:
    """Return one event for each chunk: its type, then one ``data:`` line."""
    return b"".join([encode_event(_one_line(_ENCODER.encode(chunk)), _type(chunk)) for chunk in chunks])


def text(chunks: Sequence[Wire]) -> bytes:
    """Return what the chunks say to a reader of text alone."""
    return "".join([text_of(chunk) for chunk in chunks]).encode("utf-8", "replace")


Encode = Callable[[Sequence[Wire]], bytes]

_FRAMINGS: Mapping[Framing, Encode] = {"ndjson": ndjson, "sse": sse, "text": text}


def encoder(framing: Framing) -> Encode:
    """Return what encodes batches; what a plug-in yielded and JSON cannot hold is replaced by a chunk that says so."""
    frame = _FRAMINGS[framing]

    def encode(chunks: Sequence[Wire]) -> bytes:
        try:
            return frame(chunks)
        except (TypeError, ValueError):
            if len(chunks) == 1:
                return frame([MessageChunk(_CANNOT, "ValueError")])
            return b"".join([encode([chunk]) for chunk in chunks])

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
    """Return the name of a chunk's event; another server may have sent anything as one."""
    kind = str(chunk.get("type")) if isinstance(chunk, dict) else str(chunk.__struct_config__.tag)
    return kind if kind.replace("_", "").isalnum() and kind.isascii() else "message"
