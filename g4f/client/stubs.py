"""What the client returns: OpenAI's objects, with the fields gpt4free adds.

https://platform.openai.com/docs/api-reference/chat/object
"""

from __future__ import annotations

import base64
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from g4f.providers.response import BaseConversation


class OpenaiObject(Struct, frozen=True, kw_only=True):
    """Be one of OpenAI's objects."""

    def model_dump(self) -> dict[str, Any]:
        """Return plain values, under the name OpenAI's own client gives this."""
        plain: dict[str, Any] = msgspec.to_builtins(self, enc_hook=_plain)
        return plain

    def model_dump_json(self) -> str:
        """Return JSON."""
        return msgspec.json.encode(self, enc_hook=_plain).decode()


class UsageModel(OpenaiObject, frozen=True):
    """Count tokens; ``estimated`` says that the provider did not and that these are UTF-8 bytes divided by four."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    prompt_tokens_details: dict[str, Any] | None = None
    completion_tokens_details: dict[str, Any] | None = None
    estimated: bool = False


class ToolFunction(OpenaiObject, frozen=True):
    """Name a tool and give its arguments as JSON text."""

    name: str
    arguments: str = "{}"


class ToolCall(OpenaiObject, frozen=True):
    """Ask the caller to run a tool."""

    id: str
    function: ToolFunction
    type: str = "function"


class Audio(OpenaiObject, frozen=True):
    """Give speech as a data URI or an address, and what is said in it."""

    data: str
    transcript: str | None = None


class ChatCompletionMessage(OpenaiObject, frozen=True):
    """Be the answer."""

    role: Literal["assistant"] = "assistant"
    content: str = ""
    reasoning: str | None = None
    tool_calls: list[ToolCall] | None = None
    audio: Audio | None = None

    def save(self, path: str | PathLike[str]) -> None:
        """Write the speech, where the answer is spoken, else the text."""
        if self.audio is not None and self.audio.data.startswith("data:"):
            Path(path).write_bytes(base64.b64decode(self.audio.data.partition(",")[2]))
        else:
            Path(path).write_text(self.content, encoding="utf-8")


class ChatCompletionChoice(OpenaiObject, frozen=True):
    """Hold the answer and why it ended."""

    message: ChatCompletionMessage
    finish_reason: str = "stop"
    index: int = 0


class ChatCompletion(OpenaiObject, frozen=True):
    """Be a whole answer; ``created`` is in seconds since 1970."""

    id: str
    created: int
    model: str
    provider: str
    choices: list[ChatCompletionChoice]
    usage: UsageModel
    conversation: BaseConversation | None = None
    object: Literal["chat.completion"] = "chat.completion"


class ChatCompletionDelta(OpenaiObject, frozen=True):
    """Be a piece of an answer; ``content`` is None where the piece holds no text, as in the last one."""

    role: Literal["assistant"] = "assistant"
    content: str | None = None
    reasoning: str | None = None
    tool_calls: list[ToolCall] | None = None


class ChatCompletionDeltaChoice(OpenaiObject, frozen=True):
    """Hold a piece and, in the last chunk, why the answer ended."""

    delta: ChatCompletionDelta
    finish_reason: str | None = None
    index: int = 0


class ChatCompletionChunk(OpenaiObject, frozen=True):
    """Be one event of a streamed answer; the last one carries the finish reason and the usage."""

    id: str
    created: int
    model: str
    provider: str
    choices: list[ChatCompletionDeltaChoice]
    usage: UsageModel | None = None
    conversation: BaseConversation | None = None
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"


class Image(OpenaiObject, frozen=True):
    """Be one image: an address or data URI, or its data in base64."""

    url: str | None = None
    b64_json: str | None = None
    revised_prompt: str | None = None


class ImagesResponse(OpenaiObject, frozen=True):
    """Be the images of one request."""

    created: int
    model: str
    provider: str
    data: list[Image]


def _plain(value: Any) -> Any:
    if isinstance(value, BaseConversation):
        return value.get_dict()
    raise TypeError(f"{type(value).__name__} has no plain form.")
