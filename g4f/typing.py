"""The shapes that providers and clients exchange."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from os import PathLike
from typing import IO, TYPE_CHECKING, Any, Literal, TypedDict, TypeVar

if TYPE_CHECKING:
    from g4f.providers.response import Response

T = TypeVar("T")

ContentPart = dict[str, Any]
"""One part of a message: ``{"type": "text", "text"}``, ``{"type": "image_url", ...}``, ``{"bucket_id"}`` and so on."""


class Message(TypedDict, total=False):
    """One turn of a conversation in OpenAI's form."""

    role: str
    content: str | list[ContentPart] | None
    name: str
    tool_calls: list[dict[str, Any]]
    tool_call_id: str


Messages = list[Message]
"""A conversation, oldest turn first; the alias can be called like ``list``."""

ImageType = str | bytes | IO[bytes] | PathLike[str]
MediaListType = Sequence[tuple[ImageType, str | None]]
"""Media of the newest turn: pairs of data (bytes, data URI, URL, file or path) and file name."""

ApiKey = str | Mapping[str, str] | None
"""One key, or a map from provider name to key."""

AsyncResult = AsyncIterator["str | Response"]
CreateResult = Iterator["str | Response"]

Reason = Literal["stop", "length", "tool_calls", "content_filter", "error", "stopped", "interrupted"]
"""Why an answer ended: the first four are OpenAI's words; its reader stops it, a lost connection interrupts it."""

Framing = Literal["ndjson", "sse", "text"]
"""How a stream is cut on the wire: JSON lines, server-sent events, or the answer's text alone."""
