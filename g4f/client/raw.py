"""What another gpt4free server passed on, as the responses it stands for."""

from __future__ import annotations

from g4f.errors import MissingAuthError, ResponseError
from g4f.providers.response import FinishReason, JsonConversation, ProviderInfo, RawResponse, Reasoning, Response, ToolCalls, Usage


def opened(item: str | Response) -> str | Response:
    """Return the response that a raw chunk stands for, and anything else as it is; raises what an error chunk says."""
    if not isinstance(item, RawResponse):
        return item
    match item.get_dict():
        case {"type": "content", "content": str(text)}:
            return text
        case {"type": "reasoning", **fields}:
            known = ("token", "label", "status", "is_thinking")
            return Reasoning(**{name: fields[name] for name in known if isinstance(fields.get(name), str)})
        case {"type": "tool_calls", "tool_calls": list(calls)}:
            return ToolCalls(calls)
        case {"type": "finish", "finish": {"reason": str(reason)}}:
            return FinishReason(reason)
        case {"type": "usage", "usage": dict(counts)}:
            return Usage(**counts)
        case {"type": "provider", "provider": dict(info)}:
            return ProviderInfo(**info)
        case {"type": "conversation", "conversation": dict(state)}:
            return JsonConversation(**state)
        case {"type": "auth", **fields}:
            raise MissingAuthError(str(fields.get("message") or "The far server's provider wants a key."))
        case {"type": "error", **fields}:
            raise ResponseError(str(fields.get("message") or fields.get("error") or "The far server gave no reason."))
        case _:
            return item
