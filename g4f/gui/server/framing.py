"""How a stream of chunks becomes bytes: JSON lines, server-sent events, or the answer's text alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from g4f.errors import ValidationError
from g4f.providers.wire import ContentChunk, PreviewChunk, Wire
from g4f.typing import Framing

_ENCODER = msgspec.json.Encoder()
_ACCEPT = {"application/x-ndjson": "ndjson", "application/jsonl": "ndjson", "text/plain": "text"}


def ndjson(chunks: Sequence[Wire]) -> bytes:
    """Return one JSON object and a line feed for each chunk; never a blank line."""
    return _ENCODER.encode_lines(chunks)


def sse(chunks: Sequence[Wire]) -> bytes:
    """Return one event for each chunk: its type, then one ``data:`` line."""
    return b"".join([b"event: %b\ndata: %b\n\n" % (_type(chunk).encode(), _ENCODER.encode(chunk)) for chunk in chunks])


def text(chunks: Sequence[Wire]) -> bytes:
    """Return what the chunks say to a reader of text alone."""
    return "".join([_text(chunk) for chunk in chunks]).encode("utf-8", "replace")


ENCODERS: dict[Framing, Callable[[Sequence[Wire]], bytes]] = {"ndjson": ndjson, "sse": sse, "text": text}


def negotiate(body: dict[str, Any], asked: str | None, accept: str, default: str) -> Framing:
    """Choose the framing a client can read; the first sign wins.

    ``asked`` is what the query or the header ``x-stream-framing`` names. Then come ``Accept``, the bodies of 2023
    (raw text), those of gpt4free's own provider and pages of any age (JSON lines), and last the server's default.
    """
    match asked:
        case "ndjson" | "sse" | "text":
            return asked
        case str(other) if other:
            raise ValidationError("A stream can be framed as ndjson, sse or text.", "framing")
    for kind, framing in _ACCEPT.items():
        if kind in accept:
            return framing  # type: ignore[return-value]  # the table holds framings only
    if "meta" in body or ("jailbreak" in body and "id" not in body):
        return "text"
    if "id" in body or "conversation_id" in body or {"media", "api_key"} <= body.keys():
        return "ndjson"
    if default == "auto":
        return "sse" if "text/event-stream" in accept else "ndjson"
    return "sse" if default == "sse" else "ndjson"


def _type(chunk: Wire) -> str:
    return str(chunk.get("type", "content")) if isinstance(chunk, dict) else str(chunk.__struct_config__.tag)


def _text(chunk: Wire) -> str:
    match chunk:
        case ContentChunk(content):
            return content
        case {"type": "content", "content": str(content)}:
            return content
        case PreviewChunk(preview) if preview.startswith("["):
            return preview
        case _:
            return ""
