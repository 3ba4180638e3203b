"""Messages on their way to an OpenAI-compatible server: only what its API knows, media as parts of the newest question.

https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from g4f.errors import BadRequestError
from g4f.Provider.template.media import to_data_uri
from g4f.typing import ContentPart, MediaListType, Messages

_FIELDS = ("role", "content", "name", "tool_calls", "tool_call_id", "refusal", "audio", "reasoning_content", "reasoning_details")
_AUDIO = {"audio/wav": "wav", "audio/x-wav": "wav", "audio/mpeg": "mp3", "audio/mp3": "mp3"}

Wire = dict[str, Any]


async def to_wire(messages: Messages, media: MediaListType | None = None) -> list[Wire]:
    """Return the messages in OpenAI's form; ``media`` joins the last message of the user.

    Raises BadRequestError for what has no form there.
    """
    wire = [_message(message) for message in messages]
    if media:
        newest = next((message for message in reversed(wire) if message.get("role") == "user"), None)
        if newest is None:
            wire.append(newest := {"role": "user", "content": []})
        newest["content"] = [*_as_list(newest.get("content")), *[_media_part(await to_data_uri(data, name), name) for data, name in media]]
    return wire


def last_question(messages: Messages) -> str:
    """Return the text of the user's newest message."""
    newest = next((message for message in reversed(messages) if message.get("role") == "user"), None)
    parts = _as_list(newest.get("content")) if newest else []
    return "\n".join(part["text"] for part in map(_part, parts) if isinstance(part.get("text"), str))


def _message(message: Mapping[str, Any]) -> Wire:
    known = {field: message[field] for field in _FIELDS if message.get(field) is not None}
    if isinstance(content := known.get("content"), list):
        known["content"] = [_part(part) for part in content]
    return {"content": None, **known} if known.get("tool_calls") else known


def _as_list(content: str | list[Any] | None) -> list[Any]:
    return ([{"type": "text", "text": content}] if content else []) if not isinstance(content, list) else content


def _part(part: ContentPart | str) -> ContentPart:
    match part:
        case str(text):
            return {"type": "text", "text": text}
        case {"text": str(text), "name": str(name)}:
            return {"type": "text", "text": f"<!-- File: {name} -->\n{text}\n<-- End -->\n"}
        case {"type": _}:
            return part
        case {"text": str(text)}:
            return {"type": "text", "text": text}
        case {"image_url": image}:
            return {"type": "image_url", "image_url": image if isinstance(image, dict) else {"url": image}}
        case {"input_audio": _}:
            return {"type": "input_audio", **part}
    raise BadRequestError(f"A message holds a part that providers cannot read (its fields: {', '.join(sorted(part))[:200]}).")


def _media_part(uri: str, name: str | None) -> ContentPart:
    kind, _, data = uri.removeprefix("data:").partition(";base64,")
    if kind in _AUDIO:
        return {"type": "input_audio", "input_audio": {"data": data, "format": _AUDIO[kind]}}
    if uri.startswith("data:") and not kind.startswith("image/"):
        return {"type": "file", "file": {"filename": name or "file", "file_data": uri}}
    return {"type": "image_url", "image_url": {"url": uri}}
