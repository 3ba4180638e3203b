"""What a provider may yield beside plain text, under the names gpt4free programs import."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from g4f.providers.media import (
    AudioResponse,
    ImagePreview,
    ImageResponse,
    MediaResponse,
    VideoResponse,
    YouTubeResponse,
    format_image,
    format_images_markdown,
    format_link,
    quote_title,
    quote_url,
)
from g4f.providers.types import Fields, HiddenResponse, Response
from g4f.providers.wire import Source
from g4f.typing import Reason

__all__ = [
    "AttemptFailed", "AudioResponse", "AuthResult", "BaseConversation", "Citable", "ContinueResponse", "DebugResponse", "Fields",
    "FinishReason", "HeadersResponse", "HiddenResponse", "ImagePreview", "ImageResponse", "JsonConversation", "JsonRequest",
    "JsonResponse", "MediaResponse", "Notice", "Parameters", "PlainTextResponse", "PreviewResponse", "ProviderInfo", "RawResponse",
    "Reasoning", "RequestLogin", "Response", "SourceLink", "Sources", "SuggestedFollowups", "SynthesizeData", "TitleGeneration",
    "ToolCalls", "Usage", "VariantResponse", "VideoResponse", "YouTubeResponse", "format_image", "format_images_markdown",
    "format_link", "is_content", "known_reason", "quote_title", "quote_url",
]  # fmt: skip

_PROMPT = ("prompt_tokens", "input_tokens", "promptTokens", "promptTokenCount", "prompt", "inputTokens")
_COMPLETION = ("completion_tokens", "output_tokens", "completionTokens", "candidatesTokenCount", "outputTokens", "completion")
_TOTAL = ("total_tokens", "totalTokens", "totalTokenCount", "total")
_SPELLINGS = frozenset({*_PROMPT, *_COMPLETION, *_TOTAL})
_REASONS: dict[str, Reason] = {
    **{reason: reason for reason in get_args(Reason)},
    "function_call": "tool_calls",
    "max_tokens": "length",
    "safety": "content_filter",
    "tool_use": "tool_calls",
}


class RawResponse(Fields):
    """Pass on one wire object of another gpt4free server as it came, its ``type`` included."""

    def __str__(self) -> str:
        match self.get_dict():
            case {"type": "content", "content": str(text)}:
                return text
            case _:
                return ""


class JsonRequest(Fields):
    """Show the request that was sent to a provider; debugging only."""


class JsonResponse(Fields):
    """Show a raw object a provider sent; debugging only."""


class HeadersResponse(Fields):
    """Show the headers a provider answered with; debugging only."""


class ProviderInfo(Fields):
    """Announce an attempt: ``name``, ``url``, ``label`` of the provider and the ``model`` it is asked for."""


class Parameters(Fields):
    """Show example values of the arguments a provider takes."""


class BaseConversation(HiddenResponse):
    """Be a provider's state that the caller hands back with the next turn."""

    __slots__ = ()


class JsonConversation(Fields, BaseConversation):
    """Hold a provider's state as plain values."""


class AuthResult(Fields):
    """Hold what a provider's sign-in gave; never shown and never logged."""

    def __repr__(self) -> str:
        return "AuthResult(***)"


class Usage(Fields):
    """Count the tokens of an answer; the vendors' spellings all become OpenAI's.

    ``prompt_tokens`` includes cached tokens, ``completion_tokens`` includes reasoning, ``total_tokens`` is their sum
    unless the provider says otherwise. Other fields are kept as they came.
    """

    def __init__(self, /, **counts: Any) -> None:
        prompt, completion, total = _first(counts, _PROMPT), _first(counts, _COMPLETION), _first(counts, _TOTAL)
        if total is None and (prompt is not None or completion is not None):
            total = (prompt or 0) + (completion or 0)
        rest = {name: value for name, value in counts.items() if name not in _SPELLINGS}
        super().__init__(prompt_tokens=prompt, completion_tokens=completion, total_tokens=total, **rest)


@dataclass(frozen=True, slots=True)
class FinishReason(HiddenResponse):
    """Say why an answer ended: ``stop``, ``length``, ``tool_calls``, ``content_filter``, ``error`` and so on."""

    reason: str


