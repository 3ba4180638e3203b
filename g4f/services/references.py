"""How messages refer to files: by bucket and name, as gpt4free's clients do, or by the id of a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from g4f.errors import ValidationError
from g4f.typing import ContentPart, Message

_INLINE = re.compile(r'\{[ \t\r\n]*"bucket_id"[ \t\r\n]*:[ \t\r\n]*"[^"\\\x00-\x1f\ud800-\udfff]*"[ \t\r\n]*\}')


class InBucket(NamedTuple):
    """Mean the files of a bucket, or the one of this name."""

    bucket: str
    name: str | None = None


class ById(NamedTuple):
    """Mean one file."""

    file_id: UUID


Reference = InBucket | ById


def refers(messages: Sequence[Message]) -> bool:
    """Return whether any message refers to files."""
    return any(reference_of(part) for message in messages for part in parts_of(message))


def parts_of(message: Message) -> Sequence[str | ContentPart]:
    """Return the parts of a message; a text with ``{"bucket_id": "..."}`` in it comes apart there, unless a model wrote it."""
    match message.get("content"):
        case str(text):
            return [*_apart(text)] if '"bucket_id"' in text and message.get("role") != "assistant" else [text]
        case [*parts]:
            return parts
        case _:
            return []


def reference_of(part: str | ContentPart) -> Reference | None:
    """Return what a part refers to, None for one that is said itself; raises ValidationError for what cannot be an id."""
    match part:
        case {"type": _}:
            return None
        case {"file_id": UUID() as file_id}:
            return ById(file_id)
        case {"file_id": str(written)}:
            return ById(_id(written))
        case {"bucket_id": str(bucket), "name": str(name)}:
            return InBucket(bucket, name)
        case {"bucket_id": str(bucket)}:
            return InBucket(bucket)
        case _:
            return None


def text_of(message: Message) -> str:
    """Return what is said in a message, without pictures, sound and references."""
    texts = [part if isinstance(part, str) else part.get("text") for part in parts_of(message)]
    return "\n".join(text for text in texts if isinstance(text, str) and text)


def _id(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        raise ValidationError("A file_id is written like 0190e8d0-5c1f-7000-8000-000000000001.", "messages") from None


def _apart(text: str) -> Iterator[str | ContentPart]:
    end = 0
    for found in _INLINE.finditer(text):
        yield text[end : found.start()]
        yield msgspec.json.decode(found[0])
        end = found.end()
    yield text[end:]
