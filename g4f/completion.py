"""Ask a model and get responses; remembers nothing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from g4f import debug
from g4f.errors import G4FError, ModelNotFoundError, ProviderNotWorkingError, RateLimitError, StreamNotSupportedError
from g4f.models import Model, ModelUtils, default, default_vision
from g4f.Provider import find_provider
from g4f.providers.base_provider import Batch
from g4f.providers.registry import providers
from g4f.providers.response import AttemptFailed, is_content
from g4f.providers.retry_provider import IterListProvider, Provider, announce
from g4f.typing import Messages

__all__ = ["Provider", "complete", "get_model_and_provider"]

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 5.0
"""Seconds between two attempts; a provider that wants a longer pause is not asked again."""


async def complete(messages: Messages, model: str, provider: Provider | str, *, retries: int = 2, **options: Any) -> AsyncGenerator[Batch]:
    """Yield the answer in batches, everything one read of the network brought at a time.

    Each attempt is announced by ProviderInfo. An error that another attempt may mend is followed by up to ``retries`` more
    as long as nothing was shown, each after AttemptFailed and a pause. A provider made of several announces and goes on by
    itself. Closing this closes the provider's stream at once.
    """
    answering: Provider = find_provider(provider) if isinstance(provider, str) else provider
    options = {"stream": True, **options}
    alone = not isinstance(answering, IterListProvider)
    for attempt in range(1 + retries):
        if alone:
            yield [announce(answering, model)]
        shown = False
        try:
            async with aclosing(answering.create_batches(model, messages, **options)) as answer:
                async for batch in answer:
                    shown = shown or any(map(is_content, batch))
                    yield batch
        except G4FError as error:
            pause = _pause(error, attempt)
            if shown or not alone or attempt == retries or pause is None:
                raise
            failed = error
        else:
            return
        yield [AttemptFailed(failed, answering.__name__)]
        await asyncio.sleep(pause)


def get_model_and_provider(
    model: Model | str,
    provider: Provider | str | None,
    stream: bool,
    ignore_working: bool = False,
    ignore_stream: bool = False,
    logging: bool = True,
    has_images: bool = False,
) -> tuple[str, Provider]:
    """Return the model's name, empty for the provider's default, and the provider to ask.

    ``provider`` is a class, a list, or a text: a name in whatever case or its beginning, several names with spaces between
    them, a base URL. Without one the model decides: one of the registry, ``Provider:model``, a provider's name for its default
    model, or none at all. Raises ProviderNotFoundError, ModelNotFoundError, ProviderNotWorkingError, StreamNotSupportedError.
    """
    name, chosen = _named(model, provider) if provider else _served(model, has_images=has_images)
    if not chosen.working and not ignore_working:
        raise ProviderNotWorkingError(f"{chosen.__name__} is switched off. Name another provider, or pass ignore_working=True.")
    if stream and not chosen.supports_stream and not ignore_stream:
        raise StreamNotSupportedError(f"{chosen.__name__} answers in one piece. Ask without stream, or pass ignore_stream=True.")
    if logging:
        debug.log(f"Asking {chosen.__name__} for {name or 'its default model'}")
    return name, chosen


def _named(model: Model | str, provider: Provider | str) -> tuple[str, Provider]:
    name = model.name if isinstance(model, Model) else model
    if not isinstance(provider, str):
        return name, provider
    several = provider.split()
    found: Provider = IterListProvider([find_provider(each) for each in several]) if len(several) > 1 else find_provider(provider.strip())
    return ("" if name == found.__name__ else name), found


def _served(model: Model | str, *, has_images: bool) -> tuple[str, Provider]:
    if not model:
        model = default_vision if has_images else default
    known = model if isinstance(model, Model) else ModelUtils.convert.get(model)
    if known is not None:
        return known.name, _first_of(known)
    name, _, rest = str(model).partition(":")
    exact = next((each for each in providers if each.lower() == name.lower()), None)
    if exact is None:
        raise ModelNotFoundError(
            f"No provider is known to serve {str(model)[:64]!r}. Name one beside it, such as provider='Ollama' or a base URL."
        )
    chosen: Provider = providers[exact]
    return rest, chosen


def _first_of(model: Model) -> Provider:
    match model.best_provider:
        case None:
            raise ModelNotFoundError(f"No provider is known to serve {model.name!r}. Name one beside it.")
        case str(name):
            chosen: Provider = find_provider(name)
        case tuple() | list() as names:
            chosen = IterListProvider(names, shuffle=False)
        case provider:
            chosen = provider
    return chosen


def _pause(error: G4FError, attempt: int) -> float | None:
    """Return the seconds to wait before another attempt, or None when none would help."""
    asked = error.retry_after if isinstance(error, RateLimitError) else None
    if not error.retryable or (asked or 0) > LONGEST_PAUSE:
        return None
    # Half of it at random, so that many callers who failed together do not come back together.
    return asked if asked is not None else FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1)  # noqa: S311  not for secrets
