"""What a provider is asked with: what the caller gave, and what only this server decides."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Request
from msgspec import Struct

from g4f.completion import Provider, complete
from g4f.gui.server.api import Api
from g4f.gui.server.conversation import Conversation
from g4f.gui.server.uploads import Media
from g4f.providers.base_provider import Batch
from g4f.providers.response import JsonConversation
from g4f.providers.retry_provider import IterListProvider
from g4f.services.media import Drawn
from g4f.services.references import text_of as text_of_message
from g4f.services.tally import Asked, characters_of
from g4f.services.web import SearchRequest, read_tool_calls, read_web_search
from g4f.typing import Messages

_NOT_FOR_CALLERS = frozenset(
    {"cls", "cookies", "headers", "proxies", "proxy", "public_only", "retries", "self", "ssl", "timeout", "timeouts"}
)


class Asking(Struct, frozen=True):
    """Be a conversation that is ready to be asked."""

    body: Conversation
    messages: Messages
    media: Media
    owner_id: UUID
    request_id: str
    bearer: str

    def of(self, provider: Provider, model: str) -> Asked:
        """Return what the tally has to know of it."""
        body, longest = self.body, self.body.extra.get("max_tokens")
        return Asked(
            self.owner_id, self.request_id, model, provider.__name__, characters_of(self.messages), body.debug_mode,
            message_id=None if body.id is None else str(body.id), max_tokens=longest if isinstance(longest, int) else None,
            messages=self.messages,
        )  # fmt: skip


def answering(api: Api, body: Conversation) -> tuple[str, Provider]:
    """Choose the model and who answers; raises ProviderNotFoundError."""
    model = body.model or api.settings.default_model
    return model, api.catalog.choose(body.provider or "", model, tuple(body.ignored or ()))


def search_of(body: Conversation) -> SearchRequest | None:
    """Return the search of the web that a conversation asks for; raises ValidationError."""
    return read_web_search(body.web_search) or read_tool_calls(body.tool_calls or ())


def options_of(api: Api, asking: Asking, provider: Provider) -> dict[str, Any]:
    """Return what the provider is asked with: what the caller gave, and what only this server decides."""
    body = asking.body
    options: dict[str, Any] = {name: value for name, value in body.extra.items() if name not in _NOT_FOR_CALLERS}
    options |= {"stream": body.streamed, "timeouts": api.catalog.timeouts, "debug_mode": body.debug_mode}
    return options | _given(
        api_key=_own(body.api_key, provider) or asking.bearer,
        base_url=body.base_url if provider.__name__ == "Custom" else None,
        conversation=_state(api, body, provider),
        media=[*(body.media or []), *asking.media],
        proxy=api.catalog.proxy(provider),
        prompt=body.prompt,
        action=body.action,
        ignored=body.ignored,
    )


def question_of(api: Api, asking: Asking, provider: Provider, model: str) -> Callable[[Messages], AsyncIterator[Batch]]:
    """Return what asks the provider; media in its answer are kept unless the caller wants their addresses as they are."""
    body, options = asking.body, options_of(api, asking, provider)

    def ask(messages: Messages) -> AsyncIterator[Batch]:
        answer = complete(messages, model, provider, **options)
        return api.media.kept(drawn, answer) if body.download_media else answer

    prompt = body.prompt or text_of_message(asking.messages[-1]) if asking.messages else body.prompt or ""
    trusted = frozenset(filter(None, [urlsplit(getattr(provider, "base_url", None) or "").hostname]))
    drawn = Drawn(asking.owner_id, model, prompt, str(body.extra.get("aspect_ratio") or ""), trusted)
    return ask


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value}


def _own(key: str | dict[str, str] | None, provider: Provider) -> str | dict[str, str] | None:
    """Return the key for this provider alone; a list of providers takes its own out of the map itself."""
    return key.get(provider.__name__) if isinstance(key, dict) and not isinstance(provider, IterListProvider) else key


def _state(api: Api, body: Conversation, provider: Provider) -> JsonConversation | None:
    """Return the provider's state the client sent back, whether by provider name or alone."""
    state = body.conversation
    if isinstance(provider, IterListProvider) or not state:
        return JsonConversation(**state) if state else None
    if isinstance(own := state.get(provider.__name__), dict):
        state = own
    elif any(api.catalog.knows(name) for name in state):
        return None  # a map from providers to states, without one for this provider
    return JsonConversation(**state)


def bearer_of(request: Request) -> str:
    """Return the key in the Authorization header, or the empty text."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""
