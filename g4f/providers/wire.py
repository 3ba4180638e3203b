"""The wire form of every response: one JSON object, told apart by its ``type``."""

from __future__ import annotations

from typing import Any, TypeVar

from msgspec import UNSET, Struct, UnsetType

from g4f.typing import Reason

T = TypeVar("T")


class ProviderCard(Struct, frozen=True):
    """Name who answers."""

    name: str
    url: str | None = None
    label: str | None = None
    model: str | None = None


class Finish(Struct, frozen=True):
    """Say why the answer ended."""

    reason: Reason


class Speech(Struct, frozen=True):
    """Say with which provider and parameters the answer can be spoken."""

    provider: str
    data: dict[str, Any]


class _Chunk(Struct, frozen=True, tag_field="type", gc=False):
    """Be one JSON object of a stream."""


class ContentChunk(_Chunk, frozen=True, tag="content"):
    """Append text; with ``urls`` it is the text form of media, described by ``alt``."""

    content: str
    urls: list[str] | UnsetType = UNSET
    alt: str | UnsetType = UNSET
    data: str | UnsetType = UNSET


class ProviderChunk(_Chunk, frozen=True, tag="provider"):
    """Say who answers from here on; may repeat."""

    provider: ProviderCard


class ParametersChunk(_Chunk, frozen=True, tag="parameters"):
    """Show example values of the arguments the provider takes."""

    parameters: dict[str, Any]


class ReasoningChunk(_Chunk, frozen=True, tag="reasoning"):
    """Give a piece of thinking in ``token``, or say how it goes."""

    token: str | UnsetType | None = UNSET
    label: str | UnsetType | None = UNSET
    status: str | UnsetType | None = UNSET
    is_thinking: str | UnsetType | None = UNSET


class ConversationChunk(_Chunk, frozen=True, tag="conversation"):
    """Give the provider's state, by provider name, to send back with the next turn."""

    conversation: dict[str, Any]


class FinishChunk(_Chunk, frozen=True, tag="finish"):
    """Say why the answer ended; exactly one in each stream."""

    finish: Finish


class UsageChunk(_Chunk, frozen=True, tag="usage"):
    """Count the tokens of the answer; ``estimated`` inside says that the provider did not, and ``estimated_by`` how we did."""

    usage: dict[str, Any]
    model: str | None = None
    provider: str | None = None


class TitleChunk(_Chunk, frozen=True, tag="title"):
    """Name the conversation."""

    title: str


class PreviewChunk(_Chunk, frozen=True, tag="preview"):
    """Show something that a later chunk replaces."""

    preview: str
    urls: list[str] | UnsetType = UNSET
    alt: str | UnsetType = UNSET


class SynthesizeChunk(_Chunk, frozen=True, tag="synthesize"):
    """Say how the answer can be spoken."""

    synthesize: Speech


class SuggestionsChunk(_Chunk, frozen=True, tag="suggestions"):
    """Offer questions that may come next."""

    suggestions: list[str]


class VariantChunk(_Chunk, frozen=True, tag="variant"):
    """Say that another answer to the same question follows."""

    variant: str


class ContinueChunk(_Chunk, frozen=True, tag="continue", rename={"continue_": "continue"}):
    """Say that the answer can be continued, and from where."""

    continue_: str


class ToolCallsChunk(_Chunk, frozen=True, tag="tool_calls"):
    """Ask the client to run tools, in OpenAI's form."""

    tool_calls: list[dict[str, Any]]


class RunCard(Struct, frozen=True):
    """Name a durable run and its places in the chat: the answer ``message_id`` to the question ``parent_id``."""

    id: str
    chat_id: str
    message_id: str
    parent_id: str


class RunChunk(_Chunk, frozen=True, tag="run"):
    """Begin a durable run."""

    run: RunCard


class Source(Struct, frozen=True):
    """Be what ``[number]`` in the answer means: a passage of a file, or a page of the web at ``url``."""

    number: int
    title: str
    text: str = ""
    page: int | None = None
    url: str | None = None
    file_id: str | None = None
    passage: int | None = None


class SourcesChunk(_Chunk, frozen=True, tag="sources"):
    """List what the answer may cite; comes before its text."""

    sources: list[Source]


class RequestChunk(_Chunk, frozen=True, tag="request"):
    """Show what was sent to the provider; only with ``debug_mode``."""

    request: dict[str, Any]


class ResponseChunk(_Chunk, frozen=True, tag="response"):
    """Show what the provider sent; only with ``debug_mode``."""

    response: dict[str, Any]


class HeadersChunk(_Chunk, frozen=True, tag="headers"):
    """Show the provider's headers; only with ``debug_mode``."""

    headers: dict[str, Any]


class LogChunk(_Chunk, frozen=True, tag="log"):
    """Give lines of the log; only with ``debug_mode``."""

    log: str


class MessageChunk(_Chunk, frozen=True, tag="message"):
    """Say what went wrong without ending the answer; ``error`` is the error's name.

    ``code`` and ``values`` are what the message says, for who says it in another language.
    """

    message: str
    error: str
    code: str | UnsetType = UNSET
    values: dict[str, Any] | UnsetType = UNSET


class ErrorChunk(_Chunk, frozen=True, tag="error"):
    """Say what ended the answer; ``error`` is the error's name, and ``values`` are those in the message."""

    error: str
    message: str
    code: str
    request_id: str
    values: dict[str, Any] | UnsetType = UNSET


class AuthChunk(_Chunk, frozen=True, tag="auth"):
    """Say that the provider wants a key, or refused the one it got; ``values`` are those in the message."""

    auth: str
    error: str
    message: str
    code: str
    request_id: str
    values: dict[str, Any] | UnsetType = UNSET


Chunk = (
    ContentChunk | ProviderChunk | ParametersChunk | ReasoningChunk | ConversationChunk | FinishChunk | UsageChunk | TitleChunk
    | PreviewChunk | SynthesizeChunk | SuggestionsChunk | VariantChunk | ContinueChunk | ToolCallsChunk | RequestChunk | ResponseChunk
    | HeadersChunk | LogChunk | MessageChunk | ErrorChunk | AuthChunk | RunChunk
    | SourcesChunk
)  # fmt: skip
Wire = Chunk | dict[str, Any]
"""A chunk of ours, or one passed on from another gpt4free server with whatever it holds."""


class Ending(list[T]):
    """Be the batch of chunks or events that a stream ends with: nothing follows it."""


DEBUG_CHUNKS = (RequestChunk, ResponseChunk, HeadersChunk, LogChunk)
