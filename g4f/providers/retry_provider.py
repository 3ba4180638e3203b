"""Providers made of providers: lists that are gone through until one answers."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, cast

from g4f import aio, debug
from g4f.errors import G4FError, RetryNoProviderError, RetryProviderError
from g4f.providers.base_provider import AbstractProvider, Batch
from g4f.providers.registry import find
from g4f.providers.response import AttemptFailed, FinishReason, JsonConversation, ProviderInfo, is_content
from g4f.providers.types import error_text
from g4f.typing import AsyncResult, CreateResult, Messages


class IterListProvider:
    """Ask each provider once, in turn or shuffled; the first that shows something answers.

    What fails before that is kept: alone it is raised as it is, several become one RetryProviderError. An error after
    something was shown is raised. Each attempt is announced by ProviderInfo, and AttemptFailed says when another one
    follows. Of ``api_key`` and ``conversation``, where they are maps by provider name, each is given its own entry alone.
    An instance can be used wherever a provider class can.
    """

    working = True
    needs_auth = False
    supports_stream = True
    supports_message_history = True
    supports_system_message = True
    active_by_default = False
    use_nodriver = False
    hf_space = False
    url: str | None = None
    parent: str | None = None
    login_url: str | None = None

    def __init__(self, providers: Iterable[Provider | str], shuffle: bool = True) -> None:
        self.providers: Sequence[Provider | str] = list(providers)
        self.shuffle = shuffle

    @property
    def __name__(self) -> str:
        return type(self).__qualname__

    @property
    def label(self) -> str:
        """Return the names of the providers in the list."""
        return ", ".join(_name(member) for member in self.providers)

    def get_dict(self) -> dict[str, Any]:
        """Return the name and label people know the list by."""
        return {"name": self.__name__, "url": self.url, "label": self.label}

    def create_completion(self, /, model: str, messages: Messages, stream: bool = False, **options: Any) -> CreateResult:
        """Yield the answer from ordinary code."""
        return aio.iterate(aio.flatten(self.create_batches(model, messages, stream=stream, **options)))

    def create_async_generator(self, /, model: str, messages: Messages, **options: Any) -> AsyncResult:
        """Return the answer as a stream that may also be awaited first, which gives itself."""
        return cast(AsyncResult, aio.AsyncStream(aio.flatten(self.create_batches(model, messages, **options))))

    async def create_async(self, /, model: str, messages: Messages, **options: Any) -> str:
        """Return the whole answer as text; whatever is not text is left out."""
        return "".join([str(item) async for batch in self.create_batches(model, messages, **options) for item in batch])

    async def create_batches(self, /, model: str, messages: Messages, ignored: Iterable[str] = (), **options: Any) -> AsyncGenerator[Batch]:
        """Yield the answer, everything one read brought at a time; providers named in ``ignored`` are left out."""
        members = self._turn([find(member) if isinstance(member, str) else member for member in self.providers])
        queue = [member for member in members if member.__name__ not in set(ignored)]
        errors: dict[str, Exception] = {}
        for place, member in enumerate(queue, 1):
            shown = False
            yield [announce(member, model)]
            try:
                async with aclosing(member.create_batches(model, messages, **options_of(member, options))) as answer:
                    async for batch in answer:
                        shown = shown or any(map(is_content, batch))
                        if shown:
                            yield batch
                        elif early := [item for item in batch if not isinstance(item, FinishReason)]:
                            yield early
            except Exception as error:  # a plug-in of somebody else may raise anything, and the next one may still answer
                if shown:
                    raise
                errors[f"{place}. {member.__name__}"] = error
                if place < len(queue):
                    yield [AttemptFailed(error, member.__name__)]
                if not isinstance(error, G4FError):  # nobody but the log hears its words
                    debug.failed(f"{member.__name__} failed with an error of its own", error)
            if shown:
                return
        raise _failure(errors)

    def _turn(self, providers: list[Provider]) -> Sequence[Provider]:
        """Return the providers in the order they are asked."""
        return random.sample(providers, len(providers)) if self.shuffle else providers


class RetryProvider(IterListProvider):
    """Go through a list, or with ``single_provider_retry`` ask its first provider alone, up to ``max_retries`` times."""

    def __init__(
        self, providers: Iterable[Provider | str], shuffle: bool = True, single_provider_retry: bool = False, max_retries: int = 3
    ) -> None:
        super().__init__(providers, shuffle)
        self.single_provider_retry = single_provider_retry
        self.max_retries = max_retries

    def _turn(self, providers: list[Provider]) -> Sequence[Provider]:
        return providers[:1] * self.max_retries if self.single_provider_retry else super()._turn(providers)


class RotatedProvider(IterListProvider):
    """Go through a list that begins one further at each call."""

    def __init__(self, providers: Iterable[Provider | str], shuffle: bool = True) -> None:
        super().__init__(providers, shuffle=False)
        if not self.providers:
            raise ValueError("RotatedProvider needs at least one provider.")
        self.providers = random.sample(self.providers, len(self.providers)) if shuffle else self.providers
        self._calls = 0

    def _turn(self, providers: list[Provider]) -> Sequence[Provider]:
        start = self._calls % len(providers)
        self._calls += 1
        return providers[start:] + providers[:start]


Provider = type[AbstractProvider] | IterListProvider
"""A provider class, or a provider made of several."""


def announce(provider: Provider, model: str) -> ProviderInfo:
    """Return what announces an attempt: who is asked, and for which model."""
    return ProviderInfo(**{**provider.get_dict(), "model": model or getattr(provider, "default_model", "")})


def options_of(provider: Provider, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options one of several providers is asked with: keys and states of the others are not for it."""
    own = dict(options)
    if isinstance(provider, IterListProvider):
        return own  # it hands them out itself
    if isinstance(keys := options.get("api_key"), Mapping):
        own["api_key"] = keys.get(provider.__name__)
    if isinstance(states := options.get("conversation"), JsonConversation):
        state = states.get_dict().get(provider.__name__)
        own["conversation"] = JsonConversation(**state) if isinstance(state, Mapping) else None
    return own


def _name(member: Provider | str) -> str:
    return member if isinstance(member, str) else member.__name__


def _failure(errors: dict[str, Exception]) -> Exception:
    match list(errors.values()):
        case []:
            return RetryNoProviderError("No provider of the list gave an answer. Name another provider, or fewer in `ignored`.")
        case [error]:
            return error
        case _:
            lines = "\n".join(f"{name}: {error_text(error)}" for name, error in errors.items())
            causes = [_cause(name, error) for name, error in errors.items()]
            return RetryProviderError(f"Every provider of the list failed:\n{lines}", values={"reason": "all_failed", "causes": causes})


def _cause(name: str, error: Exception) -> dict[str, Any]:
    """Return what one of several says of its failure; the words of an error that is not ours are nobody's."""
    said = error.said if isinstance(error, G4FError) else {"message": error_text(error), "values": {"reason": "provider_failed"}}
    return {"name": name, **said}
