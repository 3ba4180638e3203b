"""From what providers yield to what clients read."""

from __future__ import annotations

from typing import Any, TypeGuard

from msgspec import UNSET

from g4f.errors import G4FError, MissingAuthError
from g4f.providers.response import (
    AttemptFailed,
    AudioResponse,
    BaseConversation,
    Citable,
    ContinueResponse,
    DebugResponse,
    FinishReason,
    HeadersResponse,
    ImagePreview,
    JsonRequest,
    JsonResponse,
    MediaResponse,
    Notice,
    Parameters,
    PreviewResponse,
    ProviderInfo,
    RawResponse,
    Reasoning,
    RequestLogin,
    Response,
    SuggestedFollowups,
    SynthesizeData,
    TitleGeneration,
    ToolCalls,
    Usage,
    VariantResponse,
    known_reason,
)
from g4f.providers.types import HiddenResponse, error_text
from g4f.providers.wire import (
    AuthChunk,
    ContentChunk,
    ContinueChunk,
    ConversationChunk,
    ErrorChunk,
    Finish,
    FinishChunk,
    HeadersChunk,
    LogChunk,
    MessageChunk,
    ParametersChunk,
    PreviewChunk,
    ProviderCard,
    ProviderChunk,
    ReasoningChunk,
    RequestChunk,
    ResponseChunk,
    SourcesChunk,
    Speech,
    SuggestionsChunk,
    SynthesizeChunk,
    TitleChunk,
    ToolCallsChunk,
    UsageChunk,
    VariantChunk,
    Wire,
)

UNWRITABLE = MessageChunk("A part of the answer cannot be written as JSON and is left out.", "ValueError")
"""What is shown in the place of what a plug-in yielded and JSON cannot hold."""


def to_chunk(response: str | Response, provider: str = "") -> Wire | None:
    """Return the wire form of a response, None for a hidden one that has none.

    ``provider`` is the name a provider's state is kept under.
    """
    match response:
        case str(text):
            return ContentChunk(text)
        case ImagePreview():
            return PreviewChunk(response.alt, urls=response.get_list(), alt=response.alt)
        case MediaResponse():
            return ContentChunk(str(response), urls=response.get_list(), alt=response.alt)
        case AudioResponse():
            return ContentChunk(str(response), data=response.data)
        case Reasoning():
            return ReasoningChunk(**response.get_dict())
        case ProviderInfo():
            known = response.get_dict()
            return ProviderChunk(ProviderCard(known.get("name", ""), known.get("url"), known.get("label"), known.get("model")))
        case FinishReason(reason):
            return FinishChunk(Finish(known_reason(reason)))
        case ToolCalls():
            return ToolCallsChunk(list(response.list))
        case AttemptFailed(error) | Notice(error):
            return _message_chunk(error)
        case Usage():
            return UsageChunk(response.get_dict(), provider=provider or None)
        case BaseConversation():
            return ConversationChunk({provider: response.get_dict()})
        case TitleGeneration(title):
            return TitleChunk(title)
        case PreviewResponse(data):
            return PreviewChunk(data)
        case RequestLogin():
            return PreviewChunk(str(response))
        case _:
            return _rare_chunk(response)


def _rare_chunk(response: Response) -> Wire | None:
    match response:
        case SynthesizeData(name, data):
            return SynthesizeChunk(Speech(name, dict(data)))
        case SuggestedFollowups(suggestions):
            return SuggestionsChunk(list(suggestions))
        case VariantResponse(log):
            return VariantChunk(log)
        case Citable(sources):
            return SourcesChunk(list(sources))
        case ContinueResponse(log):
            return ContinueChunk(log)
        case Parameters():
            return ParametersChunk(response.get_dict())
        case JsonRequest():
            return RequestChunk(response.get_dict())
        case JsonResponse():
            return ResponseChunk(response.get_dict())
        case HeadersResponse():
            return HeadersChunk(response.get_dict())
        case DebugResponse(log):
            return LogChunk(log)
        case RawResponse():
            return response.get_dict()
        case HiddenResponse():
            return None
        case _:
            return ContentChunk(str(response))


def error_chunk(error: Exception, request_id: str) -> ErrorChunk | AuthChunk:
    """Return the chunk that says what ended an answer."""
    name, code = type(error).__name__, _code(error)
    if isinstance(error, MissingAuthError):
        return AuthChunk(name, name, error_text(error), code, request_id, _values(error) or UNSET)
    return ErrorChunk(name, error_text(error), code, request_id, _values(error) or UNSET)


def _message_chunk(error: Exception) -> MessageChunk:
    if values := _values(error):
        return MessageChunk(error_text(error), type(error).__name__, _code(error), values)
    return MessageChunk(error_text(error), type(error).__name__)


def _code(error: Exception) -> str:
    return error.code if isinstance(error, G4FError) else G4FError.code


def _values(error: Exception) -> dict[str, Any]:
    return error.values if isinstance(error, G4FError) else {"reason": "provider_failed"}


def is_plain(chunk: Wire) -> TypeGuard[ContentChunk]:
    """Return whether a chunk is text and nothing else, which can be joined with its neighbours."""
    return isinstance(chunk, ContentChunk) and chunk.urls is chunk.data is UNSET


def text_of(chunk: Wire) -> str:
    """Return what a chunk says to a reader of text alone."""
    match chunk:
        case ContentChunk(content):
            return content
        case {"type": "content", "content": str(content)}:
            return content
        case PreviewChunk(preview) if preview.startswith("["):
            return preview
        case _:
            return ""
