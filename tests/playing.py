"""A provider that plays what it is told to."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from g4f.providers.base_provider import AsyncGeneratorProvider, Batch
from g4f.typing import Messages


class Playing(AsyncGeneratorProvider):
    """Yield the items of ``script``, each in a batch of its own; an error among them is raised."""

    script: tuple[Any, ...] = ()

    @classmethod
    async def create_batches(cls, model: str, messages: Messages, **kwargs: Any) -> AsyncGenerator[Batch]:
        for item in cls.script:
            if isinstance(item, Exception):
                raise item
            yield [item]


def playing(*script: Any, name: str = "Playing") -> type[Playing]:
    """Make a provider of this name that plays the items."""
    return type(name, (Playing,), {"script": script})
