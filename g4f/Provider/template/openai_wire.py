"""The objects of OpenAI's wire, only the fields we read, and what its errors mean.

https://platform.openai.com/docs/api-reference/chat/streaming, with the fields that vLLM, DeepSeek, OpenRouter, Mistral and
Groq add.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from g4f.errors import (
    BadRequestError,
    G4FError,
    MissingAuthError,
    ModelNotFoundError,
    PaymentRequiredError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
)

Part = dict[str, Any]


class Function(Struct, gc=False):
    """Name a tool and give a piece of its arguments; Ollama gives them as an object."""

    name: str | None = None
    arguments: str | dict[str, Any] | None = None


class ToolDelta(Struct, gc=False):
    """Give a piece of the call number ``index``."""

    index: int | None = None
    id: str | None = None
    function: Function | None = None


class Speech(Struct, gc=False):
    """Give speech in base64, and what is said in it."""

    data: str | None = None
    transcript: str | None = None


class Delta(Struct, gc=False):
    """Give a piece of the message, or all of it."""

    content: str | list[Part] | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    reasoning_details: list[Part] | None = None
    tool_calls: list[ToolDelta] | None = None
    images: list[Part | str] | None = None
    audio: Speech | None = None
    refusal: str | None = None


class Choice(Struct, gc=False):
    """Hold one answer: ``delta`` in a stream, ``message`` in a whole answer."""

    delta: Delta | None = None
    message: Delta | None = None
    finish_reason: str | None = None


class Chunk(Struct, gc=False):
    """Be one event of a stream, or a whole answer."""

    choices: list[Choice] | None = None
    usage: dict[str, Any] | None = None
    error: dict[str, Any] | str | None = None


def plain_text(chunk: Chunk) -> str:
    """Return the text of a chunk that holds nothing else; of any other the empty text."""
    if not chunk.choices or chunk.usage is not None or chunk.error is not None:
        return ""
    choice = chunk.choices[0]
    delta = choice.delta
    if (
        delta is None
        or delta.content.__class__ is not str
        or choice.finish_reason is not None
        or delta.reasoning_content is not None
        or delta.reasoning is not None
        or delta.tool_calls is not None
        or delta.images is not None
        or delta.audio is not None
    ):
        return ""
    return delta.content


def text_of(payload: bytes) -> str:
    """Return the text of an event that holds nothing else; of any other the empty text."""
    try:
        return plain_text(decode_chunk(payload))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


decode_chunk = msgspec.json.Decoder(Chunk).decode
decode_chunks = msgspec.json.Decoder(list[Chunk]).decode
decode_any = msgspec.json.Decoder().decode


def error_of(error: dict[str, Any] | str, speaker: str) -> G4FError:
    """Return our error for an error object inside an answer whose status was 200; ``speaker`` names the server."""
    fields = {"message": error} if isinstance(error, str) else error
    detail = str(fields.get("message") or "")
    message = f"{speaker} broke the answer off: {detail or 'no reason given'}"
    told = {"reason": "broke_off", "host": speaker, "detail": detail}
    match fields.get("code"), fields.get("type"):
        case (401 | 403 | "401" | "403" | "invalid_api_key", _) | (_, "authentication_error" | "permission_error"):
            return MissingAuthError(message, values=told)
        case (402 | "402" | "insufficient_quota", _) | (_, "insufficient_quota"):
            return PaymentRequiredError(message, values=told)
        case (429 | "429" | "rate_limit_exceeded", _) | (_, "rate_limit_error" | "rate_limit_exceeded"):
            return RateLimitError(message, values=told)
        case "model_not_found", _:
            return ModelNotFoundError(message, values=told)
        case (400 | 413 | 422 | "400" | "context_length_exceeded", _) | (_, "invalid_request_error"):
            return BadRequestError(message, 400, told)
        case int(status), _:
            return ResponseStatusError(message, status, told)
        case _:
            return ResponseError(message, values=told)