@dataclass(frozen=True, slots=True)
class Reasoning(HiddenResponse):
    """Give a piece of thinking, or say how it goes; ``is_thinking`` is literally ``<think>`` or ``</think>``."""

    token: str | None = None
    label: str | None = None
    status: str | None = None
    is_thinking: str | None = None

    def get_dict(self) -> dict[str, Any]:
        """Return what is set; a status may be the empty text."""
        fields = {"token": self.token, "label": self.label, "status": self.status, "is_thinking": self.is_thinking}
        return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True, slots=True)
class AttemptFailed(HiddenResponse):
    """Say that an attempt failed before anything of it was shown; another one follows."""

    error: Exception
    provider: str = ""


@dataclass(frozen=True, slots=True)
class Notice(HiddenResponse):
    """Say what went wrong without ending the answer."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Citable(HiddenResponse):
    """List what the answer may cite as ``[number]``; the model was given so many ``characters`` of it."""

    sources: Sequence[Source]
    characters: int = 0


@dataclass(frozen=True, slots=True)
class ToolCalls(HiddenResponse):
    """Ask the caller to run tools, in OpenAI's form ``{"id", "type", "function": {"name", "arguments"}}``."""

    list: Sequence[dict[str, Any]]

    def get_list(self) -> Sequence[dict[str, Any]]:
        """Return the calls."""
        return self.list


@dataclass(frozen=True, slots=True)
class TitleGeneration(HiddenResponse):
    """Name the conversation."""

    title: str


@dataclass(frozen=True, slots=True)
class DebugResponse(HiddenResponse):
    """Give one line of a provider's log."""

    log: str


@dataclass(frozen=True, slots=True)
class SynthesizeData(HiddenResponse):
    """Give the parameters with which a provider speaks this answer."""

    provider: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SuggestedFollowups(HiddenResponse):
    """Offer questions that may come next."""

    suggestions: Sequence[str]


@dataclass(frozen=True, slots=True)
class RequestLogin(Response):
    """Ask the person to sign in at a provider's page."""

    label: str
    login_url: str

    def __str__(self) -> str:
        return format_link(self.login_url, f"Sign in: {self.label}") + "\n"


@dataclass(frozen=True, slots=True)
class PlainTextResponse(Response):
    """Give text that is shown as it is."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class PreviewResponse(HiddenResponse):
    """Give text that a later response replaces."""

    data: str


@dataclass(frozen=True, slots=True)
class VariantResponse(HiddenResponse):
    """Say that another answer to the same question follows."""

    log: str


@dataclass(frozen=True, slots=True)
class ContinueResponse(HiddenResponse):
    """Say that the answer can be continued, and from where."""

    log: str


@dataclass(frozen=True, slots=True)
class SourceLink(Response):
    """Cite one source inside the text."""

    title: str
    url: str

    def __str__(self) -> str:
        return f" {format_link(self.url, self.title)}"


@dataclass(frozen=True, slots=True)
class Sources(Response):
    """List the sources of an answer, each once, without tracking marks; each is ``{"url", "title"?}``."""

    list: Sequence[Mapping[str, str]]

    def __str__(self) -> str:
        return "\n\n" + "\n".join(f"> [{number}] {link}" for number, link in enumerate(self._links())) if self.list else ""

    def _links(self) -> Iterator[str]:
        unique = {_untracked(source["url"]): source.get("title") for source in self.list if source.get("url")}
        return (format_link(url, title) for url, title in unique.items())


def is_content(response: object) -> bool:
    """Return whether a response shows something, after which no other provider may be asked."""
    match response:
        case str(text):
            return bool(text)
        case Reasoning(token=token):
            return bool(token)
        case MediaResponse() | AudioResponse() | ToolCalls() | PlainTextResponse() | YouTubeResponse() | SourceLink() | Sources():
            return True
        case RawResponse():
            return response.get_dict().get("type") in {"content", "reasoning", "tool_calls"}
        case _:
            return False


def known_reason(reason: str) -> Reason:
    """Return why an answer ended, whatever word its provider has for it; a word of its own means that it is over."""
    return _REASONS.get(reason.lower(), "stop")


def _first(counts: Mapping[str, Any], names: Sequence[str]) -> int | None:
    return next((int(counts[name]) for name in names if isinstance(counts.get(name), (int, float))), None)


def _untracked(url: str) -> str:
    """Return the address without the pairs that tell where its reader came from; every other byte stays as it is."""
    rest, hash_mark, fragment = url.partition("#")
    path, mark, query = rest.partition("?")
    kept = "&".join(pair for pair in query.split("&") if pair.partition("=")[0] != "utm_source")
    return url if kept == query else path + (mark + kept if kept else "") + hash_mark + fragment
