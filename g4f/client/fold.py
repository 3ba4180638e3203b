"""The responses of one answer, folded into what OpenAI's objects say."""

from __future__ import annotations

from typing import Any

import msgspec

from g4f.client.cut import StopWords, without_fence
from g4f.client.request import Request
from g4f.client.stubs import (
    Audio,
    ChatCompletion,
    ChatCompletionChoice,
    ChatCompletionChunk,
    ChatCompletionDelta,
    ChatCompletionDeltaChoice,
    ChatCompletionMessage,
    ToolCall,
    UsageModel,
)
from g4f.providers.response import AudioResponse, BaseConversation, FinishReason, ProviderInfo, Reasoning, Response, ToolCalls, Usage

_BYTES_A_TOKEN = 4
"""For providers that do not count; always labelled as an estimate."""

Deltas = list[ChatCompletionDelta]


class Fold:
    """Take the responses of one request; ``name`` and ``created`` are the answer's id and time in seconds."""

    def __init__(self, request: Request, name: str, created: int) -> None:
        self.done = False
        self._request = request
        self._head: dict[str, Any] = {"id": name, "created": created, "model": request.model, "provider": request.provider.__name__}
        self._stop = StopWords(request.options.get("stop"))
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._tool_calls: list[ToolCall] | None = None
        self._audio: Audio | None = None
        self._conversation: BaseConversation | None = None
        self._usage: Usage | None = None
        self._reason = "stop"

    def take(self, response: str | Response) -> Deltas:
        """Return what a response shows; ``done`` says that the rest of the answer is not wanted."""
        match response:
            case FinishReason(reason):
                self._reason = reason
            case Usage():
                self._usage = response
            case ProviderInfo():
                known = response.get_dict()
                self._head |= {"model": known.get("model") or self._head["model"], "provider": known.get("name") or self._head["provider"]}
            case BaseConversation():
                self._conversation = response
            case Reasoning(token=str(token)) if token:
                self._reasoning.append(token)
                return [ChatCompletionDelta(reasoning=token)]
            case ToolCalls(calls):
                self._tool_calls = msgspec.convert(list(calls), list[ToolCall])
                return [ChatCompletionDelta(tool_calls=self._tool_calls)]
            case AudioResponse(data, transcript):
                self._audio = Audio(data=data, transcript=transcript)
                return self._shown(transcript or "")
            case _:
                return self._shown(self._stop.feed(str(response)))
        return []

    def end(self) -> Deltas:
        """Return what was held back because a stop word might have begun."""
        return [] if self.done else self._shown(self._stop.end())

    def chunk(self, delta: ChatCompletionDelta) -> ChatCompletionChunk:
        """Return a piece as the event that shows it."""
        return ChatCompletionChunk(choices=[ChatCompletionDeltaChoice(delta=delta)], **self._head)

    def last_chunk(self) -> ChatCompletionChunk:
        """Return the event that ends a stream."""
        choice = ChatCompletionDeltaChoice(delta=ChatCompletionDelta(), finish_reason=self._reason)
        return ChatCompletionChunk(choices=[choice], usage=self._counted(), conversation=self._conversation, **self._head)

    def completion(self) -> ChatCompletion:
        """Return the whole answer."""
        text = "".join(self._text)
        wanted = self._request.options.get("response_format")
        message = ChatCompletionMessage(
            content=without_fence(text) if isinstance(wanted, dict) and wanted.get("type") == "json_object" else text,
            reasoning="".join(self._reasoning) or None,
            tool_calls=self._tool_calls,
            audio=self._audio,
        )
        choice = ChatCompletionChoice(message=message, finish_reason=self._reason)
        return ChatCompletion(choices=[choice], usage=self._counted(), conversation=self._conversation, **self._head)

    def _shown(self, text: str) -> Deltas:
        if self._stop.found:
            self.done, self._reason = True, "stop"
        if not text:
            return []
        self._text.append(text)
        limit = self._request.max_chunks
        if limit is not None and len(self._text) >= limit and not self.done:
            self.done, self._reason = True, "length"
        return [ChatCompletionDelta(content=text)]

    def _counted(self) -> UsageModel:
        if self._usage is not None:
            counts = {name: value for name, value in self._usage.get_dict().items() if name in UsageModel.__struct_fields__}
            return UsageModel(**counts)
        prompt = _tokens("".join(str(message.get("content") or "") for message in self._request.messages))
        completion = _tokens("".join([*self._reasoning, *self._text]))
        return UsageModel(prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion, estimated=True)


def _tokens(text: str) -> int:
    return -(-len(text.encode(errors="replace")) // _BYTES_A_TOKEN)
